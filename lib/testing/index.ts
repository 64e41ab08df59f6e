export { CognitoEmulator } from './cognito-emulator.js';
export { CognitoTestingModule, type CognitoTestingOptions } from './cognito-testing.module.js';
export { ProcessClock } from './process-clock.js';

export {
  type ClockStep,
  type EmulatorAnswer,
  type EmulatorClient,
  type EmulatorClientSettings,
  type EmulatorClock,
  type EmulatorConnection,
  EmulatorError,
  type EmulatorErrorCode,
  type EmulatorHooks,
  type EmulatorOptions,
  type EmulatorPasswordPolicy,
  type EmulatorSeed,
  type EmulatorTokens,
  type EmulatorUser,
  errorAnswer,
  type Inbox,
  type InboxMessage,
  OffsetClock,
  type SrpProofAttempt,
  type TokensForOptions,
  type UnsignedToken,
} from '../emulator/index.js';
