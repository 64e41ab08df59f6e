export { CognitoEmulator } from './emulator.js';
export type { EmulatorConnection, EmulatorTokens, TokensForOptions } from './emulator.js';
export { resolveOptions } from './emulator.options.js';
export type {
  EmulatorAttribute,
  EmulatorClient,
  EmulatorClientSettings,
  EmulatorDeviceConfiguration,
  EmulatorGroup,
  EmulatorOptions,
  EmulatorPasswordPolicy,
  EmulatorResourceServer,
  EmulatorSeed,
  EmulatorUser,
  EmulatorUserMfa,
  EmulatorWebAuthn,
} from './emulator-seed.js';
export { EmulatorError } from './emulator-error.js';
export type { EmulatorErrorCode } from './emulator-error.js';
export { errorAnswer } from './hooks.js';
export type { EmulatorAnswer, EmulatorHooks, SrpProofAttempt, UnsignedToken } from './hooks.js';
export { movedOffset, OffsetClock } from './state/clock.js';
export type { ClockStep, EmulatorClock } from './state/clock.js';
export type { ExplicitAuthFlow, OAuthFlow } from './state/app-clients.js';
export type { Inbox, InboxMessage, MessagePurpose } from './state/inbox.js';
export type { Alias, Contact, MfaType, UserStatus } from './state/users.js';
export type { TokenUse } from './tokens/keys.js';
export type {
  CreateAuthChallengeResponse,
  CustomAuthRound,
  CustomMessageResponse,
  DefineAuthChallengeResponse,
  EmulatorTriggers,
  GroupOverride,
  PreSignUpResponse,
  PreTokenGenerationResponse,
  TokenClaimsChange,
  Trigger,
  TriggerEvent,
  TriggerRequest,
  UserMigrationResponse,
} from './triggers.js';
