/** @typedef {{ min: number, median: number, max: number }} Summary */

/**
 * What several rounds came to.
 *
 * @param {readonly number[]} samples one per round, at least one
 * @returns {Summary}
 */
export function summarize(samples) {
  if (samples.length === 0) throw new RangeError('There is nothing to sum up.');
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return { min: sorted[0], median: (low + high) / 2, max: sorted.at(-1) };
}

/**
 * The ratio of two medians: rounds that were disturbed do not move it.
 *
 * @param {Summary} above
 * @param {Summary} below
 */
export function ratioOfMedians(above, below) {
  return above.median / below.median;
}
