import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveCognitoOptions } from '../../../lib/cognito.options.js';
import type { CognitoError } from '../../../lib/errors/cognito.error.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { resolveSecrets } from '../../../lib/options/secrets.options.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import { AttributeMapper } from '../../../lib/user-pool/attribute-mapping.js';
import {
  type Operation,
  UserPoolClient,
  type UserPoolClientSettings,
} from '../../../lib/user-pool/user-pool-client.js';
import { UserPools } from '../../../lib/user-pool/user-pools.js';
import { awsError, type Fault, FaultServer } from '../../support/fault-server.js';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A client of a pool whose API is at this address. */
function clientAt(endpoint: string, settings: Partial<UserPoolClientSettings> = {}): UserPoolClient {
  return new UserPoolClient(resolvePool('default', { userPoolId: 'local_pool', clientId: 'client', endpoint }), {
    credentials,
    ownClient: undefined,
    attributes: new AttributeMapper(),
    refreshFlow: 'GetTokensFromRefreshToken',
    requestTimeout: 15_000,
    ...settings,
  });
}

async function outcomeOf(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => 'answered',
    (error: CognitoError) => error.code,
  );
}

/** Every operation that the library calls, by the table of their outputs. */
const called = [
  ...readFileSync(join(import.meta.dirname, '../../../lib/user-pool/operations.ts'), 'utf8').matchAll(
    /^ {2}(\w+)CommandOutput: Sdk\./gm,
  ),
].map(([, name]) => name as Operation);

/** What reads, or sets what it sets again; all else spends, sends, counts, creates or deletes. */
const repeatable: ReadonlySet<Operation> = new Set<Operation>([
  'RevokeToken',
  'GlobalSignOut',
  'AdminUserGlobalSignOut',
  'GetUser',
  'DeleteUserAttributes',
  'SetUserMFAPreference',
  'AdminSetUserMFAPreference',
  'GetUserAuthFactors',
  'AdminGetUserAuthFactors',
  'GetDevice',
  'ListDevices',
  'UpdateDeviceStatus',
  'AdminGetDevice',
  'AdminListDevices',
  'AdminUpdateDeviceStatus',
  'StartWebAuthnRegistration',
  'ListWebAuthnCredentials',
  'AdminGetUser',
  'AdminDeleteUserAttributes',
  'AdminEnableUser',
  'AdminDisableUser',
  'ListUsers',
  'ListUserSessions',
  'RevokeUserSession',
  'AdminListUserSessions',
  'AdminRevokeUserSession',
  'GetGroup',
  'UpdateGroup',
  'ListGroups',
  'ListUsersInGroup',
  'AdminAddUserToGroup',
  'AdminRemoveUserFromGroup',
  'AdminListGroupsForUser',
  'DescribeUserPool',
  'DescribeUserPoolClient',
]);

const input = {} as never;
const internalError = awsError('InternalErrorException', 'oops', 500);
const proxyPage: Fault = { status: 502, body: '<html></html>', headers: { 'content-type': 'text/html' } };

