import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isCognitoError } from '../../../lib/errors/cognito.error.js';
import { AllowedOrigins } from '../../../lib/user-pool/allowed-origins.js';
import { fetchWithToken, type TokenCarriage, type TokenSource } from '../../../lib/user-pool/token-fetch.js';

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that answers as told and keeps what arrived. */
class Peer {
  readonly seen: Seen[] = [];
  answer: (seen: Seen) => Answer = () => ({ status: 200 });

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<Peer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const peer = new Peer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url: path, headers } = request;
        const seen = { method, path, headers, body: Buffer.concat(chunks).toString() };
        peer.seen.push(seen);
        const { status, headers: own = {} } = peer.answer(seen);
        response.writeHead(status, own).end(`${status}`);
      });
    });
    return peer;
  }

  /** Sends everybody who comes to `/` on to an address. */
  redirectTo(location: string, status = 302): void {
    this.answer = ({ path }) => (path === '/' ? { status, headers: { location } } : { status: 200 });
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A token that is renewed when it is told to, by counting. */
class Tokens implements TokenSource {
  generation = 1;

  async accessToken(): Promise<string> {
    return `token-${this.generation}`;
  }

  async replace(refused: string): Promise<void> {
    if (refused === `token-${this.generation}`) this.generation += 1;
  }
}

let ours: Peer;
let partner: Peer;
let stranger: Peer;
let tokens: Tokens;

beforeEach(async () => {
  [ours, partner, stranger] = await Promise.all([Peer.start(), Peer.start(), Peer.start()]);
  tokens = new Tokens();
});

afterEach(() => {
  for (const peer of [ours, partner, stranger]) peer.stop();
});

const carriage = (own: Partial<TokenCarriage> = {}): TokenCarriage => ({
  origins: new AllowedOrigins([ours.origin, partner.origin]),
  header: 'Authorization',
  prefix: 'Bearer',
  ...own,
});

const ask = async (url: string, init?: RequestInit, own?: Partial<TokenCarriage>): Promise<Response> =>
  fetchWithToken(tokens, carriage(own), url, init);

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => 'answered',
    (error: unknown) => (isCognitoError(error) ? error.code : `not ours: ${String(error)}`),
  );
}

