import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { AuthCalls, type Opening, type SignInCall, type SignInOutput } from './auth-calls.js';
import { beginDeviceProof, type PreparedAnswer, prepareAnswer } from './challenge-answers.js';
import type { AnyChallenge } from './challenges.js';
import type { RememberedDevice } from './device-secret.js';
import { readChallenge } from './read-challenge.js';
import { claimResponses, SecretProof } from './secret-proof.js';
import type { SignInDetails, SignInDevice, SignInInput } from './sign-in-input.js';
import {
  type AuthenticatedResult,
  type SignInTokens,
  type NewDevice,
  secondsLeft,
  type SignInResult,
} from './sign-in-result.js';
import type { UserPoolClient } from './user-pool-client.js';

/** One sign-in under way: what goes with its calls, and the secrets that the library may still have to prove. */
interface SignInRun extends SignInCall {
  readonly passwordProof?: SecretProof | undefined;
  readonly device?: RememberedDevice | undefined;
  readonly deviceProof?: SecretProof | undefined;
}

/** Signs users in. */
export class SignInService {
  readonly #client: UserPoolClient;
  readonly #calls: AuthCalls;
  readonly #verifier: CognitoTokenVerifier;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient, verifier: CognitoTokenVerifier) {
    this.#client = client;
    this.#calls = new AuthCalls(client);
    this.#verifier = verifier;
  }

  /** InitiateAuth or AdminInitiateAuth, and the answers that the library can give itself. */
  async signIn(input: SignInInput): Promise<SignInResult> {
    requireWhole(input);
    try {
      return await this.#begin(input);
    } catch (thrown) {
      if (input.device === undefined || !isCognitoError(thrown, 'COGNITO_DEVICE_NOT_FOUND')) throw thrown;
      const result = await this.#begin({ ...input, device: undefined });
      return { ...result, deviceUnknown: true };
    }
  }

  /** RespondToAuthChallenge or AdminRespondToAuthChallenge, and the answers that the library can give itself. */
  async respondToChallenge(challenge: AnyChallenge, answer: unknown, details: SignInDetails): Promise<SignInResult> {
    const { userPoolId } = this.#client.pool;
    const prepared = prepareAnswer(challenge, answer, { userPoolId, attributes: this.#client.attributes });
    const { clientMetadata, userContext } = details;
    const { username, admin, deviceKey } = challenge;
    const device = provable(details.device?.deviceKey === deviceKey ? details.device : undefined);
    return this.#answer(challenge, prepared, { username, admin, deviceKey, clientMetadata, userContext, device });
  }

  async #begin(input: SignInInput): Promise<SignInResult> {
    const { username, clientMetadata, userContext, device } = input;
    const passwordProof = provesPassword(input)
      ? SecretProof.ofPassword(input.password, this.#client.pool.userPoolId)
      : undefined;
    const run: SignInRun = {
      username,
      admin: input.flow === 'ADMIN_USER_PASSWORD_AUTH',
      deviceKey: device?.deviceKey,
      clientMetadata,
      userContext,
      device: provable(device),
      passwordProof,
    };
    return this.#follow(await this.#calls.initiate(run, openingOf(input, passwordProof)), run);
  }

  async #follow(output: SignInOutput, run: SignInRun): Promise<SignInResult> {
    if (output.ChallengeName === undefined) return this.#authenticated(output);
    const { username, admin, deviceKey } = run;
    const challenge = readChallenge(output, { username, admin, deviceKey }, this.#client.attributes);
    const own = ownAnswer(challenge, run);
    if (own === undefined) return { status: 'challenge', challenge };
    return this.#answer(challenge, own, withoutSecretFor(challenge, run));
  }

  async #answer(challenge: AnyChallenge, prepared: PreparedAnswer, run: SignInRun): Promise<SignInResult> {
    const { responses, session = challenge.session, ...proofs } = prepared;
    // Whatever alias was typed: answer and secret hash are made with the internal name.
    const next = { ...run, username: challenge.username, ...proofs };
    return this.#follow(await this.#calls.respond(next, { challengeName: challenge.name, session, responses }), next);
  }

  async #authenticated({ AuthenticationResult: given }: SignInOutput): Promise<AuthenticatedResult> {
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
    const { access } = await this.#verifier.verifyGivenPair({ accessToken, idToken }, this.#client.pool.name);
    const tokens: SignInTokens = {
      accessToken,
      idToken,
      refreshToken,
      tokenType: 'Bearer',
      expiresIn: expiresIn ?? secondsLeft(access.claims),
    };
    return { status: 'authenticated', tokens, newDevice: newDeviceOf(given?.NewDeviceMetadata) };
  }
}