describe('a fault of the service', () => {
  const servers: FaultServer[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });

  async function serverThat(fault: Fault): Promise<FaultServer> {
    const server = await FaultServer.start(() => fault);
    servers.push(server);
    return server;
  }

  it.each<[string, Fault]>([
    ['500', internalError],
    ['429', awsError('TooManyRequestsException', 'Rate exceeded', 429)],
    ['a reset', 'reset'],
  ])(
    '(%s) makes every operation that must not be done twice arrive once, and the others three times',
    async (_, fault) => {
      const server = await serverThat(fault);
      const clients = called.map(() => clientAt(server.endpoint));
      await Promise.all(called.map(async (operation, i) => outcomeOf(clients[i]?.send(operation, input) ?? fail())));
      await Promise.all(clients.map((client) => client.close()));

      expect(called.length).toBeGreaterThan(60);
      expect(Object.fromEntries(called.map((operation) => [operation, server.count(operation)]))).toEqual(
        Object.fromEntries(called.map((operation) => [operation, repeatable.has(operation) ? 3 : 1])),
      );
    },
  );

  it('is not repeated where a flow may send a code or counts a password', async () => {
    const server = await serverThat(internalError);
    const client = clientAt(server.endpoint);
    const count = async (AuthFlow: string): Promise<number> => {
      const before = server.count('InitiateAuth');
      await outcomeOf(client.send('InitiateAuth', { AuthFlow, ClientId: 'client' } as never));
      return server.count('InitiateAuth') - before;
    };
    expect([await count('USER_SRP_AUTH'), await count('REFRESH_TOKEN_AUTH')]).toEqual([3, 3]);
    expect([await count('USER_PASSWORD_AUTH'), await count('USER_AUTH'), await count('CUSTOM_AUTH')]).toEqual([
      1, 1, 1,
    ]);
    await client.close();
  });

  it('leaves the outcome unknown only where the answer was lost and the request must not be repeated', async () => {
    const seen: Record<string, [repeatable: string, once: string]> = {};
    for (const [name, fault] of Object.entries<Fault>({ reset: 'reset', hang: 'hang', proxyPage, internalError })) {
      const client = clientAt((await serverThat(fault)).endpoint, { requestTimeout: 100 });
      const codes = [client.send('GetUser', input), client.send('SignUp', input)].map(outcomeOf);
      const [ofRepeatable = '', ofOnce = ''] = await Promise.all(codes);
      seen[name] = [ofRepeatable, ofOnce];
      await client.close();
    }
    expect(seen).toEqual({
      reset: ['COGNITO_UNAVAILABLE', 'COGNITO_OUTCOME_UNKNOWN'],
      hang: ['COGNITO_UNAVAILABLE', 'COGNITO_OUTCOME_UNKNOWN'],
      proxyPage: ['COGNITO_UNAVAILABLE', 'COGNITO_OUTCOME_UNKNOWN'],
      internalError: ['COGNITO_UNAVAILABLE', 'COGNITO_UNAVAILABLE'],
    });
    const nobody = clientAt('http://127.0.0.1:1');
    expect(await outcomeOf(nobody.send('SignUp', input))).toBe('COGNITO_UNAVAILABLE');
  });

  it('that is a limit per user is never repeated, though AWS takes it for throttling', async () => {
    const server = await serverThat(awsError('LimitExceededException', 'Attempt limit exceeded'));
    const client = clientAt(server.endpoint);
    expect(await outcomeOf(client.send('GetUser', input))).toBe('COGNITO_LIMIT_EXCEEDED');
    expect(server.count('GetUser')).toBe(1);
    await client.close();
  });

  it('is not repeated by a client of the application either', async () => {
    const server = await serverThat('reset');
    const { endpoint } = server;
    const ownClient = new CognitoIdentityProviderClient({ region: 'local', endpoint, credentials, maxAttempts: 4 });
    const client = clientAt(endpoint, { ownClient });
    expect(await outcomeOf(client.send('SignUp', input))).toBe('COGNITO_OUTCOME_UNKNOWN');
    await outcomeOf(client.send('GetUser', input));
    expect([server.count('SignUp'), server.count('GetUser')]).toEqual([1, 4]);
    ownClient.destroy();
  });

  it('is not repeated by a strategy that would repeat anything', async () => {
    const server = await serverThat(awsError('NotAuthorizedException', 'no'));
    const tokenOf = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
    const retryStrategy = {
      acquireInitialRetryToken: async () => tokenOf(0),
      refreshRetryTokenForRetry: async (token: { getRetryCount(): number }) => {
        if (token.getRetryCount() === 2) throw new Error('enough');
        return tokenOf(token.getRetryCount() + 1);
      },
      recordSuccess: () => undefined,
    };
    const { endpoint } = server;
    const ownClient = new CognitoIdentityProviderClient({ region: 'local', endpoint, credentials, retryStrategy });
    const client = clientAt(endpoint, { ownClient });
    const codes = [await outcomeOf(client.send('SignUp', input)), await outcomeOf(client.send('GetUser', input))];
    expect(codes).toEqual(['COGNITO_NOT_AUTHORIZED', 'COGNITO_NOT_AUTHORIZED']);
    expect([server.count('SignUp'), server.count('GetUser')]).toEqual([1, 3]);
    ownClient.destroy();
  });
});

