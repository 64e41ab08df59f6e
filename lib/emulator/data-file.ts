import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmulatorError } from './emulator-error.js';
import type { Operations } from './operations/operation.js';
import type { Pool } from './state/pool.js';
import { parse, type PoolSnapshot, snapshotOf, SnapshotUnreadable, stringify } from './state/snapshot.js';

/** Changes that come within so many milliseconds are written together. */
const COLLECTED_FOR = 50;

/**
 * Reads the state that an earlier pool left; it is never changed by reading.
 *
 * @returns `undefined` when there is no such file yet
 * @throws EmulatorError `EMULATOR_DATA_INVALID`
 */
export async function readDataFile(path: string): Promise<PoolSnapshot | undefined> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    const problem = error instanceof SnapshotUnreadable ? error.message : `it cannot be read (${codeOf(error)})`;
    const message = `The data file ${path} is of no use: ${problem}. It was left as it is: name another file, or move it away.`;
    throw new EmulatorError('EMULATOR_DATA_INVALID', message);
  }
}

/** The file that follows a pool: written soon after each change, whole or not at all. */
export class DataFile {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private written: string | undefined;
  private closed = false;

  constructor(
    private readonly path: string,
    private readonly pool: Pool,
  ) {}

  /** Operations that are followed by a look at what they changed. */
  following(operations: Operations): Operations {
    const followed = Object.entries(operations).map(([name, operation]): [string, typeof operation] => [
      name,
      async (members) => {
        try {
          return await operation(members);
        } finally {
          this.changed();
        }
      },
    ]);
    return Object.fromEntries(followed);
  }

  /** Says that something may have changed. */
  changed(): void {
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.save().catch((error: unknown) => this.pool.hooks.fault?.(error, 'data file'));
    }, COLLECTED_FOR);
  }

  /**
   * Writes what has changed, after what is being written already.
   *
   * @throws EmulatorError `EMULATOR_DATA_UNWRITABLE`; the next save tries again
   */
  async save(): Promise<void> {
    const before = this.writing.catch(() => undefined);
    this.writing = before.then(async () => this.write());
    return this.writing;
  }

  /** Writes for the last time. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.closed = true;
    await this.save();
  }

  private async write(): Promise<void> {
    const text = stringify(snapshotOf(this.pool));
    if (text === this.written) return;
    try {
      await replaceFile(this.path, text);
    } catch (error) {
      const message = `The data file ${this.path} cannot be written (${codeOf(error)}): name a file in a folder that exists and is open to you.`;
      throw new EmulatorError('EMULATOR_DATA_UNWRITABLE', message, { cause: error });
    }
    this.written = text;
  }
}

// Whoever dies half way leaves the old file whole: the new one takes its place once it is on the disk.
async function replaceFile(named: string, text: string): Promise<void> {
  // A link stays one: what it leads to is replaced, since that is where the next start reads.
  const path = await realpath(named).catch(() => named);
  const next = `${path}.next`;
  await rm(next, { force: true });
  try {
    const file = await open(next, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

// The new name is on the disk when the folder is; not every file system lets a folder be opened.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