/** The flows that prove a password instead of sending it. */
function provesPassword(input: SignInInput): input is SignInInput & { readonly password: string } {
  if (input.password === undefined) return false;
  switch (input.flow) {
    case undefined:
    case 'USER_SRP_AUTH':
    case 'CUSTOM_AUTH':
      return true;
    case 'USER_AUTH':
      return input.preferredChallenge !== 'PASSWORD';
    default:
      return false;
  }
}

function openingOf(input: SignInInput, proof: SecretProof | undefined): Opening {
  const srpA = proof === undefined ? {} : { SRP_A: proof.srpA };
  switch (input.flow) {
    case undefined:
    case 'USER_SRP_AUTH':
      return { flow: 'USER_SRP_AUTH', parameters: srpA };
    case 'USER_PASSWORD_AUTH':
    case 'ADMIN_USER_PASSWORD_AUTH':
      return { flow: input.flow, parameters: { PASSWORD: input.password } };
    case 'CUSTOM_AUTH':
      return { flow: input.flow, parameters: proof === undefined ? {} : { CHALLENGE_NAME: 'SRP_A', ...srpA } };
    case 'USER_AUTH':
      return openingByChoice(input, srpA);
  }
}

function openingByChoice(
  input: Extract<SignInInput, { flow: 'USER_AUTH' }>,
  srpA: { readonly SRP_A?: string },
): Opening {
  if (input.password === undefined) {
    const { preferredChallenge: preferred, session } = input;
    const parameters = preferred === undefined ? {} : { PREFERRED_CHALLENGE: preferred };
    return { flow: 'USER_AUTH', parameters, session };
  }
  const preferred = input.preferredChallenge ?? 'PASSWORD_SRP';
  const secret = preferred === 'PASSWORD' ? { PASSWORD: input.password } : srpA;
  return { flow: 'USER_AUTH', parameters: { PREFERRED_CHALLENGE: preferred, ...secret } };
}

/** The answer to a challenge for which the library has the secret. */
function ownAnswer(challenge: AnyChallenge, run: SignInRun): PreparedAnswer | undefined {
  switch (challenge.name) {
    case 'PASSWORD_VERIFIER':
      return run.passwordProof && { responses: claimResponses(run.passwordProof.claim(challenge), challenge) };
    case 'DEVICE_SRP_AUTH':
      return run.device && beginDeviceProof({ device: run.device }, challenge);
    case 'DEVICE_PASSWORD_VERIFIER':
      return run.deviceProof && { responses: claimResponses(run.deviceProof.claim(challenge), challenge) };
    default:
      return undefined;
  }
}

/** A secret is proved once in a sign-in: a server that asks again and again is answered by nobody. */
function withoutSecretFor({ name }: AnyChallenge, run: SignInRun): SignInRun {
  if (name === 'PASSWORD_VERIFIER') return { ...run, passwordProof: undefined };
  return name === 'DEVICE_SRP_AUTH' ? { ...run, device: undefined } : { ...run, deviceProof: undefined };
}

function provable(device: SignInDevice | undefined): RememberedDevice | undefined {
  return device?.devicePassword === undefined ? undefined : device;
}

/** Whether each flow needs a password: what the types say, for callers that are not compiled. */
const needsPassword: Readonly<Record<NonNullable<SignInInput['flow']>, boolean>> = {
  USER_SRP_AUTH: true,
  USER_PASSWORD_AUTH: true,
  ADMIN_USER_PASSWORD_AUTH: true,
  CUSTOM_AUTH: false,
  USER_AUTH: false,
};

/** What is not text would be turned into some, into `[object Object]` for instance. */
function requireWhole({ flow = 'USER_SRP_AUTH', username, password }: SignInInput): void {
  const passwordFits = typeof password === 'string' || (password === undefined && !needsPassword[flow]);
  if (Object.hasOwn(needsPassword, flow) && typeof username === 'string' && passwordFits) return;
  throw new CognitoError('COGNITO_PARAMETER_INVALID', {
    detail: 'A sign-in needs a known flow, a username, and a password where the flow asks for one.',
  });
}

function newDeviceOf(
  metadata: { DeviceKey?: string | undefined; DeviceGroupKey?: string | undefined } | undefined,
): NewDevice | undefined {
  const { DeviceKey: deviceKey, DeviceGroupKey: deviceGroupKey } = metadata ?? {};
  return deviceKey === undefined || deviceGroupKey === undefined ? undefined : { deviceKey, deviceGroupKey };
}
