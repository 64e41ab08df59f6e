import { type ExecutionContext, Logger } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AccessRules, type NameRule, refusalOf } from '../../../lib/access/access-policy.js';
import { Authorize, RequireClaims } from '../../../lib/access/access.decorators.js';
import type { ClaimRule } from '../../../lib/access/claim-rule.js';
import { type AccessOptions, resolveAccessOptions } from '../../../lib/access/access.options.js';
import { bearerChallengeOf } from '../../../lib/access/bearer-challenge.js';
import { CognitoAuthenticator } from '../../../lib/access/authenticator.service.js';
import { CognitoAuthGuard } from '../../../lib/access/cognito-auth.guard.js';
import { admissionOf, credentialSourceOf } from '../../../lib/access/admission.js';
import type { LocalUsers } from '../../../lib/access/local-users.js';
import { principalOf, tokenOf } from '../../../lib/access/principal.js';
import { type CognitoErrorCode, errorCatalogue } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import type { CognitoRequest } from '../../../lib/request/cognito-request.js';
import { ConnectionMessage, ConnectionRequest } from '../../../lib/request/connection-request.js';
import type { VerifiedToken } from '../../../lib/tokens/claims.js';
import type { CognitoTokenVerifier, TokenRequirement } from '../../../lib/tokens/token-verifier.service.js';

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

  it('that is none has no token, and a request that is none no source', () => {
    for (const nobody of [undefined, null, 'text'] as never[]) {
      expect([tokenOf(nobody), credentialSourceOf(nobody)]).toEqual([undefined, undefined]);
    }
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
    const { CognitoAuthenticator: Fresh } = await import('../../../lib/access/authenticator.service.js');
    return new fresh.CognitoAuthGuard(
      new Fresh(options, verifier),
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

/** A verifier that remembers the one token, so that nobody has to be waited for. */
const remembering = { verify: async () => verified, recall: () => verified } as unknown as CognitoTokenVerifier;

class Handler {
  handle(): void {}
}

function httpContext(request: object, handler: () => void = () => undefined): ExecutionContext {
  return new ExecutionContextHost([request, {}], Handler, handler);
}

const bearing = (): { headers: object; user?: unknown } => ({ headers: { authorization: 'Bearer token' } });

function guardOf<Guard extends CognitoAuthGuard>(
  kind: new (...args: ConstructorParameters<typeof CognitoAuthGuard>) => Guard,
  { resolve = () => undefined, verifier = remembering }: { resolve?: LocalUsers['resolve']; verifier?: object } = {},
): Guard {
  const options = resolveAccessOptions({});
  const authenticator = new CognitoAuthenticator(options, verifier as CognitoTokenVerifier);
  return new kind(authenticator, { resolve }, { assertLive: async () => undefined }, options);
}

describe('who comes with a token that is remembered', () => {
  it('passes at once', () => {
    const request = bearing();
    expect(guardOf(CognitoAuthGuard).canActivate(httpContext(request))).toBe(true);
    expect(request.user).toMatchObject({ username: 'alice' });
  });

  it('waits for a step that a subclass has made one that takes time', async () => {
    class Waiting extends CognitoAuthGuard {
      protected override async letIn(...args: Parameters<CognitoAuthGuard['letIn']>): Promise<void> {
        await Promise.resolve();
        await super.letIn(...args);
        throw new CognitoError('COGNITO_POLICY_REFUSED');
      }
    }
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const answer = guardOf(Waiting).canActivate(httpContext(bearing()));
    await expect(answer).rejects.toMatchObject({ code: 'COGNITO_POLICY_REFUSED' });
  });

  it('is asked what a subclass asks of everybody, also where no rule is written', async () => {
    class Asking extends CognitoAuthGuard {
      protected override async askPolicies(): Promise<void> {
        throw new CognitoError('COGNITO_POLICY_REFUSED');
      }
    }
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const answer = guardOf(Asking).canActivate(httpContext(bearing()));
    await expect(answer).rejects.toMatchObject({ code: 'COGNITO_POLICY_REFUSED' });
  });

  /** Shows a `then` to whoever asks for one; none is written on it. */
  const promising = (target: object, then: unknown): object =>
    new Proxy(target, { get: (_, name) => (name === 'then' ? then : undefined) });

  it.each<[string, object]>([
    ['an object', {}],
    ['a function', () => undefined],
  ])('waits for a local user that is promised by %s whose `then` hands nothing back', async (_, target) => {
    const refuse = (_known: unknown, failed?: (thrown: unknown) => void) => {
      setImmediate(() => failed?.(new CognitoError('COGNITO_USER_INACTIVE')));
    };
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const request = bearing();
    const answer = guardOf(CognitoAuthGuard, { resolve: () => promising(target, refuse) }).canActivate(
      httpContext(request),
    );
    await expect(answer).rejects.toMatchObject({ code: 'COGNITO_USER_INACTIVE' });
    expect(request.user).toBeUndefined();
  });

  it('is asked whether the session goes on where the route wants that', async () => {
    class Live extends CognitoAuthGuard {
      protected override rulesOf(): AccessRules {
        return { ...open, isLive: true };
      }
      protected override async assertLive(): Promise<void> {
        throw new CognitoError('COGNITO_TOKEN_REVOKED');
      }
    }
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const answer = guardOf(Live).canActivate(httpContext(bearing()));
    await expect(answer).rejects.toMatchObject({ code: 'COGNITO_TOKEN_REVOKED' });
  });

  it('is asked by the method that was put in the place of the own, on one object or on the class', async () => {
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const refused = new CognitoError('COGNITO_TOKEN_REVOKED');
    vi.spyOn(CognitoAuthenticator.prototype, 'authenticate').mockRejectedValue(refused);
    await expect(guardOf(CognitoAuthGuard).canActivate(httpContext(bearing()))).rejects.toMatchObject({
      code: 'COGNITO_TOKEN_REVOKED',
    });
    vi.restoreAllMocks();

    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    // A stub of the class has a stub for each of its methods, and nothing of what is private to it.
    const stub = Object.create(CognitoAuthenticator.prototype) as CognitoAuthenticator;
    stub.authenticate = () => Promise.reject(refused);
    const guard = new CognitoAuthGuard(
      stub,
      { resolve: () => undefined },
      { assertLive: async () => undefined },
      resolveAccessOptions({}),
    );
    await expect(guard.canActivate(httpContext(bearing()))).rejects.toMatchObject({ code: 'COGNITO_TOKEN_REVOKED' });
  });

  it('is not known on a copy of the request, or on what stands before it', () => {
    const request = bearing();
    const guard = guardOf(CognitoAuthGuard);
    expect(guard.canActivate(httpContext(request))).toBe(true);
    expect(credentialSourceOf(request)).toBe('bearer');
    for (const copy of [{ ...request }, Object.create(request) as object, new Proxy(request, {})]) {
      expect(credentialSourceOf(copy)).toBeUndefined();
    }
  });
});

describe('a token that is remembered', () => {
  const refusing = {
    recall: () => verified,
    verify: () => Promise.reject(new CognitoError('COGNITO_TOKEN_REVOKED')),
    verifyPair: () => Promise.reject(new CognitoError('COGNITO_TOKEN_REVOKED')),
  } as unknown as CognitoTokenVerifier;

  it.each<[string, AccessOptions]>([
    ['where the application chooses the pool', { poolOf: () => 'other' }],
    ['that came as a cookie', { extractors: [{ extract: () => ({ token: 'token', from: 'cookie' }) }] }],
    ['that came in another way', { extractors: [{ extract: () => ({ token: 'token', from: 'other' }) }] }],
    [
      'that came with another',
      { extractors: [{ extract: () => ({ token: 'token', idToken: 'id', from: 'bearer' }) }] },
    ],
  ])('does not pass at once %s', async (_, written) => {
    const authenticator = new CognitoAuthenticator(resolveAccessOptions(written), refusing);
    const asked = authenticator.authenticate(bearing() as CognitoRequest);
    await expect(asked).rejects.toMatchObject({ code: 'COGNITO_TOKEN_REVOKED' });
  });

  it('does not pass at once by the message of a connection, and is asked about again for the same one', async () => {
    const authenticator = new CognitoAuthenticator(resolveAccessOptions({}), refusing);
    const message = new ConnectionMessage(
      new ConnectionRequest({ headers: { authorization: 'Bearer token' }, withCookies: false }),
    );
    const ask = () => authenticator.authenticate(message);
    await expect(ask()).rejects.toMatchObject({ code: 'COGNITO_TOKEN_REVOKED' });
    vi.spyOn(refusing, 'verify').mockResolvedValue(verified);
    expect(await ask()).toMatchObject({ username: 'alice' });
  });

  it('answers for one authenticator, pool and kind of token alone', async () => {
    const known = new CognitoAuthenticator(resolveAccessOptions({}), remembering);
    const verify = vi.fn<() => Promise<VerifiedToken>>(() => Promise.reject(new CognitoError('COGNITO_TOKEN_EXPIRED')));
    const recall = vi.fn<(token: string, requirement: TokenRequirement) => VerifiedToken | undefined>((_, wanted) =>
      wanted.pool === 'p' && wanted.tokenUse === 'access' ? verified : undefined,
    );
    const picky = new CognitoAuthenticator(resolveAccessOptions({}), { verify, recall } as never);
    const request = bearing() as CognitoRequest;
    expect(await known.authenticate(request)).toBe(await known.authenticate(request));
    expect(await picky.authenticate(request, { pool: 'p', tokenUse: 'access' })).toBeDefined();
    for (const other of [{}, { pool: 'p' }, { tokenUse: 'access' }, { pool: 'p', tokenUse: 'id' }] as const) {
      await expect(picky.authenticate(request, other)).rejects.toMatchObject({ code: 'COGNITO_TOKEN_EXPIRED' });
    }
    recall.mockClear();
    await picky.authenticate(request, { pool: 'p', tokenUse: 'access' });
    await expect(picky.authenticate(request)).rejects.toMatchObject({ code: 'COGNITO_TOKEN_EXPIRED' });
    expect([recall.mock.calls.length, verify.mock.calls.length]).toEqual([0, 4]);
  });

  it('finds the local user of whoever passes another guard of the same request as somebody else', async () => {
    const bob: VerifiedToken = { ...verified, pool: 'other' };
    const verifier = { verify: async () => bob, recall: () => bob };
    const resolve = vi.fn<LocalUsers['resolve']>(async ({ pool }) => ({ row: pool }));
    const request = bearing();
    for (const guard of [guardOf(CognitoAuthGuard, { resolve }), guardOf(CognitoAuthGuard, { resolve, verifier })]) {
      expect(await guard.canActivate(httpContext(request))).toBe(true);
    }
    expect(admissionOf(request)).toMatchObject({ principal: { pool: 'other' }, localUser: { row: 'other' } });
  });

  it('finds the local user anew with each request, and for one principal of a request once', async () => {
    vi.spyOn(Logger.prototype, 'debug').mockReturnValue();
    const resolve = vi.fn<LocalUsers['resolve']>(async () => ({ row: 1 }));
    const guard = guardOf(CognitoAuthGuard, { resolve });
    const request = bearing();
    expect([await guard.canActivate(httpContext(request)), await guard.canActivate(httpContext(request))]).toEqual([
      true,
      true,
    ]);
    expect(resolve).toHaveBeenCalledTimes(1);
    resolve.mockRejectedValue(new CognitoError('COGNITO_USER_INACTIVE'));
    const again = guard.canActivate(httpContext(bearing()));
    await expect(again).rejects.toMatchObject({ code: 'COGNITO_USER_INACTIVE' });
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
