import type { CalledOperation, Operation } from './operations.js';

/** Why an operation is sent once: the SDK would repeat it on a reset connection, a 500 or a 429. */
type Reason =
  /** It uses up a session, a code, a token or a challenge: the repetition is refused, whatever became of the first. */
  | 'spends'
  /** It may send somebody an e-mail or a text message. */
  | 'sends a message'
  /** It counts against a lock-out or an hourly limit. */
  | 'counts'
  /** Done twice it answers otherwise than done once: what exists already, or is gone already, is an error. */
  | 'is not idempotent';

/** Every operation that is called, and whether it may be repeated: none is without a decision. */
const repetition: Readonly<Record<CalledOperation, Reason | 'repeatable'>> = {
  // Signing in. InitiateAuth is decided by its flow, see below.
  InitiateAuth: 'sends a message',
  AdminInitiateAuth: 'sends a message',
  RespondToAuthChallenge: 'spends',
  AdminRespondToAuthChallenge: 'spends',

  // Tokens. A refresh token is used up where the client rotates them.
  GetTokensFromRefreshToken: 'spends',
  RevokeToken: 'repeatable',
  GlobalSignOut: 'repeatable',
  AdminUserGlobalSignOut: 'repeatable',

  // Signing up and recovery.
  SignUp: 'sends a message',
  ConfirmSignUp: 'spends',
  ResendConfirmationCode: 'sends a message',
  AdminConfirmSignUp: 'is not idempotent',
  ForgotPassword: 'sends a message',
  ConfirmForgotPassword: 'spends',

  // The own account.
  GetUser: 'repeatable',
  UpdateUserAttributes: 'sends a message',
  DeleteUserAttributes: 'repeatable',
  GetUserAttributeVerificationCode: 'sends a message',
  VerifyUserAttribute: 'spends',
  ChangePassword: 'counts',
  DeleteUser: 'is not idempotent',

  // Second factors.
  AssociateSoftwareToken: 'spends',
  VerifySoftwareToken: 'spends',
  SetUserMFAPreference: 'repeatable',
  AdminSetUserMFAPreference: 'repeatable',
  GetUserAuthFactors: 'repeatable',
  AdminGetUserAuthFactors: 'repeatable',
  AdminDeleteSoftwareToken: 'is not idempotent',

  // Devices and passkeys.
  ConfirmDevice: 'is not idempotent',
  GetDevice: 'repeatable',
  ListDevices: 'repeatable',
  UpdateDeviceStatus: 'repeatable',
  ForgetDevice: 'is not idempotent',
  AdminGetDevice: 'repeatable',
  AdminListDevices: 'repeatable',
  AdminUpdateDeviceStatus: 'repeatable',
  AdminForgetDevice: 'is not idempotent',
  StartWebAuthnRegistration: 'repeatable',
  CompleteWebAuthnRegistration: 'spends',
  ListWebAuthnCredentials: 'repeatable',
  DeleteWebAuthnCredential: 'is not idempotent',

  // Users.
  AdminGetUser: 'repeatable',
  AdminCreateUser: 'sends a message',
  AdminUpdateUserAttributes: 'sends a message',
  AdminDeleteUserAttributes: 'repeatable',
  AdminEnableUser: 'repeatable',
  AdminDisableUser: 'repeatable',
  AdminDeleteUser: 'is not idempotent',
  // A password that was used before may be refused.
  AdminSetUserPassword: 'is not idempotent',
  AdminResetUserPassword: 'sends a message',
  DescribeUserPool: 'repeatable',
  DescribeUserPoolClient: 'repeatable',
  ListUsers: 'repeatable',
  AdminLinkProviderForUser: 'is not idempotent',
  AdminDisableProviderForUser: 'is not idempotent',
  ListUserSessions: 'repeatable',
  RevokeUserSession: 'repeatable',
  AdminListUserSessions: 'repeatable',
  AdminRevokeUserSession: 'repeatable',

  // Groups.
  CreateGroup: 'is not idempotent',
  GetGroup: 'repeatable',
  UpdateGroup: 'repeatable',
  DeleteGroup: 'is not idempotent',
  ListGroups: 'repeatable',
  ListUsersInGroup: 'repeatable',
  AdminAddUserToGroup: 'repeatable',
  AdminRemoveUserFromGroup: 'repeatable',
  AdminListGroupsForUser: 'repeatable',
};

/** The flows that send nobody a code and judge no password yet. */
const repeatableFlows: ReadonlySet<unknown> = new Set(['USER_SRP_AUTH', 'REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN']);

/**
 * Tells whether a request must not be carried out twice.
 *
 * @param input the request, whose `AuthFlow` decides for InitiateAuth and AdminInitiateAuth
 */
export function isSentOnce(operation: Operation, input: unknown): boolean {
  if (repeatableFlows.has(flowOf(input))) return false;
  // What nobody has decided about is not repeated.
  return !isDecided(operation) || repetition[operation] !== 'repeatable';
}

function flowOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'AuthFlow' in input ? input.AuthFlow : undefined;
}

function isDecided(operation: string): operation is CalledOperation {
  return Object.hasOwn(repetition, operation);
}
