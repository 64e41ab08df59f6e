import { createHmac } from 'node:crypto';
import {
  assertPublicValue,
  claimKey,
  createEphemeral,
  type Ephemeral,
  privateKey,
  scrambler,
  sharedSecret,
  type SrpIdentity,
} from './srp-arithmetic.js';
import { SrpError } from './srp-error.js';
import { srpTimestamp } from './timestamp.js';

/** What the server sends for the password to be proved against: the parameters of a PASSWORD_VERIFIER challenge. */
export interface PasswordChallenge {
  /** SRP_B: hexadecimal, of any case and parity. */
  readonly srpB: string;
  /** SALT: hexadecimal, of any case and parity. */
  readonly salt: string;
  /** SECRET_BLOCK: standard base64, opaque. */
  readonly secretBlock: string;
}

/** The proof: PASSWORD_CLAIM_SIGNATURE (base64) and the TIMESTAMP it was made for. */
export interface PasswordClaim {
  readonly signature: string;
  readonly timestamp: string;
}

/** One proof of one password, from the public value that is sent first to the claim that answers the challenge. */
export class PasswordProof {
  readonly #ephemeral: Ephemeral;

  private constructor(ephemeral: Ephemeral) {
    this.#ephemeral = ephemeral;
  }

  /** Begins a proof with a fresh secret. */
  static begin(): PasswordProof {
    return new PasswordProof(createEphemeral());
  }

  /** SRP_A: hexadecimal, lower case, without padding. */
  get srpA(): string {
    return this.#ephemeral.A.toString(16);
  }

  /**
   * Answers the server's challenge.
   *
   * @param identity whose password it is
   * @param password as typed; UTF-8, neither normalised nor trimmed
   * @param challenge the server's values; a zero or malformed one throws {@link SrpError}
   */
  claim(identity: SrpIdentity, password: string, challenge: PasswordChallenge): PasswordClaim {
    const key = claimKeyFor(this.#ephemeral, identity, password, challenge);
    // Stamped here and not when the proof began: Cognito judges the moment of the answer.
    const timestamp = srpTimestamp(new Date());
    return { signature: signClaim(key, identity, challenge.secretBlock, timestamp), timestamp };
  }
}

/** Derives the key that both sides share if, and only if, the password is right. */
export function claimKeyFor(
  { a, A }: Ephemeral,
  identity: SrpIdentity,
  password: string,
  challenge: Pick<PasswordChallenge, 'srpB' | 'salt'>,
): Buffer {
  const B = fromHex(challenge.srpB);
  assertPublicValue(B);
  const u = scrambler(A, B);
  const x = privateKey(identity, password, fromHex(challenge.salt));
  return claimKey(sharedSecret(a, B, u, x), u);
}

/** Signs `scope | name | secret block | timestamp` with the claim key, HMAC-SHA256 in base64. */
export function signClaim(key: Buffer, identity: SrpIdentity, secretBlock: string, timestamp: string): string {
  return createHmac('sha256', key)
    .update(`${identity.scope}${identity.name}`, 'utf8')
    .update(Buffer.from(secretBlock, 'base64'))
    .update(timestamp, 'utf8')
    .digest('base64');
}

function fromHex(digits: string): bigint {
  if (!/^[0-9a-f]+$/i.test(digits)) throw new SrpError('malformed-challenge');
  return BigInt(`0x${digits}`);
}
