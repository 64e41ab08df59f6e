import { type ExecutionContext, Logger } from '@nestjs/common';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AccessRules, type NameRule, refusalOf } from '../../../lib/access/access-policy.js';
import { Authorize, RequireClaims } from '../../../lib/access/access.decorators.js';
import type { ClaimRule } from '../../../lib/access/claim-rule.js';
import { resolveAccessOptions } from '../../../lib/access/access.options.js';
import { bearerChallengeOf } from '../../../lib/access/bearer-challenge.js';
import type { CognitoAuthGuard } from '../../../lib/access/cognito-auth.guard.js';
import { principalOf, tokenOf } from '../../../lib/access/principal.js';
import { type CognitoErrorCode, errorCatalogue } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import type { VerifiedToken } from '../../../lib/tokens/claims.js';
import type { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';

afterEach(() => vi.restoreAllMocks());

const claims = { iss: 'i', sub: 's', exp: 1, iat: 1 } as const;
const verified: VerifiedToken = {
  kind: 'access',
  pool: 'default',
  clientId: 'c',
  kid: 'k',
  claims: {
    ...claims,
    token_use: 'access',
    client_id: 'c',
    username: 'alice',
    scope: 'openid  notes/read',
    'cognito:groups': ['a', 'b'],
  },
};
const machine: VerifiedToken = {
  kind: 'machine',
  pool: 'default',
  clientId: 's',
  kid: 'k',
  claims: { ...claims, token_use: 'access', client_id: 's', scope: 'notes/read', 'cognito:groups': ['a'] },
};

const open: AccessRules = {
  isPublic: false,
  isOptional: false,
  badToken: 'refused',
  pool: undefined,
  tokenUse: undefined,
  groups: [],
  scopes: [],
  claims: [],
  isLive: false,
  policies: [],
};

describe('the policy', () => {
  const user = principalOf(verified, { token: 'token', from: 'bearer' });

  it.each<[NameRule[], boolean]>([
    [[], true],
    [[{ any: ['a', 'z'] }], true],
    [[{ any: ['z'] }], false],
    [[{ any: [] }], false],
    [[{ any: ['A'] }], false],
    [[{ all: ['a', 'b'] }], true],
    [[{ all: ['a', 'z'] }], false],
    [[{ all: [] }], true],
    [[{ none: ['z'] }], true],
    [[{ none: ['b'] }], false],
    [[{ any: ['a'], all: ['b'], none: ['z'] }], true],
    [[{ any: ['z'], all: ['a'] }], false],
    [[{ any: ['a'], none: ['b'] }], false],
    [[{ any: ['a'] }, { any: ['b'] }], true],
    [[{ any: ['a'] }, { any: ['z'] }], false],
  ])('for a user in a and b, groups %j: passes %s', (groups, passes) => {
    expect(refusalOf(user, { ...open, groups }) === undefined).toBe(passes);
  });

  it.each<[NameRule[], boolean]>([
    [[{ any: ['openid'] }], true],
    [[{ all: ['openid', 'notes/read'] }], true],
    [[{ all: ['openid', 'notes/write'] }], false],
    [[{ any: ['notes'] }], false],
  ])('for a token with two scopes, scopes %j: passes %s', (scopes, passes) => {
    expect(refusalOf(user, { ...open, scopes }) === undefined).toBe(passes);
  });

  it.each<[ClaimRule, boolean]>([
    [{ username: 'alice' }, true],
    [{ username: ['bob', 'alice'] }, true],
    [{ username: 'Alice' }, false],
    [{ username: 'alice', plan: 'pro' }, false],
    [{ exp: 1 }, true],
    [{ exp: '1' }, false],
    [{ 'cognito:groups': 'b' }, true],
    [{ 'cognito:groups': ['z', 'a'] }, true],
    [{ 'cognito:groups': 'a,b' }, false],
    [{ constructor: 'Object' }, false],
  ])('for a token, claims %j: passes %s', (rule, passes) => {
    expect(refusalOf(user, { ...open, claims: [rule] })?.code).toBe(passes ? undefined : 'COGNITO_CLAIMS_REQUIRED');
  });

  it('knows no rule about claims that asks for nothing, or for what no claim can be', () => {
    for (const rule of [{}, { a: [] }, { a: undefined }, { a: null }, { a: {} }, { a: Number.NaN }, undefined]) {
      expect(() => RequireClaims(rule as never)).toThrowError(
        expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }),
      );
    }
    expect(() => Authorize('admin' as never)).toThrowError(
      expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }),
    );
  });

  it.each<NameRule>([{ any: ['a'] }, { all: [] }, { none: ['z'] }])(
    'refuses a machine by any group rule: %j',
    (rule) => {
      const service = principalOf(machine, { token: 'token', from: 'bearer' });
      expect(refusalOf(service, { ...open, groups: [rule] })?.code).toBe('COGNITO_GROUPS_REQUIRED');
      expect(refusalOf(service, { ...open, scopes: [{ all: ['notes/read'] }] })).toBeUndefined();
    },
  );
});

