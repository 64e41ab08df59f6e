import { type CognitoPrincipal, principalOf } from '../../../../lib/access/principal.js';
import { CognitoError } from '../../../../lib/errors/cognito.error.js';
import type { CognitoErrorCode } from '../../../../lib/errors/catalogue.js';
import type { CognitoService } from '../../../../lib/user-pool/cognito.service.js';
import type { AdminUser } from '../../../../lib/user-pool/admin-user.js';

const base = { iss: 'https://issuer.example/pool', exp: 2_000_000_000, iat: 1_900_000_000 };

/** A user as an id token tells: every attribute is among the claims. */
export function idOf(sub: string, claims: Record<string, unknown> = {}, pool = 'default'): CognitoPrincipal {
  return principalOf(
    {
      kind: 'id',
      pool,
      clientId: 'client',
      kid: 'id',
      claims: { ...base, sub, token_use: 'id', aud: 'client', 'cognito:username': `name of ${sub}`, ...claims },
    },
    { token: `id token of ${sub}`, from: 'bearer' },
  );
}

/** A user as an access token tells: no attribute is among the claims. */
export function accessOf(sub: string, username = `name of ${sub}`): CognitoPrincipal {
  const claims = {
    ...base,
    sub,
    token_use: 'access' as const,
    client_id: 'client',
    username,
    scope: 'openid aws.cognito.signin.user.admin',
  };
  return principalOf(
    { kind: 'access', pool: 'default', clientId: 'client', kid: 'access', claims },
    { token: `access token of ${sub}`, from: 'bearer' },
  );
}

export function machine(): CognitoPrincipal {
  const claims = { ...base, sub: 'service', token_use: 'access' as const, client_id: 'service' };
  return principalOf(
    { kind: 'machine', pool: 'default', clientId: 'service', kid: 'access', claims },
    { token: 'machine token', from: 'bearer' },
  );
}

/** What Cognito answers, and what it was asked. */
export interface FakePool {
  readonly service: CognitoService;
  readonly asked: string[];
  attributes: Record<string, string>;
  account: Partial<AdminUser>;
  refusal: CognitoErrorCode | undefined;
}

/** A user pool that answers every question about a user alike. */
export function fakePool(attributes: Record<string, string> = {}): FakePool {
  const answer = <T>(question: string, value: () => T): Promise<T> => {
    pool.asked.push(question);
    return pool.refusal === undefined ? Promise.resolve(value()) : Promise.reject(new CognitoError(pool.refusal));
  };
  const desk = {
    profile: {
      get: ({ accessToken }: { accessToken: string }) =>
        answer(`GetUser ${accessToken}`, () => ({ attributes: pool.attributes })),
    },
    users: {
      get: ({ username }: { username: string }) =>
        answer(`AdminGetUser ${username}`, () => ({
          status: 'CONFIRMED',
          enabled: true,
          attributes: pool.attributes,
          ...pool.account,
        })),
    },
    pool: () => desk,
  };
  const pool: FakePool = {
    service: desk as unknown as CognitoService,
    asked: [],
    attributes,
    account: {},
    refusal: undefined,
  };
  return pool;
}
