import { Injectable } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type { ChallengeAnswer } from './challenge-answers.js';
import type { ChallengeSeal } from './challenge-seal.js';
import type { AnyChallenge } from './challenges.js';
import type { CodeDelivery } from './code-delivery.js';
import { DevicesService } from './devices.service.js';
import { GroupsService } from './groups.service.js';
import { MfaService } from './mfa.service.js';
import { PasskeysService } from './passkeys.service.js';
import { ProfileService } from './profile.service.js';
import { type ConfirmForgotPasswordInput, type ForgotPasswordInput, RecoveryService } from './recovery.service.js';
import type { SignInDetails, SignInInput } from './sign-in-input.js';
import type { RefreshedTokens, SignInResult } from './sign-in-result.js';
import { SignInService } from './sign-in.service.js';
import { SignedInUser, type SignedInUserOptions } from './signed-in-user.js';
import type { UserTokens } from './live-tokens.js';
import {
  type ConfirmSignUpInput,
  type ConfirmSignUpResult,
  type ResendConfirmationCodeInput,
  type SignUpInput,
  type SignUpResult,
  SignUpService,
} from './sign-up.service.js';
import { type RefreshInput, type RevokeTokenInput, type SignOutInput, TokensService } from './tokens.service.js';
import type { UserPoolClient } from './user-pool-client.js';
import { UsersService } from './users.service.js';

/**
 * The front desk of a user pool: signing in and up, and everything a user or an administrator does with an account.
 *
 * Every method throws {@link CognitoError}; besides the codes that are named with each, any call may end with
 * `COGNITO_THROTTLED` (429), `COGNITO_UNAVAILABLE` (503), `COGNITO_PARAMETER_INVALID` (400) or
 * `COGNITO_CLIENT_MISCONFIGURED` (500, the app client does not permit the operation).
 */
@Injectable()
export class CognitoService {
  /** What a signed-in user does with their own account. */
  readonly profile: ProfileService;
  /** Second factors of a signed-in user; with `admin…` of any user, which needs AWS credentials. */
  readonly mfa: MfaService;
  /** Devices of a signed-in user; with `admin…` of any user, which needs AWS credentials. */
  readonly devices: DevicesService;
  /** Passkeys of a signed-in user. */
  readonly passkeys: PasskeysService;
  /** What an administrator does with users; needs AWS credentials. */
  readonly users: UsersService;
  /** Groups and who is in them; needs AWS credentials. */
  readonly groups: GroupsService;

  readonly #signIn: SignInService;
  readonly #signUp: SignUpService;
  readonly #recovery: RecoveryService;
  readonly #tokens: TokensService;
  readonly #challengeSeal: ChallengeSeal;
  readonly #desk: { readonly verifier: CognitoTokenVerifier; readonly pool: string };
  readonly #attributes: AttributeMapper;
  readonly #siblings: (name: string) => CognitoService | undefined;

  /** @internal Built by the module, one for each pool. */
  constructor(
    client: UserPoolClient,
    verifier: CognitoTokenVerifier,
    challengeSeal: ChallengeSeal,
    siblings: (name: string) => CognitoService | undefined,
  ) {
    this.profile = new ProfileService(client, verifier);
    this.mfa = new MfaService(client);
    this.devices = new DevicesService(client);
    this.passkeys = new PasskeysService(client);
    this.users = new UsersService(client, verifier.revocations, (user) => user);
    this.groups = new GroupsService(client, (group) => group);
    this.#signIn = new SignInService(client, verifier);
    this.#signUp = new SignUpService(client);
    this.#recovery = new RecoveryService(client);
    this.#tokens = new TokensService(client, verifier);
    this.#challengeSeal = challengeSeal;
    this.#desk = { verifier, pool: client.pool.name };
    this.#attributes = client.attributes;
    this.#siblings = siblings;
  }

