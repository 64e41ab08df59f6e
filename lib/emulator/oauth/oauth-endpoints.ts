import type { Pool } from '../state/pool.js';
import { afterHook, type EmulatorAnswer } from '../hooks.js';
import { jsonAnswer, type HttpAnswer } from '../wire/http.js';
import { WireError } from '../wire/wire-error.js';
import { authorize } from './authorize.js';
import type { EndpointRequest } from './endpoint-request.js';
import { errorPage } from './error-page.js';
import { login, loginPage } from './login.js';
import { logout } from './logout.js';
import { OAuthError, PageRefusal } from './oauth-error.js';
import { redirect, withParameters } from './redirects.js';
import { revoke } from './revoke.js';
import { token } from './token.js';
import { userInfo } from './user-info.js';

type Endpoint = (pool: Pool, request: EndpointRequest) => HttpAnswer | Promise<HttpAnswer>;

const JSON_TYPE = 'application/json;charset=UTF-8';
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** What people's browsers visit: refusals are pages, or redirects to the client. */
const PAGES: Readonly<Record<string, Endpoint>> = {
  'GET /oauth2/authorize': authorize,
  'GET /login': loginPage,
  'POST /login': login,
  'GET /logout': logout,
  'GET /error': (_, { query }) => errorPage(query.one('error') ?? 'unknown'),
};

/** What clients call, from pages of allowed origins too. */
const CALLS: Readonly<Record<string, Endpoint>> = {
  'POST /oauth2/token': async (pool, request) => answered(pool, 'oauth2/token', async () => token(pool, request)),
  'POST /oauth2/revoke': async (pool, request) =>
    answered(pool, 'oauth2/revoke', async () => {
      await revoke(pool, request);
      return {};
    }),
  'GET /oauth2/userInfo': userInfo,
  'POST /oauth2/userInfo': userInfo,
};

/** The domain of the pool: pages for people, endpoints for their clients. */
export class OAuthEndpoints {
  /** @param changed is told that the state of the pool may have changed */
  constructor(
    private readonly pool: Pool,
    private readonly changed: () => void = () => undefined,
  ) {}

  /** Whether pages of other origins have no business with what is at a path. */
  isPage(path: string): boolean {
    return Object.keys(PAGES).some((endpoint) => endpoint.endsWith(` ${path}`));
  }

  /** @returns `undefined` when nothing is there */
  async answer(request: EndpointRequest): Promise<HttpAnswer | undefined> {
    const name = `${request.method} ${request.path}`;
    const [endpoint, refuse] = Object.hasOwn(PAGES, name) ? [PAGES[name], pageOf] : [callOf(name), bodyOf];
    if (!endpoint) return undefined;
    try {
      return await endpoint(this.pool, request);
    } catch (error) {
      if (!isRefusal(error)) this.pool.hooks.fault?.(error, name);
      return refuse(error, request);
    } finally {
      this.changed();
    }
  }
}

function callOf(name: string): Endpoint | undefined {
  return Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
}

/** Answers in JSON, after the hook that a test may have set. */
async function answered(pool: Pool, operation: string, body: () => Promise<object>): Promise<HttpAnswer> {
  const made = await body().then(
    (text): EmulatorAnswer => ({ status: 200, body: text }),
    (error: unknown): EmulatorAnswer => {
      if (error instanceof OAuthError) return { status: error.status, body: refusalBody(error) };
      throw error;
    },
  );
  const answer = await afterHook(pool.hooks, operation, made);
  const isEmpty = Object.keys(answer.body).length === 0;
  const sent = isEmpty
    ? { status: answer.status, headers: {}, body: '' }
    : jsonAnswer(answer.status, answer.body, JSON_TYPE);
  return { ...sent, headers: { ...sent.headers, ...NO_STORE } };
}

function bodyOf(error: unknown): HttpAnswer {
  const status = error instanceof WireError || error instanceof OAuthError ? error.status : 500;
  const refusal =
    error instanceof OAuthError ? error : new OAuthError(status === 500 ? 'server_error' : 'invalid_request');
  const answer = jsonAnswer(status, refusalBody(refusal), JSON_TYPE);
  return { ...answer, headers: { ...answer.headers, ...NO_STORE } };
}

function refusalBody({ code, description }: OAuthError): object {
  return { error: code, ...(description !== undefined && { error_description: description }) };
}

// The address of the error page tells what has happened, as it does at Cognito.
function pageOf(error: unknown, { query }: EndpointRequest): HttpAnswer {
  if (!(error instanceof PageRefusal)) return errorPage(error instanceof OAuthError ? error.message : 'server_error');
  if (error.reason !== 'redirect_mismatch') return errorPage(error.reason);
  return redirect(withParameters('/error', { error: error.reason, client_id: query.one('client_id') }));
}

function isRefusal(error: unknown): boolean {
  return error instanceof OAuthError || error instanceof PageRefusal || error instanceof WireError;
}
