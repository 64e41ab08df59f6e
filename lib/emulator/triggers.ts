/** What every trigger is told; the names are those of the events that Cognito sends to Lambda. */
export interface TriggerEvent {
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly callerContext: { readonly clientId: string };
  readonly request: TriggerRequest;
}

/** The part of an event that differs from trigger to trigger. */
export interface TriggerRequest {
  readonly userAttributes: Readonly<Record<string, string>>;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  readonly validationData?: Readonly<Record<string, string>> | undefined;
  /** True for a name that does not exist, where the client does not say so (CUSTOM_AUTH). */
  readonly userNotFound?: boolean | undefined;
  /** The rounds of a custom sign-in so far. */
  readonly session?: readonly CustomAuthRound[] | undefined;
  readonly challengeName?: string | undefined;
  readonly privateChallengeParameters?: Readonly<Record<string, string>> | undefined;
  readonly challengeAnswer?: string | undefined;
  /** The groups and roles of the user; PreTokenGeneration only, and so are `scopes`. */
  readonly groupConfiguration?:
    | {
        readonly groupsToOverride: readonly string[];
        readonly iamRolesToOverride: readonly string[];
        readonly preferredRole: string | undefined;
      }
    | undefined;
  readonly codeParameter?: string | undefined;
  readonly usernameParameter?: string | undefined;
  /** The password that was typed; UserMigration only. */
  readonly password?: string | undefined;
  readonly newDeviceUsed?: boolean | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** One round of a custom sign-in. */
export interface CustomAuthRound {
  readonly challengeName: string;
  readonly challengeResult: boolean;
  readonly challengeMetadata?: string | undefined;
}

/** What DefineAuthChallenge decides. */
export interface DefineAuthChallengeResponse {
  challengeName?: string | undefined;
  issueTokens?: boolean | undefined;
  failAuthentication?: boolean | undefined;
}

/** What CreateAuthChallenge makes up. */
export interface CreateAuthChallengeResponse {
  publicChallengeParameters?: Record<string, string> | undefined;
  privateChallengeParameters?: Record<string, string> | undefined;
  challengeMetadata?: string | undefined;
}

/** What PreSignUp decides. */
export interface PreSignUpResponse {
  autoConfirmUser?: boolean | undefined;
  autoVerifyEmail?: boolean | undefined;
  autoVerifyPhone?: boolean | undefined;
}

/**
 * What UserMigration knows of somebody who is not in the pool yet; nothing for somebody it does not know either.
 *
 * `userAttributes` become those of the account. A pool where people choose a user name takes it from the attribute
 * `username`, or else from what was typed.
 */
export interface UserMigrationResponse {
  userAttributes?: Record<string, string> | undefined;
  finalUserStatus?: 'CONFIRMED' | 'RESET_REQUIRED' | undefined;
}

/** What PreTokenGeneration changes in the tokens; `accessTokenGeneration` is that of a V2 trigger. */
export interface PreTokenGenerationResponse {
  claimsOverrideDetails?: TokenClaimsChange & { groupOverrideDetails?: GroupOverride };
  claimsAndScopeOverrideDetails?: {
    idTokenGeneration?: TokenClaimsChange;
    accessTokenGeneration?: TokenClaimsChange & { scopesToAdd?: string[]; scopesToSuppress?: string[] };
    groupOverrideDetails?: GroupOverride;
  };
}

/** Groups and roles in place of those that the user has. */
export interface GroupOverride {
  groupsToOverride?: string[];
  iamRolesToOverride?: string[];
  preferredRole?: string;
}

/** Claims that are written over or left out. */
export interface TokenClaimsChange {
  claimsToAddOrOverride?: Record<string, unknown>;
  claimsToSuppress?: string[];
}

/** What CustomMessage writes; the emulator's inbox keeps the code whatever the message says. */
export interface CustomMessageResponse {
  emailSubject?: string | undefined;
  emailMessage?: string | undefined;
  smsMessage?: string | undefined;
}

/** A trigger: gets the event, returns its response. What it throws is answered as the service answers a failing Lambda. */
export type Trigger<Response> = (event: TriggerEvent) => Response | Promise<Response>;

/** Lambda triggers as plain functions of this process, by the names of the service. */
export interface EmulatorTriggers {
  preSignUp?: Trigger<PreSignUpResponse | void> | undefined;
  postConfirmation?: Trigger<void> | undefined;
  preAuthentication?: Trigger<void> | undefined;
  postAuthentication?: Trigger<void> | undefined;
  defineAuthChallenge?: Trigger<DefineAuthChallengeResponse> | undefined;
  createAuthChallenge?: Trigger<CreateAuthChallengeResponse> | undefined;
  verifyAuthChallengeResponse?: Trigger<{ answerCorrect: boolean }> | undefined;
  preTokenGeneration?: Trigger<PreTokenGenerationResponse | void> | undefined;
  userMigration?: Trigger<UserMigrationResponse | void> | undefined;
  customMessage?: Trigger<CustomMessageResponse | void> | undefined;
}