  /** @internal Cognito's name of an attribute, by the application's name for it. */
  attributeNameOf(property: string): string {
    return this.#attributes.nameOf(property);
  }

  /**
   * The same desk for another pool.
   *
   * @param name `default`, or a key under `pools`
   * @throws {@link CognitoError} `COGNITO_POOL_UNKNOWN`
   */
  pool(name: string): CognitoService {
    const sibling = this.#siblings(name);
    if (sibling === undefined) {
      throw new CognitoError('COGNITO_POOL_UNKNOWN', {
        detail: `There is no pool ${JSON.stringify(name)} under \`pools\`.`,
      });
    }
    return sibling;
  }

  /**
   * Signs a user in (InitiateAuth, RespondToAuthChallenge): tokens, verified, or a challenge that has to be answered first.
   *
   * The flow decides what is needed besides the user name:
   * - `USER_SRP_AUTH` (default): `password`, which is proved by SRP and not sent
   * - `USER_PASSWORD_AUTH`: `password`, which is sent
   * - `ADMIN_USER_PASSWORD_AUTH`: `password`, which is sent; the whole sign-in is signed with AWS credentials
   *   (AdminInitiateAuth, AdminRespondToAuthChallenge)
   * - `CUSTOM_AUTH`: the pool's triggers ask; a `password` is proved before
   * - `USER_AUTH`: the user's choice of `preferredChallenge`, a `password` (proved, unless `PASSWORD` is preferred), or the
   *   `session` that {@link confirmSignUp} gave
   *
   * With `device`, a remembered device proves itself in place of a second factor. When Cognito does not know it, the sign-in
   * goes on without it, and the result has `deviceUnknown`.
   *
   * @throws {@link CognitoError} `COGNITO_CREDENTIALS_INCORRECT` for a wrong password and for an unknown user alike,
   * `COGNITO_USER_NOT_CONFIRMED`, `COGNITO_PASSWORD_RESET_REQUIRED`, `COGNITO_USER_DISABLED`, `COGNITO_LIMIT_EXCEEDED`
   * after too many attempts, `COGNITO_REFUSED_BY_TRIGGER`, `COGNITO_SRP_REFUSED` for a server that does not keep to the
   * protocol, `COGNITO_CHALLENGE_UNSUPPORTED` for a challenge that cannot be read, `COGNITO_CREDENTIALS_MISSING` for an admin
   * sign-in without AWS credentials
   */
  signIn(input: SignInInput): Promise<SignInResult> {
    return this.#signIn.signIn(input);
  }

  /**
   * Answers a challenge (RespondToAuthChallenge, or AdminRespondToAuthChallenge in an admin sign-in): tokens, verified, or the
   * challenge that comes next.
   *
   * What the library can answer itself it does: the proof of a password that came with the answer, and that of `device`.
   *
   * @param challenge from {@link signIn}, from an earlier answer or from {@link openChallenge}; never one that a browser could
   * have written: it decides whether the answer is signed, and which attributes it may set
   * @param answer what this challenge asks for, `{ code }` or `{ newPassword }` for instance, and nothing else; see
   * `ChallengeAnswers`
   * @param details what goes along: `clientMetadata`, `userContext`, and the `device` that the sign-in named
   * @throws {@link CognitoError} `COGNITO_CHALLENGE_ANSWER_INVALID` for an answer that does not fit, before anything is sent;
   * `COGNITO_CODE_MISMATCH` for a wrong code (the challenge may be answered again), `COGNITO_CODE_EXPIRED`,
   * `COGNITO_SESSION_INVALID` for a challenge that was answered already or too late, `COGNITO_PASSWORD_POLICY`,
   * `COGNITO_PASSWORD_REUSED`, `COGNITO_CREDENTIALS_INCORRECT`, `COGNITO_LIMIT_EXCEEDED`, `COGNITO_PASSKEY_REFUSED`,
   * `COGNITO_DEVICE_NOT_FOUND` (sign in again without the device), `COGNITO_OUTCOME_UNKNOWN` when the answer was lost: the
   * session may be spent, so that the sign-in begins again
   */
  respondToChallenge<Challenge extends AnyChallenge>(
    challenge: Challenge,
    answer: ChallengeAnswer<Challenge['name']>,
    details: SignInDetails = {},
  ): Promise<SignInResult> {
    return this.#signIn.respondToChallenge(challenge, answer, details);
  }

