import { CognitoIdentityProviderClient, type InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { errorCatalogue, type CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import type { PoolOptions } from '../../../lib/options/pool.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { resolveSecrets } from '../../../lib/options/secrets.options.js';
import { N } from '../../../lib/srp/group.js';
import { CognitoEmulator, errorAnswer } from '../../../lib/testing/index.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import { secretHash } from '../../../lib/user-pool/secret-hash.js';
import type { SignInTokens, SignInResult } from '../../../lib/user-pool/sign-in-result.js';
import { UserPools } from '../../../lib/user-pool/user-pools.js';
import vectors from '../../vectors/srp-vectors.json' with { type: 'json' };
import { awsError, type Fault, FaultServer, type SeenRequest } from '../../support/fault-server.js';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const opened: UserPools[] = [];

/** The desk of a pool, as the module builds it. */
function deskOf(options: PoolOptions, secrets = resolveSecrets(undefined, false)): CognitoService {
  const pools = [resolvePool('default', options)];
  const verifier = new CognitoTokenVerifier(pools, resolveTokensOptions({}));
  const desks = new UserPools(pools, { credentials, client: undefined, secrets }, verifier);
  opened.push(desks);
  return desks.main;
}

function tokensOf(result: SignInResult): SignInTokens {
  if (result.status !== 'authenticated') throw new Error(`a challenge: ${result.challenge.name}`);
  return result.tokens;
}

async function errorOf(outcome: Promise<unknown>): Promise<CognitoError> {
  const thrown: unknown = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof CognitoError)) throw new Error(`no CognitoError but ${inspect(thrown)}`);
  return thrown;
}

const codeOf = async (outcome: Promise<unknown>): Promise<CognitoErrorCode> => (await errorOf(outcome)).code;

/** The same text with its first character changed. */
const flipped = (text = ''): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

const password = 'Passw0rd!';
const users = [
  { username: 'alice', password, attributes: { email: 'alice@example.com', given_name: 'Alice' } },
  { username: 'fresh', password, status: 'UNCONFIRMED' as const },
  { username: 'temporary', password, status: 'FORCE_CHANGE_PASSWORD' as const },
  { username: 'reset', password, status: 'RESET_REQUIRED' as const },
  { username: 'disabled', password, enabled: false },
  // Wrong passwords lock an account: theirs is nobody else's.
  { username: 'victor', password },
  { username: 'tess', password },
];

let pool: CognitoEmulator;
let secretPool: CognitoEmulator;
let byEmail: CognitoEmulator;
let cognito: CognitoService;

beforeAll(async () => {
  [pool, secretPool, byEmail] = await Promise.all([
    CognitoEmulator.start({ users }),
    CognitoEmulator.start({
      users,
      clientSecret: 'a-client-secret-of-some-length',
      preventUserExistenceErrors: 'LEGACY',
    }),
    CognitoEmulator.start({
      usernameAttributes: ['email'],
      clientSecret: 'another-client-secret-of-length',
      users: [{ username: 'alice@example.com', password, attributes: { email: 'alice@example.com' } }],
    }),
  ]);
  cognito = deskOf(pool.options);
});

afterAll(async () => {
  await Promise.all([pool, secretPool, byEmail].map((emulator) => emulator.stop()));
  await Promise.all(opened.map((desks) => desks.close()));
});

afterEach(() => {
  pool.hooks.srpProof = undefined;
  pool.hooks.beforeAnswer = undefined;
  pool.clock.reset();
  vi.restoreAllMocks();
});

