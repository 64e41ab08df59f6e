import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createPasswordVerifier, createServerEphemeral, provesPassword } from '../../../lib/emulator/srp-verifier.js';
import { resolveSecrets } from '../../../lib/options/secrets.options.js';
import { Sealer } from '../../../lib/sealing/sealer.js';
import type { ChallengeAnswer } from '../../../lib/user-pool/challenge-answers.js';
import type { AnyChallenge, ChallengeName } from '../../../lib/user-pool/challenges.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import type { RememberedDevice } from '../../../lib/user-pool/device-secret.js';
import { secretHash } from '../../../lib/user-pool/secret-hash.js';
import type {
  ChoiceByPasswordInput,
  CustomSignInInput,
  PasswordSignInInput,
  SignInInput,
} from '../../../lib/user-pool/sign-in-input.js';
import type { AdminUserContext } from '../../../lib/user-pool/user-context.js';
import { challengeOf, closeDesks, codeOf, type DeskOptions, deskOf, errorOf, signedIn } from '../../support/desk.js';
import { awsError, type Fault, FaultServer, type SeenRequest } from '../../support/fault-server.js';
import { makeKey, signToken } from '../tokens/token-factory.js';

const userPoolId = 'eu-west-1_AbCdEfGhI';
const clientId = 'client';
const clientSecret = 'a-client-secret-of-some-length';
const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`;
const username = 'alice@example.com';
/** Cognito's own name of the user who signs in by an address. */
const userId = '34c84488-e0e1-70ae-d2ee-991ad1a898c8';
const password = 'Passw0rd!';
const key = makeKey();

type Params = Readonly<Record<string, string>>;
type Answer = (request: SeenRequest) => Fault;

const servers: FaultServer[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) server.stop();
  await closeDesks();
});

afterAll(closeDesks);

/** A Cognito that says these things, one after the other, and the last of them for ever. */
async function cognitoSaying(...answers: (Answer | object)[]) {
  const left = [...answers];
  const server = await FaultServer.start((request) => {
    const answer = left.length > 1 ? left.shift() : left[0];
    return typeof answer === 'function' ? answer(request) : ok(answer);
  });
  servers.push(server);
  return server;
}

async function deskSaying(...answers: (Answer | object)[]) {
  const server = await cognitoSaying(...answers);
  return { desk: deskAt(server), server };
}

function deskAt(server: FaultServer, more: DeskOptions = {}): CognitoService {
  const jwks = { keys: { keys: [key.jwk] } };
  return deskOf({ userPoolId, clientId, clientSecret, endpoint: server.endpoint, issuer, jwks }, more);
}

const ok = (body: unknown): Fault => ({ status: 200, body: JSON.stringify(body) });

const asks = (ChallengeName: ChallengeName, ChallengeParameters: Params = {}, more: object = {}): object => ({
  ChallengeName,
  ChallengeParameters,
  Session: `session of ${ChallengeName}`,
  ...more,
});

function tokens(claims: object = {}, iss = issuer): object {
  const now = Math.floor(Date.now() / 1000);
  const common = { sub: userId, iss, origin_jti: 'o', jti: 'j', auth_time: now, iat: now, exp: now + 3600 };
  const access = { ...common, client_id: clientId, token_use: 'access', scope: 'aws.cognito.signin.user.admin' };
  const id = { ...common, aud: clientId, token_use: 'id', 'cognito:username': userId, ...claims };
  return {
    AuthenticationResult: {
      AccessToken: signToken(key, { ...access, username: userId }),
      IdToken: signToken(key, id),
      RefreshToken: 'refresh',
      ExpiresIn: 3600,
    },
    ChallengeParameters: {},
  };
}

/** What was sent with a request, by the name of its member. */
const sent = (server: FaultServer, index: number): Record<string, unknown> => ({ ...server.seen[index]?.body });
const responsesOf = (request: SeenRequest | undefined): Params => request?.body['ChallengeResponses'] as Params;
const parametersOf = (request: SeenRequest | undefined): Params => request?.body['AuthParameters'] as Params;
const operations = ({ seen }: FaultServer): string[] => seen.map(({ operation }) => operation);
const hashFor = (name: string): string => secretHash(name, clientId, clientSecret);

/** A server that knows a secret's verifier alone, and judges the proof of it. */
function proofJudge(identity: string, secret: string) {
  const { salt, verifier } = createPasswordVerifier(identity, secret);
  const ephemeral = createServerEphemeral(verifier);
  const secretBlock = Buffer.from('secret block').toString('base64');
  let publicValue = 0n;
  const offer =
    (challengeName: ChallengeName, more: Params = {}): Answer =>
    (request) => {
      publicValue = BigInt(`0x${parametersOf(request)?.['SRP_A'] ?? responsesOf(request)?.['SRP_A'] ?? '0'}`);
      const SRP_B = ephemeral.publicValue.toString(16);
      return ok(asks(challengeName, { SALT: salt.toString(16), SRP_B, SECRET_BLOCK: secretBlock, ...more }));
    };
  const judge =
    (next: object): Answer =>
    (request) => {
      const { PASSWORD_CLAIM_SIGNATURE: signature = '', TIMESTAMP: timestamp = '' } = responsesOf(request);
      const claim = { identity, secretBlock: Buffer.from(secretBlock, 'base64'), timestamp };
      const proven = provesPassword(publicValue, ephemeral, verifier, claim, Buffer.from(signature, 'base64'));
      return proven ? ok(next) : awsError('NotAuthorizedException', 'Incorrect username or password.');
    };
  return { offer, judge };
}

const passwordJudge = () => proofJudge(`AbCdEfGhI${userId}`, password);
const internalName = { USERNAME: userId, USER_ID_FOR_SRP: userId };

const device: RememberedDevice = {
  deviceKey: 'eu-west-1_0b2c11aa-0000-4000-8000-0123456789ab',
  deviceGroupKey: '-FDRunwQv',
  devicePassword: Buffer.alloc(40, 7).toString('base64'),
};
const deviceJudge = () => proofJudge(`${device.deviceGroupKey}${device.deviceKey}`, device.devicePassword);
const unknownDevice = () => awsError('ResourceNotFoundException', 'Device does not exist.');

describe('a sign-in', () => {
  const beginnings: [SignInInput, string, string, Params, string?][] = [
    [{ username, password }, 'InitiateAuth', 'USER_SRP_AUTH', { SRP_A: 'a proof' }],
    [{ username, password, flow: 'USER_SRP_AUTH' }, 'InitiateAuth', 'USER_SRP_AUTH', { SRP_A: 'a proof' }],
    [{ username, password, flow: 'USER_PASSWORD_AUTH' }, 'InitiateAuth', 'USER_PASSWORD_AUTH', { PASSWORD: password }],
    [
      { username, password, flow: 'ADMIN_USER_PASSWORD_AUTH' },
      'AdminInitiateAuth',
      'ADMIN_USER_PASSWORD_AUTH',
      { PASSWORD: password },
    ],
    [{ username, flow: 'CUSTOM_AUTH' }, 'InitiateAuth', 'CUSTOM_AUTH', {}],
    [
      { username, password, flow: 'CUSTOM_AUTH' },
      'InitiateAuth',
      'CUSTOM_AUTH',
      { CHALLENGE_NAME: 'SRP_A', SRP_A: 'a proof' },
    ],
    [{ username, flow: 'USER_AUTH' }, 'InitiateAuth', 'USER_AUTH', {}],
    [
      { username, flow: 'USER_AUTH', preferredChallenge: 'EMAIL_OTP' },
      'InitiateAuth',
      'USER_AUTH',
      { PREFERRED_CHALLENGE: 'EMAIL_OTP' },
    ],
    [{ username, flow: 'USER_AUTH', session: 'of a sign-up' }, 'InitiateAuth', 'USER_AUTH', {}, 'of a sign-up'],
    [
      { username, flow: 'USER_AUTH', password },
      'InitiateAuth',
      'USER_AUTH',
      { PREFERRED_CHALLENGE: 'PASSWORD_SRP', SRP_A: 'a proof' },
    ],
    [
      { username, flow: 'USER_AUTH', password, preferredChallenge: 'PASSWORD' },
      'InitiateAuth',
      'USER_AUTH',
      { PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD: password },
    ],
  ];

  it.each(beginnings)('%o begins with %s, %s and %o', async (input, operation, flow, parameters, session) => {
    const { desk, server } = await deskSaying(asks('SMS_MFA'));
    challengeOf(await desk.signIn({ ...input, clientMetadata: { from: 'web' } }), 'SMS_MFA');
    const { AuthParameters, ...rest } = sent(server, 0);
    expect([operations(server), rest]).toEqual([
      [operation],
      {
        AuthFlow: flow,
        ClientId: clientId,
        ClientMetadata: { from: 'web' },
        ...(session === undefined ? {} : { Session: session }),
        ...(operation === 'AdminInitiateAuth' ? { UserPoolId: userPoolId } : {}),
      },
    ]);
    const proof = {
      ...parameters,
      ...('SRP_A' in parameters ? { SRP_A: expect.stringMatching(/^[0-9a-f]{700,768}$/) } : {}),
    };
    expect(AuthParameters).toEqual({ ...proof, USERNAME: username, SECRET_HASH: hashFor(username) });
  });

  it.each<[string, unknown]>([
    ['without a password where the flow needs one', { username }],
    ['with a password that is no text', { username, password: { toString: 'Passw0rd!' } }],
    ['with a name that is no text', { username: [username], password }],
    ['by a flow that nobody knows', { username, password, flow: 'TEA_LEAVES' }],
    ['by a name that every object has', { username, password, flow: 'constructor' }],
    ['from an address that is none', { username, password, userContext: { ipAddress: '192.0.2.1, 10.0.0.1' } }],
  ])('%s is refused before anything is sent', async (_, input) => {
    const { desk, server } = await deskSaying(asks('SMS_MFA'));
    expect(await codeOf(desk.signIn(input as SignInInput))).toBe('COGNITO_PARAMETER_INVALID');
    expect(server.seen).toEqual([]);
  });

  it.each<PasswordSignInInput | CustomSignInInput | ChoiceByPasswordInput>([
    { username, password },
    { username, password, flow: 'CUSTOM_AUTH' },
    { username, password, flow: 'USER_AUTH' },
  ])('%o proves the password with the internal name and never sends it', async (input) => {
    const { offer, judge } = passwordJudge();
    const { desk, server } = await deskSaying(offer('PASSWORD_VERIFIER', internalName), judge(tokens()));
    signedIn(await desk.signIn(input));
    const { Session, ChallengeName, ChallengeResponses } = sent(server, 1);
    expect([ChallengeName, Session]).toEqual(['PASSWORD_VERIFIER', 'session of PASSWORD_VERIFIER']);
    expect(ChallengeResponses).toMatchObject({ USERNAME: userId, SECRET_HASH: hashFor(userId) });
    expect(JSON.stringify(server.seen)).not.toContain(password);

    const wrong = { ...input, password: 'Passw0rd?' };
    const again = await deskSaying(offer('PASSWORD_VERIFIER', internalName), judge(tokens()));
    expect(await codeOf(again.desk.signIn(wrong))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });

  it('takes no tokens of two users, and none that nobody signed', async () => {
    const stranger = await deskSaying(tokens({ sub: 'somebody else' }));
    expect(await codeOf(stranger.desk.signIn({ username, password }))).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    const late = await deskSaying(tokens({ exp: Math.floor(Date.now() / 1000) - 1 }));
    expect(await codeOf(late.desk.signIn({ username, password }))).toBe('COGNITO_TOKEN_EXPIRED');
    expect(await codeOf(late.desk.refresh({ refreshToken: 'refresh' }))).toBe('COGNITO_TOKEN_EXPIRED');
    const { desk } = await deskSaying(tokens());
    expect(signedIn(await desk.signIn({ username, password })).tokens.refreshToken).toBe('refresh');
  });

  it.each(['AccessToken', 'IdToken', 'RefreshToken'])('is no login without %s', async (missing) => {
    const { AuthenticationResult } = tokens() as { AuthenticationResult: object };
    const { desk } = await deskSaying({ AuthenticationResult: { ...AuthenticationResult, [missing]: undefined } });
    expect(await codeOf(desk.signIn({ username, password }))).toBe('COGNITO_UNEXPECTED');
  });

  it('at a named pool, and a refresh there, takes the tokens of that pool alone', async () => {
    const staffIssuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Staff1234';
    for (const [from, outcome] of [
      [staffIssuer, 'eyJ'],
      [issuer, 'COGNITO_TOKEN_WRONG_ISSUER'],
    ] as const) {
      const server = await cognitoSaying(tokens({}, from));
      const jwks = { keys: { keys: [key.jwk] } };
      const staff = {
        userPoolId: 'eu-west-1_Staff1234',
        clientId,
        endpoint: server.endpoint,
        issuer: staffIssuer,
        jwks,
      };
      const desk = deskAt(server, { pools: { staff } }).pool('staff');
      const tokenOr = async (got: Promise<{ readonly accessToken: string }>): Promise<string> =>
        got.then(
          ({ accessToken }) => accessToken.slice(0, 3),
          ({ code }: { code: string }) => code,
        );
      expect(await tokenOr(desk.signIn({ username, password }).then((result) => signedIn(result).tokens))).toBe(
        outcome,
      );
      expect(await tokenOr(desk.refresh({ refreshToken: 'refresh' }))).toBe(outcome);
    }
  });

  it('says which device is new', async () => {
    const { AuthenticationResult, ...rest } = tokens() as { AuthenticationResult: object };
    const NewDeviceMetadata = { DeviceKey: device.deviceKey, DeviceGroupKey: device.deviceGroupKey };
    const { desk } = await deskSaying({
      ...rest,
      AuthenticationResult: { ...AuthenticationResult, NewDeviceMetadata },
    });
    const { deviceKey, deviceGroupKey } = device;
    expect(signedIn(await desk.signIn({ username, password })).newDevice).toEqual({ deviceKey, deviceGroupKey });
  });

  it('is not answered for ever: a server that asks for the same proof again gets none', async () => {
    const { offer } = passwordJudge();
    const { desk, server } = await deskSaying(offer('PASSWORD_VERIFIER', internalName));
    challengeOf(await desk.signIn({ username, password }), 'PASSWORD_VERIFIER');
    expect(operations(server)).toEqual(['InitiateAuth', 'RespondToAuthChallenge']);

    const input = { username, password, flow: 'USER_PASSWORD_AUTH', device } as const;
    const begun = asks('DEVICE_SRP_AUTH', internalName);
    const beginning = await deskSaying(begun);
    challengeOf(await beginning.desk.signIn(input), 'DEVICE_SRP_AUTH');
    expect(beginning.server.count('RespondToAuthChallenge')).toBe(1);
    const proving = await deskSaying(begun, deviceJudge().offer('DEVICE_PASSWORD_VERIFIER'));
    challengeOf(await proving.desk.signIn(input), 'DEVICE_PASSWORD_VERIFIER');
    expect(proving.server.count('RespondToAuthChallenge')).toBe(2);
  });
});

const verifierParameters = { SRP_B: 'abc', SALT: 'def', SECRET_BLOCK: 'AAAA' };
const mail = { CODE_DELIVERY_DELIVERY_MEDIUM: 'EMAIL', CODE_DELIVERY_DESTINATION: 'a***@e***' };
const text = { CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS', CODE_DELIVERY_DESTINATION: '+*******1234' };
const requestOptions = { challenge: 'AAAA', rpId: 'example.com', userVerification: 'preferred', extra: 1 };
const credential = { id: 'AAAA', response: { signature: 'BBBB' }, rawId: 'AAAA', type: 'public-key' };

/** Each challenge as it comes, as it is told, and answers with what is sent for them. */
const challenges: Record<
  ChallengeName,
  { params: Params; more?: object; members: object; answers: [answer: object, responses: object][] }
> = {
  ADMIN_NO_SRP_AUTH: { params: {}, members: {}, answers: [[{ password }, { PASSWORD: password }]] },
  CUSTOM_CHALLENGE: {
    params: { question: 'tea?' },
    members: { parameters: { question: 'tea?' } },
    answers: [[{ answer: 'yes' }, { ANSWER: 'yes' }]],
  },
  DEVICE_PASSWORD_VERIFIER: {
    params: verifierParameters,
    members: { srpB: 'abc', salt: 'def', secretBlock: 'AAAA' },
    answers: [
      [
        { signature: 's', timestamp: 't' },
        { PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA', PASSWORD_CLAIM_SIGNATURE: 's', TIMESTAMP: 't' },
      ],
    ],
  },
  DEVICE_SRP_AUTH: {
    params: {},
    members: {},
    answers: [
      [{ srpA: 'abc' }, { SRP_A: 'abc' }],
      [{ device }, { SRP_A: expect.stringMatching(/^[0-9a-f]{700,}$/) }],
    ],
  },
  EMAIL_OTP: {
    params: mail,
    members: { delivery: { destination: 'a***@e***', medium: 'EMAIL', attribute: undefined } },
    answers: [[{ code: '12345678' }, { EMAIL_OTP_CODE: '12345678' }]],
  },
  MFA_SETUP: {
    params: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA","EMAIL_OTP","CARRIER_PIGEON"]' },
    members: { choices: ['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] },
    answers: [
      [{ session: 'of the token' }, {}],
      [{ email: 'a@example.com' }, { EMAIL: 'a@example.com' }],
    ],
  },
  NEW_PASSWORD_REQUIRED: {
    params: {
      requiredAttributes: '["userAttributes.given_name","userAttributes.custom:shoe"]',
      userAttributes: '{"email":"a@example.com","email_verified":"true"}',
    },
    members: {
      requiredAttributes: ['firstName', 'custom:shoe'],
      userAttributes: { email: 'a@example.com', email_verified: true },
    },
    answers: [
      [
        { newPassword: 'N3w-password', attributes: { firstName: 'Alice', 'custom:shoe': 38 } },
        { NEW_PASSWORD: 'N3w-password', 'userAttributes.given_name': 'Alice', 'userAttributes.custom:shoe': '38' },
      ],
    ],
  },
  PASSWORD: { params: {}, members: {}, answers: [[{ password }, { PASSWORD: password }]] },
  PASSWORD_SRP: {
    params: {},
    members: {},
    answers: [
      [{ srpA: 'abc' }, { SRP_A: 'abc' }],
      [{ password }, { SRP_A: expect.stringMatching(/^[0-9a-f]{700,}$/) }],
    ],
  },
  PASSWORD_VERIFIER: {
    params: verifierParameters,
    members: { srpB: 'abc', salt: 'def', secretBlock: 'AAAA' },
    answers: [
      [
        { signature: 's', timestamp: 't' },
        { PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA', PASSWORD_CLAIM_SIGNATURE: 's', TIMESTAMP: 't' },
      ],
    ],
  },
  SELECT_CHALLENGE: {
    params: {},
    more: { AvailableChallenges: ['PASSWORD_SRP', 'EMAIL_OTP', 'PASSWORD', 'TEA_LEAVES'] },
    members: { choices: ['PASSWORD_SRP', 'EMAIL_OTP', 'PASSWORD'] },
    answers: [
      [{ choice: 'EMAIL_OTP' }, { ANSWER: 'EMAIL_OTP' }],
      [
        { choice: 'PASSWORD', password },
        { ANSWER: 'PASSWORD', PASSWORD: password },
      ],
      [
        { choice: 'PASSWORD_SRP', password },
        { ANSWER: 'PASSWORD_SRP', SRP_A: expect.stringMatching(/^[0-9a-f]{700,}$/) },
      ],
      [
        { choice: 'PASSWORD_SRP', srpA: 'abc' },
        { ANSWER: 'PASSWORD_SRP', SRP_A: 'abc' },
      ],
    ],
  },
  SELECT_MFA_TYPE: {
    params: { MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]' },
    members: { choices: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] },
    answers: [[{ choice: 'SMS_MFA' }, { ANSWER: 'SMS_MFA' }]],
  },
  SMS_MFA: {
    params: text,
    members: { delivery: { destination: '+*******1234', medium: 'SMS', attribute: undefined } },
    answers: [[{ code: '123456' }, { SMS_MFA_CODE: '123456' }]],
  },
  SMS_OTP: {
    params: {},
    members: { delivery: undefined },
    answers: [[{ code: '123456' }, { SMS_OTP_CODE: '123456' }]],
  },
  SOFTWARE_TOKEN_MFA: {
    params: { FRIENDLY_DEVICE_NAME: 'my phone' },
    members: { friendlyDeviceName: 'my phone' },
    answers: [[{ code: '123456' }, { SOFTWARE_TOKEN_MFA_CODE: '123456' }]],
  },
  WEB_AUTHN: {
    params: { CREDENTIAL_REQUEST_OPTIONS: JSON.stringify(requestOptions) },
    members: { requestOptions },
    answers: [[{ credential }, { CREDENTIAL: JSON.stringify(credential) }]],
  },
};

const names = Object.keys(challenges) as ChallengeName[];
const attributes = { given_name: 'firstName' };

async function challenged(name: ChallengeName, next: object = tokens()) {
  const { params, more } = challenges[name];
  const server = await cognitoSaying(asks(name, { ...internalName, ...params }, more), next);
  const desk = deskAt(server, { attributes });
  const withKey = { deviceKey: device.deviceKey };
  const result = await desk.signIn({ username, password, flow: 'USER_PASSWORD_AUTH', device: withKey });
  return { desk, server, challenge: challengeOf(result, name) };
}

// Tables of every challenge give answers that no single one of them fits.
const respond = (desk: CognitoService, challenge: AnyChallenge, answer: unknown) =>
  desk.respondToChallenge(challenge, answer as ChallengeAnswer);

describe('a challenge', () => {
  it.each(names)('%s tells what it asks for', async (name) => {
    const { challenge } = await challenged(name);
    const base = { username: userId, session: `session of ${name}`, admin: false, deviceKey: device.deviceKey };
    const { parameters, ...members } = challenges[name].members as { parameters?: Params };
    expect(challenge).toEqual({
      name,
      ...base,
      parameters: { ...internalName, ...challenges[name].params, ...parameters },
      ...members,
    });
  });

  it.each<[ChallengeName, string, Params, object?]>([
    ['MFA_SETUP', 'no list', { MFAS_CAN_SETUP: '{"SMS_MFA":true}' }],
    ['MFA_SETUP', 'no choices at all', {}],
    ['MFA_SETUP', 'no session', { MFAS_CAN_SETUP: '["EMAIL_OTP"]' }, { Session: undefined }],
    ['SELECT_MFA_TYPE', 'no JSON', { MFAS_CAN_CHOOSE: '["SMS_MFA"' }],
    ['SELECT_MFA_TYPE', 'nothing that is known', { MFAS_CAN_CHOOSE: '["CARRIER_PIGEON"]' }],
    ['SELECT_CHALLENGE', 'no choices', {}],
    ['SELECT_CHALLENGE', 'nothing that is known', {}, { AvailableChallenges: ['TEA_LEAVES'] }],
    ['NEW_PASSWORD_REQUIRED', 'names that are none', { requiredAttributes: '[1]' }],
    ['NEW_PASSWORD_REQUIRED', 'attributes that are none', { userAttributes: '{"email":{}}' }],
    ['WEB_AUTHN', 'no options', {}],
    ['WEB_AUTHN', 'options without a challenge', { CREDENTIAL_REQUEST_OPTIONS: '{"rpId":"example.com"}' }],
    ['WEB_AUTHN', 'null', { CREDENTIAL_REQUEST_OPTIONS: 'null' }],
  ])('%s with %s cannot be read, and says so', async (name, _, params, more) => {
    const { desk } = await deskSaying(asks(name, params, more));
    const error = await errorOf(desk.signIn({ username, password }));
    expect(error.code).toBe('COGNITO_CHALLENGE_UNSUPPORTED');
    expect(error.message).toMatch(/whose \w+ cannot be read/);
  });

  it.each(['TEA_LEAVES', 'constructor', '__proto__', ''])(
    'of the name "%s" is not understood',
    async (ChallengeName) => {
      const { desk } = await deskSaying({ ...asks('SMS_MFA'), ...tokens(), ChallengeName });
      expect(await codeOf(desk.signIn({ username, password }))).toBe('COGNITO_CHALLENGE_UNSUPPORTED');
    },
  );

  it('for a new password needs no attributes where the pool demands none', async () => {
    const { desk } = await deskSaying(asks('NEW_PASSWORD_REQUIRED'), tokens());
    const challenge = challengeOf(await desk.signIn({ username, password }), 'NEW_PASSWORD_REQUIRED');
    expect(challenge).toMatchObject({ requiredAttributes: [], userAttributes: {} });
    signedIn(await desk.respondToChallenge(challenge, { newPassword: 'N3w-password' }));
  });
});

describe('the answer to a challenge', () => {
  const answers = names.flatMap((name) => challenges[name].answers.map((pair) => [name, ...pair] as const));

  it.each(answers)('%s: %o is sent as %o', async (name, answer, responses) => {
    const { desk, server, challenge } = await challenged(name);
    signedIn(await respond(desk, challenge, answer));
    const details = { USERNAME: userId, SECRET_HASH: hashFor(userId), DEVICE_KEY: device.deviceKey };
    expect(operations(server)).toEqual(['InitiateAuth', 'RespondToAuthChallenge']);
    expect(sent(server, 1)).toEqual({
      ChallengeName: name,
      ClientId: clientId,
      Session: 'session' in answer ? 'of the token' : `session of ${name}`,
      ChallengeResponses: { ...details, ...responses },
    });
  });

  const misfits: [ChallengeName, unknown][] = [
    ...names.flatMap((name): [ChallengeName, unknown][] => [
      [name, {}],
      [name, undefined],
      [name, null],
      [name, 'a text'],
      [name, { ...challenges[name].answers[0]?.[0], USERNAME: 'victor' }],
    ]),
    ['SMS_MFA', { code: 123_456 }],
    ['SMS_MFA', { code: '' }],
    ['SMS_MFA', { code: ['123456'] }],
    ['SMS_MFA', { code: '1'.repeat(2049) }],
    ['SMS_MFA', { answer: '123456' }],
    ['SELECT_MFA_TYPE', { choice: 'EMAIL_OTP' }],
    ['SELECT_CHALLENGE', { choice: 'SMS_OTP' }],
    ['SELECT_CHALLENGE', { choice: 'PASSWORD' }],
    ['SELECT_CHALLENGE', { choice: 'EMAIL_OTP', password }],
    ['PASSWORD_SRP', { srpA: 'not hex' }],
    ['PASSWORD_SRP', { srpA: 'abc', password }],
    ['PASSWORD', { password: 'x'.repeat(257) }],
    ['MFA_SETUP', { session: 's', email: 'a@example.com' }],
    ['WEB_AUTHN', { credential: JSON.stringify(credential) }],
    ['WEB_AUTHN', { credential: { id: 'AAAA' } }],
    ['DEVICE_SRP_AUTH', { device: { ...device, deviceKey: 'eu-west-1_another' } }],
    ['DEVICE_SRP_AUTH', { device: { deviceKey: device.deviceKey } }],
    ['NEW_PASSWORD_REQUIRED', { newPassword: 'N3w-password' }],
    ['NEW_PASSWORD_REQUIRED', { newPassword: 'N3w-password', attributes: { firstName: 'Alice' } }],
    [
      'NEW_PASSWORD_REQUIRED',
      {
        newPassword: 'N3w-password',
        attributes: { firstName: 'Alice', 'custom:shoe': '38', email_verified: 'true' },
      },
    ],
    [
      'NEW_PASSWORD_REQUIRED',
      { newPassword: 'N3w-password', attributes: { firstName: 'Alice', 'custom:shoe': '38', 'custom:role': 'admin' } },
    ],
  ];

  it('is sent only when it fits', async () => {
    for (const name of names) {
      const { desk, server, challenge } = await challenged(name);
      for (const [, answer] of misfits.filter(([of]) => of === name)) {
        const error = await errorOf(respond(desk, challenge, answer));
        expect([error.code, answer]).toEqual(['COGNITO_CHALLENGE_ANSWER_INVALID', answer]);
        expect(error.message).toContain(`The answer to ${name}`);
        expect(error.message).not.toMatch(/victor|123456|N3w|admin|Alice/);
      }
      expect(operations(server)).toEqual(['InitiateAuth']);
    }
  });

  it.each(['TEA_LEAVES', 'constructor'])('to a made-up challenge "%s" is not sent', async (name) => {
    const { desk, server, challenge } = await challenged('SMS_MFA');
    const madeUp = { ...challenge, name } as unknown as AnyChallenge;
    expect(await codeOf(respond(desk, madeUp, { code: '123456' }))).toBe('COGNITO_CHALLENGE_UNSUPPORTED');
    expect(operations(server)).toEqual(['InitiateAuth']);
  });

  it('of a factor that the pool did not offer is not sent', async () => {
    const { desk, server } = await deskSaying(asks('MFA_SETUP', { MFAS_CAN_SETUP: '["SMS_MFA"]' }));
    const challenge = challengeOf(await desk.signIn({ username, password }), 'MFA_SETUP');
    for (const answer of [{ session: 'of the token' }, { email: 'a@example.com' }]) {
      expect(await codeOf(desk.respondToChallenge(challenge, answer))).toBe('COGNITO_CHALLENGE_ANSWER_INVALID');
    }
    expect(operations(server)).toEqual(['InitiateAuth']);
  });

  it('may come to a further challenge, which keeps the name that Cognito told first', async () => {
    const { desk, server, challenge } = await challenged('NEW_PASSWORD_REQUIRED', asks('SOFTWARE_TOKEN_MFA'));
    const answer = { newPassword: 'N3w-password', attributes: { firstName: 'Alice', 'custom:shoe': '38' } };
    const next = challengeOf(await respond(desk, challenge, answer), 'SOFTWARE_TOKEN_MFA');
    expect(next).toMatchObject({ username: userId, session: 'session of SOFTWARE_TOKEN_MFA' });
    await desk.respondToChallenge(next, { code: '123456' }, { clientMetadata: { from: 'web' } });
    expect(sent(server, 2)).toMatchObject({
      Session: 'session of SOFTWARE_TOKEN_MFA',
      ClientMetadata: { from: 'web' },
      ChallengeResponses: { USERNAME: userId, SECRET_HASH: hashFor(userId) },
    });
  });

  it.each<[ChallengeName, object]>([
    ['PASSWORD_SRP', { password }],
    ['SELECT_CHALLENGE', { choice: 'PASSWORD_SRP', password }],
  ])('%s begins a proof of the password, and the library ends it', async (name, answer) => {
    for (const [typed, outcome] of [
      [password, 'authenticated'],
      ['Passw0rd?', 'COGNITO_CREDENTIALS_INCORRECT'],
    ]) {
      const { offer, judge } = passwordJudge();
      const server = await cognitoSaying(
        asks(name, {}, { AvailableChallenges: ['PASSWORD_SRP'] }),
        offer('PASSWORD_VERIFIER', internalName),
        judge(tokens()),
      );
      const desk = deskAt(server);
      const challenge = challengeOf(await desk.signIn({ username, flow: 'USER_AUTH' }), name);
      const answered = respond(desk, challenge, { ...answer, password: typed });
      expect(
        await answered.then(
          ({ status }) => status,
          ({ code }: { code: string }) => code,
        ),
      ).toBe(outcome);
      expect(operations(server)).toEqual(['InitiateAuth', 'RespondToAuthChallenge', 'RespondToAuthChallenge']);
      expect(sent(server, 2)).toMatchObject({ Session: 'session of PASSWORD_VERIFIER' });
      expect(JSON.stringify(server.seen)).not.toContain(typed);
    }
  });

  it('to MFA_SETUP needs the session of each step on the way to it', async () => {
    const [secret, proof] = [{ SecretCode: 'JBSWY3DPEHPK3PXP' }, { Status: 'SUCCESS' }];
    const { desk } = await deskSaying({ ...secret, Session: 'second' }, { ...proof, Session: 'third' }, secret, proof);
    const { session } = await desk.mfa.associateSoftwareToken({ session: 'first' });
    const step = { session, code: '123456' };
    expect([session, await desk.mfa.verifySoftwareToken(step)]).toEqual(['second', { session: 'third' }]);
    expect(await codeOf(desk.mfa.associateSoftwareToken({ session: 'first' }))).toBe('COGNITO_UNEXPECTED');
    expect(await codeOf(desk.mfa.verifySoftwareToken(step))).toBe('COGNITO_UNEXPECTED');
    const { desk: signedInDesk } = await deskSaying(secret);
    const associated = await signedInDesk.mfa.associateSoftwareToken({ accessToken: 'token' });
    expect(associated.session).toBeUndefined();
  });

  it('that was lost leaves the outcome open, and is not sent again', async () => {
    const { desk, server } = await deskSaying(asks('SMS_MFA'), () => 'reset' as const);
    const challenge = challengeOf(await desk.signIn({ username, password }), 'SMS_MFA');
    expect(await codeOf(desk.respondToChallenge(challenge, { code: '123456' }))).toBe('COGNITO_OUTCOME_UNKNOWN');
    expect(server.count('RespondToAuthChallenge')).toBe(1);
  });
});

describe('an admin sign-in', () => {
  const input: SignInInput = { username, password, flow: 'ADMIN_USER_PASSWORD_AUTH' };
  const shared = resolveSecrets(['a-secret-that-every-process-knows-of'], true);

  it('is signed to its end, also by another process', async () => {
    const server = await cognitoSaying(asks('SMS_MFA', internalName), asks('SOFTWARE_TOKEN_MFA'), tokens());
    const [desk, other] = [deskAt(server, { secrets: shared }), deskAt(server, { secrets: shared })];
    const first = challengeOf(await desk.signIn(input), 'SMS_MFA');
    expect(first.admin).toBe(true);
    const opened = await other.openChallenge(await desk.sealChallenge(first));
    expect(opened).toEqual(first);
    const second = challengeOf(await respond(other, opened, { code: '123456' }), 'SOFTWARE_TOKEN_MFA');
    signedIn(await other.respondToChallenge(second, { code: '123456' }));
    const signed = 'AdminRespondToAuthChallenge';
    expect(operations(server)).toEqual(['AdminInitiateAuth', signed, signed]);
    expect(server.seen.map(({ headers }) => headers['authorization']?.startsWith('AWS4-HMAC-SHA256'))).toEqual([
      true,
      true,
      true,
    ]);
    expect(sent(server, 1)).toMatchObject({ UserPoolId: userPoolId, ChallengeResponses: { USERNAME: userId } });
  });

  it('is the only one that is signed', async () => {
    const { desk, server, challenge } = await challenged('SMS_MFA');
    await desk.respondToChallenge(challenge, { code: '123456' });
    expect(server.seen.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined]);
  });
});

describe('where the user comes from', () => {
  const httpHeaders = {
    'User-Agent': 'a browser',
    'accept-language': ['de', 'en'],
    'x-forwarded-for': '198.51.100.9',
    cookie: 'session=S3cr3t',
    authorization: 'Bearer S3cr3t',
    'x-api-key': 'S3cr3t',
    host: undefined,
  };
  const userContext: AdminUserContext = {
    ipAddress: '192.0.2.1',
    encodedData: 'fingerprint',
    serverName: 'app.example.com',
    serverPath: '/sign-in',
    httpHeaders,
  };

  it('is told with every call, in the form that the operation has for it', async () => {
    const open = await deskSaying(asks('SMS_MFA'), tokens());
    const challenge = challengeOf(await open.desk.signIn({ username, password, userContext }), 'SMS_MFA');
    await open.desk.respondToChallenge(challenge, { code: '123456' }, { userContext: { ipAddress: '2001:db8::1' } });
    expect(open.server.seen.map(({ body }) => body['UserContextData'])).toEqual([
      { IpAddress: '192.0.2.1', EncodedData: 'fingerprint' },
      { IpAddress: '2001:db8::1' },
    ]);

    const admin = await deskSaying(asks('SMS_MFA'), tokens());
    const flow = 'ADMIN_USER_PASSWORD_AUTH';
    const asked = challengeOf(await admin.desk.signIn({ username, password, flow, userContext }), 'SMS_MFA');
    await admin.desk.respondToChallenge(asked, { code: '123456' }, { userContext });
    const contextData = {
      IpAddress: '192.0.2.1',
      ServerName: 'app.example.com',
      ServerPath: '/sign-in',
      // Neither cookies nor tokens, and no address that anybody may write.
      HttpHeaders: [
        { headerName: 'User-Agent', headerValue: 'a browser' },
        { headerName: 'accept-language', headerValue: 'de, en' },
      ],
      EncodedData: 'fingerprint',
    };
    expect(admin.server.seen.map(({ body }) => body['ContextData'])).toEqual([contextData, contextData]);
  });

  it('goes with the proof of the password, too', async () => {
    const { offer, judge } = passwordJudge();
    const { desk, server } = await deskSaying(offer('PASSWORD_VERIFIER', internalName), judge(tokens()));
    await desk.signIn({ username, password, userContext });
    expect(sent(server, 1)).toMatchObject({ UserContextData: { IpAddress: '192.0.2.1' } });
  });

  it('is never guessed', async () => {
    const { desk, server } = await deskSaying(asks('SMS_MFA'), tokens());
    const challenge = challengeOf(await desk.signIn({ username, password }), 'SMS_MFA');
    await desk.respondToChallenge(challenge, { code: '123456' });
    for (const { body } of server.seen) {
      expect(body).not.toHaveProperty('UserContextData');
      expect(body).not.toHaveProperty('ContextData');
    }
  });

  it('is refused when an admin sign-in leaves a part of it out', async () => {
    const { desk, server } = await deskSaying(asks('SMS_MFA'));
    const flow = 'ADMIN_USER_PASSWORD_AUTH';
    const partial = { ipAddress: '192.0.2.1' } as AdminUserContext;
    expect(await codeOf(desk.signIn({ username, password, flow, userContext: partial }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
    expect(server.seen).toEqual([]);
  });
});

describe('a remembered device', () => {
  const input: SignInInput = { username, password, flow: 'USER_PASSWORD_AUTH', device };
  const deviceKey = { DEVICE_KEY: device.deviceKey };

  it('proves its secret, which is never sent; a wrong secret proves nothing', async () => {
    for (const [devicePassword, outcome] of [
      [device.devicePassword, 'authenticated'],
      [Buffer.alloc(40, 8).toString('base64'), 'COGNITO_CREDENTIALS_INCORRECT'],
    ] as const) {
      const { offer, judge } = deviceJudge();
      const { desk, server } = await deskSaying(
        asks('DEVICE_SRP_AUTH', internalName),
        offer('DEVICE_PASSWORD_VERIFIER', deviceKey),
        judge(tokens()),
      );
      const answered = desk.signIn({ ...input, device: { ...device, devicePassword } });
      expect(
        await answered.then(
          ({ status }) => status,
          ({ code }: { code: string }) => code,
        ),
      ).toBe(outcome);
      expect(parametersOf(server.seen[0])).toMatchObject(deviceKey);
      for (const index of [1, 2]) {
        const identity = { ...deviceKey, USERNAME: userId, SECRET_HASH: hashFor(userId) };
        expect(responsesOf(server.seen[index])).toMatchObject(identity);
      }
      expect(JSON.stringify(server.seen)).not.toContain(devicePassword);
    }
  });

  it('proves it after an answer, when it is given with the answer', async () => {
    const { offer, judge } = deviceJudge();
    const answers = [
      asks('EMAIL_OTP', internalName),
      asks('DEVICE_SRP_AUTH'),
      offer('DEVICE_PASSWORD_VERIFIER'),
      judge(tokens()),
    ];
    const { desk, server } = await deskSaying(...answers);
    const challenge = challengeOf(await desk.signIn(input), 'EMAIL_OTP');
    expect(JSON.stringify(challenge)).not.toContain(device.devicePassword);
    signedIn(await desk.respondToChallenge(challenge, { code: '12345678' }, { device }));
    expect(server.count('RespondToAuthChallenge')).toBe(3);
  });

  it.each<[string, SignInInput['device']]>([
    ['without its secret', { deviceKey: device.deviceKey }],
    ['that is another than the one that signs in', { ...device, deviceKey: 'eu-west-1_another' }],
  ])('%s is asked for as any challenge is, and answered then', async (_, given) => {
    const { offer, judge } = deviceJudge();
    const answers = [
      asks('EMAIL_OTP', internalName),
      asks('DEVICE_SRP_AUTH'),
      offer('DEVICE_PASSWORD_VERIFIER'),
      judge(tokens()),
    ];
    const { desk } = await deskSaying(...answers);
    const challenge = challengeOf(await desk.signIn(input), 'EMAIL_OTP');
    const result = await desk.respondToChallenge(challenge, { code: '12345678' }, { device: given });
    const asked = challengeOf(result, 'DEVICE_SRP_AUTH');
    expect((await desk.respondToChallenge(asked, { device })).status).toBe('authenticated');
  });

  it('that Cognito does not know is left at home, once, and the result says so', async () => {
    const { desk, server } = await deskSaying(unknownDevice, asks('SMS_MFA', internalName));
    const result = await desk.signIn(input);
    expect(result.deviceUnknown).toBe(true);
    expect(challengeOf(result, 'SMS_MFA').deviceKey).toBeUndefined();
    expect(server.seen.map((request) => parametersOf(request)['DEVICE_KEY'])).toEqual([device.deviceKey, undefined]);

    const known = await deskSaying(asks('SMS_MFA', internalName));
    expect((await known.desk.signIn(input)).deviceUnknown).toBeUndefined();
    const never = await deskSaying(unknownDevice);
    expect(await codeOf(never.desk.signIn(input))).toBe('COGNITO_DEVICE_NOT_FOUND');
    expect(never.server.seen).toHaveLength(2);
    const without = await deskSaying(unknownDevice);
    await codeOf(without.desk.signIn({ username, password, flow: 'USER_PASSWORD_AUTH' }));
    expect(without.server.seen).toHaveLength(1);
  });

  it('that becomes unknown on the way is left at home from the beginning', async () => {
    const [before, after] = [passwordJudge(), passwordJudge()];
    const { desk, server } = await deskSaying(
      before.offer('PASSWORD_VERIFIER', internalName),
      unknownDevice,
      after.offer('PASSWORD_VERIFIER', internalName),
      after.judge(tokens()),
    );
    expect(signedIn(await desk.signIn({ username, password, device })).deviceUnknown).toBe(true);
    expect(operations(server).filter((operation) => operation === 'InitiateAuth')).toHaveLength(2);
  });

  it('does not hide another refusal', async () => {
    const { desk, server } = await deskSaying(() =>
      awsError('NotAuthorizedException', 'Incorrect username or password.'),
    );
    expect(await codeOf(desk.signIn(input))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(server.seen).toHaveLength(1);
  });
});

describe('a sealed challenge', () => {
  const secret = 'a-secret-that-every-process-knows-of';
  const shared = resolveSecrets([secret], true);

  it('holds everything that the answer needs, whichever challenge it is, and no secret of the device', async () => {
    for (const name of names) {
      const { server, challenge } = await challenged(name);
      const [here, there] = [deskAt(server, { secrets: shared }), deskAt(server, { secrets: shared, attributes })];
      const opened = await there.openChallenge(await here.sealChallenge(challenge));
      expect(opened).toEqual(challenge);
      const [answer, responses] = challenges[name].answers[0] ?? [];
      signedIn(await respond(there, opened, answer));
      const identity = { USERNAME: userId, DEVICE_KEY: device.deviceKey };
      expect(responsesOf(server.seen[1])).toMatchObject({ ...responses, ...identity });
      expect(JSON.stringify(opened)).not.toContain(device.devicePassword);
    }
  });

  it('takes nothing in that is hung on it', async () => {
    const { server, challenge } = await challenged('SMS_MFA');
    const desk = deskAt(server, { secrets: shared });
    const laden = { ...challenge, device, password };
    expect(await desk.openChallenge(await desk.sealChallenge(laden))).toEqual(challenge);
  });

  it('opens for fifteen minutes, and not once it was tampered with', async () => {
    const { server, challenge } = await challenged('SMS_MFA');
    const desk = deskAt(server, { secrets: shared });
    const sealed = await desk.sealChallenge(challenge);
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 14 * 60_000);
    expect(await desk.openChallenge(sealed)).toEqual(challenge);
    for (let at = 0; at < sealed.length - 1; at += 37) {
      const spoilt = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(await codeOf(desk.openChallenge(spoilt))).toBe('COGNITO_SESSION_INVALID');
    }
    vi.setSystemTime(Date.now() + 2 * 60_000);
    expect(await codeOf(desk.openChallenge(sealed))).toBe('COGNITO_SESSION_INVALID');
  });

  it('opens for its own pool, client and purpose alone', async () => {
    const desk = deskAt(await cognitoSaying(tokens()), { secrets: shared });
    const sealer = new Sealer(shared.read);
    const output = { ChallengeName: 'SMS_MFA', ChallengeParameters: {}, Session: 'session' };
    const origin = { username: userId, admin: false };
    const inside = { pool: userPoolId, client: clientId, output, origin };
    const sealed = (purpose: 'challenge' | 'session', change: object = {}) =>
      sealer.seal(purpose, { ...inside, ...change }, 60);
    expect(await desk.openChallenge(await sealed('challenge'))).toMatchObject({ name: 'SMS_MFA', session: 'session' });
    const strangers = [
      sealed('session'),
      sealed('challenge', { pool: 'eu-west-1_Another' }),
      sealed('challenge', { client: 'another' }),
      sealed('challenge', { output: undefined }),
      sealed('challenge', { origin: { ...origin, admin: 'yes' } }),
      new Sealer(() => ['another-secret-of-thirty-two-bytes']).seal('challenge', inside, 60),
    ];
    for (const stranger of strangers) {
      expect(await codeOf(desk.openChallenge(await stranger))).toBe('COGNITO_SESSION_INVALID');
    }
  });
});
