/**
 * Where a user comes from, for Cognito's threat protection. Nothing of it is guessed: without it Cognito sees the
 * application's server.
 */
export interface UserContext {
  /**
   * The user's address: the framework's `request.ip`, which follows the application's own `trust proxy`; never a header, which
   * anybody may write.
   */
  readonly ipAddress?: string | undefined;
  /** What AWS's data collection library gathered in the browser. */
  readonly encodedData?: string | undefined;
}

/** Where a user comes from, as an admin sign-in has to tell it. */
export interface AdminUserContext extends UserContext {
  readonly ipAddress: string;
  /** The application's host, such as `app.example.com`. */
  readonly serverName: string;
  /** The path that the user signs in at, such as `/sign-in`. */
  readonly serverPath: string;
  /** The request's headers. Only those that describe the browser are passed on; cookies and tokens never are. */
  readonly httpHeaders: Readonly<Record<string, string | readonly string[] | undefined>>;
}
