import { CognitoError } from '../errors/cognito.error.js';
import { PasswordProof } from '../srp/password-proof.js';
import { poolNameOf } from '../srp/pool-name.js';
import { SrpError } from '../srp/srp-error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { secretHashFor } from './secret-hash.js';
import { challengeNames, type CognitoTokens, type NewDevice, type SignInResult } from './sign-in-result.js';
import type { OperationOutput, UserPoolClient } from './user-pool-client.js';

/** Who signs in, and how. */
export interface SignInInput {
  /** The user name, or an alias (e-mail, phone number, preferred user name) where the pool permits it. */
  readonly username: string;
  readonly password: string;
  /**
   * `USER_SRP_AUTH` (default) proves the password without sending it; `USER_PASSWORD_AUTH` sends it, for pools that move
   * users in from another store.
   */
  readonly flow?: 'USER_SRP_AUTH' | 'USER_PASSWORD_AUTH' | undefined;
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

type AuthenticationOutput = OperationOutput<'InitiateAuth'> | OperationOutput<'RespondToAuthChallenge'>;

/** Signs users in. */
export class SignInService {
  /** @internal Built by {@link CognitoService}. */
  constructor(
    private readonly client: UserPoolClient,
    private readonly verifier: CognitoTokenVerifier,
  ) {}

  /** InitiateAuth, and RespondToAuthChallenge for the password. */
  signIn(input: SignInInput): Promise<SignInResult> {
    return input.flow === 'USER_PASSWORD_AUTH' ? this.#signInByPassword(input) : this.#signInBySrp(input);
  }

  async #signInByPassword({ username, password, clientMetadata }: SignInInput): Promise<SignInResult> {
    const output = await this.client.send('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: this.client.pool.clientId,
      AuthParameters: this.#withSecretHash(username, { USERNAME: username, PASSWORD: password }),
      ClientMetadata: clientMetadata,
    });
    return this.#resultOf(output, username);
  }

  async #signInBySrp(input: SignInInput): Promise<SignInResult> {
    const { username, clientMetadata } = input;
    const proof = PasswordProof.begin();
    const output = await this.client.send('InitiateAuth', {
      AuthFlow: 'USER_SRP_AUTH',
      ClientId: this.client.pool.clientId,
      AuthParameters: this.#withSecretHash(username, { USERNAME: username, SRP_A: proof.srpA }),
      ClientMetadata: clientMetadata,
    });
    if (output.ChallengeName !== 'PASSWORD_VERIFIER') return this.#resultOf(output, username);
    return this.#provePassword(proof, input, output);
  }

  async #provePassword(
    proof: PasswordProof,
    input: SignInInput,
    { ChallengeParameters: asked = {}, Session }: OperationOutput<'InitiateAuth'>,
  ): Promise<SignInResult> {
    // Whatever alias was typed: proof, answer and secret hash are all made with the internal name.
    const userId = asked['USER_ID_FOR_SRP'] ?? asked['USERNAME'] ?? input.username;
    const secretBlock = asked['SECRET_BLOCK'] ?? '';
    const claim = this.#claim(proof, userId, input.password, asked);
    const output = await this.client.send('RespondToAuthChallenge', {
      ChallengeName: 'PASSWORD_VERIFIER',
      ClientId: this.client.pool.clientId,
      Session,
      ChallengeResponses: this.#withSecretHash(userId, {
        USERNAME: userId,
        PASSWORD_CLAIM_SECRET_BLOCK: secretBlock,
        PASSWORD_CLAIM_SIGNATURE: claim.signature,
        TIMESTAMP: claim.timestamp,
      }),
      ClientMetadata: input.clientMetadata,
    });
    return this.#resultOf(output, userId);
  }

  #claim(proof: PasswordProof, userId: string, password: string, asked: Readonly<Record<string, string>>) {
    const identity = { scope: poolNameOf(this.client.pool.userPoolId), name: userId };
    const { SRP_B: srpB = '', SALT: salt = '', SECRET_BLOCK: secretBlock = '' } = asked;
    try {
      return proof.claim(identity, password, { srpB, salt, secretBlock });
    } catch (thrown) {
      if (!(thrown instanceof SrpError)) throw thrown;
      throw new CognitoError('COGNITO_SRP_REFUSED', { detail: thrown.message, cause: thrown });
    }
  }

  async #resultOf(output: AuthenticationOutput, username: string): Promise<SignInResult> {
    if (output.ChallengeName === undefined) return this.#authenticated(output);
    const name = challengeNames.find((known) => known === output.ChallengeName);
    if (name === undefined) throw new CognitoError('COGNITO_CHALLENGE_UNSUPPORTED');
    const parameters = output.ChallengeParameters ?? {};
    const internalName = parameters['USER_ID_FOR_SRP'] ?? parameters['USERNAME'] ?? username;
    return { status: 'challenge', challenge: { name, username: internalName, session: output.Session, parameters } };
  }

  async #authenticated({ AuthenticationResult: given }: AuthenticationOutput): Promise<SignInResult> {
    const {
      AccessToken: accessToken,
      IdToken: idToken,
      RefreshToken: refreshToken,
      ExpiresIn: expiresIn,
    } = given ?? {};
    // Neither tokens nor a challenge: never a login.
    if (accessToken === undefined || idToken === undefined || refreshToken === undefined) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito answered with neither tokens nor a challenge.' });
    }
    const tokens: CognitoTokens = {
      accessToken,
      idToken,
      refreshToken,
      tokenType: 'Bearer',
      expiresIn: expiresIn ?? 0,
    };
    await this.verifier.verifyPair(tokens, this.client.pool.name);
    return { status: 'authenticated', tokens, newDevice: newDeviceOf(given?.NewDeviceMetadata) };
  }

  #withSecretHash(username: string, parameters: Record<string, string>): Record<string, string> {
    const hash = secretHashFor(this.client.pool, username);
    return hash === undefined ? parameters : { ...parameters, SECRET_HASH: hash };
  }
}

function newDeviceOf(
  metadata: { DeviceKey?: string | undefined; DeviceGroupKey?: string | undefined } | undefined,
): NewDevice | undefined {
  const { DeviceKey: deviceKey, DeviceGroupKey: deviceGroupKey } = metadata ?? {};
  return deviceKey === undefined || deviceGroupKey === undefined ? undefined : { deviceKey, deviceGroupKey };
}
