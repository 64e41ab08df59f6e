import { describe, expect, it } from 'vitest';
import { cognitoOptionsFromEnv, type CognitoOptions, resolveCognitoOptions } from '../../../lib/cognito.options.js';
import { isCognitoError } from '../../../lib/errors/cognito.error.js';
import { makeKey } from '../tokens/token-factory.js';

const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789' };
const development = { NODE_ENV: 'development' };
const production = { NODE_ENV: 'production' };

function resolve(options: CognitoOptions, environment = development) {
  return resolveCognitoOptions(options, environment);
}

/** The keys and mends of a refusal. */
function refusal(options: unknown, environment = development): string {
  try {
    resolveCognitoOptions(options as CognitoOptions, environment);
  } catch (error) {
    if (isCognitoError(error, 'COGNITO_OPTIONS_INVALID')) return error.message;
    throw error;
  }
  throw new Error('The options were accepted.');
}

describe('a pool of AWS', () => {
  it('needs an id and a client, and trusts both issuers that AWS derives from them', () => {
    const [main] = resolve(pool).pools;
    expect(main).toMatchObject({
      name: 'default',
      region: 'eu-west-1',
      clientId: pool.clientId,
      clientSecret: undefined,
    });
    expect(main?.issuers).toEqual([
      {
        issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
        keys: {
          from: 'uri',
          uri: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/jwks.json',
        },
      },
      {
        issuer: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
        keys: {
          from: 'uri',
          uri: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI/.well-known/jwks.json',
        },
      },
    ]);
  });

  it('makes its calls for the first of several clients and accepts the tokens of all', () => {
    const [main] = resolve({ ...pool, clientId: ['one', 'two'] }).pools;
    expect(main).toMatchObject({ clientId: 'one', clientIds: ['one', 'two'] });
  });

  it('of a named pool may have credentials of their own, for a pool in another account', () => {
    const keys = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
    const staff = { ...pool, credentials: keys('staff') };
    const { credentials, poolCredentials } = resolve({
      ...pool,
      credentials: keys('main'),
      pools: { staff, guests: pool },
    });
    expect(credentials).toEqual(keys('main'));
    expect([...poolCredentials]).toEqual([['staff', keys('staff')]]);
    expect(refusal({ ...pool, pools: { staff: { ...pool, credentials: { accessKeyId: 'half' } } } })).toContain(
      'pools.staff.credentials',
    );
  });

  it('has sisters under their own names', () => {
    const { pools } = resolve({ ...pool, pools: { staff: { userPoolId: 'us-east-1_StaffPool', clientId: 'staff' } } });
    expect(pools.map(({ name, region }) => [name, region])).toEqual([
      ['default', 'eu-west-1'],
      ['staff', 'us-east-1'],
    ]);
    expect(refusal({ ...pool, pools: { default: pool } })).toContain('pools.default');
    expect(refusal({ ...pool, pools: JSON.parse('{"__proto__":{}}') as object })).toContain('pools.__proto__');
    expect(refusal({ ...pool, pools: { staff: { userPoolId: 'x' } } })).toMatch(
      /pools\.staff\.userPoolId.*\n.*pools\.staff\.clientId/,
    );
  });

  it('comes out frozen', () => {
    const resolved = resolve(pool);
    expect(Object.isFrozen(resolved)).toBe(true);
    expect(Object.isFrozen(resolved.pools)).toBe(true);
    expect(Object.isFrozen(resolved.pools[0])).toBe(true);
    expect(Object.isFrozen(resolved.pools[0]?.clientIds)).toBe(true);
  });
});

