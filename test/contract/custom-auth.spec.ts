import { ConfirmDeviceCommand, type InitiateAuthResponse } from '@aws-sdk/client-cognito-identity-provider';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorTriggers } from '../../lib/emulator/index.js';
import { refusalOf } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let pool: CognitoEmulator;
let client: SdkSignIn;

type TriggerEvent = Parameters<NonNullable<EmulatorTriggers['defineAuthChallenge']>>[0];
let events: TriggerEvent[];

/** Two riddles, each of which may be missed once, three rounds at most. */
const RIDDLES: EmulatorTriggers = {
  defineAuthChallenge: (event) => {
    events.push(event);
    const { session = [] } = event.request;
    const solved = session.filter(({ challengeResult }) => challengeResult).length;
    if (solved >= 2) return { issueTokens: true };
    return session.length >= 3 ? { failAuthentication: true } : { challengeName: 'CUSTOM_CHALLENGE' };
  },
  createAuthChallenge: (event) => {
    events.push(event);
    const riddle = String(event.request.session?.length);
    return {
      publicChallengeParameters: { riddle },
      privateChallengeParameters: { solution: `solution-${riddle}` },
      challengeMetadata: `RIDDLE_${riddle}`,
    };
  },
  verifyAuthChallengeResponse: (event) => {
    events.push(event);
    const { challengeAnswer, privateChallengeParameters } = event.request;
    return { answerCorrect: challengeAnswer === privateChallengeParameters?.['solution'] };
  },
};

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    deviceConfiguration: { deviceOnlyRememberedOnUserPrompt: false },
    mfaConfiguration: 'OPTIONAL',
    clients: [
      { clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' },
      { clientId: 'closed', explicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] },
    ],
    users: [
      {
        username: 'alice',
        password: PASSWORD,
        attributes: { email: 'alice@example.com' },
        mfa: { totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DP' },
      },
      { username: 'invited', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
      { username: 'reset', password: PASSWORD, status: 'RESET_REQUIRED' },
      { username: 'fresh', password: PASSWORD, status: 'UNCONFIRMED' },
      { username: 'off', password: PASSWORD, enabled: false },
      { username: 'federated', password: PASSWORD, status: 'EXTERNAL_PROVIDER' },
    ],
  });
  client = new SdkSignIn(pool);
});

afterEach(() => {
  for (const name of Object.keys(pool.triggers) as (keyof EmulatorTriggers)[]) pool.triggers[name] = undefined;
});

afterAll(async () => pool.stop());

const use = (triggers: EmulatorTriggers) => {
  events = [];
  Object.assign(pool.triggers, triggers);
};
const start = async (USERNAME = 'alice', by = client) => by.start('CUSTOM_AUTH', { USERNAME });
const solve = async (asked: InitiateAuthResponse, ANSWER = `solution-${asked.ChallengeParameters?.['riddle']}`) =>
  client.answer(asked, { ANSWER });

