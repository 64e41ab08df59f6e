import type { Pool } from '../state/pool.js';
import { identitiesAttribute } from '../tokens/identities.js';
import { toldAttributes } from '../tokens/token-mint.js';
import { jsonAnswer, type HttpAnswer } from '../wire/http.js';
import { WireError } from '../wire/wire-error.js';
import type { EndpointRequest } from './endpoint-request.js';

const HEADERS = { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate' };
const CONTENT_TYPE = 'application/json;charset=UTF-8';

/** GET and POST /oauth2/userInfo: what the scopes of an access token open; every value is a text. */
export async function userInfo(pool: Pool, { headers: { authorization } }: EndpointRequest): Promise<HttpAnswer> {
  const [, accessToken] = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? [];
  if (accessToken === undefined) {
    return refusal(400, 'invalid_request', 'Bad OAuth2 request at UserInfo Endpoint');
  }
  try {
    const { user, grant, scopes } = await pool.accessTokens.bearerOf(accessToken, 'openid');
    const client = pool.client(grant.clientId) ?? pool.settings.client;
    const told = { sub: user.sub, ...toldAttributes(user, client, scopes), ...identitiesAttribute(user) };
    return withHeaders(jsonAnswer(200, { ...told, username: user.username }, CONTENT_TYPE));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const description = 'Access token is expired, disabled, or deleted, or the user has globally signed out.';
    return refusal(401, 'invalid_token', description);
  }
}

function refusal(status: number, error: string, description: string): HttpAnswer {
  const challenge = `error="${error}", error_description="${description}"`;
  const answer = jsonAnswer(status, { error, error_description: description }, CONTENT_TYPE);
  return withHeaders(answer, { 'www-authenticate': challenge });
}

function withHeaders(answer: HttpAnswer, more: HttpAnswer['headers'] = {}): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, ...HEADERS, ...more } };
}
