/** The little of a request that is read, whichever transport brought it. */
export interface CognitoRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Headers as they came over the wire, names and values in turn: on Node's request, which Fastify holds as `raw`. */
  readonly rawHeaders?: readonly string[] | undefined;
  readonly raw?: { readonly rawHeaders?: readonly string[] | undefined } | undefined;
  user?: unknown;
  /** The value of the header that the option `apiKeyHeader` names, as the caller wrote it; nobody has looked at it. */
  unverifiedApiKey?: string;
}
