import { type SealingPurpose, sealingKey } from './sealing-key.js';

/** A sealed string that does not open: tampered with, expired, for another purpose, or under secrets that are gone. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';

  constructor() {
    super('The sealed value cannot be opened.');
  }
}

/**
 * Seals small values into opaque strings that may leave the server: encrypted, authenticated, expiring, and bound to one
 * purpose (JWE, RFC 7516, `dir` with A256GCM).
 */
export class Sealer {
  /**
   * @param secrets the application's secrets, read at each use; the first seals, all open
   */
  constructor(private readonly secrets: () => readonly [string, ...string[]]) {}

  /**
   * Seals a value.
   *
   * @param value anything that JSON can hold
   * @param lifetime seconds after which it no longer opens
   */
  async seal(purpose: SealingPurpose, value: unknown, lifetime: number): Promise<string> {
    const [sealing] = this.secrets();
    const { EncryptJWT } = await importJose();
    return new EncryptJWT({ value })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(purpose)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
      .encrypt(sealingKey(purpose, sealing));
  }

  /**
   * Opens what {@link seal} sealed for the same purpose.
   *
   * @throws {@link SealBrokenError} for everything else, without saying why
   */
  async open(purpose: SealingPurpose, sealed: string): Promise<unknown> {
    for (const secret of this.secrets()) {
      const opened = await openWith(sealingKey(purpose, secret), purpose, sealed);
      if (opened !== undefined) return opened.value;
    }
    throw new SealBrokenError();
  }
}

async function openWith(
  key: Uint8Array,
  purpose: SealingPurpose,
  sealed: string,
): Promise<{ readonly value: unknown } | undefined> {
  const accepted = {
    audience: purpose,
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
    requiredClaims: ['exp'],
  };
  const { jwtDecrypt } = await importJose();
  return jwtDecrypt(sealed, key, accepted).then(
    ({ payload }) => ({ value: payload['value'] }),
    () => undefined,
  );
}

let jose: Promise<typeof import('jose')> | undefined;

/** On first use: an application that only guards routes seals nothing. */
function importJose(): Promise<typeof import('jose')> {
  // What failed for want of a file handle may succeed later.
  jose ??= import('jose').catch((thrown: unknown) => {
    jose = undefined;
    throw thrown;
  });
  return jose;
}
