import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UsageError } from './command.js';

/** From where a run goes on, and where its own place is kept. */
export interface Resumption {
  readonly startAt: string | undefined;
  /** Keeps the place; undefined: there is nothing left to do. */
  keep(token: string | undefined): Promise<void>;
  /** What is written after `--resume` to go on from a place. */
  wordFor(token: string): string;
}

/**
 * Reads `--resume`: a token, or a file that keeps one. Tokens have neither dots nor slashes, names of files do.
 *
 * @throws {@link UsageError} for a file that cannot be read
 */
export async function resumptionOf(written: string | undefined): Promise<Resumption> {
  if (written === undefined || !/[./\\]/.test(written)) {
    return { startAt: written, keep: () => Promise.resolve(), wordFor: (token) => token };
  }
  return { startAt: await placeIn(written), keep: (token) => keepIn(written, token), wordFor: () => written };
}

async function placeIn(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new UsageError(`The file ${path} cannot be read (${error.code ?? error.name}).`);
  });
  return text.trim() === '' ? undefined : text.trim();
}

/** Whole or not at all: a run that is killed while it writes leaves the place before. */
async function keepIn(path: string, token: string | undefined): Promise<void> {
  if (token === undefined) return rm(path, { force: true });
  await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
