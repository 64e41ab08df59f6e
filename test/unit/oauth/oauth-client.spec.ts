import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuthClient } from '../../../lib/oauth/oauth-client.js';
import { resolveTokenEndpoint, type TokenEndpointOptions } from '../../../lib/oauth/oauth.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { codeOf } from '../../support/desk.js';

const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'main', domain: 'auth.example.com' };

/** What the token endpoint was sent, by path; what it answers. */
let sent: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let origin = '';
const server = createServer((request, response) => void serve(request, response));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url: path = '', headers } = request;
  sent.push({ path, headers, body: await text(request) });
  if (path === '/silent') return;
  if (path === '/moved') response.writeHead(307, { location: `${origin}/elsewhere` });
  else response.writeHead(400, { 'content-type': 'application/json' });
  response.end('{"error":"invalid_grant"}');
}

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  sent = [];
});

function refresh(path: string, options: TokenEndpointOptions = {}, clientSecret?: string): Promise<unknown> {
  const resolved = resolvePool('default', { ...pool, clientSecret });
  const settings = resolveTokenEndpoint(resolved, { tokenUrl: `${origin}${path}`, ...options });
  return new OAuthClient(resolved, settings).refresh('the-refresh-token');
}

describe('the token endpoint', () => {
  it('is sent a client secret in the way that the options say, and none of a public client', async () => {
    await codeOf(refresh('/token', {}, 'the-secret'));
    await codeOf(refresh('/token', { clientAuthentication: 'client_secret_post' }, 'the-secret'));
    await codeOf(refresh('/token'));
    const [basic, post, none] = sent;

    expect(basic?.headers.authorization).toBe(`Basic ${Buffer.from('main:the%2Dsecret').toString('base64')}`);
    expect(basic?.body).not.toContain('secret');
    expect([post?.headers.authorization, post?.body]).toEqual([
      undefined,
      expect.stringContaining('client_secret=the-secret'),
    ]);
    expect([none?.headers.authorization, none?.body]).toEqual([undefined, expect.stringContaining('client_id=main')]);
  });

  it('leads nowhere else: no secret and no token follows a redirect', async () => {
    expect(await codeOf(refresh('/moved', {}, 'the-secret'))).toBe('COGNITO_UNEXPECTED');
    expect(sent.map(({ path }) => path)).toEqual(['/moved']);
  });

  it('is given up when it does not answer', async () => {
    expect(await codeOf(refresh('/silent', { requestTimeout: 50 }))).toBe('COGNITO_UNAVAILABLE');
  });
});