describe('a principal', () => {
  it('tells what its token tells', () => {
    expect(principalOf(verified, { token: 'token', from: 'bearer' })).toMatchObject({
      kind: 'user',
      username: 'alice',
      groups: ['a', 'b'],
      scopes: ['openid', 'notes/read'],
    });
    expect(principalOf(machine, { token: 'token', from: 'bearer' })).toMatchObject({
      kind: 'machine',
      sub: 's',
      groups: [],
    });
  });

  it('has no scopes by an id token, whatever that claims', () => {
    const id = { ...verified.claims, token_use: 'id', aud: 'c', 'cognito:username': 'alice' };
    const principal = principalOf({ ...verified, kind: 'id', claims: id } as unknown as VerifiedToken, {
      token: 'token',
      from: 'bearer',
    });
    expect(principal).toMatchObject({ username: 'alice', tokenUse: 'id', scopes: [] });
  });

  it('cannot be changed, at no depth', () => {
    const principal = principalOf(structuredClone(verified), { token: 'token', from: 'bearer' });
    expect(() => (principal.groups as string[]).push('admin')).toThrow(TypeError);
    expect(() => Object.assign(principal, { sub: 'other' })).toThrow(TypeError);
    expect(() => (principal.claims['cognito:groups'] as string[]).push('admin')).toThrow(TypeError);
    expect(principal.groups).toEqual(['a', 'b']);
  });

  it('knows its token without showing it', () => {
    const principal = principalOf(verified, { token: 'S3cr3t-token', from: 'bearer' });
    expect(tokenOf(principal)).toBe('S3cr3t-token');
    expect(`${JSON.stringify(principal)}${inspect(principal, { showHidden: true, depth: 9 })}`).not.toContain('S3cr3t');
    expect(tokenOf({ ...principal })).toBeUndefined();
  });
});

describe('a guard on a transport that nobody taught it', () => {
  const verifier = { verify: async () => verified } as unknown as CognitoTokenVerifier;
  const options = resolveAccessOptions({});

  /** Its modules are loaded anew: those of before may have been taught by whoever used them. */
  async function untaughtGuard(): Promise<CognitoAuthGuard> {
    vi.resetModules();
    const fresh = await import('../../../lib/access/cognito-auth.guard.js');
    const { CognitoAuthenticator } = await import('../../../lib/access/authenticator.service.js');
    return new fresh.CognitoAuthGuard(
      new CognitoAuthenticator(options, verifier),
      { resolve: async () => undefined },
      { assertLive: async () => undefined },
      options,
    );
  }
  const contextOf = (type: string): ExecutionContext => {
    const request = { headers: { authorization: 'Bearer token' } };
    class Handler {}
    return {
      getType: () => type,
      getHandler: () => () => undefined,
      getClass: () => Handler,
      switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
    } as unknown as ExecutionContext;
  };

  it('refuses, whatever the request holds', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const guard = await untaughtGuard();
    for (const type of ['ws', 'rpc', 'graphql', 'smoke signals', '']) {
      await expect(guard.canActivate(contextOf(type))).rejects.toMatchObject({ code: 'COGNITO_TRANSPORT_UNSUPPORTED' });
    }
    expect(await guard.canActivate(contextOf('http'))).toBe(true);
  });
});

describe('the challenge of a refusal', () => {
  it('is there for every 401 that is about a token, and for no other status but a missing scope', () => {
    for (const code of Object.keys(errorCatalogue) as CognitoErrorCode[]) {
      const error = new CognitoError(code);
      const expected = error.status === 401 || code === 'COGNITO_SCOPE_MISSING';
      expect([code, bearerChallengeOf(error) !== undefined]).toEqual([code, expected]);
      expect(bearerChallengeOf(error) ?? '').not.toMatch(/[\r\n\\]/);
    }
  });
});
