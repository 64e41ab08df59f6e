/** Bytes that this process holds once everything is collected that nobody needs; wants `--expose-gc`. */
export function memoryAfterCollection() {
  if (globalThis.gc === undefined) throw new Error('Node has to be started with --expose-gc.');
  for (let times = 0; times < 3; times += 1) globalThis.gc();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  return { heap, external, rss };
}
