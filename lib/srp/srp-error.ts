/** Why a proof was given up. */
export type SrpErrorReason = 'malformed-challenge' | 'public-value-is-zero' | 'scrambler-is-zero';

/** A server's values with which no safe proof can be made (RFC 5054 section 2.5.4: the client must abort). */
export class SrpError extends Error {
  override readonly name = 'SrpError';

  constructor(readonly reason: SrpErrorReason) {
    super(`The password challenge was refused: ${reason}.`);
  }
}
