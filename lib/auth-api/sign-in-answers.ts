import type { CognitoPrincipal } from '../access/principal.js';
import type { AnyChallenge } from '../user-pool/challenges.js';
import type { SignInTokens } from '../user-pool/sign-in-result.js';

/** Who is signed in, as a page may know. */
export interface SignedInUserAnswer {
  readonly sub: string;
  readonly username: string | undefined;
  readonly groups: readonly string[];
}

/** Tokens, for callers that are no browsers. */
export interface TokensAnswer {
  readonly status: 'authenticated';
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Goes along with each refresh, where the pool tracks devices. */
  readonly deviceKey?: string | undefined;
}

/** A question that comes before tokens. */
export interface ChallengeAnswerBody {
  readonly status: 'challenge';
  /** What has to be asked, by AWS's name. */
  readonly name: AnyChallenge['name'];
  /** Sealed; goes back with the answer. */
  readonly challenge: string;
  /** What a page needs in order to ask: where a code went, what may be chosen, … */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a sign-in comes to. */
export type SignInAnswer =
  { readonly status: 'authenticated'; readonly user: SignedInUserAnswer } | TokensAnswer | ChallengeAnswerBody;

/** The little of a principal that is told: no claims, and no token. */
export function userAnswerOf({ sub, username, groups }: CognitoPrincipal): SignedInUserAnswer {
  return { sub, username, groups };
}

/** Tokens as an answer. */
export function tokensAnswerOf(tokens: SignInTokens, deviceKey: string | undefined): TokensAnswer {
  const { accessToken, idToken, refreshToken, expiresIn } = tokens;
  const device = deviceKey === undefined ? {} : { deviceKey };
  return { status: 'authenticated', accessToken, idToken, refreshToken, expiresIn, ...device };
}

/** What is told of a challenge: never its session, and of its parameters only what the pool's own triggers made up. */
export function detailsOf(challenge: AnyChallenge): Readonly<Record<string, unknown>> {
  switch (challenge.name) {
    case 'EMAIL_OTP':
    case 'SMS_MFA':
    case 'SMS_OTP':
      return { delivery: challenge.delivery };
    case 'MFA_SETUP':
    case 'SELECT_CHALLENGE':
    case 'SELECT_MFA_TYPE':
      return { choices: challenge.choices };
    case 'NEW_PASSWORD_REQUIRED':
      return { requiredAttributes: challenge.requiredAttributes };
    case 'SOFTWARE_TOKEN_MFA':
      return { friendlyDeviceName: challenge.friendlyDeviceName };
    case 'WEB_AUTHN':
      return { requestOptions: challenge.requestOptions };
    case 'PASSWORD_VERIFIER':
    case 'DEVICE_PASSWORD_VERIFIER':
      return { srpB: challenge.srpB, salt: challenge.salt, secretBlock: challenge.secretBlock };
    case 'CUSTOM_CHALLENGE':
      return { parameters: publicOnly(challenge.parameters) };
    case 'ADMIN_NO_SRP_AUTH':
    case 'DEVICE_SRP_AUTH':
    case 'PASSWORD':
    case 'PASSWORD_SRP':
      return {};
  }
}

/** Who signs in, Cognito adds to what the triggers made up; a stranger who typed an address must not learn a name. */
function publicOnly(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { USERNAME: _name, USER_ID_FOR_SRP: _id, ...others } = parameters;
  return others;
}
