import { isLoopback } from '../options/trusted-address.js';
import { type CookieAttributes, cookiesOf } from '../request/cookies.js';
import type { HttpRequest } from '../request/http-request.js';
import type { ResolvedSessionOptions } from './session.options.js';

/** Browsers take a cookie with it over https alone. */
const PREFIX = '__Host-';

/** How the cookies of this application are called and written, by the request that they answer. */
export class SessionCookies {
  readonly #options: ResolvedSessionOptions['cookies'];

  constructor({ cookies }: Pick<ResolvedSessionOptions, 'cookies'>) {
    this.#options = cookies;
  }

  /** The name of a cookie: with `__Host-` no sibling domain can set one like it (RFC 6265bis section 4.1.3.2). */
  nameFor(request: HttpRequest, suffix = ''): string {
    const name = `${this.#options.name}${suffix}`;
    return this.isSecure(request) ? `${PREFIX}${name}` : name;
  }

  /** @param maxAge seconds; undefined until the browser is closed */
  attributesFor(request: HttpRequest, maxAge?: number): CookieAttributes {
    return { httpOnly: true, secure: this.isSecure(request), sameSite: this.#options.sameSite, maxAge };
  }

  /** Whether they travel over https alone. Without a word about it only this machine, over http, does without. */
  isSecure(request: HttpRequest): boolean {
    return this.#options.secure ?? !(isForThisMachine(request) && this.#isPlain(request));
  }

  /** Whether a request came over http. A connection does not know; the cookies that it was opened with do. */
  #isPlain(request: HttpRequest): boolean {
    if (request.protocol !== undefined) return request.protocol !== 'https';
    return ![...cookiesOf(request).keys()].some((name) => name.startsWith(`${PREFIX}${this.#options.name}.`));
  }
}

function isForThisMachine({ protocol = 'http', headers }: HttpRequest): boolean {
  const address = `${protocol}://${String(headers['host'])}`;
  return URL.canParse(address) && isLoopback(new URL(address));
}
