/** A call of a signed-in user. */
export interface OwnCall {
  /** With the scope `aws.cognito.signin.user.admin`, which every sign-in through the API gives. */
  readonly accessToken: string;
}