describe('bad options', () => {
  it('are refused in one error that names every bad and missing key with its mend', () => {
    const message = refusal({
      clientId: '',
      tokenUse: 'both',
      clockTolerance: -1,
      globalGuard: 'yes',
      secrets: ['short'],
      extractors: [],
      usePoolId: 'typo',
      jwks: { cacheTtl: 'long' },
    });
    for (const key of [
      'userPoolId',
      'clientId',
      'tokenUse',
      'clockTolerance',
      'globalGuard',
      'secrets.0',
      'extractors',
      'usePoolId',
      'jwks.cacheTtl',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${key}: .{10}`, 'm'));
    }
  });

  it.each([
    { revocation: true },
    { tokenCache: true },
    { jwks: { cache: 'no' } },
    { jwks: { cacheTtl: 'long' } },
    { jwks: { staleTtl: 'long' } },
    { jwks: { timeout: 'long' } },
    { allowInsecureEndpoint: 'yes' },
    { allowLocalIssuer: 'yes' },
    { requestTimeout: 0 },
    { requestTimeout: 1e9 },
    { refreshFlow: 'none' },
  ])('%j is refused in words of this package, with its mend', (options) => {
    expect(refusal({ ...pool, ...options })).toMatch(/:\n {2}\S+: is /);
  });

  it('are refused without repeating a secret', () => {
    const secret = 'S3cr3t-that-must-not-show';
    const message = refusal({
      clientSecret: [secret],
      secrets: [secret],
      credentials: { accessKeyId: secret },
      userPoolId: secret,
      issuer: `https://user:${secret}@example.com`,
    });
    expect(message).not.toContain(secret);
    expect(message).toContain('clientSecret');
  });

  it.each([undefined, null, 'text', 42, []])('are refused when they are no object at all: %s', (written) => {
    expect(refusal(written)).toContain('options');
  });

  it.each(['eu-west-1', 'eu-west-1_', 'eu west_AbC', 'eu-west-1_Ab-C'])('refuse the pool id "%s"', (userPoolId) => {
    expect(refusal({ ...pool, userPoolId })).toContain('userPoolId');
  });

  it('may be undefined one by one, as environment variables are', () => {
    const sparse = {
      clientSecret: undefined,
      region: undefined,
      endpoint: undefined,
      jwks: undefined,
      tokenUse: undefined,
    };
    expect(resolve({ ...pool, ...sparse }).tokens).toEqual({
      tokenUse: 'access',
      clockTolerance: 0,
      tokenCache: { ttl: 300_000, maxBytes: 41_943_040 },
      revocation: undefined,
    });
  });
});

