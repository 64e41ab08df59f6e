/** One thing that is tried: what it is called, and what was seen; throws {@link Unexpected} when it went another way. */
export interface Step {
  readonly name: string;
  run(): Promise<string>;
}

/** Something else was seen than what should have been; the message says what. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Says what was seen, if it is what was wanted. */
export function expectSeen(
  seen: { readonly status: number; readonly code?: string | undefined },
  wanted: { readonly status: number; readonly code?: string },
): string {
  const description = seen.code === undefined ? String(seen.status) : `${seen.status} ${seen.code}`;
  if (seen.status === wanted.status && seen.code === wanted.code) return description;
  const expected = wanted.code === undefined ? String(wanted.status) : `${wanted.status} ${wanted.code}`;
  throw new Unexpected(`${description} instead of ${expected}`);
}

/** What came of a series of steps. */
export interface Tally {
  readonly steps: number;
  readonly failed: number;
}

/**
 * Runs steps one after the other. The first that fails ends the series, since the rest builds on it; the last step, which
 * clears up, is always run.
 */
export async function runSteps(steps: readonly Step[], last: Step, print: (line: string) => void): Promise<Tally> {
  let count = 0;
  const outcomes: boolean[] = [];
  const attempt = async (step: Step): Promise<boolean> => {
    const passed = await runStep(step, (count += 1), print);
    outcomes.push(passed);
    return passed;
  };
  for (const step of steps) if (!(await attempt(step))) break;
  await attempt(last);
  return { steps: count, failed: outcomes.filter((passed) => !passed).length };
}

async function runStep(step: Step, number: number, print: (line: string) => void): Promise<boolean> {
  try {
    print(`ok ${number} ${step.name}: ${await step.run()}`);
    return true;
  } catch (error) {
    print(`not ok ${number} ${step.name}: ${error instanceof Error ? error.message : 'unknown error'}`);
    return false;
  }
}