  /**
   * Seals a challenge into one opaque string, so that it can wait in a browser and be answered by another process.
   *
   * It is encrypted under the option `secrets`, expires after 15 minutes and opens for this pool and app client alone. No
   * password and no device's secret is inside; whoever answers gives them again.
   *
   * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` in production without `secrets`
   */
  sealChallenge(challenge: AnyChallenge): Promise<string> {
    return this.#challengeSeal.seal(challenge);
  }

  /**
   * Opens what {@link sealChallenge} sealed.
   *
   * @throws {@link CognitoError} `COGNITO_SESSION_INVALID` for a string that is tampered with, expired, of another pool or
   * app client, or sealed for another purpose
   */
  openChallenge(sealed: string): Promise<AnyChallenge> {
    return this.#challengeSeal.open(sealed);
  }

  /**
   * Signs a user up (SignUp). A code goes to the address that the pool verifies.
   *
   * @throws {@link CognitoError} `COGNITO_USERNAME_EXISTS`, `COGNITO_PASSWORD_POLICY`, `COGNITO_ATTRIBUTE_REFUSED` for one that
   * the app client may not write, the schema does not allow or that is missing, `COGNITO_NOT_AUTHORIZED` in a pool whose users
   * are made by administrators, `COGNITO_REFUSED_BY_TRIGGER`, `COGNITO_CODE_NOT_DELIVERED`
   */
  signUp(input: SignUpInput): Promise<SignUpResult> {
    return this.#signUp.signUp(input);
  }

  /**
   * Confirms a sign-up with the code that was sent (ConfirmSignUp). Where the app client permits USER_AUTH, the result has a
   * `session` that signs the user in: `signIn({ flow: 'USER_AUTH', username, session })`.
   *
   * @throws {@link CognitoError} `COGNITO_CODE_MISMATCH`, `COGNITO_CODE_EXPIRED`, `COGNITO_ALIAS_EXISTS`,
   * `COGNITO_NOT_AUTHORIZED` for a user who is confirmed already, `COGNITO_SESSION_INVALID` for a `session` that is not this
   * sign-up's, `COGNITO_LIMIT_EXCEEDED` after too many attempts, `COGNITO_REFUSED_BY_TRIGGER` when the post-confirmation
   * trigger fails (the account is confirmed nevertheless)
   */
  confirmSignUp(input: ConfirmSignUpInput): Promise<ConfirmSignUpResult> {
    return this.#signUp.confirmSignUp(input);
  }

  /**
   * Sends the code of a sign-up again (ResendConfirmationCode). The old code is no longer good.
   *
   * @throws {@link CognitoError} `COGNITO_NOT_AUTHORIZED` for a user who is confirmed already, `COGNITO_LIMIT_EXCEEDED` after
   * too many codes, `COGNITO_CODE_NOT_DELIVERED`
   */
  resendConfirmationCode(input: ResendConfirmationCodeInput): Promise<CodeDelivery | undefined> {
    return this.#signUp.resendConfirmationCode(input);
  }

  /**
   * Sends a code to a user who forgot the password (ForgotPassword), to a verified address of theirs.
   *
   * An app client that hides whether users exist answers an unknown name with a delivery that never happened.
   *
   * @returns where the code went
   * @throws {@link CognitoError} `COGNITO_NOT_AUTHORIZED` for an account whose password cannot be reset in this way, and
   * from an app client that tells so for one that there is not, `COGNITO_LIMIT_EXCEEDED` after too many codes,
   * `COGNITO_CODE_NOT_DELIVERED`
   */
  forgotPassword(input: ForgotPasswordInput): Promise<CodeDelivery | undefined> {
    return this.#recovery.forgotPassword(input);
  }

