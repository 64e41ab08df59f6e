import type { CognitoErrorCode } from './catalogue.js';

/**
 * What the developer does about a failure of Cognito's API: read in `message`, and by nobody else. `docs/errors.md` says more.
 * A code that is missing here says everything by its name.
 */
export const mends: Partial<Record<CognitoErrorCode, string>> = {
  COGNITO_CLIENT_MISCONFIGURED:
    'check userPoolId, clientId, clientSecret, the plan of the pool and the enabled flows of the app client, ALLOW_USER_SRP_AUTH for SRP; for CUSTOM_AUTH the triggers of the pool, for passkeys its first factors',
  COGNITO_AWS_CREDENTIALS_INVALID:
    'AWS refuses the credentials: check that they are current and may call this operation',
  COGNITO_CREDENTIALS_MISSING:
    'this operation is signed, and the AWS credential chain (environment, profile, web identity, container, instance metadata) has none: give the option `credentials` or set up the chain',
  COGNITO_SCOPE_MISSING: 'the access token needs the scope aws.cognito.signin.user.admin',
  COGNITO_OUTCOME_UNKNOWN:
    'the answer was lost, and the request may have been carried out: it is not repeated, look before you do',
  COGNITO_UNAVAILABLE: 'check network, proxy, TLS and the Lambda triggers, and try again',
  COGNITO_THROTTLED: 'wait for `retryAfter` seconds, or ask AWS for a higher quota',
  COGNITO_LIMIT_EXCEEDED: 'wait: a lock lasts up to 15 minutes, a limit of codes up to an hour',
  COGNITO_QUOTA_EXCEEDED: 'remove one first, or ask AWS for a higher quota',
  COGNITO_CODE_NOT_DELIVERED: 'check the e-mail or SMS settings of the pool',
  COGNITO_REFUSED_BY_TRIGGER: 'look into the log of the Lambda trigger: its words are dropped',
  COGNITO_REFRESH_TOKEN_REUSED: 'with rotation only the newest refresh token is good: store what `refresh` returns',
  COGNITO_USER_STATE_INVALID: 'read the user and its status first',
  COGNITO_ATTRIBUTE_REFUSED: 'check the schema of the pool and which attributes the app client may write',
  COGNITO_PASSKEY_REFUSED: 'check the relying party and origin of the pool, and begin anew: a challenge serves once',
};
