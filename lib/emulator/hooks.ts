/** A password proof that waits for its verdict. */
export interface SrpProofAttempt {
  readonly username: string;
  readonly clientId: string;
  readonly timestamp: string;
}

/** Header and payload of a token that is about to be signed. */
export interface UnsignedToken {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/** What an operation is about to answer. */
export interface EmulatorAnswer {
  status: number;
  body: object;
}

/**
 * Places where a test may put its hand in; all are empty at the start, and an empty one means the real thing.
 * They are set on the running object and cannot be reached over HTTP.
 */
export interface EmulatorHooks {
  /** Judges a password proof in place of the pool; `'check'` leaves it to the pool. */
  srpProof?: ((attempt: SrpProofAttempt) => 'check' | 'accept' | 'refuse') | undefined;
  /**
   * Changes a token before it is signed. A string in place of header and payload is handed out as it is, unsigned;
   * a changed header must be one that RS256 can still sign.
   */
  token?: ((header: UnsignedToken['header'], payload: UnsignedToken['payload']) => UnsignedToken | string) | undefined;
  /** Changes, delays or replaces what an operation, or `oauth2/token` and `oauth2/revoke`, answers (see {@link errorAnswer}). */
  beforeAnswer?: ((operation: string, answer: EmulatorAnswer) => EmulatorAnswer | Promise<EmulatorAnswer>) | undefined;
  /** Is told of a fault inside the emulator; the client sees an InternalErrorException without particulars. */
  fault?: ((error: unknown, operation: string) => void) | undefined;
}

/**
 * An answer that reports an error as the service does.
 *
 * @param name of the exception, for example `TooManyRequestsException`
 * @param status default 400, which the service uses for every client error
 */
export function errorAnswer(name: string, message: string, status = 400): EmulatorAnswer {
  return { status, body: { __type: name, message } };
}

/**
 * What is sent after the hook before an answer has had its say.
 *
 * @throws TypeError for a status that HTTP cannot say, which would leave the client waiting
 */
export async function afterHook(
  { beforeAnswer }: EmulatorHooks,
  operation: string,
  answer: EmulatorAnswer,
): Promise<EmulatorAnswer> {
  const changed = (await beforeAnswer?.(operation, answer)) ?? answer;
  const { status } = changed;
  if (Number.isInteger(status) && status >= 200 && status <= 599) return changed;
  throw new TypeError('beforeAnswer has to answer a status from 200 to 599.');
}
