/** What a command may touch of the process that it runs in. */
export interface CommandIo {
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  /** Writes over the last line of a terminal; undefined where there is none. */
  readonly status?: ((line: string) => void) | undefined;
  /** Settles when the process is asked to stop (SIGINT, SIGTERM). */
  untilStopped(): Promise<void>;
}

/** A sub-command: takes what follows its name, gives the exit code. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;

/** The command line itself is wrong: an unknown option, a value that cannot be one. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
