export { COGNITO_OPTIONS, CognitoModule } from './cognito.module.js';
export {
  type CognitoAsyncOptions,
  type CognitoModuleExtras,
  type CognitoOptions,
  cognitoOptionsFromEnv,
  type CognitoOptionsFactory,
  type NamedPoolOptions,
} from './cognito.options.js';

export type { AccessRules, AuthorizationPolicy, BadToken, NameRule } from './access/access-policy.js';
export {
  Authorize,
  OptionalAuth,
  type OptionalAuthOptions,
  Public,
  RequireClaims,
  RequireGroups,
  RequireLiveSession,
  RequireScopes,
  type RequirementDecorator,
  TokenUse,
  UserPool,
} from './access/access.decorators.js';
export { credentialSourceOf } from './access/admission.js';
export type { AccessOptions, PoolResolver, ResolvedAccessOptions } from './access/access.options.js';
export type { NowOrLater } from './access/after.js';
export { CognitoAuthenticator } from './access/authenticator.service.js';
export type { ClaimRule, ClaimValue } from './access/claim-rule.js';
export { CognitoAuthGuard } from './access/cognito-auth.guard.js';
export { CognitoStrategy } from './access/cognito.strategy.js';
export { LocalUsers } from './access/local-users.js';
export {
  type CognitoMachinePrincipal,
  type CognitoPrincipal,
  type CognitoUserPrincipal,
  type RequestTokens,
  tokenOf,
} from './access/principal.js';
export { type ForgeryProof, RequestForgeryCheck } from './access/request-forgery-check.js';
export {
  CognitoTokens,
  CognitoUser,
  type CognitoUserDecorator,
  LocalUser,
  type RequestValueDecorator,
} from './access/request-values.js';

export { type CognitoErrorCode, type CognitoErrorKind, errorCatalogue } from './errors/catalogue.js';
export { CognitoExceptionFilter } from './errors/cognito-exception.filter.js';
export { CognitoError, type CognitoErrorContext, isCognitoError } from './errors/cognito.error.js';
export {
  type CognitoErrorBody,
  CognitoForbiddenException,
  type CognitoHttpException,
  CognitoRequestException,
  CognitoServiceUnavailableException,
  CognitoUnauthorizedException,
  toHttpException,
} from './errors/http-exception.js';

export type { AwsCredentials, CredentialsOptions } from './options/credentials.options.js';
export type { Environment } from './options/environment.js';
export type { JsonWebKey, JsonWebKeySet, JwksOptions, KeyStore, PoolOptions } from './options/pool.options.js';
export type { SecretsOptions } from './options/secrets.options.js';

export { BearerExtractor, type BearerExtractorOptions } from './request/bearer.extractor.js';
export { CookieExtractor, type CookieExtractorOptions } from './request/cookie.extractor.js';
export { FirstOfExtractor } from './request/first-of.extractor.js';
export { HeadersExtractor, type HeadersExtractorOptions } from './request/headers.extractor.js';
export type { CognitoRequest } from './request/request-of.js';
export type { CredentialSource, ExtractedToken, TokenExtractor } from './request/token-extractor.js';

export type {
  AccessTokenClaims,
  CognitoClaims,
  IdTokenClaims,
  MachineTokenClaims,
  VerifiedAccessToken,
  VerifiedIdToken,
  VerifiedMachineToken,
  VerifiedToken,
} from './tokens/claims.js';
export type { KeySetStatus } from './tokens/key-set.js';
export type { KeyValueStore } from './tokens/key-value-store.js';
export { LiveSessions } from './tokens/live-sessions.js';
export type { IssuerKeyStatus } from './tokens/pool-verifier.js';
export type { RevocationOptions } from './tokens/revocation.options.js';
export { type EndedUser, type RevocationAnswer, RevocationStore, type TokenOrigin } from './tokens/revocation-store.js';
export {
  CognitoTokenVerifier,
  type TokenPair,
  type TokenRequirement,
  type VerifiedPair,
} from './tokens/token-verifier.service.js';
export type { TokenCacheOptions, TokensOptions } from './tokens/tokens.options.js';

