/** The little of a request that is read, whichever transport brought it. */
export interface CognitoRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  user?: unknown;
}