describe('AWS credentials', () => {
  /** As in a container that nobody has given credentials to; the metadata service of AWS is the one that is handed in. */
  function stubEmptyEnvironment(metadata: FaultServer): void {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config');
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', metadata.endpoint);
  }

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('are never looked for by an unsigned operation, and missed by a signed one', async () => {
    const [metadata, server] = await Promise.all([
      FaultServer.start(() => ({ status: 404, body: '' })),
      FaultServer.start(() => ({ status: 200, body: '{}' })),
    ]);
    stubEmptyEnvironment(metadata);
    const client = clientAt(server.endpoint, { credentials: undefined });

    expect(await outcomeOf(client.send('GetUser', { AccessToken: 'token' }))).toBe('answered');
    expect(await outcomeOf(client.send('SignUp', input))).toBe('answered');
    expect(server.seen.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined]);
    expect(metadata.seen).toEqual([]);

    const error: unknown = await client.send('AdminGetUser', input).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'COGNITO_CREDENTIALS_MISSING',
      status: 500,
      message: expect.stringContaining('credential chain (environment, profile') as string,
    });
    expect(server.count('AdminGetUser')).toBe(0);
    expect(metadata.seen.length).toBeGreaterThan(0);

    await client.close();
    server.stop();
    metadata.stop();
  });

  it('sign, when they are there, what has to be signed and nothing else', async () => {
    const server = await FaultServer.start(() => ({ status: 200, body: '{}' }));
    const fetched = clientAt(server.endpoint, { credentials: async () => credentials });
    for (const client of [clientAt(server.endpoint), fetched]) {
      await client.send('AdminGetUser', input);
      await client.send('GetUser', input);
      await client.close();
    }
    expect(server.seen.map(({ headers }) => headers['authorization']?.slice(0, 33))).toEqual([
      'AWS4-HMAC-SHA256 Credential=local',
      undefined,
      'AWS4-HMAC-SHA256 Credential=local',
      undefined,
    ]);
    server.stop();
  });

  it('of a named pool sign its own calls, and those at the top all others', async () => {
    const server = await FaultServer.start(() => ({ status: 200, body: '{}' }));
    const keysOf = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
    const pools = ['default', 'staff', 'guests'].map((name) =>
      resolvePool(name, { userPoolId: `local_${name}`, clientId: 'client', endpoint: server.endpoint }),
    );
    const belongings = {
      credentials: keysOf('top'),
      poolCredentials: new Map([['staff', keysOf('own')]]),
      client: undefined,
      secrets: resolveSecrets(undefined, false),
    };
    const desks = new UserPools(pools, belongings, new CognitoTokenVerifier(pools, resolveTokensOptions({})));
    for (const { name } of pools) await desks.main.pool(name).users.disable({ username: 'alice' });
    const signers = server.seen.map(({ headers }) => /Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1]);
    expect(signers).toEqual(['top', 'own', 'top']);
    await desks.close();
    server.stop();
  });

  it('that a function fails to fetch are missing, and those that AWS refuses are refused', async () => {
    const server = await FaultServer.start(() => awsError('UnrecognizedClientException'));
    const failing = clientAt(server.endpoint, { credentials: async () => Promise.reject(new Error('S3cr3t')) });
    const error: unknown = await failing.send('AdminGetUser', input).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'COGNITO_CREDENTIALS_MISSING' });
    expect(String(error)).not.toContain('S3cr3t');
    for (const answer of [undefined, {}, { accessKeyId: 'id' }, { accessKeyId: 'id', secretAccessKey: '' }]) {
      const half = clientAt(server.endpoint, { credentials: async () => answer as never });
      expect(await outcomeOf(half.send('AdminGetUser', input))).toBe('COGNITO_CREDENTIALS_MISSING');
      await half.close();
    }
    const throwing = (): never => {
      throw new Error('S3cr3t');
    };
    const thrown = clientAt(server.endpoint, { credentials: throwing });
    expect(await outcomeOf(thrown.send('AdminGetUser', input))).toBe('COGNITO_CREDENTIALS_MISSING');
    await thrown.close();
    expect(server.seen).toEqual([]);
    const refused = clientAt(server.endpoint);
    expect(await outcomeOf(refused.send('AdminGetUser', input))).toBe('COGNITO_AWS_CREDENTIALS_INVALID');
    await Promise.all([failing, refused].map((client) => client.close()));
    server.stop();
  });

  it('are no half pairs: those of the environment are ignored, those in the options refused', async () => {
    const { credentialsOptionsFromEnv } = await import('../../../lib/options/credentials.options.js');
    expect(credentialsOptionsFromEnv({ AWS_ACCESS_KEY: 'id' })).toEqual({});
    expect(credentialsOptionsFromEnv({ AWS_SECRET_KEY: 'secret' })).toEqual({});
    expect(credentialsOptionsFromEnv({ AWS_ACCESS_KEY: 'id', AWS_SECRET_KEY: 'secret' })).toEqual({
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    const half = { userPoolId: 'eu-west-1_pool', clientId: 'client', credentials: { accessKeyId: 'id' } as never };
    expect(() => resolveCognitoOptions(half, {})).toThrow(/credentials: needs accessKeyId and secretAccessKey/);
  });
});

function fail(): never {
  throw new Error('there is a client for each operation');
}
