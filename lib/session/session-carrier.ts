import type { HttpRequest } from '../request/http-request.js';
import type { StoredSession } from './stored-session.js';

/** What a browser came with: a session; none; or something that is none of ours (any more), which has to be taken away. */
export type CarriedSession = StoredSession | 'none' | 'broken';

/** Carries sessions from one request to the next. */
export interface SessionCarrier {
  /** @throws `COGNITO_SESSION_UNAVAILABLE`, `COGNITO_SESSION_MISCONFIGURED` */
  read(request: HttpRequest): Promise<CarriedSession>;
  /** What was kept meanwhile, where it is kept on the server; `none` where only the browser could say. */
  readAgain(request: HttpRequest): Promise<CarriedSession>;
  /** Whether {@link write} can reach the browser with this request. */
  canWrite(request: HttpRequest): boolean;
  /** Keeps a new session, in the place of whatever was there before. */
  begin(request: HttpRequest, session: StoredSession): Promise<void>;
  /** Keeps what has become of a session. */
  write(request: HttpRequest, session: StoredSession): Promise<void>;
  /** Takes away what {@link read} has called a session or broken. */
  drop(request: HttpRequest): Promise<void>;
}