export type { AccountDetails } from './user-pool/account-details.js';
export {
  AttributeMapper,
  type AttributeMapping,
  type AttributeTarget,
  type AttributeType,
} from './user-pool/attribute-mapping.js';
export type { AdminUser } from './user-pool/admin-user.js';
export type { AttributeValue, AttributeValues, CognitoAttribute } from './user-pool/attributes.js';
export type { BoundToUser } from './user-pool/bound-to-user.js';
export { CognitoService } from './user-pool/cognito.service.js';
export type { CodeDelivery } from './user-pool/code-delivery.js';
export type { OwnCall } from './user-pool/own-call.js';
export type {
  AttributeVerificationCodeInput,
  ChangePasswordInput,
  DeleteAttributesInput,
  ProfileService,
  UpdateAttributesInput,
  UserProfile,
  VerifiableAttribute,
  VerifyAttributeInput,
} from './user-pool/profile.service.js';
export type { ConfirmForgotPasswordInput, ForgotPasswordInput } from './user-pool/recovery.service.js';
export type {
  ChallengeAnswer,
  ChallengeAnswers,
  CodeAnswer,
  FirstFactorAnswer,
  PasswordAnswer,
  PublicValueAnswer,
} from './user-pool/challenge-answers.js';
export type {
  AnyChallenge,
  ChallengeBase,
  ChallengeMembers,
  ChallengeName,
  CodeChallenge,
  CognitoChallenge,
  FirstFactorChoice,
  MfaMethod,
  PasskeyRequestOptions,
  ProofChallenge,
} from './user-pool/challenges.js';
export type { RememberedDevice } from './user-pool/device-secret.js';
export type {
  CognitoDevice,
  ConfirmedDevice,
  DevicePage,
  DevicesService,
  DeviceStatus,
  NamedDevice,
} from './user-pool/devices.service.js';
export type { UserTokens } from './user-pool/live-tokens.js';
export type { CognitoGroup } from './user-pool/group.js';
export type {
  GroupInput,
  GroupPage,
  GroupsService,
  IterationInput,
  MemberPage,
  MembershipInput,
  NamedGroup,
  PageInput,
} from './user-pool/groups.service.js';
export type {
  AssociateSoftwareTokenInput,
  AuthFactor,
  AuthFactors,
  MfaService,
  MfaSetting,
  MfaSettings,
  SoftwareTokenAssociation,
  SoftwareTokenAuthority,
  VerifySoftwareTokenInput,
  WithinSignIn,
} from './user-pool/mfa.service.js';
export type { OtpauthLabel } from './user-pool/otpauth-uri.js';
export type {
  Passkey,
  PasskeyCreationOptions,
  PasskeyPage,
  PasskeyRegistration,
  PasskeysService,
} from './user-pool/passkeys.service.js';
export type { SecretClaim } from './user-pool/secret-proof.js';
export type {
  AdminSignInInput,
  ChoiceByPasswordInput,
  ChoiceSignInInput,
  CustomSignInInput,
  PasswordSignInInput,
  SignInDetails,
  SignInDevice,
  SignInInput,
} from './user-pool/sign-in-input.js';
export type {
  AuthenticatedResult,
  ChallengeResult,
  NewDevice,
  RefreshedTokens,
  SignInRemarks,
  SignInResult,
  SignInTokens,
} from './user-pool/sign-in-result.js';
export type { SignedInUser, SignedInUserOptions } from './user-pool/signed-in-user.js';
export type { RefreshInput, RevokeTokenInput, SignOutInput } from './user-pool/tokens.service.js';
export type { AdminUserContext, UserContext } from './user-pool/user-context.js';
export type {
  ConfirmSignUpInput,
  ConfirmSignUpResult,
  ResendConfirmationCodeInput,
  SignUpInput,
  SignUpResult,
} from './user-pool/sign-up.service.js';
export type { CognitoSdkClient, RefreshFlow, UserPoolOptions } from './user-pool/user-pool.options.js';
export { type FilterableAttribute, type UserFilter, type UserFilterBuilder, where } from './user-pool/user-filter.js';
export type { UserSession } from './user-pool/user-session.js';
export type {
  CreateUserInput,
  IterateUsersInput,
  LinkProviderInput,
  ListUserSessionsInput,
  ListUsersInput,
  NamedUser,
  ProviderAccount,
  RevokeUserSessionInput,
  SetUserPasswordInput,
  TriggeringUserInput,
  UpdateUserInput,
  UserPage,
  UserSessionPage,
} from './user-pool/users-input.js';
export type { UsersService } from './user-pool/users.service.js';

export type { ComputedAttribute, PropertySource, PropertyTarget } from './user-sync/attribute-mapping.js';
export { type ClaimsUser, ClaimsUserStore } from './user-sync/claims-user-store.js';
export {
  type AttributeValues as UserAttributeValues,
  type CognitoUserKey,
  CognitoUserStore,
  type LocalStanding,
  type NewUser,
  type ShutOutBy,
  type StoredUser,
  type UserFacts,
} from './user-sync/cognito-user-store.js';
export type { UserQuestion } from './user-sync/user-admission.js';
export type { ToldAttributes } from './user-sync/user-attributes.js';
export type { DeactivatedUsers, DeactivateMissingOptions } from './user-sync/deactivate-missing.js';
export type { ImportOptions } from './user-sync/import-all.js';
export type { ImportProgress } from './user-sync/import-tally.js';
export type { UserReading } from './user-sync/user-cache.js';
export { USER_EVENTS, type UserEvent, type UserEventName } from './user-sync/user-events.js';
export type { UserMatchOptions } from './user-sync/user-match.js';
export type { UserSyncHooks, UserWrite } from './user-sync/user-sync-hooks.js';
export type {
  AttributesFrom,
  AttributeSource,
  LinkByEmailOptions,
  SoftDeletedPolicy,
  UpdateExisting,
  UserDataSource,
  UserEntity,
  UserGroupsOptions,
  UserSyncOptions,
  UserSyncServiceClass,
} from './user-sync/user-sync.options.js';
export { UserSyncService } from './user-sync/user-sync.service.js';
