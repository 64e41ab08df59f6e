/** How often the parent is looked at, in milliseconds. */
const ORPHAN_CHECK = 500;

/**
 * Settles when the process is asked to stop: by SIGINT, by SIGTERM, or, where npm started it, by the death of its parent.
 *
 * `npx` starts a command through a shell, and a shell that dies of SIGTERM does not pass it on: without the last rule the pool
 * would outlive whoever started and stopped it, and keep its port.
 */
export async function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (process.env['npm_command'] !== undefined) whenOrphaned(resolve);
  });
}

function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, ORPHAN_CHECK);
  // Only watches: what is done with nothing else to do may end.
  timer.unref();
}
