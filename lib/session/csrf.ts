import { randomBytes } from 'node:crypto';
import type { ForgeryProof } from '../access/request-forgery-check.js';
import { CognitoError } from '../errors/cognito.error.js';
import { clearCookie, cookieOf, cookiesOf, setCookie } from '../request/cookies.js';
import type { HttpRequest } from '../request/http-request.js';
import { sentHeader } from '../request/sent-header.js';
import type { Signer } from '../sealing/signer.js';

/** The header that scripts send the token in. */
export const CSRF_HEADER = 'x-csrf-token';

/** The field that forms send the token in. */
export const CSRF_FIELD = '_csrf';

/** What the tokens need to know of browsers and their sessions. */
export interface CsrfSurroundings {
  /** The id of the session that goes on with the answer to a request; undefined for none. */
  sessionIdOf(request: HttpRequest): Promise<string | undefined>;
  /** The id of the session that a request was sent with, though it may be over; a sign-out must not fail for want of Cognito. */
  sentSessionIdOf(request: HttpRequest): Promise<string | undefined>;
  /** Whether the cookie of a browser without a session travels over https alone. */
  isSecure(request: HttpRequest): boolean;
}

const BROWSER_ID = /^[\w-]{43}$/;

/** Ids that browsers have been given with the answer that is under way. */
const givenOut = new WeakMap<object, string>();

/** Requests with which somebody has signed in or out: the id that they came with is nobody's any more. */
const outdated = new WeakSet<object>();

/**
 * Tokens that only the application's own pages can know (signed double submit): a signature over the id of the session, or, before
 * there is one, over a random id in a cookie of its own. Nothing is kept on the server.
 */
export class CsrfTokens implements ForgeryProof {
  constructor(
    private readonly signer: Signer,
    private readonly surroundings: CsrfSurroundings,
  ) {}

  /** A token for the browser that sent a request; one without a session gets a cookie with the answer. */
  async tokenFor(request: HttpRequest): Promise<string> {
    const sessionId = await this.surroundings.sessionIdOf(request);
    if (sessionId !== undefined) return this.signer.sign(ofSession(sessionId));
    return this.signer.sign(ofBrowser(this.#browserIdOf(request) ?? this.#giveBrowserId(request)));
  }

  /**
   * Refuses a request that does not carry a token of its own browser.
   *
   * @throws {@link CognitoError} `COGNITO_CSRF_REFUSED` (403)
   */
  async assertProven(request: HttpRequest): Promise<void> {
    const token = sentToken(request);
    if (token === undefined)
      throw refused(`It carries no token, neither as ${CSRF_HEADER} nor in the field ${CSRF_FIELD}.`);
    const binding = await this.#bindingOf(request);
    if (binding === undefined) throw refused('It comes from a browser that was given no token.');
    if (!this.signer.verify(token, binding)) throw refused('Its token was given to another session.');
  }

  /** Takes its id away from a browser: what it was given before a sign-in or sign-out proves nothing after it. */
  forget(request: HttpRequest): void {
    const secure = this.surroundings.isSecure(request);
    const name = cookieName(secure);
    if (cookiesOf(request).has(name) || givenOut.has(request)) {
      clearCookie(request, name, { httpOnly: true, secure, sameSite: 'Lax' });
    }
    outdated.add(request);
    givenOut.delete(request);
  }

  async #bindingOf(request: HttpRequest): Promise<string | undefined> {
    const sessionId = await this.surroundings.sentSessionIdOf(request);
    if (sessionId !== undefined) return ofSession(sessionId);
    const browserId = this.#browserIdOf(request);
    return browserId === undefined ? undefined : ofBrowser(browserId);
  }

  #browserIdOf(request: HttpRequest): string | undefined {
    const name = cookieName(this.surroundings.isSecure(request));
    const sent = outdated.has(request) ? undefined : cookieOf(request, name);
    return sent !== undefined && BROWSER_ID.test(sent) ? sent : givenOut.get(request);
  }

  #giveBrowserId(request: HttpRequest): string {
    const id = randomBytes(32).toString('base64url');
    const secure = this.surroundings.isSecure(request);
    setCookie(request, cookieName(secure), id, { httpOnly: true, secure, sameSite: 'Lax' });
    givenOut.set(request, id);
    return id;
  }
}

/** A sibling domain cannot set what begins with `__Host-`; browsers take that prefix over https alone. */
function cookieName(secure: boolean): string {
  return secure ? '__Host-csrf' : 'csrf';
}

// In words that cannot be taken for one another: what one browser calls its id is no session's.
function ofSession(id: string): string {
  return `session ${id}`;
}

function ofBrowser(id: string): string {
  return `browser ${id}`;
}

/** What a form can send and a page of another site cannot add a header to, or a script's header. */
function sentToken(request: HttpRequest): string | undefined {
  const header = sentHeader(request, CSRF_HEADER);
  if (header === 'ambiguous') return undefined;
  return header === 'absent' ? fieldOf(request) : header.value;
}

function fieldOf({ headers, body }: HttpRequest): string | undefined {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(String(headers['content-type']))) return undefined;
  const value =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([name]) => name === CSRF_FIELD) : undefined;
  return typeof value?.[1] === 'string' ? value[1] : undefined;
}

function refused(reason: string): CognitoError {
  return new CognitoError('COGNITO_CSRF_REFUSED', { detail: `The request may come from another page. ${reason}` });
}
