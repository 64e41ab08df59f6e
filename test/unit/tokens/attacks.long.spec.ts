import { Controller, Get, UseGuards } from '@nestjs/common';
import { type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CognitoAuthGuard, CognitoModule, TokenUse } from '../../../lib/index.js';
import { isCognitoError } from '../../../lib/errors/cognito.error.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import { adapters, type RunningApp, startApp } from '../../support/nest-app.js';
import {
  accessClaims,
  algorithmAttacks,
  type Attack,
  clientId,
  idClaims,
  key,
  keyAttacks,
  shapeAttacks,
  signatureAttacks,
} from './attacks/attack.js';
import { claimAttacks, typeAttacks } from './attacks/claim-attacks.js';
import { signToken } from './token-factory.js';

const families: Readonly<Record<string, Attack[]>> = {
  algorithm: algorithmAttacks(),
  key: keyAttacks(),
  shape: shapeAttacks(),
  signature: signatureAttacks(),
  'claims of a wrong type': typeAttacks(),
  'claims of a wrong value': claimAttacks(),
};
const attacks = Object.values(families).flat();
const control = { access: signToken(key, accessClaims()), id: signToken(key, idClaims()) };

/** Where keys are served, and would be counted if a token could choose its keys. */
let keyServer: Server;
let fetches = 0;
const fetched = vi.spyOn(globalThis, 'fetch');
const appHosts = new Set<string>();
let verifier: CognitoTokenVerifier;
let pool: { userPoolId: string; clientId: string; jwks: { uri: string } };

beforeAll(async () => {
  keyServer = createServer((_, response) => {
    fetches += 1;
    response.end(JSON.stringify({ keys: [key.jwk] }));
  });
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  const uri = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`;
  pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId, jwks: { uri } };
  verifier = new CognitoTokenVerifier([resolvePool('default', pool)], resolveTokensOptions({}));
});

afterAll(() => {
  fetched.mockRestore();
  keyServer.closeAllConnections();
  keyServer.close();
});

async function verdictOf({ token, use = 'access' }: { token: string; use?: 'access' | 'id' }): Promise<string> {
  return verifier.verify(token, { tokenUse: use }).then(
    () => 'accepted',
    (thrown: unknown) => (isCognitoError(thrown) ? `${thrown.status} ${thrown.code}` : String(thrown)),
  );
}

it('there are more than five hundred, each another token', () => {
  expect(new Set(attacks.map(({ token, use }) => `${use ?? 'access'} ${token}`)).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThan(500);
  expect(new Set(attacks.map(({ name }) => name)).size).toBeGreaterThan(500);
});

describe.each(Object.entries(families))('%s', (_, family) => {
  it('is refused each time for its own reason, and the control beside it passes', async () => {
    const verdicts: { name: string; verdict: string }[] = [];
    for (const attack of family) {
      verdicts.push({ name: attack.name, verdict: await verdictOf(attack) });
      expect(await verdictOf({ token: control.access })).toBe('accepted');
    }
    expect(await verdictOf({ token: control.id, use: 'id' })).toBe('accepted');
    const expected = family.map(({ name, code }) => ({ name, verdict: `401 ${code}` }));
    expect(verdicts.filter(({ verdict }, index) => verdict !== expected[index]?.verdict)).toEqual([]);
  });
});

@Controller()
@UseGuards(CognitoAuthGuard)
class RoutesController {
  @Get('access') access() {
    return {};
  }

  @TokenUse('id') @Get('id') id() {
    return {};
  }
}

/** What a header can carry; the rest is stopped by Node before it comes to us. */
const sendable = attacks.filter(({ token }) => /^[\x21-\x7e]+$/.test(token) && token.length < 12_000);

describe.each(adapters)('over HTTP on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, { imports: [CognitoModule.forRoot(pool)], controllers: [RoutesController] });
    appHosts.add(new URL(app.url).host);
  });

  afterAll(() => app.close());

  it('they are 401 with a challenge, none passes and none is a fault of the server', async () => {
    expect(sendable.length).toBeGreaterThan(500);
    const wrong: unknown[] = [];
    for (const { name, token, code, use = 'access' } of sendable) {
      const { status, body, headers } = await app.get(`/${use}`, token);
      const isRefused = status === 401 && headers.get('www-authenticate')?.startsWith('Bearer') === true;
      if (!isRefused || body.code !== code) wrong.push({ name, status, body });
    }
    expect(wrong).toEqual([]);
    expect((await app.get('/access', control.access)).status).toBe(200);
    expect((await app.get('/id', control.id)).status).toBe(200);
  });
});

it('made nobody ask an address that a token names, nor the right one more than once in a while', () => {
  const asked = fetched.mock.calls.map(([url]) => new URL(url instanceof Request ? url.url : url).host);
  const keyHost = new URL(pool.jwks.uri).host;
  expect(new Set(asked.filter((host) => !appHosts.has(host)))).toEqual(new Set([keyHost]));
  // Two issuers in each of three verifiers, and one look for an unknown key in ten seconds.
  expect(fetches).toBeLessThan(20);
});
