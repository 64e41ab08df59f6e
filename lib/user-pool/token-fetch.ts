import { CognitoError } from '../errors/cognito.error.js';
import type { AllowedOrigins } from './allowed-origins.js';

/** Where a token comes from that requests carry. */
export interface TokenSource {
  /** A token with some life left. */
  accessToken(): Promise<string>;
  /** Gets a new token for one that was refused, unless there is a newer one already. */
  replace(refused: string): Promise<void>;
}

/** How the token is carried, and to whom. */
export interface TokenCarriage {
  readonly origins: AllowedOrigins;
  /** The name of the header. */
  readonly header: string;
  /** What stands before the token, with a blank between; `''` for nothing. */
  readonly prefix: string;
}

/** One request on the way to the last answer. */
interface Hop {
  readonly url: URL;
  readonly init: RequestInit;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What describes a body, and goes with it. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
/** What belongs to the origin that it was written for. */
const ORIGIN_HEADERS = ['cookie', 'host', 'proxy-authorization'];

/**
 * Fetches with the token, following redirects by hand: each hop is held against the allowed origins before anything is sent
 * there. Node drops `Authorization` on the way to another origin, but no other header that carries a token.
 */
export async function fetchWithToken(
  source: TokenSource,
  carriage: TokenCarriage,
  url: string | URL,
  init: RequestInit = {},
): Promise<Response> {
  refuseOwnToken(new Headers(init.headers), carriage.header);
  let hop: Hop = { url: absolute(url), init };
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    carriage.origins.require(hop.url);
    const response = await sendWithToken(source, carriage, hop);
    const next = nextHop(hop, response);
    if (next === undefined) return response;
    await response.body?.cancel();
    hop = next;
  }
  throw new CognitoError('COGNITO_UNAVAILABLE', { detail: `There are more than ${MOST_REDIRECTS} redirects.` });
}

/** Sends one request; once more with a new token, if the old one is refused and the body can be sent again. */
async function sendWithToken(source: TokenSource, carriage: TokenCarriage, hop: Hop): Promise<Response> {
  const token = await source.accessToken();
  const response = await send(hop, carriage, token);
  if (!refusesToken(response) || !canBeSentAgain(hop.init.body)) return response;
  await response.body?.cancel();
  await source.replace(token);
  return send(hop, carriage, await source.accessToken());
}

function send({ url, init }: Hop, { header, prefix }: TokenCarriage, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(header, prefix === '' ? token : `${prefix} ${token}`);
  return fetch(url, { ...init, headers, redirect: init.redirect === 'error' ? 'error' : 'manual' });
}

/** RFC 6750 section 3.1: the token itself is what the server does not like. */
function refusesToken({ status, headers }: Response): boolean {
  return status === 401 && /\berror="?invalid_token\b/.test(headers.get('www-authenticate') ?? '');
}

/** The request that a redirect asks for; undefined when the answer is the last. Fetch standard, HTTP-redirect fetch. */
function nextHop({ url, init }: Hop, { status, headers }: Response): Hop | undefined {
  const location = headers.get('location');
  if (!REDIRECTS.has(status) || location === null || init.redirect === 'manual') return undefined;
  const next = redirectTarget(location, url);
  const kept = becomesGet(status, init.method) ? asGet(init) : init;
  if (!canBeSentAgain(kept.body)) {
    const detail = 'A redirect asks for the body once more, and a stream cannot be sent twice.';
    throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
  }
  return { url: next, init: next.origin === url.origin ? kept : without(kept, ORIGIN_HEADERS) };
}

function redirectTarget(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new CognitoError('COGNITO_UNAVAILABLE', { detail: 'The server redirects to what is no address.' });
}

function becomesGet(status: number, method = 'GET'): boolean {
  const asked = method.toUpperCase();
  if (status === 303) return asked !== 'GET' && asked !== 'HEAD';
  return (status === 301 || status === 302) && asked === 'POST';
}

function asGet(init: RequestInit): RequestInit {
  return without({ ...init, method: 'GET', body: null }, BODY_HEADERS);
}

function without(init: RequestInit, names: readonly string[]): RequestInit {
  const headers = new Headers(init.headers);
  for (const name of names) headers.delete(name);
  return { ...init, headers };
}

/** A stream is used up with the first request that it goes with. */
function canBeSentAgain(body: RequestInit['body']): boolean {
  if (typeof body !== 'object' || body === null) return true;
  return (
    [URLSearchParams, FormData, Blob, ArrayBuffer].some((kind) => body instanceof kind) || ArrayBuffer.isView(body)
  );
}

function absolute(url: string | URL): URL {
  if (URL.canParse(String(url))) return new URL(url);
  throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail: 'fetch needs an absolute address.' });
}

// Two would be sent, or the wrong one.
function refuseOwnToken(headers: Headers, tokenHeader: string): void {
  for (const name of ['authorization', tokenHeader]) {
    if (!headers.has(name)) continue;
    throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail: `The header ${name} is written here, not given.` });
  }
}
