/**
 * Says whether a session is still alive at Cognito, which no token can tell: a port that `user-pool/` fills, so that a guard
 * below it can ask.
 */
export abstract class LiveSessions {
  /**
   * Makes sure that Cognito still honours an access token (GetUser); the answer is remembered for a few seconds, see the option
   * `liveSessionCacheTtl`.
   *
   * @param accessToken one that was verified, with the scope `aws.cognito.signin.user.admin`
   * @param pool the name of the pool that it was verified for
   * @throws {@link CognitoError} `COGNITO_TOKEN_REVOKED` (401) for a session that was ended or a user who is gone,
   * `COGNITO_USER_DISABLED` (403), `COGNITO_SCOPE_MISSING` (403) for a token that may not ask, `COGNITO_THROTTLED` (429),
   * `COGNITO_UNAVAILABLE` (503), `COGNITO_POOL_UNKNOWN` (500)
   */
  abstract assertLive(accessToken: string, pool: string): Promise<void>;
}