describe('a custom sign-in', () => {
  it('gives tokens after the rounds that its triggers ask for, without another factor', async () => {
    use(RIDDLES);
    const first = await start();
    expect(first).toMatchObject({
      ChallengeName: 'CUSTOM_CHALLENGE',
      ChallengeParameters: { USERNAME: 'alice', riddle: '0' },
    });
    expect(first.ChallengeParameters).not.toHaveProperty('solution');
    const second = await solve(first);
    expect(second.ChallengeParameters).toMatchObject({ riddle: '1' });
    expect(second.Session).not.toBe(first.Session);
    expect(await solve(second)).toMatchObject({
      AuthenticationResult: { TokenType: 'Bearer' },
      ChallengeParameters: {},
    });
  });

  it('tells its triggers what happened so far, and who it is about', async () => {
    use(RIDDLES);
    const second = await client.answer(await start(), { ANSWER: 'nonsense' }, { ClientMetadata: { from: 'answer' } });
    expect(second.ChallengeName).toBe('CUSTOM_CHALLENGE');
    const [define, create, verify, defineAgain] = events;
    expect(define).toMatchObject({
      triggerSource: 'DefineAuthChallenge_Authentication',
      userPoolId: pool.options.userPoolId,
      userName: 'alice',
      callerContext: { clientId: pool.options.clientId },
      request: {
        userAttributes: { email: 'alice@example.com', 'cognito:user_status': 'CONFIRMED' },
        session: [],
        userNotFound: false,
        clientMetadata: {},
      },
    });
    expect(create).toMatchObject({
      triggerSource: 'CreateAuthChallenge_Authentication',
      request: { challengeName: 'CUSTOM_CHALLENGE', session: [] },
    });
    expect(verify).toMatchObject({
      triggerSource: 'VerifyAuthChallengeResponse_Authentication',
      request: {
        challengeAnswer: 'nonsense',
        privateChallengeParameters: { solution: 'solution-0' },
        clientMetadata: { from: 'answer' },
      },
    });
    expect(defineAgain?.request.session).toEqual([
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'RIDDLE_0' },
    ]);
  });

  it('is refused when its trigger gives up', async () => {
    use(RIDDLES);
    const third = await solve(await solve(await start(), 'nonsense'), 'nonsense');
    expect(await refusalOf(solve(third, 'nonsense'))).toBe(WRONG);
  });

  it('has a session that serves once, for its client, its user and its challenge', async () => {
    use(RIDDLES);
    const unknown = 'NotAuthorizedException: Invalid session for the user.';
    const asked = await start();
    const refused = async (to: object, responses: Record<string, string> = {}, changes: object = {}) =>
      refusalOf(client.answer({ ...asked, ...to }, { ANSWER: 'solution-0', ...responses }, changes));
    expect(await refused({}, {}, { ClientId: 'legacy' })).toBe(unknown);
    expect(await refused({}, { USERNAME: 'invited' })).toBe(unknown);
    expect(await refused({ ChallengeName: 'SELECT_CHALLENGE' })).toBe(unknown);
    expect(await refused({ ChallengeName: 'NEW_PASSWORD_REQUIRED' }, { NEW_PASSWORD: PASSWORD })).toBe(unknown);
    expect(await refused({}, { ANSWER: '' })).toBe('InvalidParameterException: Missing required parameter ANSWER');
    await solve(asked, 'nonsense');
    expect(await refused({})).toBe(`${unknown.slice(0, -1)}, session can only be used once.`);
  });

  it('is used up by a trigger that fails', async () => {
    use(RIDDLES);
    const asked = await start();
    pool.triggers.verifyAuthChallengeResponse = () => {
      throw new Error('no');
    };
    expect(await refusalOf(solve(asked))).toBe(
      'UserLambdaValidationException: VerifyAuthChallengeResponse failed with error no.',
    );
    use(RIDDLES);
    expect(await refusalOf(solve(asked))).toMatch(/can only be used once/);
  });

  it('needs the triggers, and a client that permits it', async () => {
    const missing = 'InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.';
    expect(await refusalOf(start())).toBe(missing);
    use({ defineAuthChallenge: () => ({ challengeName: 'CUSTOM_CHALLENGE' }) });
    expect(await refusalOf(start())).toBe(missing);
    use(RIDDLES);
    expect(await refusalOf(start('alice', client.by('closed')))).toBe(
      'InvalidParameterException: CUSTOM_AUTH is not enabled for the client.',
    );
    const odd = client.start('CUSTOM_AUTH', { USERNAME: 'alice', CHALLENGE_NAME: 'SMS_MFA' });
    expect(await refusalOf(odd)).toMatch(/^InvalidParameterException/);
  });

  it.each([
    ['nothing', undefined],
    ['text', 'CUSTOM_CHALLENGE'],
    ['no decision', {}],
    ['an unknown challenge', { challengeName: 'RIDDLE' }],
    ['a proof that was not begun', { challengeName: 'PASSWORD_VERIFIER' }],
    ['a new password where none is due', { challengeName: 'NEW_PASSWORD_REQUIRED' }],
    ['a decision of the wrong type', { issueTokens: 'true' }],
  ])('is refused when DefineAuthChallenge answers %s', async (_, response) => {
    use({ ...RIDDLES, defineAuthChallenge: (() => response) as never });
    expect(await refusalOf(start())).toBe('InvalidLambdaResponseException: Unrecognizable lambda output');
  });

  it('is refused when the other triggers answer what nobody understands', async () => {
    const malformed = 'InvalidLambdaResponseException: Unrecognizable lambda output';
    use({ ...RIDDLES, createAuthChallenge: (() => ({ publicChallengeParameters: { n: 1 } })) as never });
    expect(await refusalOf(start())).toBe(malformed);
    use({ ...RIDDLES, verifyAuthChallengeResponse: (() => ({ answerCorrect: 'yes' })) as never });
    expect(await refusalOf(solve(await start()))).toBe(malformed);
    // Without a verdict an answer counts as wrong.
    use({ ...RIDDLES, verifyAuthChallengeResponse: (() => ({})) as never });
    expect((await solve(await start())).ChallengeParameters).toMatchObject({ riddle: '1' });
    expect(events.at(-1)?.request.session).toMatchObject([{ challengeResult: false }]);
  });

  it('of an administrator goes the same way', async () => {
    use({
      ...RIDDLES,
      defineAuthChallenge: ({ request: { session = [] } }) =>
        session[0]?.challengeResult ? { issueTokens: true } : { challengeName: 'CUSTOM_CHALLENGE' },
    });
    const asked = await client.adminStart('CUSTOM_AUTH', { USERNAME: 'alice' });
    const answer = { USERNAME: 'alice', ANSWER: 'solution-0' };
    expect(await client.adminAnswer(asked, answer)).toHaveProperty('AuthenticationResult');
  });
});