describe('the trust anchor', () => {
  const issuersOf = (options: CognitoOptions, environment = development) =>
    resolve(options, environment).pools[0]?.issuers.map(({ issuer }) => issuer);

  it.each(['http://127.0.0.1:9229', 'http://127.9.9.9:80', 'http://localhost:9229', 'http://[::1]:9229'])(
    'follows an endpoint on loopback: %s',
    (endpoint) => {
      expect(issuersOf({ ...pool, endpoint })).toEqual([`${endpoint}/${pool.userPoolId}`]);
    },
  );

  it.each([
    'http://localhost.evil.com',
    'http://127.0.0.1@evil.com',
    'http://0.0.0.0:9229',
    'http://127.0.0.1.evil.com',
    'http://user:pass@localhost',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'localhost:9229',
    'https://proxy.example.com?x=1',
  ])('does not follow %s', (endpoint) => {
    expect(refusal({ ...pool, endpoint })).toMatch(/^ {2}endpoint: /m);
  });

  it.each(['http://127.0.0.1:9229?pool=x', 'http://127.0.0.1:9229#pool'])(
    'is no address with a query or fragment: %s',
    (endpoint) => {
      expect(refusal({ ...pool, endpoint })).toContain('must not have a query or fragment');
    },
  );

  it.each(['evil.com/', 'evil.com#', 'x@evil.com', 'EU-WEST-1', 'eu west 1', ''])(
    'has no room for a host in the region: "%s"',
    (region) => {
      expect(refusal({ ...pool, region })).toMatch(/^ {2}region: is not an AWS region/m);
      for (const name of ['COGNITO_AWS_REGION', 'COGNITO_REGION', 'AWS_REGION']) {
        const environment = { COGNITO_USER_POOL_ID: 'mypool_abc', COGNITO_CLIENT_ID: 'x', [name]: region || '/' };
        expect(refusal(cognitoOptionsFromEnv(environment))).toContain('region: is not');
      }
    },
  );

  it('needs issuer and keys beside an endpoint that is elsewhere', () => {
    const endpoint = 'https://vpce-1234.cognito-idp.eu-west-1.vpce.amazonaws.com';
    const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
    const jwks = { uri: `${issuer}/.well-known/jwks.json` };
    expect(refusal({ ...pool, endpoint })).toContain('write `issuer` and `jwks` beside it');
    expect(refusal({ ...pool, endpoint, issuer })).toContain('write `issuer` and `jwks` beside it');
    expect(refusal({ ...pool, endpoint, jwks })).toContain('write `issuer` and `jwks` beside it');
    expect(issuersOf({ ...pool, endpoint, issuer, jwks })).toEqual([issuer]);
  });

  it('takes plain http off loopback only when that is asked for', () => {
    const remote = {
      endpoint: 'http://pool.test',
      issuer: 'http://pool.test/x',
      jwks: { uri: 'http://pool.test/keys' },
    };
    expect(refusal({ ...pool, ...remote })).toMatch(/endpoint.*\n.*issuer.*\n.*jwks\.uri/);
    expect(issuersOf({ ...pool, ...remote, allowInsecureEndpoint: true })).toEqual(['http://pool.test/x']);
  });

  it('is not this machine in production, unless that is asked for', () => {
    const local = { ...pool, endpoint: 'http://127.0.0.1:9229' };
    expect(refusal(local, production)).toContain('endpoint: tokens of this machine');
    expect(refusal({ ...pool, issuer: 'http://localhost/x' }, production)).toContain('issuer: tokens of this machine');
    expect(issuersOf({ ...local, allowLocalIssuer: true }, production)).toHaveLength(1);
    expect(issuersOf(pool, production)).toHaveLength(2);
  });

  it.each([
    'http://127.0.0.1:9/keys',
    'https://localhost./keys',
    'https://keys.localhost/keys',
    'https://[::1]/keys',
    'https://[::ffff:127.0.0.1]/keys',
    'https://[::]/keys',
    'https://0.0.0.0/keys',
  ])('is not a key set of this machine in production: %s', (uri) => {
    expect(refusal({ ...pool, jwks: { uri } }, production)).toContain('jwks.uri: tokens of this machine');
    expect(refusal({ ...pool, jwks: { uri } }, { NODE_ENV: ' Production ' })).toContain(
      'jwks.uri: tokens of this machine',
    );
    expect(refusal({ ...pool, pools: { staff: { ...pool, jwks: { uri } } } }, production)).toContain(
      'pools.staff.jwks.uri',
    );
    expect(issuersOf({ ...pool, jwks: { uri: 'https://keys.example.com/keys' } }, production)).toHaveLength(2);
  });

  it('is not moved by an address in the environment', () => {
    const environment = {
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'http://127.0.0.1:9229',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9229',
      COGNITO_ENDPOINT: 'http://127.0.0.1:9229',
      COGNITO_USER_POOL_ID: pool.userPoolId,
      COGNITO_CLIENT_ID: pool.clientId,
    };
    const resolved = resolveCognitoOptions(cognitoOptionsFromEnv(environment), environment);
    expect(resolved.pools[0]?.endpoint).toBeUndefined();
    expect(resolved.pools[0]?.issuers[0]?.issuer).toContain('cognito-idp.eu-west-1.amazonaws.com');
  });

  it('may be keys that are written down', () => {
    const keys = { keys: [makeKey().jwk] };
    expect(resolve({ ...pool, jwks: { keys } }).pools[0]?.issuers[0]?.keys).toEqual({ from: 'options', set: keys });
    expect(refusal({ ...pool, jwks: { keys, uri: 'https://example.com/keys' } })).toContain('jwks: give one of `uri`');
    expect(refusal({ ...pool, jwks: { keys: { keys: [] } } })).toContain('jwks.keys.keys');
  });
});

describe('secrets', () => {
  const secret = 'a-secret-of-at-least-thirty-two-bytes';

  it('are the written ones', () => {
    expect(resolve({ ...pool, secrets: [secret, `${secret}-old`] }).secrets.read()).toEqual([secret, `${secret}-old`]);
  });

  it('are made up for one process in development, the same at each reading', () => {
    const { secrets } = resolve(pool);
    expect(secrets.madeUp).toBe(true);
    expect(Buffer.from(secrets.read()[0], 'base64url')).toHaveLength(32);
    expect(secrets.read()).toEqual(secrets.read());
    expect(resolve(pool).secrets.read()).not.toEqual(secrets.read());
  });

  it('are refused in production when they are missing, but only by who needs them', () => {
    const { secrets } = resolve(pool, production);
    expect(() => secrets.read()).toThrowError(expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }));
  });
});

