import type * as Sdk from '@aws-sdk/client-cognito-identity-provider';

/** The module of the AWS SDK. */
export type SdkModule = typeof Sdk;
/** The name of a command class of the SDK. */
export type CommandName = Extract<keyof SdkModule, `${string}Command`>;

/** The name of an AWS operation, such as `InitiateAuth`. */
export type Operation = CommandName extends `${infer Name}Command` ? Name : never;

/** The request of an operation; the SDK lets one be left out whole where none of its members is required. */
export type OperationInput<O extends Operation> = SdkModule[`${O}Command`] extends new (
  ...given: infer Given
) => unknown
  ? NonNullable<Given[0]>
  : never;

/** The answer of an operation. */
export type OperationOutput<O extends Operation> = `${O}CommandOutput` extends keyof OutputTypes
  ? OutputTypes[`${O}CommandOutput`]
  : never;

/** The outputs of the operations that are called; the SDK exports them as types only, out of reach of a mapped type. */
interface OutputTypes {
  InitiateAuthCommandOutput: Sdk.InitiateAuthCommandOutput;
  AdminInitiateAuthCommandOutput: Sdk.AdminInitiateAuthCommandOutput;
  RespondToAuthChallengeCommandOutput: Sdk.RespondToAuthChallengeCommandOutput;
  AdminRespondToAuthChallengeCommandOutput: Sdk.AdminRespondToAuthChallengeCommandOutput;
  SignUpCommandOutput: Sdk.SignUpCommandOutput;
  ConfirmSignUpCommandOutput: Sdk.ConfirmSignUpCommandOutput;
  ResendConfirmationCodeCommandOutput: Sdk.ResendConfirmationCodeCommandOutput;
  AdminConfirmSignUpCommandOutput: Sdk.AdminConfirmSignUpCommandOutput;
  ForgotPasswordCommandOutput: Sdk.ForgotPasswordCommandOutput;
  ConfirmForgotPasswordCommandOutput: Sdk.ConfirmForgotPasswordCommandOutput;
  GetTokensFromRefreshTokenCommandOutput: Sdk.GetTokensFromRefreshTokenCommandOutput;
  RevokeTokenCommandOutput: Sdk.RevokeTokenCommandOutput;
  GlobalSignOutCommandOutput: Sdk.GlobalSignOutCommandOutput;
  AdminUserGlobalSignOutCommandOutput: Sdk.AdminUserGlobalSignOutCommandOutput;
  GetUserCommandOutput: Sdk.GetUserCommandOutput;
  UpdateUserAttributesCommandOutput: Sdk.UpdateUserAttributesCommandOutput;
  DeleteUserAttributesCommandOutput: Sdk.DeleteUserAttributesCommandOutput;
  GetUserAttributeVerificationCodeCommandOutput: Sdk.GetUserAttributeVerificationCodeCommandOutput;
  VerifyUserAttributeCommandOutput: Sdk.VerifyUserAttributeCommandOutput;
  ChangePasswordCommandOutput: Sdk.ChangePasswordCommandOutput;
  DeleteUserCommandOutput: Sdk.DeleteUserCommandOutput;
  AssociateSoftwareTokenCommandOutput: Sdk.AssociateSoftwareTokenCommandOutput;
  VerifySoftwareTokenCommandOutput: Sdk.VerifySoftwareTokenCommandOutput;
  SetUserMFAPreferenceCommandOutput: Sdk.SetUserMFAPreferenceCommandOutput;
  AdminSetUserMFAPreferenceCommandOutput: Sdk.AdminSetUserMFAPreferenceCommandOutput;
  GetUserAuthFactorsCommandOutput: Sdk.GetUserAuthFactorsCommandOutput;
  AdminGetUserAuthFactorsCommandOutput: Sdk.AdminGetUserAuthFactorsCommandOutput;
  AdminDeleteSoftwareTokenCommandOutput: Sdk.AdminDeleteSoftwareTokenCommandOutput;
  ConfirmDeviceCommandOutput: Sdk.ConfirmDeviceCommandOutput;
  GetDeviceCommandOutput: Sdk.GetDeviceCommandOutput;
  ListDevicesCommandOutput: Sdk.ListDevicesCommandOutput;
  UpdateDeviceStatusCommandOutput: Sdk.UpdateDeviceStatusCommandOutput;
  ForgetDeviceCommandOutput: Sdk.ForgetDeviceCommandOutput;
  AdminGetDeviceCommandOutput: Sdk.AdminGetDeviceCommandOutput;
  AdminListDevicesCommandOutput: Sdk.AdminListDevicesCommandOutput;
  AdminUpdateDeviceStatusCommandOutput: Sdk.AdminUpdateDeviceStatusCommandOutput;
  AdminForgetDeviceCommandOutput: Sdk.AdminForgetDeviceCommandOutput;
  StartWebAuthnRegistrationCommandOutput: Sdk.StartWebAuthnRegistrationCommandOutput;
  CompleteWebAuthnRegistrationCommandOutput: Sdk.CompleteWebAuthnRegistrationCommandOutput;
  ListWebAuthnCredentialsCommandOutput: Sdk.ListWebAuthnCredentialsCommandOutput;
  DeleteWebAuthnCredentialCommandOutput: Sdk.DeleteWebAuthnCredentialCommandOutput;
  AdminGetUserCommandOutput: Sdk.AdminGetUserCommandOutput;
  AdminCreateUserCommandOutput: Sdk.AdminCreateUserCommandOutput;
  AdminUpdateUserAttributesCommandOutput: Sdk.AdminUpdateUserAttributesCommandOutput;
  AdminDeleteUserAttributesCommandOutput: Sdk.AdminDeleteUserAttributesCommandOutput;
  AdminEnableUserCommandOutput: Sdk.AdminEnableUserCommandOutput;
  AdminDisableUserCommandOutput: Sdk.AdminDisableUserCommandOutput;
  AdminDeleteUserCommandOutput: Sdk.AdminDeleteUserCommandOutput;
  AdminSetUserPasswordCommandOutput: Sdk.AdminSetUserPasswordCommandOutput;
  AdminResetUserPasswordCommandOutput: Sdk.AdminResetUserPasswordCommandOutput;
  DescribeUserPoolCommandOutput: Sdk.DescribeUserPoolCommandOutput;
  DescribeUserPoolClientCommandOutput: Sdk.DescribeUserPoolClientCommandOutput;
  ListUsersCommandOutput: Sdk.ListUsersCommandOutput;
  AdminLinkProviderForUserCommandOutput: Sdk.AdminLinkProviderForUserCommandOutput;
  AdminDisableProviderForUserCommandOutput: Sdk.AdminDisableProviderForUserCommandOutput;
  ListUserSessionsCommandOutput: Sdk.ListUserSessionsCommandOutput;
  RevokeUserSessionCommandOutput: Sdk.RevokeUserSessionCommandOutput;
  AdminListUserSessionsCommandOutput: Sdk.AdminListUserSessionsCommandOutput;
  AdminRevokeUserSessionCommandOutput: Sdk.AdminRevokeUserSessionCommandOutput;
  CreateGroupCommandOutput: Sdk.CreateGroupCommandOutput;
  GetGroupCommandOutput: Sdk.GetGroupCommandOutput;
  UpdateGroupCommandOutput: Sdk.UpdateGroupCommandOutput;
  DeleteGroupCommandOutput: Sdk.DeleteGroupCommandOutput;
  ListGroupsCommandOutput: Sdk.ListGroupsCommandOutput;
  ListUsersInGroupCommandOutput: Sdk.ListUsersInGroupCommandOutput;
  AdminAddUserToGroupCommandOutput: Sdk.AdminAddUserToGroupCommandOutput;
  AdminRemoveUserFromGroupCommandOutput: Sdk.AdminRemoveUserFromGroupCommandOutput;
  AdminListGroupsForUserCommandOutput: Sdk.AdminListGroupsForUserCommandOutput;
}

/** An operation that this package calls. */
export type CalledOperation = keyof OutputTypes extends `${infer Name}CommandOutput` ? Name : never;
