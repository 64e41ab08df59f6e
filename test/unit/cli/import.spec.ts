import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type EntitySchema } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandIo } from '../../../lib/cli/command.js';
import { run } from '../../../lib/cli/run.js';
import { CognitoEmulator } from '../../../lib/emulator/index.js';
import { startPostgres } from '../../support/postgres.js';

const PEOPLE = 30;
const dataSourceFile = join(import.meta.dirname, 'support/people.js');
const entityFile = join(import.meta.dirname, 'support/person.js');

const server = await startPostgres();

let folder: string;
let location: string;
let pool: CognitoEmulator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nest-cognito-import-'));
  location = join(folder, 'people.db');
  pool = await CognitoEmulator.start({
    users: Array.from({ length: PEOPLE }, (_, index) => ({
      username: `person${index}`,
      password: 'Passw0rd!',
      attributes: { email: `person${index}@example.com` },
    })),
  });
  vi.stubEnv('PEOPLE_FILE', location);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIMPORT');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the secret of AWS');
});

afterEach(async () => rm(location, { force: true }));

afterAll(async () => {
  vi.unstubAllEnvs();
  await pool.stop();
  await server?.stop();
  await rm(folder, { recursive: true });
});

interface Said {
  readonly code: number;
  readonly out: string[];
  readonly err: string[];
}

interface Terminal {
  /** Presses Ctrl+C at the first sign of progress. */
  readonly impatient?: boolean;
  readonly status?: (line: string) => void;
}

async function command(args: readonly string[], { impatient = false, status }: Terminal = {}): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  let stop: () => void = () => undefined;
  const io: CommandIo = {
    out: (line) => void out.push(line),
    err: (line) => {
      err.push(line);
      if (impatient) stop();
    },
    status,
    untilStopped: () => new Promise((resolve) => (stop = resolve)),
  };
  const code = await run(['import', ...args], io);
  return { code, out, err };
}

const toPool = () => ['--pool', pool.options.userPoolId, '--region', 'eu-west-1', '--endpoint', pool.options.endpoint];
const toPeople = ['--data-source', dataSourceFile, '--entity', 'Person', '--mapping', 'email=mail'];
const importing = async (more: readonly string[] = [], terminal: Terminal = {}) =>
  command([...toPool(), ...toPeople, '--batch', '10', ...more], terminal);

/** Looks into the database, or writes to it. */
async function inDatabase<T>(work: (people: ReturnType<DataSource['getRepository']>) => Promise<T>): Promise<T> {
  const { peopleIn } = (await import(dataSourceFile)) as { peopleIn: (place: string) => DataSource };
  const dataSource = await peopleIn(location).initialize();
  try {
    return await work(dataSource.getRepository('Person'));
  } finally {
    await dataSource.destroy();
  }
}

const rows = async (): Promise<number> => inDatabase((people) => people.count());