describe('the token', () => {
  it('goes to an allowed origin, in the header and behind the word that were chosen', async () => {
    expect((await ask(`${ours.origin}/a?b=c`)).status).toBe(200);
    await ask(`${ours.origin}/`, {}, { header: 'X-Token', prefix: '' });
    await ask(`${ours.origin}/`, {}, { header: 'X-Token', prefix: 'JWT' });
    expect(ours.seen[0]).toMatchObject({ method: 'GET', path: '/a?b=c', headers: { authorization: 'Bearer token-1' } });
    expect(ours.seen.slice(1).map(({ headers }) => [headers['authorization'], headers['x-token']])).toEqual([
      [undefined, 'token-1'],
      [undefined, 'JWT token-1'],
    ]);
  });

  it('goes nowhere else, and neither does the request', async () => {
    const port = new URL(ours.origin).port;
    const elsewhere = [
      stranger.origin,
      // The same machine by another name, another scheme, another port; a name that only looks right.
      `http://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}@localhost:${new URL(stranger.origin).port}/`,
      `http://user:secret@127.0.0.1:${port}/`,
      'data:text/plain,hello',
      'file:///etc/hostname',
    ];
    for (const url of elsewhere) expect([url, await codeOf(ask(url))]).toEqual([url, 'COGNITO_ORIGIN_REFUSED']);
    expect([...ours.seen, ...stranger.seen]).toEqual([]);
    expect(await codeOf(ask('/relative'))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(fetchWithToken(tokens, carriage({ origins: new AllowedOrigins([]) }), ours.origin))).toBe(
      'COGNITO_ORIGIN_REFUSED',
    );
  });

  it('is not overwritten by a header of the caller, who is told so', async () => {
    const own = [{ Authorization: 'Bearer mine' }, { 'x-token': 'mine' }];
    for (const headers of own) {
      expect(await codeOf(ask(ours.origin, { headers }, { header: 'X-Token' }))).toBe('COGNITO_PARAMETER_INVALID');
    }
    expect(await codeOf(ask(ours.origin, { headers: { authorization: 'x' } }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(ours.seen).toEqual([]);
    expect(await codeOf(ask(ours.origin, { headers: { 'x-token': 'fine' } }))).toBe('answered');
  });
});

describe('a redirect', () => {
  it('to an allowed origin is followed, and the token goes along', async () => {
    ours.redirectTo(`${partner.origin}/there`);
    const headers = { cookie: 'a=b', 'x-own': 'kept' };
    expect((await ask(`${ours.origin}/`, { headers })).url).toBe(`${partner.origin}/there`);
    expect(partner.seen[0]?.headers).toMatchObject({ authorization: 'Bearer token-1', 'x-own': 'kept' });
    expect([ours, partner].map(({ seen }) => seen[0]?.headers.cookie)).toEqual(['a=b', undefined]);
  });

  it.each([301, 302, 303, 307, 308])('(%d) to another origin is not followed', async (status) => {
    for (const header of ['Authorization', 'X-Token']) {
      ours.redirectTo(`${stranger.origin}/there`, status);
      expect(await codeOf(ask(`${ours.origin}/`, {}, { header }))).toBe('COGNITO_ORIGIN_REFUSED');
      // Neither by fetch itself, which would take a header of its own name along.
      expect(await codeOf(ask(`${ours.origin}/`, { redirect: 'follow' }, { header }))).toBe('COGNITO_ORIGIN_REFUSED');
    }
    expect(stranger.seen).toEqual([]);
    expect(ours.seen).toHaveLength(4);
  });

  it('to another origin by a way of allowed ones is not followed either', async () => {
    ours.redirectTo(`${partner.origin}/`);
    partner.redirectTo(`//127.0.0.1:${new URL(stranger.origin).port}/`);
    expect(await codeOf(ask(`${ours.origin}/`))).toBe('COGNITO_ORIGIN_REFUSED');
    expect([partner.seen.length, stranger.seen.length]).toEqual([1, 0]);
  });

  it.each<[status: number, method: string, then: string, body: string]>([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'text'],
    [302, 'DELETE', 'DELETE', 'text'],
    [307, 'POST', 'POST', 'text'],
    [308, 'PATCH', 'PATCH', 'text'],
  ])('(%d) makes of %s a %s', async (status, method, then, body) => {
    ours.redirectTo('there', status);
    const sent = method === 'HEAD' ? {} : { body: 'text', headers: { 'content-type': 'text/plain' } };
    await ask(`${ours.origin}/`, { method, ...sent });
    expect(ours.seen[1]).toMatchObject({ method: then, path: '/there', body });
    expect(ours.seen[1]?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('is followed five times and not six', async () => {
    const counting = (most: number) => {
      ours.answer = ({ path = '' }) => {
        const step = Number(path.slice(1));
        return step < most ? { status: 302, headers: { location: `/${step + 1}` } } : { status: 200 };
      };
      return codeOf(ask(`${ours.origin}/0`));
    };
    expect(await counting(5)).toBe('answered');
    expect(await counting(6)).toBe('COGNITO_UNAVAILABLE');
    expect(ours.seen).toHaveLength(12);
  });

  it('is left to the caller who wants it so, and nonsense is no redirect', async () => {
    ours.redirectTo(`${stranger.origin}/`);
    expect((await ask(`${ours.origin}/`, { redirect: 'manual' })).status).toBe(302);
    expect(await codeOf(ask(`${ours.origin}/`, { redirect: 'error' }))).toMatch(/^not ours: TypeError/);
    expect(stranger.seen).toEqual([]);
    ours.redirectTo('http://[');
    expect(await codeOf(ask(`${ours.origin}/`))).toBe('COGNITO_UNAVAILABLE');
    ours.answer = () => ({ status: 302 });
    expect((await ask(`${ours.origin}/`)).status).toBe(302);
  });

  it('does not send a stream twice', async () => {
    const stream = (): RequestInit => ({ method: 'POST', body: new Blob(['text']).stream(), duplex: 'half' });
    ours.redirectTo('/there', 307);
    expect(await codeOf(ask(`${ours.origin}/`, stream()))).toBe('COGNITO_PARAMETER_INVALID');
    ours.redirectTo('/there', 303);
    expect((await ask(`${ours.origin}/`, stream())).status).toBe(200);
  });
});

describe('a token that is refused', () => {
  const invalid = { 'www-authenticate': 'Bearer realm="api", error="invalid_token", error_description="expired"' };
  const refuseUntil = (generation: number): void => {
    ours.answer = ({ headers }) =>
      Number(headers['authorization']?.split('-')[1]) < generation
        ? { status: 401, headers: invalid }
        : { status: 200 };
  };

  it.each<[string, RequestInit]>([
    ['nothing', {}],
    ['a text', { method: 'POST', body: 'text' }],
    ['bytes', { method: 'POST', body: new TextEncoder().encode('text') }],
    ['a form', { method: 'POST', body: new URLSearchParams({ a: 'b' }) }],
  ])('is renewed, and what was sent with %s is sent once more', async (_, init) => {
    refuseUntil(2);
    expect((await ask(ours.origin, init)).status).toBe(200);
    expect(ours.seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(ours.seen[1]?.body).toBe(ours.seen[0]?.body);
  });

  it('again is answered so', async () => {
    refuseUntil(3);
    expect((await ask(ours.origin)).status).toBe(401);
    expect(ours.seen).toHaveLength(2);
  });

  it('beside a stream is answered so: that is gone', async () => {
    refuseUntil(2);
    const init: RequestInit = { method: 'POST', body: new Blob(['text']).stream(), duplex: 'half' };
    expect((await ask(ours.origin, init)).status).toBe(401);
    expect([ours.seen.length, tokens.generation]).toEqual([1, 1]);
  });

  it('for another reason is not renewed', async () => {
    for (const headers of [{}, { 'www-authenticate': 'Bearer error="insufficient_scope"' }]) {
      ours.answer = () => ({ status: 401, headers });
      expect(await (await ask(ours.origin)).text()).toBe('401');
    }
    ours.answer = () => ({ status: 403, headers: invalid });
    expect((await ask(ours.origin)).status).toBe(403);
    expect([ours.seen.length, tokens.generation]).toEqual([3, 1]);
  });
});

describe('the allowed origins', () => {
  it.each([
    'http://api.example.com',
    'https://api.example.com/path',
    'https://api.example.com?x',
    'https://user@api.example.com',
    'https://*.example.com',
    'http://127.0.0.1.example.com',
    'ftp://api.example.com',
    'api.example.com',
    '*',
    '',
  ])('do not take "%s"', (written) => {
    expect(() => new AllowedOrigins(['https://fine.example.com', written])).toThrow(/^allowedOrigins\[1\]: has to/);
  });

  it('are exact, with the port that a scheme has by itself', () => {
    const origins = new AllowedOrigins(['https://API.example.com/', 'http://localhost:3000', 'http://[::1]:80']);
    const verdict = (url: string): string => {
      try {
        origins.require(new URL(url));
        return 'allowed';
      } catch (error) {
        return isCognitoError(error) ? error.code : 'not ours';
      }
    };
    for (const url of ['https://api.example.com:443/a', 'http://localhost:3000/', 'http://[::1]/']) {
      expect(verdict(url)).toBe('allowed');
    }
    for (const url of [
      'https://api.example.com.evil.example/',
      'https://api.example.com:444/',
      'http://api.example.com/',
      'https://example.com/',
      'http://localhost/',
      'blob:https://api.example.com/9115d58c-bcda-ff47-86e5-083e9a215304',
      'wss://api.example.com/',
    ]) {
      expect(verdict(url)).toBe('COGNITO_ORIGIN_REFUSED');
    }
  });
});
