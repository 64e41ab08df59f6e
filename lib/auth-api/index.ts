export { COGNITO_AUTH_API_OPTIONS, CognitoAuthApiModule } from './cognito-auth-api.module.js';
export type {
  AttemptLimiterOptions,
  CognitoAuthApiAsyncOptions,
  CognitoAuthApiModuleExtras,
  CognitoAuthApiOptions,
  CognitoAuthApiOptionsFactory,
} from './auth-api.options.js';
export {
  type Attempt,
  type AttemptedAction,
  type AttemptLimiterSettings,
  type AttemptLimits,
  CognitoAttemptLimiter,
} from './attempt-limiter.js';
export { type AttemptStore, RedisAttemptStore, type RedisCounterClient } from './attempt-store.js';
export type { ChallengeAnswerBody, SignedInUserAnswer, SignInAnswer, TokensAnswer } from './sign-in-answers.js';
