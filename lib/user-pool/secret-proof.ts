import { CognitoError } from '../errors/cognito.error.js';
import { PasswordProof } from '../srp/password-proof.js';
import { poolNameOf } from '../srp/pool-name.js';
import type { SrpIdentity } from '../srp/srp-arithmetic.js';
import { SrpError } from '../srp/srp-error.js';
import type { ProofChallenge } from './challenges.js';
import type { RememberedDevice } from './device-secret.js';

/** What answers PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER. */
export interface SecretClaim {
  /** PASSWORD_CLAIM_SIGNATURE, base64. */
  readonly signature: string;
  /** TIMESTAMP that it was made for. */
  readonly timestamp: string;
}

/** A secret that is being proved by SRP: SRP_A goes first, the claim answers what comes back. */
export class SecretProof {
  readonly #proof = PasswordProof.begin();
  readonly #secret: string;
  readonly #identityOf: (username: string) => SrpIdentity;

  private constructor(secret: string, identityOf: (username: string) => SrpIdentity) {
    this.#secret = secret;
    this.#identityOf = identityOf;
  }

  /** Begins the proof of a user's password. */
  static ofPassword(password: string, userPoolId: string): SecretProof {
    return new SecretProof(password, (name) => ({ scope: poolNameOf(userPoolId), name }));
  }

  /** Begins the proof of a remembered device's secret. */
  static ofDevice({ deviceKey, deviceGroupKey, devicePassword }: RememberedDevice): SecretProof {
    return new SecretProof(devicePassword, () => ({ scope: deviceGroupKey, name: deviceKey }));
  }

  /** SRP_A. */
  get srpA(): string {
    return this.#proof.srpA;
  }

  /**
   * Proves the secret.
   *
   * @param challenge the server's values, and Cognito's own name of the user
   * @throws {@link CognitoError} `COGNITO_SRP_REFUSED` for values that it is not safe to answer
   */
  claim({ username, srpB, salt, secretBlock }: ProofChallenge & { readonly username: string }): SecretClaim {
    try {
      return this.#proof.claim(this.#identityOf(username), this.#secret, { srpB, salt, secretBlock });
    } catch (thrown) {
      if (!(thrown instanceof SrpError)) throw thrown;
      throw new CognitoError('COGNITO_SRP_REFUSED', { detail: thrown.message, cause: thrown });
    }
  }
}

/** ChallengeResponses of a claim. */
export function claimResponses(
  { signature, timestamp }: SecretClaim,
  { secretBlock }: ProofChallenge,
): Record<string, string> {
  return {
    PASSWORD_CLAIM_SECRET_BLOCK: secretBlock,
    PASSWORD_CLAIM_SIGNATURE: signature,
    TIMESTAMP: timestamp,
  };
}
