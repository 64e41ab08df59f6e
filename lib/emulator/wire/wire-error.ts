/** An exception of the user pool API, as a client sees it on the wire. */
export class WireError extends Error {
  /**
   * @param name of the exception in the service model
   * @param status the service answers 400 to every client error, whatever its model says
   */
  constructor(
    override readonly name: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export const notAuthorized = (message = 'Incorrect username or password.') =>
  new WireError('NotAuthorizedException', message);
export const invalidParameter = (message: string) => new WireError('InvalidParameterException', message);
export const userNotFound = (message = 'User does not exist.') => new WireError('UserNotFoundException', message);
export const namedUserNotFound = () => userNotFound('Username/client id combination not found.');
export const userNotConfirmed = () => new WireError('UserNotConfirmedException', 'User is not confirmed.');
export const passwordResetRequired = () =>
  new WireError('PasswordResetRequiredException', 'Password reset required for the user');
export const usernameExists = (message = 'User already exists') => new WireError('UsernameExistsException', message);
export const aliasExists = (attribute: string) =>
  new WireError('AliasExistsException', `An account with the given ${attribute} already exists.`);
export const codeMismatch = () =>
  new WireError('CodeMismatchException', 'Invalid verification code provided, please try again.');
export const expiredCode = () =>
  new WireError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
export const invalidPassword = (message: string) => new WireError('InvalidPasswordException', message);
export const passwordUsedBefore = () =>
  new WireError('PasswordHistoryPolicyViolationException', 'Password has previously been used.');
export const invalidLambdaResponse = (message = 'Unrecognizable lambda output') =>
  new WireError('InvalidLambdaResponseException', message);
export const userLambdaValidation = (message: string) => new WireError('UserLambdaValidationException', message);
export const limitExceeded = () =>
  new WireError('LimitExceededException', 'Attempt limit exceeded, please try after some time.');
export const clientNotFound = (clientId: string) =>
  new WireError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
export const poolNotFound = (userPoolId: string) =>
  new WireError('ResourceNotFoundException', `User pool ${userPoolId} does not exist.`);
export const groupNotFound = () => new WireError('ResourceNotFoundException', 'Group not found.');
export const groupExists = () => new WireError('GroupExistsException', 'A group with the name already exists.');
export const providerNotFound = (name: string) =>
  new WireError('ResourceNotFoundException', `Identity provider ${name} does not exist.`);
export const sessionNotFound = () => new WireError('ResourceNotFoundException', 'Session does not exist.');
export const unsupportedUserState = (message: string) => new WireError('UnsupportedUserStateException', message);
export const deviceNotFound = () => new WireError('ResourceNotFoundException', 'Device does not exist.');
export const deviceExists = () => new WireError('DeviceKeyExistsException', 'The device is confirmed already.');
export const softwareTokenNotFound = (message = 'Software Token MFA does not exist for the user.') =>
  new WireError('SoftwareTokenMFANotFoundException', message);
export const softwareTokenRefused = () =>
  new WireError('EnableSoftwareTokenMFAException', 'Code mismatch and fail enable Software Token MFA');
export const softwareTokenUsed = () =>
  new WireError('ExpiredCodeException', 'Your software token has already been used once.');
export const mfaMethodNotFound = (message: string) => new WireError('MFAMethodNotFoundException', message);
export const passkeyNotFound = () => new WireError('ResourceNotFoundException', 'Passkey does not exist.');
export const webAuthnRefusal = (name: `WebAuthn${string}Exception`, message: string) => new WireError(name, message);
export const forbidden = (message: string) => new WireError('ForbiddenException', message, 403);
export const unauthorized = (message: string) => new WireError('UnauthorizedException', message);
export const unsupportedOperation = (message: string) => new WireError('UnsupportedOperationException', message);
export const refreshTokenReuse = () =>
  new WireError('RefreshTokenReuseException', 'The refresh token was used already and has been rotated.');
export const unsupportedTokenType = () =>
  new WireError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.');
export const serialization = (message: string) => new WireError('SerializationException', message);
export const unknownOperation = () => new WireError('UnknownOperationException', 'The operation is not known.');
export const tooLarge = () => new WireError('RequestEntityTooLargeException', 'The request body is too large.', 413);
export const internalError = () => new WireError('InternalErrorException', 'An internal error occurred.', 500);
