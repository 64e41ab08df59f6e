import { ratioOfMedians, summarize } from './statistics.mjs';

/**
 * Lets contenders do the same thing in turn, round by round, so that what disturbs the machine disturbs all of them.
 *
 * @param {Readonly<Record<string, (index: number) => unknown>>} contenders what is measured, called with the number of the call;
 *   a promise is waited for
 * @param {{ rounds: number, calls: number | Readonly<Record<string, number>> }} settings calls per round
 * @returns {Promise<Record<string, import('./statistics.mjs').Summary>>} microseconds per call
 */
export async function contest(contenders, { rounds, calls }) {
  const callsOf = (name) => (typeof calls === 'number' ? calls : calls[name]);
  const samples = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (const [name, contender] of Object.entries(contenders)) await time(contender, Math.ceil(callsOf(name) / 2));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      samples[name].push(await time(contender, callsOf(name)));
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, summarize(taken)]));
}

/** Microseconds per call. What answers at once is not made to wait for a promise. */
async function time(contender, calls) {
  const isAsync = contender(0) instanceof Promise;
  const begin = process.hrtime.bigint();
  if (isAsync) for (let index = 0; index < calls; index += 1) await contender(index);
  else for (let index = 0; index < calls; index += 1) contender(index);
  return Number(process.hrtime.bigint() - begin) / 1000 / calls;
}

/** Rows of a table: min, median, max of each contender, times a factor. */
export function rowsOf(summaries, factor = 1) {
  return Object.entries(summaries).map(([name, { min, median, max }]) => [
    name,
    min * factor,
    median * factor,
    max * factor,
  ]);
}

/** The medians of all contenders but those named, times a factor. */
export function mediansOf(summaries, without, factor = 1) {
  const others = Object.entries(summaries).filter(([name]) => !without.includes(name));
  return Object.fromEntries(others.map(([name, { median }]) => [name, median * factor]));
}

/** How many times longer each of the peers takes than `ours`, by `name/ours`. */
export function timesOurs(summaries, ours) {
  const others = Object.entries(summaries).filter(([name]) => name !== ours && name !== 'limit');
  return Object.fromEntries(others.map(([name, taken]) => [`${name}/${ours}`, ratioOfMedians(taken, summaries[ours])]));
}
