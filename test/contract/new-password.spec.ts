import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  type InitiateAuthResponse,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { decoded } from '../unit/emulator/wire-client.js';
import { refusalOf } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const TEMPORARY = 'Temp-Passw0rd';
const LASTING = 'Lasting-Passw0rd';

let pool: CognitoEmulator;
let client: SdkSignIn;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    aliasAttributes: ['email', 'preferred_username'],
    passwordPolicy: { passwordHistorySize: 2 },
    schema: [
      { name: 'email', required: true },
      { name: 'given_name', required: true },
      { name: 'custom:badge', mutable: false },
      { name: 'custom:floor', type: 'Number' },
    ],
    clients: [
      { clientId: 'reader', readAttributes: ['email'], writeAttributes: ['email', 'nickname'] },
      { clientId: 'other' },
    ],
    users: [
      ...['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'gina'].map((username) => ({
        username,
        password: TEMPORARY,
        status: 'FORCE_CHANGE_PASSWORD' as const,
        attributes: { email: `${username}@example.com`, 'custom:badge': 'b-1' },
      })),
      { username: 'henry', password: LASTING, attributes: { preferred_username: 'hank' } },
    ],
  });
  client = new SdkSignIn(pool);
});

afterEach(() => {
  pool.clock.reset();
});

afterAll(async () => pool.stop());

const parametersOf = ({ ChallengeParameters = {} }: InitiateAuthResponse) => ({
  required: JSON.parse(ChallengeParameters['requiredAttributes'] ?? '') as unknown,
  present: JSON.parse(ChallengeParameters['userAttributes'] ?? '') as unknown,
});

