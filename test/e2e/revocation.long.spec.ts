import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { resolvePool } from '../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../lib/tokens/tokens.options.js';
import type { CognitoService } from '../../lib/user-pool/cognito.service.js';
import { type ChildApplication, startChild } from '../support/child-application.js';
import { closeDesks, codeOf, deskOf, signedIn } from '../support/desk.js';
import { findRedis, RedisProxy } from '../support/redis.js';
import type { RevocationSettings } from './revocation/application.js';
import { transpile, type Transpiled } from './user-sync-race/transpiled.js';

const NAMES = ['alice', 'bob', 'carol', 'dora'];
const password = 'Passw0rd!';
const redis = await findRedis();

describe.skipIf(redis === undefined)('an application and a second process that share a Redis', () => {
  let sources: Transpiled;
  let pool: CognitoEmulator;
  let proxy: RedisProxy;
  let store: Keyv;
  let desk: CognitoService;
  let other: ChildApplication;

  beforeAll(async () => {
    sources = transpile(['lib', 'test/e2e/revocation']);
    pool = await CognitoEmulator.start({ users: NAMES.map((username) => ({ username, password })) });
    proxy = await RedisProxy.start(redis ?? '');
    const namespace = randomUUID();
    // The desk has a way to Redis of its own: the proxy is the second process's.
    store = new Keyv({ store: new KeyvRedis(redis ?? '', { throwOnErrors: true }), namespace, throwOnErrors: true });
    desk = deskOf({ ...pool.options }, { verifier: verifierOver(store) });
    const settings: RevocationSettings = { pool: { ...pool.options }, redisUrl: proxy.url, namespace };
    const program = sources.pathOf('test/e2e/revocation/application.ts');
    other = await startChild(program, { REVOCATION_SETTINGS: JSON.stringify(settings) });
  });

  afterAll(async () => {
    await other?.stop();
    await store?.clear();
    await store?.disconnect();
    proxy?.stop();
    await closeDesks();
    await pool?.stop();
    sources?.remove();
  });

  const verifierOver = (revocations: Keyv): CognitoTokenVerifier =>
    new CognitoTokenVerifier(
      [resolvePool('default', pool.options)],
      resolveTokensOptions({ revocation: { store: revocations } }),
    );

  async function ask(accessToken: string): Promise<{ status: number; code?: string; retryAfter: string | null }> {
    const response = await fetch(`${other.url}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    const { code } = (await response.json()) as { code?: string };
    return {
      status: response.status,
      ...(code === undefined ? {} : { code }),
      retryAfter: response.headers.get('retry-after'),
    };
  }

  const signIn = async (username: string) => signedIn(await desk.signIn({ username, password })).tokens;
  const refused = { status: 401, code: 'COGNITO_TOKEN_REVOKED' };

  it('refuse a session on the request after its sign-out, and no other', async () => {
    const [alice, bob] = [await signIn('alice'), await signIn('bob')];
    expect([(await ask(alice.accessToken)).status, (await ask(bob.accessToken)).status]).toEqual([200, 200]);
    await desk.signOut({ accessToken: alice.accessToken });
    expect(await ask(alice.accessToken)).toMatchObject(refused);
    await desk.signOut({ scope: 'local', ...bob });
    expect(await ask(bob.accessToken)).toMatchObject(refused);
    expect((await ask((await signIn('bob')).accessToken)).status).toBe(200);
  });

  it('refuse a token that was renewed two seconds after an administrator had signed its user out', async () => {
    const carol = await signIn('carol');
    // The pool that renews has not heard of it: another region, or one that is slow to tell.
    const { sub } = (await verifierOver(store).verify(carol.accessToken)).claims;
    await verifierOver(store).revocations.endUser({ pool: 'default', sub });
    pool.clock.advance({ seconds: 2 });
    const { accessToken } = await desk.refresh(carol);
    pool.clock.reset();
    expect(accessToken).not.toBe(carol.accessToken);
    expect(await ask(accessToken)).toMatchObject(refused);
  });

  it('let nobody in while Redis is gone: 503, never 200, and a sign-out that fails', async () => {
    const dora = await signIn('dora');
    expect((await ask(dora.accessToken)).status).toBe(200);
    const way = await RedisProxy.start(redis ?? '');
    const cut = new Keyv({ store: new KeyvRedis(way.url, { throwOnErrors: true }), throwOnErrors: true });
    cut.on('error', () => undefined);
    const lonely = deskOf({ ...pool.options }, { verifier: verifierOver(cut) });
    proxy.stop();
    way.stop();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(dora.accessToken)));
    for (const answer of answers) {
      expect(answer).toEqual({ status: 503, code: 'COGNITO_REVOCATION_UNAVAILABLE', retryAfter: '1' });
    }
    expect(await codeOf(lonely.signOut({ accessToken: dora.accessToken }))).toBe('COGNITO_REVOCATION_UNAVAILABLE');
    await desk.profile.get({ accessToken: dora.accessToken });
    await cut.disconnect().catch(() => undefined);
  });
});
