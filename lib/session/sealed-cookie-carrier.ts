import { CognitoError } from '../errors/cognito.error.js';
import { clearCookie, cookiesOf, setCookie } from '../request/cookies.js';
import type { HttpRequest } from '../request/http-request.js';
import { responseOf } from '../request/response-of.js';
import type { CarriedSession, SessionCarrier } from './session-carrier.js';
import type { SessionCookies } from './session-cookies.js';
import type { SessionSeal } from './session-seal.js';
import { remainingLife, type SessionLife, type StoredSession, storedSessionSchema } from './stored-session.js';

/** A browser keeps 4096 bytes of a cookie, name and attributes among them. */
const CHUNK_SIZE = 3800;
/** Node and most proxies take 8 to 16 KB of headers in all: a browser with more is shut out of the whole site. */
const MOST_CHUNKS = 3;

/** Sessions in the browser: sealed, in as many cookies as it takes. The first says how many there are. */
export class SealedCookieCarrier implements SessionCarrier {
  constructor(
    private readonly seal: SessionSeal,
    private readonly cookies: SessionCookies,
    private readonly life: SessionLife & { readonly persistent: boolean },
  ) {}

  async read(request: HttpRequest): Promise<CarriedSession> {
    const carried = this.#join(request);
    if (carried === undefined) return this.#namesOn(request).length === 0 ? 'none' : 'broken';
    return (await this.seal.open(carried, storedSessionSchema)) ?? 'broken';
  }

  readAgain(): Promise<CarriedSession> {
    return Promise.resolve('none');
  }

  canWrite(request: HttpRequest): boolean {
    return responseOf(request) !== undefined;
  }

  begin(request: HttpRequest, session: StoredSession): Promise<void> {
    return this.write(request, session);
  }

  async write(request: HttpRequest, session: StoredSession): Promise<void> {
    const remaining = remainingLife(session, this.life);
    const chunks = chunksOf(await this.seal.seal(session, remaining));
    const attributes = this.cookies.attributesFor(request, this.life.persistent ? remaining : undefined);
    const written = chunks.map((chunk, index) => {
      const name = this.cookies.nameFor(request, `.${index}`);
      if (!setCookie(request, name, chunk, attributes)) throw noAnswer();
      return name;
    });
    this.#clear(request, written);
  }

  drop(request: HttpRequest): Promise<void> {
    this.#clear(request, []);
    return Promise.resolve();
  }

  /** A chunk that is missing or was sent twice leaves nothing that opens; neither does one too many. */
  #join(request: HttpRequest): string | undefined {
    const cookies = cookiesOf(request);
    const chunkAt = (index: number): string | undefined => {
      const values = cookies.get(this.cookies.nameFor(request, `.${index}`)) ?? [];
      return values.length === 1 ? values[0] : undefined;
    };
    const [, count, first] = /^([1-9])\.(.+)$/.exec(chunkAt(0) ?? '') ?? [];
    if (first === undefined || Number(count) > MOST_CHUNKS) return undefined;
    const rest = Array.from({ length: Number(count) - 1 }, (_, index) => chunkAt(index + 1));
    return rest.includes(undefined) ? undefined : [first, ...rest].join('');
  }

  #clear(request: HttpRequest, kept: readonly string[]): void {
    for (const name of this.#namesOn(request)) {
      if (!kept.includes(name)) clearCookie(request, name, this.cookies.attributesFor(request));
    }
  }

  /** The chunks that the browser has, those of a longer session before among them. */
  #namesOn(request: HttpRequest): string[] {
    const start = this.cookies.nameFor(request, '.');
    return [...cookiesOf(request).keys()].filter(
      (name) => name.startsWith(start) && /^\d$/.test(name.slice(start.length)),
    );
  }
}

function chunksOf(sealed: string): string[] {
  const count = Math.ceil(sealed.length / CHUNK_SIZE);
  if (count > MOST_CHUNKS) {
    const detail = `The tokens of this user fill ${count} cookies, and ${MOST_CHUNKS} is the most. Use carrier: 'server'.`;
    throw new CognitoError('COGNITO_SESSION_TOO_LARGE', { detail });
  }
  const pieces = Array.from({ length: count }, (_, index) =>
    sealed.slice(index * CHUNK_SIZE, (index + 1) * CHUNK_SIZE),
  );
  return pieces.map((piece, index) => (index === 0 ? `${count}.${piece}` : piece));
}

function noAnswer(): CognitoError {
  const detail =
    'The session cannot be written: this request has no answer, or its headers are sent. Pass the request of Express or Fastify.';
  return new CognitoError('COGNITO_SESSION_MISCONFIGURED', { detail });
}