describe('nest-cognito import', () => {
  it('brings everybody in, tells how far it is, and finds nothing to do a second time', async () => {
    const first = await importing();
    expect(first).toMatchObject({
      code: 0,
      out: ['30 users: 30 created, 0 updated, 0 unchanged, 0 inactive, 0 failed'],
    });
    expect(first.err.map((line) => line.split(',')[0])).toEqual([
      '10 users: 10 created',
      '20 users: 20 created',
      '30 users: 30 created',
    ]);
    expect(await inDatabase((people) => people.countBy({ mail: 'person7@example.com' }))).toBe(1);
    expect((await importing()).out[0]).toMatch(/^30 users: 0 created, 0 updated, 30 unchanged/);
  });

  it('writes nothing in a dry run', async () => {
    const { code, out } = await importing(['--dry-run']);
    expect([code, out[0]]).toEqual([0, expect.stringMatching(/^Nothing was written\. 30 users: 30 created/)]);
    expect(await rows()).toBe(0);
  });

  it('draws a bar over one line of a terminal, and leaves the line empty', async () => {
    const lines: string[] = [];
    const { err } = await importing([], { status: (line) => void lines.push(line) });
    expect(err).toEqual([]);
    expect(lines.map((line) => line.slice(0, 31))).toEqual([
      '[########................] 33 %',
      '[################........] 66 %',
      '[########################] 100 ',
      '',
    ]);
  });

  it('stops at Ctrl+C with 130 and says how to go on, by a token', async () => {
    const stopped = await importing([], { impatient: true });
    expect(stopped).toMatchObject({ code: 130, out: [] });
    expect(stopped.err[1]).toBe('Stopped after 10 users. To go on, run the same again with');
    expect(await rows()).toBe(10);

    const token = stopped.err[2]?.trim().split(' ') ?? [];
    const rest = await importing(token);
    expect(rest).toMatchObject({ code: 0, out: [expect.stringMatching(/^20 users: 20 created/)] });
    expect(await rows()).toBe(PEOPLE);
  });

  it('keeps the place in a file, and removes the file at the end', async () => {
    const place = join(folder, 'place.txt');
    const stopped = await importing(['--resume', place], { impatient: true });
    expect([stopped.code, stopped.err[2]]).toEqual([130, `  --resume ${place}`]);
    expect((await readFile(place, 'utf8')).trim()).toMatch(/^[\w-]+$/);

    expect((await importing(['--resume', place])).out[0]).toMatch(/^20 users: 20 created/);
    expect(existsSync(place)).toBe(false);
  });

  it('ends with 3 when somebody could not be brought in, and names the code and nobody', async () => {
    await inDatabase((people) => people.insert({ sub: 'somebody else', mail: 'person3@example.com' }));
    const { code, out } = await importing();
    expect(code).toBe(3);
    expect(out).toEqual([expect.stringMatching(/29 created.* 1 failed$/), '  COGNITO_USER_CONFLICT: 1']);
  });

  it('shuts out who is gone from the pool, above a tenth only by force', async () => {
    await inDatabase((people) => people.insert(['one', 'two', 'three', 'four'].map((sub) => ({ sub }))));
    const missing = ['--active', 'active', '--deactivate-missing'];
    const refused = await importing(missing);
    expect([refused.code, refused.err.at(-1)]).toEqual([
      1,
      expect.stringMatching(/^COGNITO_TOO_MANY_USERS_MISSING: 4 of 34/),
    ]);
    expect(await inDatabase((people) => people.countBy({ active: false }))).toBe(0);

    const forced = await importing([...missing, '--force']);
    expect(forced).toMatchObject({ code: 0 });
    expect(forced.out[1]).toBe('4 of 34 active users are gone from the pool: 4 shut out');
    expect(await inDatabase((people) => people.countBy({ active: false }))).toBe(4);
  });

  it('ends with 1 and a code when the database is out of reach, and prints no password and no secret', async () => {
    const unreachable = ['--database', 'postgres://somebody:s3cret@127.0.0.1:1/none', '--entity', entityFile];
    const { code, out, err } = await command([...toPool(), ...unreachable]);
    expect(code).toBe(1);
    expect(err.join()).toMatch(/^COGNITO_USER_STORE_UNAVAILABLE: /);
    expect([...out, ...err].join()).not.toMatch(/s3cret|somebody|secret of AWS|AKIAIMPORT/);
  });

  it.each([
    ['without its driver', 'sqlite:none.db', /npm install pg, mysql2 or better-sqlite3/],
    ['with an address that cannot be read', 'mysql://somebody:s3cr%ZZet@127.0.0.1:1/none', /\(URIError\)/],
    ['with an address that is none', 'postgres://somebody:s3cret@:none', /\(ERR_INVALID_URL\)/],
    ['of a kind that is not known', 'oracle://somebody:s3cret@127.0.0.1/none', /has to be one of postgres:/],
  ])('ends with 1 and a code for a database %s', async (_, database, fault) => {
    const { code, out, err } = await command([...toPool(), '--database', database, '--entity', entityFile]);
    expect([code, err[0]]).toEqual([1, expect.stringMatching(/^COGNITO_USER_SYNC_INVALID: /)]);
    expect(err[0]).toMatch(fault);
    expect([...out, ...err].join()).not.toMatch(/s3cr|somebody/);
  });

  it.skipIf(server === undefined)(
    'brings everybody into the database of an address, and says it without a password',
    async () => {
      const url = Object.assign(new URL(server?.url ?? ''), { password: 's3cret' }).href;
      const { Person } = (await import(entityFile)) as { Person: EntitySchema };
      const database = await new DataSource({
        type: 'postgres',
        url,
        entities: [Person],
        synchronize: true,
      }).initialize();
      const inPostgres = ['--database', url, '--entity', `${entityFile}#Person`, '--mapping', 'email=mail'];
      const { code, out, err } = await command([...toPool(), ...inPostgres]);
      const mails = await database.getRepository<{ mail: string }>(Person).find();
      await database.destroy();
      expect([code, out]).toEqual([0, [expect.stringMatching(/^30 users: 30 created/)]]);
      expect(new Set(mails.map(({ mail }) => mail)).size).toBe(PEOPLE);
      expect([...out, ...err].join()).not.toContain('s3cret');
    },
  );

  it('ends with 1 and the mend for an entity that the mapping does not fit', async () => {
    const { code, err } = await importing(['--mapping', 'email=address']);
    expect([code, err[0]]).toEqual([1, expect.stringMatching(/^COGNITO_USER_SYNC_INVALID: .*"address"/s)]);
    const unknown = await command([...toPool(), '--data-source', dataSourceFile]);
    expect(unknown.err[0]).toBe(
      'COGNITO_USER_SYNC_INVALID: userSync: the DataSource has no entity "User"; there are: Person.',
    );
  });

  it.each([
    ['no destination', [], /Give --database or --data-source/],
    ['two destinations', ['--database', 'postgres://x', '--data-source', 'y'], /Give --database or --data-source/],
    ['a database without an entity', ['--database', 'postgres://x'], /--database needs --entity/],
    ['force alone', [...toPeople, '--force'], /--force belongs to --deactivate-missing/],
    ['a batch that is no number', [...toPeople, '--batch', 'many'], /--batch must be a number/],
    ['a mapping that is none', [...toPeople, '--mapping', 'email'], /--mapping is written attribute=property/],
    ['an option that does not exist', ['--user', 'alice'], /--user/],
    ['no pool', toPeople, /Give --pool/],
    ['a file that is not there', ['--pool', 'eu-west-1_x', '--data-source', 'nowhere.js'], /cannot be loaded/],
  ])('ends with 2 and the usage for %s', async (_, args, fault) => {
    const { code, err } = await command(args);
    expect([code, err[0]]).toEqual([2, expect.stringMatching(fault)]);
    expect(err[0]).toContain('Usage: nest-cognito');
  });
});