describe('a password that has to be changed', () => {
  it('leads to a challenge that names what is there and what is missing, over every flow', async () => {
    const clear = await client.password('alice', TEMPORARY);
    expect(clear).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeParameters: { USER_ID_FOR_SRP: 'alice' },
    });
    expect(parametersOf(clear)).toEqual({
      required: ['userAttributes.given_name'],
      present: { email: 'alice@example.com', email_verified: 'false', 'custom:badge': 'b-1' },
    });
    for (const asked of [
      await client.srp('alice', TEMPORARY),
      await client.adminStart('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: TEMPORARY }),
    ]) {
      expect(asked.ChallengeParameters).toEqual(clear.ChallengeParameters);
    }
  });

  it('names to a client what it may read and write, no more', async () => {
    const asked = await client.by('reader').password('alice', TEMPORARY);
    expect(parametersOf(asked)).toEqual({ required: [], present: { email: 'alice@example.com' } });
  });

  it('is replaced, and the missing attributes completed, in one answer', async () => {
    const asked = await client.password('alice', TEMPORARY);
    const signedIn = await client.answer(asked, {
      NEW_PASSWORD: LASTING,
      'userAttributes.given_name': 'Alice',
      'userAttributes.custom:floor': '4',
    });
    const { payload } = decoded(signedIn.AuthenticationResult?.IdToken);
    expect(payload).toMatchObject({ given_name: 'Alice', 'custom:floor': '4', email: 'alice@example.com' });
    expect(await client.password('alice', LASTING)).toHaveProperty('AuthenticationResult');
    expect(await refusalOf(client.password('alice', TEMPORARY))).toMatch(/Incorrect username or password/);
  });

  it('is replaced by a server that answers with its own authority too', async () => {
    const asked = await client.adminStart('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'bob', PASSWORD: TEMPORARY });
    const answer = { USERNAME: 'bob', NEW_PASSWORD: LASTING, 'userAttributes.given_name': 'Bob' };
    expect(await client.adminAnswer(asked, answer)).toHaveProperty('AuthenticationResult');
  });

  it('refuses what does not fit, and keeps both the account and the session as they were', async () => {
    const asked = await client.password('carol', TEMPORARY);
    const right = { NEW_PASSWORD: LASTING, 'userAttributes.given_name': 'Carol' };
    const refused = async (changes: Record<string, string>) =>
      refusalOf(client.answer(asked, { ...right, ...changes }));
    expect(await refused({ NEW_PASSWORD: 'lasting-passw0rd' })).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password must have uppercase characters',
    );
    expect(await refused({ NEW_PASSWORD: ` ${LASTING}` })).toMatch(/^InvalidPasswordException: .*regular expression/);
    expect(await refused({ NEW_PASSWORD: TEMPORARY })).toMatch(/^PasswordHistoryPolicyViolationException/);
    expect(await refused({ NEW_PASSWORD: '' })).toBe(
      'InvalidParameterException: Missing required parameter NEW_PASSWORD',
    );
    expect(await refused({ 'userAttributes.given_name': '' })).toBe(
      'InvalidParameterException: Invalid attributes given, given_name is missing',
    );
    expect(await refused({ 'userAttributes.email': 'c@example.com' })).toBe(
      'NotAuthorizedException: Cannot modify an already provided email',
    );
    expect(await refused({ 'userAttributes.custom:badge': 'b-2' })).toBe(
      'InvalidParameterException: user.custom:badge: Attribute cannot be updated.\n',
    );
    expect(await refused({ 'userAttributes.email_verified': 'true' })).toMatch(/write unauthorized attribute/);
    expect(await refused({ 'userAttributes.custom:unknown': 'x' })).toMatch(/could not be determined/);
    expect(await refused({ 'userAttributes.custom:floor': 'four' })).toMatch(/^InvalidParameterException/);
    expect(await refused({ 'userAttributes.preferred_username': 'HANK' })).toMatch(/^AliasExistsException/);

    expect(parametersOf(await client.password('carol', TEMPORARY)).present).not.toHaveProperty('given_name');
    expect(await client.answer(asked, right)).toHaveProperty('AuthenticationResult');
  });

  it('is written by a client within its own permission', async () => {
    const reader = client.by('reader');
    const asked = await reader.password('dave', TEMPORARY);
    const answer = async (more: Record<string, string>) => reader.answer(asked, { NEW_PASSWORD: LASTING, ...more });
    expect(await refusalOf(answer({ 'userAttributes.given_name': 'Dave' }))).toMatch(/write unauthorized attribute/);
    expect(await answer({ 'userAttributes.nickname': 'D' })).toHaveProperty('AuthenticationResult');
  });

  it('is replaced once, however many sign-ins wait for it', async () => {
    const [first, second] = [await client.password('erin', TEMPORARY), await client.password('erin', TEMPORARY)];
    const answer = { 'userAttributes.given_name': 'Erin' };
    expect(await client.answer(first, { ...answer, NEW_PASSWORD: LASTING })).toHaveProperty('AuthenticationResult');
    for (const asked of [first, second]) {
      expect(await refusalOf(client.answer(asked, { ...answer, NEW_PASSWORD: 'Another-Passw0rd' }))).toBe(
        'NotAuthorizedException: Invalid session for the user, session can only be used once.',
      );
    }
    expect(await client.password('erin', LASTING)).toHaveProperty('AuthenticationResult');
  });

  it('is good for seven days', async () => {
    pool.clock.advance({ days: 7, seconds: -5 });
    expect(await client.password('frank', TEMPORARY)).toHaveProperty('ChallengeName', 'NEW_PASSWORD_REQUIRED');
    pool.clock.advance({ seconds: 10 });
    const expired = 'Temporary password has expired and must be reset by an administrator.';
    expect(await refusalOf(client.password('frank', TEMPORARY))).toBe(`NotAuthorizedException: ${expired}`);
    expect(await refusalOf(client.srp('frank', TEMPORARY))).toBe(`NotAuthorizedException: ${expired}`);
    // It says so to nobody who does not know the password.
    expect(await refusalOf(client.password('frank', 'nope'))).toMatch(/Incorrect username or password/);
  });

  it('is not replaced in an account that was disabled in the meantime', async () => {
    const asked = await client.password('gina', TEMPORARY);
    const user = { UserPoolId: pool.options.userPoolId, Username: 'gina' };
    await client.sdk.send(new AdminDisableUserCommand(user));
    const answer = async (to: InitiateAuthResponse) =>
      client.answer(to, { NEW_PASSWORD: LASTING, 'userAttributes.given_name': 'Gina' });
    expect(await refusalOf(answer(asked))).toMatch(/^NotAuthorizedException/);
    await client.sdk.send(new AdminEnableUserCommand(user));
    expect(await answer(await client.password('gina', TEMPORARY))).toHaveProperty('AuthenticationResult');
  });
});
