import { describe, expect, it } from 'vitest';

interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

interface Statistics {
  readonly summarize: (samples: readonly number[]) => Summary;
  readonly ratioOfMedians: (above: Summary, below: Summary) => number;
}

interface Report {
  readonly asJson: (result: object) => string;
  readonly asMarkdown: (result: object) => string;
}

interface Contest {
  readonly contest: (
    contenders: Readonly<Record<string, (index: number) => unknown>>,
    settings: object,
  ) => Promise<Record<string, Summary>>;
}

// Plain JavaScript beside the package, which has no types to compile against.
const load = async <T>(file: string): Promise<T> =>
  (await import(new URL(`../../../bench/${file}`, import.meta.url).href)) as T;

const { summarize, ratioOfMedians } = await load<Statistics>('statistics.mjs');
const { asJson, asMarkdown } = await load<Report>('report.mjs');
const { contest } = await load<Contest>('contest.mjs');

const result = {
  bench: 'verify',
  unit: 'µs per token',
  ours: 2.123456,
  peers: { jose: 40 },
  limit: null,
  ratios: { 'jose/nest-cognito': 18.8372 },
  tables: [{ title: 'second sight', columns: ['', 'median'], rows: [['nest-cognito', 2.123456]] }],
};

describe('the benches', () => {
  it('sum rounds up by their least, middle and greatest, in whatever order they come', () => {
    expect(summarize([3, 100, 1])).toEqual({ min: 1, median: 3, max: 100 });
    expect(summarize([4, 1, 2, 100])).toEqual({ min: 1, median: 3, max: 100 });
    expect(() => summarize([])).toThrow(RangeError);
    expect(ratioOfMedians(summarize([1, 10, 1000]), summarize([1, 5, 6]))).toBe(2);
  });

  it('print one JSON object of known members for machines', () => {
    expect(JSON.parse(asJson(result))).toEqual({
      bench: 'verify',
      ours: 2.123,
      peers: { jose: 40 },
      limit: null,
      ratios: { 'jose/nest-cognito': 18.84 },
      unit: 'µs per token',
    });
    expect(asJson(result)).not.toContain('\n');
  });

  it('print tables for people', () => {
    expect(asMarkdown(result)).toContain('| nest-cognito |   2.12 |');
    const aimed = asMarkdown({ ...result, budgets: { 'jose/nest-cognito': 'at least 8' } });
    expect(aimed).toMatch(/jose\/nest-cognito \| +18\.8 \| at least 8 \|/);
  });

  it('let contenders take turns, round by round', async () => {
    const turns: string[] = [];
    const contenders = { sync: () => turns.push('sync'), async: async () => turns.push('async') };
    const taken = await contest(contenders, { rounds: 2, calls: 1 });
    expect(Object.keys(taken)).toEqual(['sync', 'async']);
    // One call to warm up and one to see whether it is async come before; then the rounds begin.
    expect(turns.filter((name, at) => name !== turns[at - 1])).toEqual([
      'sync',
      'async',
      'sync',
      'async',
      'sync',
      'async',
    ]);
  });
});