describe('signing in', () => {
  const flows = ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH'] as const;

  it.each(flows)('by %s gives verified tokens for the right password and none for a wrong one', async (flow) => {
    const tokens = tokensOf(await cognito.signIn({ username: 'alice', password, flow }));
    expect(tokens).toMatchObject({ tokenType: 'Bearer', expiresIn: 3600 });
    expect(await cognito.profile.get(tokens)).toMatchObject({ username: 'alice', email: 'alice@example.com' });
    for (const wrong of ['passw0rd!', 'Passw0rd! ', 'x', `${password}${password}`]) {
      expect(await codeOf(cognito.signIn({ username: 'alice', password: wrong, flow }))).toBe(
        'COGNITO_CREDENTIALS_INCORRECT',
      );
    }
    pool.clock.advance({ minutes: 16 });
  });

  it.each<[string, string, (answer: Record<string, string>) => void]>([
    ['nothing at all', 'authenticated', () => undefined],
    [
      'the signature',
      'COGNITO_CREDENTIALS_INCORRECT',
      (answer) => (answer['PASSWORD_CLAIM_SIGNATURE'] = flipped(answer['PASSWORD_CLAIM_SIGNATURE'])),
    ],
    [
      'the secret block',
      'COGNITO_SESSION_INVALID',
      (answer) => (answer['PASSWORD_CLAIM_SECRET_BLOCK'] = flipped(answer['PASSWORD_CLAIM_SECRET_BLOCK'])),
    ],
    [
      'the timestamp',
      'COGNITO_CREDENTIALS_INCORRECT',
      (answer) => (answer['TIMESTAMP'] = 'Thu Jan 1 00:00:00 UTC 2026'),
    ],
    ['the user', 'COGNITO_CREDENTIALS_INCORRECT', (answer) => (answer['USERNAME'] = 'victor')],
  ])('by SRP stands and falls with the proof as it was made: changed is %s, seen is %s', async (_, seen, change) => {
    const { options } = pool;
    const real = new CognitoIdentityProviderClient({
      region: options.region,
      endpoint: options.endpoint,
      maxAttempts: 1,
    });
    const meddling = {
      send: async (command: { input: { ChallengeResponses?: Record<string, string> } }) => {
        if (command.input.ChallengeResponses !== undefined) change(command.input.ChallengeResponses);
        return real.send(command as unknown as InitiateAuthCommand);
      },
    };
    const pools = [resolvePool('default', options)];
    const belongings = { credentials, client: meddling, secrets: resolveSecrets(undefined, false) };
    const desks = new UserPools(pools, belongings, new CognitoTokenVerifier(pools, resolveTokensOptions({})));
    const outcome = desks.main.signIn({ username: 'tess', password }).then(
      ({ status }) => status,
      (error: CognitoError) => error.code,
    );
    expect(await outcome).toBe(seen);
    real.destroy();
  });

  it('never sends the password by SRP', async () => {
    const sent: string[] = [];
    const server = await FaultServer.start((request) => {
      sent.push(JSON.stringify(request.body));
      return awsError('NotAuthorizedException', 'Incorrect username or password.');
    });
    await codeOf(deskOf({ ...pool.options, endpoint: server.endpoint }).signIn({ username: 'alice', password }));
    server.stop();
    expect(sent).toHaveLength(1);
    expect(sent[0]).not.toContain(password);
  });

  it.each(flows)('by %s tells an unknown user and a wrong password apart in nothing', async (flow) => {
    for (const desk of [cognito, deskOf(secretPool.options)]) {
      const unknown = await errorOf(desk.signIn({ username: 'nobody', password, flow }));
      const wrong = await errorOf(desk.signIn({ username: 'victor', password: 'wrong', flow }));
      expect([unknown.code, unknown.status, unknown.publicMessage]).toEqual([
        wrong.code,
        wrong.status,
        wrong.publicMessage,
      ]);
      expect(wrong.code).toBe('COGNITO_CREDENTIALS_INCORRECT');
    }
  });

  it.each<[string, CognitoErrorCode]>([
    ['fresh', 'COGNITO_USER_NOT_CONFIRMED'],
    ['reset', 'COGNITO_PASSWORD_RESET_REQUIRED'],
    ['disabled', 'COGNITO_USER_DISABLED'],
  ])('of the user "%s" is refused as %s', async (username, code) => {
    expect(await codeOf(cognito.signIn({ username, password }))).toBe(code);
  });

  it('comes to a challenge, and not to a login, where Cognito asks for more', async () => {
    const result = await cognito.signIn({ username: 'temporary', password });
    expect(result).toMatchObject({
      status: 'challenge',
      challenge: { name: 'NEW_PASSWORD_REQUIRED', username: 'temporary', session: expect.any(String) },
    });
    expect(result).not.toHaveProperty('tokens');
  });

  it('proves the password with the internal name, whatever alias was typed, also for a client with a secret', async () => {
    const desk = deskOf(byEmail.options);
    const tokens = tokensOf(await desk.signIn({ username: 'alice@example.com', password }));
    const profile = await desk.profile.get(tokens);
    expect(profile.username).toBe(profile.sub);
    expect(await codeOf(desk.signIn({ username: 'alice@example.com', password: 'wrong' }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
    expect(
      tokensOf(await desk.signIn({ username: 'alice@example.com', password, flow: 'USER_PASSWORD_AUTH' })),
    ).toBeDefined();
  });

  it('is refused as a misconfiguration with a wrong secret, a missing one, or one too many', async () => {
    const codes = [
      deskOf({ ...secretPool.options, clientSecret: 'wrong-client-secret-of-length' }),
      deskOf({ ...secretPool.options, clientSecret: undefined }),
      deskOf({ ...pool.options, clientSecret: 'a-secret-that-nobody-asked-for' }),
      deskOf({ ...pool.options, clientId: 'unknownclient' }),
    ].map((desk) => codeOf(desk.signIn({ username: 'alice', password })));
    expect(await Promise.all(codes)).toEqual(Array(4).fill('COGNITO_CLIENT_MISCONFIGURED'));
    expect(tokensOf(await deskOf(secretPool.options).signIn({ username: 'alice', password }))).toBeDefined();
  });

  it('stops after too many attempts, for a while', async () => {
    const emulator = await CognitoEmulator.start({ users });
    const desk = deskOf(emulator.options);
    for (let i = 0; i < 6; i += 1) await codeOf(desk.signIn({ username: 'alice', password: 'wrong' }));
    expect(await codeOf(desk.signIn({ username: 'alice', password }))).toBe('COGNITO_LIMIT_EXCEEDED');
    emulator.clock.advance({ minutes: 16 });
    expect(tokensOf(await desk.signIn({ username: 'alice', password }))).toBeDefined();
    await emulator.stop();
  });

  it('survives an OpenSSL that refuses', async () => {
    const { default: crypto } = await import('node:crypto');
    const refuse = vi.spyOn(crypto, 'publicEncrypt').mockImplementation(() => {
      throw new Error('not today');
    });
    expect(tokensOf(await cognito.signIn({ username: 'alice', password }))).toBeDefined();
    expect(refuse).toHaveBeenCalled();
  });

  it.each(['0', N.toString(16), (2n * N).toString(16), 'not-hex', ''])(
    'is given up when the server sends B = %#',
    async (srpB) => {
      const parameters = {
        SALT: 'abc',
        SRP_B: srpB,
        SECRET_BLOCK: 'AAAA',
        USERNAME: 'alice',
        USER_ID_FOR_SRP: 'alice',
      };
      const body = JSON.stringify({ ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: parameters });
      const server = await FaultServer.start(() => ({ status: 200, body }));
      const error = await errorOf(
        deskOf({ ...pool.options, endpoint: server.endpoint }).signIn({ username: 'alice', password }),
      );
      server.stop();
      expect([error.code, server.count('RespondToAuthChallenge')]).toEqual(['COGNITO_SRP_REFUSED', 0]);
    },
  );

  it.each([
    [
      'a challenge that nobody knows',
      { ChallengeName: 'TEA_LEAVES', ChallengeParameters: {} },
      'COGNITO_CHALLENGE_UNSUPPORTED',
    ],
    ['neither tokens nor a challenge', { ChallengeParameters: {} }, 'COGNITO_UNEXPECTED'],
    [
      'tokens beside a challenge',
      {
        ChallengeName: 'TEA_LEAVES',
        AuthenticationResult: { AccessToken: 'a.b.c', IdToken: 'a.b.c', RefreshToken: 'r', ExpiresIn: 1 },
      },
      'COGNITO_CHALLENGE_UNSUPPORTED',
    ],
    ['half of the tokens', { AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r' } }, 'COGNITO_UNEXPECTED'],
    [
      'tokens that are forged',
      { AuthenticationResult: { AccessToken: 'a.b.c', IdToken: 'a.b.c', RefreshToken: 'r', ExpiresIn: 1 } },
      'COGNITO_TOKEN_MALFORMED',
    ],
  ])('is no login when the server answers %s', async (_, answer, code) => {
    const server = await FaultServer.start(() => ({ status: 200, body: JSON.stringify(answer) }));
    expect(
      await codeOf(deskOf({ ...pool.options, endpoint: server.endpoint }).signIn({ username: 'alice', password })),
    ).toBe(code);
    server.stop();
  });
});

describe('a challenge', () => {
  const shared = resolveSecrets(['a-secret-that-every-process-knows-of'], true);

  async function challengeOf(desk: CognitoService) {
    const result = await desk.signIn({ username: 'temporary', password });
    if (result.status !== 'challenge') throw new Error('no challenge');
    return result.challenge;
  }

  it('waits sealed, and opens in another process that has the secret', async () => {
    const challenge = await challengeOf(cognito);
    const sealed = await deskOf(pool.options, shared).sealChallenge(challenge);
    expect(sealed).not.toContain(challenge.session);
    expect(await deskOf(pool.options, shared).openChallenge(sealed)).toEqual(challenge);
    expect(await codeOf(cognito.openChallenge(sealed))).toBe('COGNITO_SESSION_INVALID');
  });

  it('opens for no other pool, no other client, and not once it is tampered with', async () => {
    const sealed = await deskOf(pool.options, shared).sealChallenge(await challengeOf(cognito));
    const others = [
      deskOf({ ...pool.options, userPoolId: 'local_other' }, shared),
      deskOf({ ...pool.options, clientId: 'other' }, shared),
    ];
    for (const desk of others) expect(await codeOf(desk.openChallenge(sealed))).toBe('COGNITO_SESSION_INVALID');
    for (const spoilt of [`${sealed}x`, sealed.slice(1), '']) {
      expect(await codeOf(deskOf(pool.options, shared).openChallenge(spoilt))).toBe('COGNITO_SESSION_INVALID');
    }
  });

  it('is not sealed under made-up secrets in production', async () => {
    const desk = deskOf(pool.options, resolveSecrets(undefined, true));
    expect(await codeOf(desk.sealChallenge(await challengeOf(desk)))).toBe('COGNITO_OPTIONS_INVALID');
  });
});

describe('signing up', () => {
  it('sends a code to the inbox, and the right code confirms', async () => {
    const username = 'bob';
    const result = await cognito.signUp({
      username,
      password,
      attributes: { email: 'bob@example.com', given_name: undefined },
    });
    expect(result).toMatchObject({
      userConfirmed: false,
      codeDelivery: { destination: 'b***@e***', medium: 'EMAIL', attribute: 'email' },
    });
    expect(await codeOf(cognito.signIn({ username, password }))).toBe('COGNITO_USER_NOT_CONFIRMED');
    expect(await codeOf(cognito.confirmSignUp({ username, code: '000000' }))).toBe('COGNITO_CODE_MISMATCH');
    const first = pool.inbox.last(username)?.code ?? '';
    await cognito.resendConfirmationCode({ username });
    const second = pool.inbox.last(username)?.code ?? '';
    if (first !== second)
      expect(await codeOf(cognito.confirmSignUp({ username, code: first }))).toBe('COGNITO_CODE_MISMATCH');
    await cognito.confirmSignUp({ username, code: second });
    const tokens = tokensOf(await cognito.signIn({ username, password }));
    expect(await cognito.profile.get(tokens)).toMatchObject({ sub: result.userSub, emailVerified: true });
    expect(await codeOf(cognito.confirmSignUp({ username, code: second }))).toBe('COGNITO_NOT_AUTHORIZED');
  });

  it('is refused for a taken name, a weak password and a code that is too old', async () => {
    expect(await codeOf(cognito.signUp({ username: 'alice', password }))).toBe('COGNITO_USERNAME_EXISTS');
    expect(await codeOf(cognito.signUp({ username: 'weak', password: 'short' }))).toMatch(/COGNITO_P/);
    expect(await codeOf(cognito.signUp({ username: 'weak', password: 'long-enough-but-plain' }))).toBe(
      'COGNITO_PASSWORD_POLICY',
    );
    await cognito.signUp({ username: 'late', password, attributes: { email: 'late@example.com' } });
    pool.clock.advance({ days: 1, minutes: 1 });
    const code = pool.inbox.last('late')?.code ?? '';
    expect(await codeOf(cognito.confirmSignUp({ username: 'late', code }))).toBe('COGNITO_CODE_EXPIRED');
  });

  it('sends the secret hash of the name in the same request', async () => {
    const desk = deskOf(secretPool.options);
    await desk.signUp({ username: 'carol', password, attributes: { email: 'carol@example.com' } });
    await desk.confirmSignUp({ username: 'carol', code: secretPool.inbox.last('carol')?.code ?? '' });
    expect(tokensOf(await desk.signIn({ username: 'carol', password }))).toBeDefined();
  });

  it.each(vectors.secret_hash)(
    'hashes secrets as published: $source',
    ({ username, client_id, client_secret, secret_hash }) => {
      expect(secretHash(username, client_id, client_secret)).toBe(secret_hash);
    },
  );
});

describe('a session', () => {
  it.each([
    ['without a secret', () => pool],
    ['with a secret', () => secretPool],
  ])('of a client %s is renewed by its refresh token, and by no other', async (_, emulator) => {
    const desk = deskOf(emulator().options);
    const tokens = tokensOf(await desk.signIn({ username: 'alice', password }));
    const renewed = await desk.refresh(tokens);
    expect(renewed).toMatchObject({ refreshToken: tokens.refreshToken, rotated: false, expiresIn: 3600 });
    expect(renewed.accessToken).not.toBe(tokens.accessToken);
    expect(await codeOf(desk.refresh({ refreshToken: `${tokens.refreshToken}x` }))).toBe(
      'COGNITO_REFRESH_TOKEN_INVALID',
    );
    expect(await codeOf(desk.refresh({ refreshToken: tokens.accessToken }))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
  });

  it('ends everywhere when the user signs out', async () => {
    const [first, second] = [
      await cognito.signIn({ username: 'alice', password }),
      await cognito.signIn({ username: 'alice', password }),
    ].map(tokensOf);
    if (first === undefined || second === undefined) throw new Error('no tokens');
    await cognito.signOut(first);
    for (const tokens of [first, second]) {
      expect(await codeOf(cognito.refresh(tokens))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
      expect(await codeOf(cognito.profile.get(tokens))).toBe('COGNITO_TOKEN_REVOKED');
    }
    expect(tokensOf(await cognito.signIn({ username: 'alice', password }))).toBeDefined();
  });

  it('ends alone when its refresh token is revoked', async () => {
    const [first, second] = [
      await cognito.signIn({ username: 'alice', password }),
      await cognito.signIn({ username: 'alice', password }),
    ].map(tokensOf);
    if (first === undefined || second === undefined) throw new Error('no tokens');
    await cognito.revokeToken(first);
    expect(await codeOf(cognito.refresh(first))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    expect((await cognito.refresh(second)).rotated).toBe(false);
  });

  it('is over when the refresh token is', async () => {
    const tokens = tokensOf(await cognito.signIn({ username: 'alice', password }));
    pool.clock.advance({ days: 31 });
    expect(await codeOf(cognito.refresh(tokens))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    expect(await codeOf(cognito.profile.get(tokens))).toBe('COGNITO_TOKEN_EXPIRED');
  });
});

describe('renewed tokens', () => {
  it.each([
    ['forged ones', async () => ({ AccessToken: 'a.b.c', IdToken: 'a.b.c' }), 'COGNITO_TOKEN_MALFORMED'],
    [
      'those of two users',
      async () => ({
        AccessToken: (await pool.tokensFor('alice')).accessToken,
        IdToken: (await pool.tokensFor('victor')).idToken,
      }),
      'COGNITO_TOKEN_CLAIMS_INVALID',
    ],
    ['none', async () => ({}), 'COGNITO_UNEXPECTED'],
  ])('are never %s', async (_, tokens, code) => {
    const body = JSON.stringify({ AuthenticationResult: await tokens() });
    const server = await FaultServer.start(() => ({ status: 200, body }));
    // Calls go to the faulty server; trust stays with the pool.
    const desk = deskOf({ ...pool.options, endpoint: server.endpoint, issuer: pool.options.issuer });
    expect(await codeOf(desk.refresh({ refreshToken: 'r' }))).toBe(code);
    server.stop();
  });
});

describe('faults of the service', () => {
  async function withServer<T>(
    answer: (request: SeenRequest) => Fault,
    use: (desk: CognitoService, server: FaultServer) => Promise<T>,
  ) {
    const server = await FaultServer.start(answer);
    try {
      return await use(deskOf({ ...pool.options, endpoint: server.endpoint }), server);
    } finally {
      server.stop();
    }
  }

  it.each<[string, string, CognitoErrorCode]>([
    ['UserNotFoundException', 'User does not exist.', 'COGNITO_CREDENTIALS_INCORRECT'],
    ['UserNotConfirmedException', 'User is not confirmed.', 'COGNITO_USER_NOT_CONFIRMED'],
    ['PasswordResetRequiredException', 'Password reset required for the user', 'COGNITO_PASSWORD_RESET_REQUIRED'],
    ['NotAuthorizedException', 'User is disabled.', 'COGNITO_USER_DISABLED'],
    ['NotAuthorizedException', 'Password attempts exceeded', 'COGNITO_LIMIT_EXCEEDED'],
    ['NotAuthorizedException', 'Invalid session for the user, session is expired.', 'COGNITO_SESSION_INVALID'],
    ['NotAuthorizedException', 'Refresh Token has been revoked', 'COGNITO_REFRESH_TOKEN_INVALID'],
    ['NotAuthorizedException', 'Access Token has been revoked', 'COGNITO_TOKEN_REVOKED'],
    ['NotAuthorizedException', 'Access Token does not have required scopes', 'COGNITO_SCOPE_MISSING'],
    ['NotAuthorizedException', 'Unable to verify secret hash for client x', 'COGNITO_CLIENT_MISCONFIGURED'],
    [
      'NotAuthorizedException',
      'Client x is configured with secret but SECRET_HASH was not received',
      'COGNITO_CLIENT_MISCONFIGURED',
    ],
    ['NotAuthorizedException', 'Something new', 'COGNITO_NOT_AUTHORIZED'],
    ['InvalidParameterException', 'USER_SRP_AUTH is not enabled for the client.', 'COGNITO_CLIENT_MISCONFIGURED'],
    [
      'InvalidParameterException',
      'USER_PASSWORD_AUTH flow not enabled for this client',
      'COGNITO_CLIENT_MISCONFIGURED',
    ],
    ['InvalidParameterException', 'Missing required parameter USERNAME', 'COGNITO_PARAMETER_INVALID'],
    ['LimitExceededException', 'Attempt limit exceeded, please try after some time.', 'COGNITO_LIMIT_EXCEEDED'],
    ['UserLambdaValidationException', 'PreAuthentication failed with error no.', 'COGNITO_REFUSED_BY_TRIGGER'],
    ['RefreshTokenReuseException', 'reused', 'COGNITO_REFRESH_TOKEN_REUSED'],
    ['ResourceNotFoundException', 'User pool client x does not exist.', 'COGNITO_CLIENT_MISCONFIGURED'],
    ['SomethingNewException', 'who knows', 'COGNITO_UNEXPECTED'],
  ])('%s "%s" is %s', async (exception, message, code) => {
    await withServer(
      () => awsError(exception, message),
      async (desk) => expect(await codeOf(desk.signIn({ username: 'alice', password }))).toBe(code),
    );
  });

  it('that are throttling are 429 and say when to come back', async () => {
    await withServer(
      () => awsError('TooManyRequestsException', 'Rate exceeded'),
      async (desk, server) => {
        expect(await errorOf(desk.signIn({ username: 'alice', password }))).toMatchObject({
          code: 'COGNITO_THROTTLED',
          status: 429,
          retryAfter: 1,
        });
        expect(server.count('InitiateAuth')).toBe(3);
      },
    );
  });

  it.each<[string, Fault]>([
    ['InternalErrorException', awsError('InternalErrorException', 'oops', 500)],
    ['a page of a proxy', { status: 502, body: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } }],
    ['a closed connection', 'reset'],
  ])('that are %s are 503', async (_, fault) => {
    await withServer(
      () => fault,
      async (desk) =>
        expect(await errorOf(desk.signIn({ username: 'alice', password }))).toMatchObject({
          code: 'COGNITO_UNAVAILABLE',
          status: 503,
        }),
    );
  });

  it('that nobody answers are 503', async () => {
    const desk = deskOf({ ...pool.options, endpoint: 'http://127.0.0.1:1' });
    expect(await codeOf(desk.signIn({ username: 'alice', password }))).toBe('COGNITO_UNAVAILABLE');
  });

  const challenge = {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: { SALT: 'abc', SRP_B: '2', SECRET_BLOCK: 'AAAA', USERNAME: 'alice', USER_ID_FOR_SRP: 'alice' },
  };

  it.each<[string, Fault]>([
    ['500', awsError('InternalErrorException', 'oops', 500)],
    ['429', awsError('TooManyRequestsException', 'Rate exceeded', 429)],
    ['a reset', 'reset'],
  ])('are not answered twice where an answer counts: %s', async (_, fault) => {
    const answer = ({ operation }: SeenRequest): Fault =>
      operation === 'InitiateAuth' ? { status: 200, body: JSON.stringify(challenge) } : fault;
    await withServer(answer, async (desk, server) => {
      await errorOf(desk.signIn({ username: 'alice', password }));
      await errorOf(desk.signUp({ username: 'alice', password }));
      await errorOf(desk.confirmSignUp({ username: 'alice', code: '1' }));
      await errorOf(desk.resendConfirmationCode({ username: 'alice' }));
      await errorOf(desk.refresh({ refreshToken: 'r' }));
      const once = [
        'RespondToAuthChallenge',
        'SignUp',
        'ConfirmSignUp',
        'ResendConfirmationCode',
        'GetTokensFromRefreshToken',
      ];
      expect(once.map((operation) => server.count(operation))).toEqual([1, 1, 1, 1, 1]);
    });
  });

  it('never repeat what was typed: not in a message, not in a cause, not when inspected', async () => {
    const secrets = ['S3cr3t-Passw0rd', 'S3cr3t-code', 'S3cr3t-token', 'S3cr3t-name\r\nX-Injected: 1'];
    const message = `1 validation error detected: Value '${secrets.join(' ')}' at 'confirmationCode' failed`;
    await withServer(
      () => awsError('InvalidParameterException', message),
      async (desk) => {
        const errors = await Promise.all(
          [
            desk.signIn({ username: secrets[3] ?? '', password: secrets[0] ?? '', flow: 'USER_PASSWORD_AUTH' }),
            desk.confirmSignUp({ username: 'alice', code: secrets[1] ?? '' }),
            desk.refresh({ refreshToken: secrets[2] ?? '' }),
            desk.profile.get({ accessToken: secrets[2] ?? '' }),
          ].map(errorOf),
        );
        const everything = errors.map(
          (error) => `${inspect(error, { depth: 10 })} ${JSON.stringify(error)} ${String(error.stack)}`,
        );
        expect(everything.join()).not.toMatch(/S3cr3t|X-Injected/);
        expect(errors[0]?.cause).toMatchObject({ operation: 'InitiateAuth', exception: 'InvalidParameterException' });
      },
    );
  });

  it('reach a hook of the emulator just so', async () => {
    pool.hooks.beforeAnswer = () => errorAnswer('TooManyRequestsException', 'Rate exceeded');
    expect(await codeOf(cognito.signIn({ username: 'alice', password }))).toBe('COGNITO_THROTTLED');
  });
});

describe('the desk', () => {
  it('calls unsigned operations without any AWS credentials', async () => {
    const server = await FaultServer.start(() => awsError('NotAuthorizedException', 'Incorrect username or password.'));
    const pools = [resolvePool('default', { ...pool.options, endpoint: server.endpoint })];
    const verifier = new CognitoTokenVerifier(pools, resolveTokensOptions({}));
    const desks = new UserPools(
      pools,
      { credentials: undefined, client: undefined, secrets: resolveSecrets(undefined, false) },
      verifier,
    );
    expect(await codeOf(desks.main.signIn({ username: 'alice', password }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(server.seen[0]?.headers['authorization']).toBeUndefined();
    await desks.close();
    server.stop();
  });

  it('shows no secret when it is printed', () => {
    const options = { ...secretPool.options, clientSecret: 'S3cr3t-client-secret-of-length' };
    const desk = deskOf(options, resolveSecrets(['S3cr3t'.repeat(8)], true));
    expect(inspect(desk, { depth: 12, showHidden: true })).not.toMatch(/S3cr3t|secretAccessKey/);
    expect(JSON.stringify(desk)).not.toMatch(/S3cr3t|secretAccessKey/);
  });

  it('calls through a client of the application, and leaves it open', async () => {
    const sent: object[] = [];
    const own = { send: async (command: object) => (sent.push(command), {}), destroy: vi.fn<() => void>() };
    const pools = [resolvePool('default', pool.options), resolvePool('staff', secretPool.options)];
    const desks = new UserPools(
      pools,
      { credentials, client: own, secrets: resolveSecrets(undefined, false) },
      new CognitoTokenVerifier(pools, resolveTokensOptions({})),
    );
    await desks.main.signOut({ accessToken: 'token' });
    // It belongs to one region: a sister is called without it.
    await codeOf(desks.main.pool('staff').signOut({ accessToken: 'token' }));
    await desks.close();
    expect(sent).toHaveLength(1);
    expect(own.destroy).not.toHaveBeenCalled();
  });

  it('knows the pools by name', async () => {
    expect(cognito.pool('default')).toBe(cognito);
    expect(() => cognito.pool('staff')).toThrowError(expect.objectContaining({ code: 'COGNITO_POOL_UNKNOWN' }));
    expect(() => cognito.pool('a\r\nERROR b')).toThrowError(String.raw`"a\r\nERROR b"`);
  });

  it('reads a user as an administrator', async () => {
    expect(await cognito.users.get({ username: 'disabled' })).toMatchObject({ status: 'CONFIRMED', enabled: false });
    expect(await codeOf(cognito.users.get({ username: 'nobody' }))).toBe('COGNITO_USER_NOT_FOUND');
  });

  it('throws errors whose status is that of the catalogue', async () => {
    const error = await errorOf(cognito.signIn({ username: 'nobody', password }));
    expect(error.status).toBe(errorCatalogue.COGNITO_CREDENTIALS_INCORRECT.status);
  });
});