describe('a custom sign-in that begins with the password', () => {
  const afterPassword: EmulatorTriggers = {
    ...RIDDLES,
    defineAuthChallenge: (event) => {
      events.push(event);
      const { session = [] } = event.request;
      const next = ['PASSWORD_VERIFIER', 'CUSTOM_CHALLENGE'][session.length - 1];
      return next === undefined
        ? { issueTokens: session.every((round) => round.challengeResult) }
        : { challengeName: next };
    },
  };
  const begin = async (password = PASSWORD) => {
    const proof = client.proof('alice', password);
    const asked = await client.start('CUSTOM_AUTH', { USERNAME: 'alice', CHALLENGE_NAME: 'SRP_A', SRP_A: proof.srpA });
    return { proof, asked };
  };

  it('goes on to the triggers after the proof, and tells them of it', async () => {
    use(afterPassword);
    const { proof, asked } = await begin();
    expect(asked.ChallengeName).toBe('PASSWORD_VERIFIER');
    const challenge = await client.claim(proof, asked);
    expect(challenge.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(await solve(challenge)).toHaveProperty('AuthenticationResult');
    const rounds = [
      { challengeName: 'SRP_A', challengeResult: true },
      { challengeName: 'PASSWORD_VERIFIER', challengeResult: true },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'RIDDLE_2' },
    ];
    const defined = events.filter(({ triggerSource }) => triggerSource.startsWith('Define'));
    expect(defined.map(({ request }) => request.session)).toEqual([1, 2, 3].map((count) => rounds.slice(0, count)));
  });

  it('is what amazon-cognito-identity-js does', async () => {
    use(afterPassword);
    const { userPoolId: UserPoolId, clientId: ClientId, endpoint } = pool.options;
    const Pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint });
    const solved = await new Promise<CognitoUserSession>((onSuccess, onFailure) => {
      const alice = new CognitoUser({ Username: 'alice', Pool });
      alice.setAuthenticationFlowType('CUSTOM_AUTH');
      alice.authenticateUser(new AuthenticationDetails({ Username: 'alice', Password: PASSWORD }), {
        onSuccess,
        onFailure,
        customChallenge: ({ riddle }: { riddle: string }) => {
          alice.sendCustomChallengeAnswer(`solution-${riddle}`, { onSuccess, onFailure });
        },
      });
    });
    expect(solved.getIdToken().payload).toMatchObject({ 'cognito:username': 'alice' });
    expect(events.at(-1)?.request.session).toHaveLength(3);
  });

  it('ends with a wrong password, a useless SRP_A or a missing session', async () => {
    use(afterPassword);
    const wrong = await begin('nope');
    expect(await refusalOf(client.claim(wrong.proof, wrong.asked))).toBe(WRONG);
    const { proof, asked } = await begin();
    expect(await refusalOf(client.claim(proof, asked, { Session: undefined }))).toMatch(/Invalid session/);
    const zero = client.start('CUSTOM_AUTH', { USERNAME: 'alice', CHALLENGE_NAME: 'SRP_A', SRP_A: '0' });
    expect(await refusalOf(zero)).toMatch(/^InvalidParameterException/);
    const none = client.start('CUSTOM_AUTH', { USERNAME: 'alice', CHALLENGE_NAME: 'SRP_A' });
    expect(await refusalOf(none)).toBe('InvalidParameterException: Missing required parameter SRP_A');
  });
});

