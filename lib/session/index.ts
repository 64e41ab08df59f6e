export type { HttpRequest } from '../request/http-request.js';
export type { CognitoSession, SessionTokens } from './browser-session.js';
export { CognitoCsrfGuard } from './cognito-csrf.guard.js';
export { COGNITO_SESSION_OPTIONS, CognitoSessionModule } from './cognito-session.module.js';
export { CognitoSessionService, type SessionEnd, type SessionStart } from './cognito-session.service.js';
export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-session-store.js';
export type {
  CognitoSessionAsyncOptions,
  CognitoSessionModuleExtras,
  CognitoSessionOptions,
  CognitoSessionOptionsFactory,
  SessionCookieOptions,
} from './session.options.js';
export { cognitoSessionOptionsFromEnv } from './session-from-env.js';
