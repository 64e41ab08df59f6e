import { CognitoError } from '../errors/cognito.error.js';
import type { HttpRequest } from '../request/http-request.js';
import { responseOf } from '../request/response-of.js';
import type { CarriedSession, SessionCarrier } from './session-carrier.js';
import type { SessionSeal } from './session-seal.js';
import { remainingLife, type SessionLife, type StoredSession, storedSessionSchema } from './stored-session.js';

/** Under which name the sealed session lies in the server session. */
const KEY = 'cognito';

type Done = (error?: unknown) => void;

/** What express-session and @fastify/session have in common. */
interface ServerSession {
  [KEY]?: unknown;
  regenerate(done: Done): unknown;
  save(done: Done): unknown;
  reload(done: Done): unknown;
}

type RequestWithSession = HttpRequest & { readonly session?: ServerSession | null | undefined };

/**
 * Sessions in the server session of the application, whatever store is behind it. They are sealed there too: neither the store
 * nor a log of `req.session` shows a token.
 */
export class ServerSessionCarrier implements SessionCarrier {
  constructor(
    private readonly seal: SessionSeal,
    private readonly life: SessionLife,
  ) {}

  async read(request: HttpRequest): Promise<CarriedSession> {
    const { session } = request as RequestWithSession;
    // A destroyed session is null; a connection, and a route outside the middleware's path, have none.
    const sealed = session?.[KEY];
    if (sealed === undefined) return 'none';
    return (typeof sealed === 'string' ? await this.seal.open(sealed, storedSessionSchema) : undefined) ?? 'broken';
  }

  async readAgain(request: HttpRequest): Promise<CarriedSession> {
    const session = sessionOf(request);
    // To express-session a session that is gone is an error like any other.
    const isThere = await run((done) => session.reload(done)).then(
      () => true,
      () => false,
    );
    return isThere ? this.read(request) : 'none';
  }

  canWrite(request: HttpRequest): boolean {
    const { session } = request as RequestWithSession;
    return isServerSession(session) && responseOf(request) !== undefined;
  }

  async begin(request: HttpRequest, session: StoredSession): Promise<void> {
    const before = sessionOf(request);
    const sealed = await this.#sealed(session);
    await run((done) => before.regenerate(done));
    await this.#save(request, sealed);
  }

  async write(request: HttpRequest, session: StoredSession): Promise<void> {
    await this.#save(request, await this.#sealed(session));
  }

  /** An empty one takes its place: saved without the tokens it would come back though somebody else has destroyed it. */
  async drop(request: HttpRequest): Promise<void> {
    const { session } = request as RequestWithSession;
    if (session?.[KEY] !== undefined) await run((done) => session.regenerate(done));
  }

  #sealed(session: StoredSession): Promise<string> {
    return this.seal.seal(session, remainingLife(session, this.life));
  }

  async #save(request: HttpRequest, sealed: string): Promise<void> {
    const session = sessionOf(request);
    session[KEY] = sealed;
    await run((done) => session.save(done));
  }
}

/** The server session as it is now: `regenerate` and `reload` put another one on the request. */
function sessionOf(request: HttpRequest): ServerSession {
  const { session } = request as RequestWithSession;
  if (isServerSession(session)) return session;
  const detail =
    "There is no `request.session`: with carrier: 'server' the application sets up express-session, or @fastify/cookie and " +
    '@fastify/session, before its routes, with a store that is within reach.';
  throw new CognitoError('COGNITO_SESSION_MISCONFIGURED', { detail });
}

function isServerSession(session: ServerSession | null | undefined): session is ServerSession {
  return typeof session?.save === 'function' && typeof session.regenerate === 'function';
}

/** @throws `COGNITO_SESSION_UNAVAILABLE` for whatever the store says: its words may repeat what it keeps */
async function run(call: (done: Done) => unknown): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      call((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  } catch (thrown) {
    const detail = `The store of the server sessions failed (${thrown instanceof Error ? thrown.name : 'no error'}).`;
    throw new CognitoError('COGNITO_SESSION_UNAVAILABLE', { detail, retryAfter: 1 });
  }
}
