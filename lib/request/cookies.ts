import type { CognitoRequest } from './cognito-request.js';
import { type HttpAnswer, responseOf } from './response-of.js';
import { isToken } from './token-characters.js';

/** How a browser keeps a cookie (RFC 6265 section 5.2). */
export interface CookieAttributes {
  /** Whether scripts cannot read it. */
  readonly httpOnly: boolean;
  /** Whether it travels over https alone. */
  readonly secure: boolean;
  readonly sameSite: 'Lax' | 'Strict';
  /** Below which path it is sent. Default `/`. */
  readonly path?: string | undefined;
  /** Seconds until the browser drops it. Default: until the browser is closed; 0 drops it now. */
  readonly maxAge?: number | undefined;
}

/**
 * Every cookie of a request, all values of a name in the order in which they were sent: a sibling domain can plant a second one.
 * Values are as they are, nothing is decoded.
 */
export function cookiesOf({ headers }: Pick<CognitoRequest, 'headers'>): ReadonlyMap<string, readonly string[]> {
  const sent = headers['cookie'];
  const cookies = new Map<string, string[]>();
  for (const pair of (Array.isArray(sent) ? sent.join(';') : (sent ?? '')).split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    cookies.set(name, [...(cookies.get(name) ?? []), pair.slice(equals + 1).trim()]);
  }
  return cookies;
}

/** The one value of a cookie; undefined when it was not sent, or more than once. */
export function cookieOf(request: Pick<CognitoRequest, 'headers'>, name: string): string | undefined {
  const values = cookiesOf(request).get(name) ?? [];
  return values.length === 1 ? values[0] : undefined;
}

/**
 * Writes a `Set-Cookie` header.
 *
 * @throws TypeError for a name or a value that would need quoting: what this package keeps in cookies never does
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes): string {
  if (!isToken(name) || !/^[\w!#$%&'()*+./:<=>?@[\]^`{|}~-]*$/.test(value)) {
    throw new TypeError(
      'The name and the value of a cookie hold no blanks, quotes, commas, semicolons or backslashes.',
    );
  }
  const { httpOnly, secure, sameSite, path = '/', maxAge } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${Math.floor(maxAge)}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite}`,
  ].join('; ');
}

/**
 * Sets a cookie with the answer to a request, in the place of one of the same name that was set before. The answer is marked
 * as one that nobody may keep (`Cache-Control: no-store`).
 *
 * @returns false when there is no answer that still takes headers
 */
export function setCookie(request: object, name: string, value: string, attributes: CookieAttributes): boolean {
  const answer = responseOf(request);
  if (answer === undefined) return false;
  const others = setCookiesOf(answer).filter((line) => !line.startsWith(`${name}=`));
  // Fastify adds to what is there, Express replaces it.
  answer.removeHeader('set-cookie');
  answer.header('set-cookie', [...others, serializeCookie(name, value, attributes)]);
  answer.header('cache-control', 'no-store');
  return true;
}

/** Drops a cookie with the answer to a request. */
export function clearCookie(request: object, name: string, attributes: CookieAttributes): boolean {
  return setCookie(request, name, '', { ...attributes, maxAge: 0 });
}

function setCookiesOf(answer: HttpAnswer): string[] {
  const set = answer.getHeader('set-cookie');
  if (Array.isArray(set)) return set.map(String);
  return typeof set === 'string' ? [set] : [];
}