describe('options from the environment', () => {
  it.each(['COGNITO_USER_POOL_ID', 'COGNITO_POOL_ID', 'COGNITO_USER_POOL'])('read the pool from %s', (name) => {
    expect(cognitoOptionsFromEnv({ [name]: pool.userPoolId }).userPoolId).toBe(pool.userPoolId);
  });

  it.each(['COGNITO_CLIENT_ID', 'COGNITO_APP_ID', 'APP_CLIENT_ID', 'COGNITO_AUDIENCE'])(
    'read the client from %s',
    (name) => {
      expect(cognitoOptionsFromEnv({ [name]: 'one' }).clientId).toBe('one');
      expect(cognitoOptionsFromEnv({ [name]: 'one, two' }).clientId).toEqual(['one', 'two']);
    },
  );

  it.each(['COGNITO_CLIENT_SECRET', 'COGNITO_APP_CLIENT_SECRET', 'APP_SECRET_KEY'])(
    'read the secret from %s',
    (name) => {
      expect(cognitoOptionsFromEnv({ [name]: 'hush' }).clientSecret).toBe('hush');
    },
  );

  it.each(['COGNITO_AWS_REGION', 'COGNITO_USERPOOL_REGION'])('read the region from %s', (name) => {
    expect(cognitoOptionsFromEnv({ [name]: 'us-west-2', AWS_REGION: 'eu-north-1' }).region).toBe('us-west-2');
  });

  it('read AWS_REGION where the pool id names no region, and leave it alone where it does', () => {
    expect(cognitoOptionsFromEnv({ AWS_REGION: 'us-west-2' }).region).toBe('us-west-2');
    expect(cognitoOptionsFromEnv({ AWS_REGION: 'us-west-2', COGNITO_USER_POOL_ID: 'local_abc' }).region).toBe(
      'us-west-2',
    );
    const lambdaElsewhere = cognitoOptionsFromEnv({ AWS_REGION: 'us-west-2', COGNITO_USER_POOL_ID: pool.userPoolId });
    expect(resolveCognitoOptions({ ...lambdaElsewhere, clientId: 'x' }, development).pools[0]?.region).toBe(
      'eu-west-1',
    );
  });

  it('read where keys come from and how long they live', () => {
    const keys = { keys: [{ kid: 'a', kty: 'RSA', n: 'AQAB', e: 'AQAB' }] };
    expect(cognitoOptionsFromEnv({ COGNITO_JWKS: JSON.stringify(keys) }).jwks?.keys).toEqual(keys);
    expect(cognitoOptionsFromEnv({ COGNITO_JWKS: '{}' }).jwks).toBeUndefined();
    expect(cognitoOptionsFromEnv({ COGNITO_PUBLIC_KEYS_CACHE_TIMEOUT: '60' }).jwks).toEqual({ cacheTtl: 60 });
    expect(cognitoOptionsFromEnv({ COGNITO_PUBLIC_KEYS_CACHING_TIMEOUT: '90' }).jwks).toEqual({ cacheTtl: 90 });
    expect(cognitoOptionsFromEnv({ COGNITO_PUBLIC_KEYS_CACHING_ENABLED: 'False' }).jwks).toEqual({ cache: false });
  });

  it('use a pair of keys only when both are there', () => {
    const both = { AWS_ACCESS_KEY: 'id', AWS_SECRET_KEY: 'key' };
    expect(cognitoOptionsFromEnv(both).credentials).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' });
    expect(cognitoOptionsFromEnv({ AWS_ACCESS_KEY: 'id' }).credentials).toBeUndefined();
    expect(cognitoOptionsFromEnv({ ...both, AWS_ACCESS_KEY_ID: 'chain' }).credentials).toBeUndefined();
  });

  it('leave a missing key to be named at start', () => {
    expect(refusal(cognitoOptionsFromEnv({}))).toMatch(/userPoolId: set .*\n {2}clientId: set /);
  });

  it('refuse what cannot be read, without repeating it', () => {
    const text = 'not-readable-S3cr3t';
    const written = cognitoOptionsFromEnv({
      COGNITO_USER_POOL_ID: pool.userPoolId,
      COGNITO_CLIENT_ID: 'x',
      COGNITO_JWKS: text,
      COGNITO_PUBLIC_KEYS_CACHE_TIMEOUT: text,
      COGNITO_PUBLIC_KEYS_CACHING_ENABLED: text,
    });
    const message = refusal(written);
    expect(message).toMatch(/jwks\.keys[^]*jwks\.cacheTtl[^]*jwks\.cache:/);
    expect(message).not.toContain(text);
  });
});
