import type { UserInfoResponse } from 'oauth4webapi';

/** Who a user is, as the userInfo endpoint tells: the attributes that the scopes of the token allow, by Cognito's names. */
export interface OAuthUserInfo {
  readonly sub: string;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly email_verified?: boolean | undefined;
  readonly phone_number?: string | undefined;
  readonly phone_number_verified?: boolean | undefined;
  readonly [attribute: string]: unknown;
}

/** Cognito writes these two as texts here, and `"false"` would count as true. */
const FLAGS = ['email_verified', 'phone_number_verified'] as const;

/** Makes booleans of the texts that stand for them; a text that stands for neither is left out. */
export function userInfoOf(response: UserInfoResponse): OAuthUserInfo {
  const flags = FLAGS.flatMap((name) => {
    const value: unknown = response[name];
    const isTrue = value === true || value === 'true';
    return isTrue || value === false || value === 'false' ? [[name, isTrue] as const] : [];
  });
  const others = Object.entries(response).filter(([name]) => !FLAGS.some((flag) => flag === name));
  return { ...Object.fromEntries([...others, ...flags]), sub: response.sub };
}
