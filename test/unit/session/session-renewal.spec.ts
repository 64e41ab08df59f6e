import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { SessionLedger } from '../../../lib/session/session-ledger.js';
import { SessionRenewal } from '../../../lib/session/session-renewal.js';
import { SessionSeal } from '../../../lib/session/session-seal.js';
import type { StoredSession } from '../../../lib/session/stored-session.js';
import type { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';

afterEach(() => vi.restoreAllMocks());

const now = Math.floor(Date.now() / 1000);
const sessionOf = (refreshToken: string, id = 'session'): StoredSession => ({
  id,
  pool: 'default',
  accessToken: 'access',
  idToken: 'id',
  refreshToken,
  startedAt: now,
  seenAt: now,
});

const claims = { iss: 'issuer', sub: 'sub', username: 'alice' };
const verifier = { identifyPair: async () => ({ access: { claims, clientId: 'client' } }) };
const secrets = { read: () => ['0123456789abcdef0123456789abcdef'] as [string], madeUp: false };

/** A renewal with a store that may not take anything, and the refresh tokens that Cognito was asked about. */
function renewalWith(cognitoSays: () => object = () => ({ accessToken: 'new', idToken: 'new', refreshToken: 'new' })) {
  const entries = new Map<string, unknown>();
  const state = { isStoreFull: false, asked: [] as string[] };
  const store = {
    get: async (key: string) => entries.get(key),
    set: async (key: string, value: unknown) => !state.isStoreFull && entries.set(key, value),
    delete: async (key: string) => entries.delete(key),
  };
  const refresh = async ({ refreshToken }: { readonly refreshToken: string }) => {
    state.asked.push(refreshToken);
    return cognitoSays();
  };
  const renewal = new SessionRenewal(
    { pool: () => ({ refresh }) } as unknown as CognitoService,
    verifier as unknown as CognitoTokenVerifier,
    new SessionLedger({ store, storeTimeout: 1000 }, new SessionSeal(secrets)),
    'local',
  );
  return { renewal, state };
}

const gone = async (): Promise<undefined> => undefined;

describe('renewed tokens that the store does not take', () => {
  it('wait until somebody asks again; of more than a thousand the oldest are given up, which is said once', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { renewal, state } = renewalWith();
    const renewAll = async (names: readonly string[]) => {
      for (const name of names) await renewal.renew(sessionOf(name), gone).catch(() => undefined);
    };
    const names = Array.from({ length: 1002 }, (_, index) => `refresh-token-${index}`);
    state.isStoreFull = true;
    await renewAll(names.slice(0, 1000));
    expect([state.asked.length, warn.mock.calls.length]).toEqual([1000, 0]);
    await renewAll(names.slice(1000));
    expect(warn.mock.calls.map(String)).toEqual([expect.stringContaining('the oldest are given up')]);
    expect(String(warn.mock.calls)).not.toContain('refresh-token');

    state.isStoreFull = false;
    state.asked = [];
    await renewAll(names);
    expect(state.asked).toEqual(names.slice(0, 2));
  });
});

describe('a session whose tokens somebody else has renewed', () => {
  const refused = () => {
    throw new CognitoError('COGNITO_REFRESH_TOKEN_REUSED');
  };

  it('goes on with what is kept of it now', async () => {
    const { renewal } = renewalWith(refused);
    const kept = sessionOf('newer');
    expect(await renewal.renew(sessionOf('old'), async () => kept)).toBe(kept);
  });

  it.each([
    ['nothing is kept', undefined],
    ['nothing newer is kept', sessionOf('old')],
    ['another session is kept', sessionOf('newer', 'another')],
  ])('is over where %s', async (_, kept) => {
    const { renewal } = renewalWith(refused);
    const renewed = renewal.renew(sessionOf('old'), async () => kept);
    await expect(renewed).rejects.toMatchObject({ code: 'COGNITO_REFRESH_TOKEN_REUSED' });
  });
});
