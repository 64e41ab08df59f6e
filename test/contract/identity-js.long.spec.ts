import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';

const PASSWORD = 'Passw0rd!';

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    mfaConfiguration: 'OPTIONAL',
    deviceConfiguration: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt: true },
    users: ['carl', 'ted', 'dan', 'gwen'].map((username) => ({ username, password: PASSWORD })),
  });
});

afterAll(async () => pool.stop());

/** How a step of a sign-in ended: with a session, or with what is asked for next. */
interface Step {
  readonly session?: CognitoUserSession;
  readonly asked?: 'totp';
  /** The device that was new wants to be confirmed by the person. */
  readonly confirmDevice?: boolean | undefined;
}

function peer(): CognitoUserPool {
  const { userPoolId, clientId, endpoint } = pool.options;
  return new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint });
}

const userNamed = (username: string) => new CognitoUser({ Username: username, Pool: peer() });

async function signIn(user: CognitoUser, password = PASSWORD): Promise<Step> {
  const details = new AuthenticationDetails({ Username: user.getUsername(), Password: password });
  return new Promise((resolve, onFailure) => {
    user.authenticateUser(details, {
      onSuccess: (session, confirmDevice) => resolve({ session, confirmDevice }),
      onFailure,
      totpRequired: () => resolve({ asked: 'totp' }),
    });
  });
}

async function sendCode(user: CognitoUser, code: string): Promise<Step> {
  return new Promise((resolve, onFailure) => {
    const onSuccess = (session: CognitoUserSession, confirmDevice?: boolean) => resolve({ session, confirmDevice });
    user.sendMFACode(code, { onSuccess, onFailure }, 'SOFTWARE_TOKEN_MFA');
  });
}

async function settled(begin: (callbacks: Callbacks) => void): Promise<unknown> {
  return new Promise((onSuccess, onFailure) => begin({ onSuccess, onFailure }));
}

interface Callbacks {
  onSuccess: (result: unknown) => void;
  onFailure: (error: Error) => void;
}

async function called<T>(
  begin: (callback: (error?: Error | null, result?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => begin((error, result) => (error ? reject(error) : resolve(result))));
}

/** The code of an authenticator app, each of a step of its own. */
function totp(secret: string): string {
  pool.clock.advance({ seconds: 30 });
  return new TOTP({ secret }).generate({ timestamp: pool.clock.now() });
}

const anotherThan = (code: string) => `${code.startsWith('1') ? '2' : '1'}${code.slice(1)}`;

async function setUpTotp(user: CognitoUser): Promise<string> {
  const secret = await new Promise<string>((associateSecretCode, onFailure) => {
    user.associateSoftwareToken({ associateSecretCode, onFailure });
  });
  const verify = async (code: string) => settled((callbacks) => user.verifySoftwareToken(code, 'phone', callbacks));
  const code = totp(secret);
  await expect(verify(anotherThan(code))).rejects.toMatchObject({ code: 'EnableSoftwareTokenMFAException' });
  await verify(code);
  const preferred = { Enabled: true, PreferredMfa: true };
  await called<string>((callback) => user.setUserMfaPreference(null, preferred, callback));
  return secret;
}

describe('amazon-cognito-identity-js against the emulator', () => {
  it('signs up, confirms with the code and signs in', async () => {
    const email = new CognitoUserAttribute({ Name: 'email', Value: 'sue@example.com' });
    await called((callback) => peer().signUp('sue', PASSWORD, [email], [], callback));
    const sue = userNamed('sue');
    await expect(signIn(sue)).rejects.toMatchObject({ code: 'UserNotConfirmedException' });
    const { code = '' } = pool.inbox.last('sue@example.com') ?? {};
    const confirm = async (offered: string) => called((callback) => sue.confirmRegistration(offered, false, callback));
    await expect(confirm(anotherThan(code))).rejects.toMatchObject({ code: 'CodeMismatchException' });
    await confirm(code);
    expect((await signIn(sue)).session?.isValid()).toBe(true);
  });

  it('changes the password, knowing the old one', async () => {
    const carl = userNamed('carl');
    await signIn(carl);
    const change = async (from: string) => called((callback) => carl.changePassword(from, 'N3w-Passw0rd', callback));
    await expect(change('Passw0rd?')).rejects.toMatchObject({ code: 'NotAuthorizedException' });
    await change(PASSWORD);
    await expect(signIn(userNamed('carl'))).rejects.toMatchObject({ code: 'NotAuthorizedException' });
    expect((await signIn(userNamed('carl'), 'N3w-Passw0rd')).session).toBeDefined();
  });

  it('sets up an authenticator app and is asked for its code', async () => {
    const ted = userNamed('ted');
    await signIn(ted);
    const secret = await setUpTotp(ted);
    const again = userNamed('ted');
    expect(await signIn(again)).toEqual({ asked: 'totp' });
    const code = totp(secret);
    await expect(sendCode(again, anotherThan(code))).rejects.toMatchObject({ code: 'CodeMismatchException' });
    expect((await sendCode(again, code)).session?.isValid()).toBe(true);
  });

  it('is not asked for it on a device that it has remembered, and again once that is forgotten', async () => {
    const dan = userNamed('dan');
    expect((await signIn(dan)).confirmDevice).toBe(true);
    const secret = await setUpTotp(dan);
    expect(await signIn(userNamed('dan'))).toEqual({ asked: 'totp' });

    await settled((callbacks) => dan.setDeviceStatusRemembered(callbacks));
    const remembered = userNamed('dan');
    expect((await signIn(remembered)).session?.isValid()).toBe(true);
    await expect(signIn(userNamed('dan'), 'Passw0rd?')).rejects.toMatchObject({ code: 'NotAuthorizedException' });

    await settled((callbacks) => remembered.forgetDevice(callbacks));
    const forgotten = userNamed('dan');
    expect(await signIn(forgotten)).toEqual({ asked: 'totp' });
    expect((await sendCode(forgotten, totp(secret))).session?.isValid()).toBe(true);
  });

  it('signs out everywhere: what another place got before is good no more', async () => {
    const [here, there] = [userNamed('gwen'), userNamed('gwen')];
    await signIn(there);
    await signIn(here);
    const attributesThere = async () => called((callback) => there.getUserAttributes(callback));
    await expect(attributesThere()).resolves.toBeDefined();
    await settled((callbacks) => here.globalSignOut(callbacks));
    await expect(attributesThere()).rejects.toMatchObject({ message: 'Access Token has been revoked' });
  });
});