  /**
   * Sets a new password with the code that {@link forgotPassword} sent (ConfirmForgotPassword). It signs nobody in, and
   * sign-ins that are open stay open.
   *
   * @throws {@link CognitoError} `COGNITO_CODE_MISMATCH`, `COGNITO_CODE_EXPIRED`, `COGNITO_PASSWORD_POLICY`,
   * `COGNITO_PASSWORD_REUSED`, `COGNITO_LIMIT_EXCEEDED` after too many attempts, `COGNITO_OUTCOME_UNKNOWN` when the answer was
   * lost: sign in with the new password to see
   */
  confirmForgotPassword(input: ConfirmForgotPasswordInput): Promise<void> {
    return this.#recovery.confirmForgotPassword(input);
  }

  /**
   * Gets new tokens for a refresh token (GetTokensFromRefreshToken), verified. Keep the refresh token that comes back: with
   * rotation it is a new one.
   *
   * However many ask with the same refresh token at once in this process, Cognito is asked once and all get the same tokens.
   * Processes that share a token need a rotation grace of 10 seconds or more, or a lock of their own.
   *
   * @param input the refresh token; `deviceKey` where the sign-in had a device, `expectedSub` where the user is known
   * @throws {@link CognitoError} `COGNITO_REFRESH_TOKEN_INVALID` when it is expired, revoked, of another client or without its
   * device, `COGNITO_REFRESH_TOKEN_REUSED` when it was rotated away, `COGNITO_OUTCOME_UNKNOWN` when the answer was lost,
   * `COGNITO_KEYS_UNAVAILABLE` when new tokens could not be verified, before any are asked for, `COGNITO_TOKEN_CLAIMS_INVALID`
   * for new tokens of another user
   */
  refresh(input: RefreshInput): Promise<RefreshedTokens> {
    return this.#tokens.refresh(input);
  }

  /**
   * Signs the user out: everywhere (GlobalSignOut, with the access token), or of one sign-in with `scope: 'local'`
   * (RevokeToken, with the refresh token). No refresh token concerned is good any more; access tokens that are already out are
   * refused by Cognito, and pass a guard until they expire. With the option `revocation` guards refuse them too, from the next
   * request on; with `scope: 'local'` it needs the access token beside the refresh token.
   *
   * @throws {@link CognitoError} `COGNITO_TOKEN_EXPIRED`, `COGNITO_TOKEN_REVOKED`, `COGNITO_SCOPE_MISSING`;
   * `COGNITO_REVOCATION_UNAVAILABLE` when guards could not be told, and then nothing has ended: try it again
   */
  signOut(input: SignOutInput): Promise<void> {
    return this.#tokens.signOut(input);
  }

  /**
   * A user with the tokens of their sign-in: every call renews them first when they are about to expire. Tokens that have expired
   * are welcome, if they are genuine.
   *
   * @param tokens of `signIn` or `refresh`
   * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` for origins, headers or seconds that are none; the tokens themselves are
   * verified when they are first used
   */
  asUser(tokens: UserTokens, options: SignedInUserOptions = {}): SignedInUser {
    const { profile, mfa, devices, passkeys } = this;
    const own = { profile, mfa, devices, passkeys };
    return new SignedInUser(tokens, options, { ...own, ...this.#desk, tokens: this.#tokens });
  }

  /**
   * Ends one session (RevokeToken): its refresh token, and at Cognito itself the tokens that came from it; with the option
   * `revocation`, which needs `accessToken` for it, in guards too.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID`, `COGNITO_REVOCATION_UNAVAILABLE`
   */
  revokeToken(input: RevokeTokenInput): Promise<void> {
    return this.#tokens.revokeToken(input);
  }
}
