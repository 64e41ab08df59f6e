export { CognitoMachineTokens, type MachineTokenRequest } from './cognito-machine-tokens.js';
export { CognitoMachineTokensModule } from './cognito-machine-tokens.module.js';
export { CognitoOAuthModule, OAUTH_OPTIONS } from './cognito-oauth.module.js';
export { CognitoOAuthService } from './cognito-oauth.service.js';
export type {
  OAuthEndedSignIn,
  OAuthLogoutHandler,
  OAuthSignIn,
  OAuthSuccessContext,
  OAuthSuccessDecision,
  OAuthSuccessHandler,
} from './handlers.js';
export type { MachineTokensOptions } from './machine-tokens.options.js';
export { cognitoOAuthOptionsFromEnv } from './oauth-from-env.js';
export type {
  ClientAuthentication,
  CognitoOAuthModuleExtras,
  OAuthAsyncOptions,
  OAuthOptions,
  OAuthOptionsFactory,
  OAuthPrompt,
  TokenEndpointOptions,
} from './oauth.options.js';
export type { OAuthSignInRequest } from './sign-in-request.js';
export type { OAuthUserInfo } from './user-info.js';