describe('whom a custom sign-in is for', () => {
  const always: EmulatorTriggers = { ...RIDDLES, defineAuthChallenge: () => ({ issueTokens: true }) };

  it.each(['nobody', 'federated'])(
    '%s goes through the triggers and gets no tokens, whatever they say',
    async (name) => {
      use(RIDDLES);
      const asked = await start(name);
      expect(asked.ChallengeParameters).toMatchObject({ USERNAME: name, riddle: '0' });
      expect(events[0]).toMatchObject({ userName: name, request: { userNotFound: true, userAttributes: {} } });
      expect(await refusalOf(solve(await solve(asked)))).toBe(WRONG);
      use(always);
      expect(await refusalOf(start(name))).toBe(WRONG);
      use({ defineAuthChallenge: () => ({ challengeName: 'NEW_PASSWORD_REQUIRED' }) });
      expect(await refusalOf(start(name))).toBe(WRONG);
    },
  );

  it.each([
    ['off', 'NotAuthorizedException: User is disabled.'],
    ['fresh', 'UserNotConfirmedException: User is not confirmed.'],
    ['reset', 'PasswordResetRequiredException: Password reset required for the user'],
  ])('%s gets no tokens either', async (name, words) => {
    use(always);
    expect(await refusalOf(start(name))).toBe(words);
    expect(await start('alice')).toHaveProperty('AuthenticationResult');
  });

  it('is told at once by a client of the old kind', async () => {
    use(RIDDLES);
    const legacy = client.by('legacy');
    expect(await refusalOf(start('nobody', legacy))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusalOf(start('off', legacy))).toBe('NotAuthorizedException: User is disabled.');
    expect(await refusalOf(start('fresh', legacy))).toMatch(/^UserNotConfirmedException/);
    expect(events).toEqual([]);
    expect((await start('alice', legacy)).ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(events[0]?.request).not.toHaveProperty('userNotFound');
  });

  it.each(['invited', 'reset'])('%s may be asked for a new password, after which the triggers go on', async (name) => {
    use({
      ...RIDDLES,
      defineAuthChallenge: (event) => {
        events.push(event);
        return event.request.session?.length ? { issueTokens: true } : { challengeName: 'NEW_PASSWORD_REQUIRED' };
      },
    });
    const asked = await start(name);
    expect(asked).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeParameters: { USER_ID_FOR_SRP: name },
    });
    expect(await client.answer(asked, { NEW_PASSWORD: 'Lasting-Passw0rd' })).toHaveProperty('AuthenticationResult');
    expect(events.at(-1)?.request.session).toEqual([{ challengeName: 'NEW_PASSWORD_REQUIRED', challengeResult: true }]);
    expect(await client.password(name, 'Lasting-Passw0rd')).toHaveProperty('AuthenticationResult');
  });

  it('a remembered device is asked last, when the triggers are content', async () => {
    use(always);
    const { AccessToken, NewDeviceMetadata } = (await start()).AuthenticationResult ?? {};
    const { DeviceKey = '' } = NewDeviceMetadata ?? {};
    const DeviceSecretVerifierConfig = { Salt: 'AQID', PasswordVerifier: 'AQID' };
    await client.sdk.send(new ConfirmDeviceCommand({ AccessToken, DeviceKey, DeviceSecretVerifierConfig }));
    use(RIDDLES);
    const first = await client.start('CUSTOM_AUTH', { USERNAME: 'alice', DEVICE_KEY: DeviceKey });
    expect(first.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(await solve(await solve(first))).toMatchObject({ ChallengeName: 'DEVICE_SRP_AUTH' });
  });
});
