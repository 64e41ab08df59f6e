import type { AnyChallenge } from './challenges.js';

/** The tokens of a sign-in. */
export interface SignInTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds for which access and id token are good, counted from now. */
  readonly expiresIn: number;
}

/** Tokens of a refreshed session. */
export interface RefreshedTokens extends SignInTokens {
  /** True when Cognito gave a new refresh token; the old one must not be used again. */
  readonly rotated: boolean;
}

/** A device that Cognito has seen for the first time; confirm it to remember it. */
export interface NewDevice {
  readonly deviceKey: string;
  readonly deviceGroupKey: string;
}

/** What a sign-in comes to: tokens, or a question. */
export type SignInResult = AuthenticatedResult | ChallengeResult;

/** The user has signed in. */
export interface AuthenticatedResult extends SignInRemarks {
  readonly status: 'authenticated';
  readonly tokens: SignInTokens;
  /** Set when the pool tracks devices and the sign-in named none that it knows. */
  readonly newDevice?: NewDevice | undefined;
}

/** The user has to answer something first. */
export interface ChallengeResult extends SignInRemarks {
  readonly status: 'challenge';
  readonly challenge: AnyChallenge;
}

/** What happened on the way. */
export interface SignInRemarks {
  /** True when Cognito does not know the device (any more): the sign-in went on without it, and its secret can be thrown away. */
  readonly deviceUnknown?: true | undefined;
}

/** How long a verified token is good from now, in seconds: for servers that do not say it beside their tokens. */
export function secondsLeft({ exp }: { readonly exp: number }): number {
  return Math.max(0, Math.floor(exp - Date.now() / 1000));
}
