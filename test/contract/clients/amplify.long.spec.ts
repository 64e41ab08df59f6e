import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CognitoEmulator, type EmulatorUser } from '../../../lib/emulator/index.js';
import { foreign, installForeignPackages } from './installed.js';

/** The parts of aws-amplify that are used; its own types are not there before it is installed. */
interface Amplify {
  configure(options: {
    Auth: { Cognito: { userPoolId: string; userPoolClientId: string; userPoolEndpoint: string } };
  }): void;
}

interface SignInOutput {
  readonly isSignedIn: boolean;
  readonly nextStep: {
    readonly signInStep: string;
    readonly availableChallenges?: readonly string[];
    readonly totpSetupDetails?: { readonly sharedSecret: string };
  };
}

interface Tokens {
  readonly accessToken: { toString(): string; readonly payload: Readonly<Record<string, unknown>> };
  readonly idToken?: { readonly payload: Readonly<Record<string, unknown>> };
}

interface AmplifyAuth {
  signIn(input: { username: string; password?: string; options?: object }): Promise<SignInOutput>;
  confirmSignIn(input: { challengeResponse: string }): Promise<SignInOutput>;
  signOut(options?: { global: boolean }): Promise<void>;
  signUp(input: object): Promise<{ readonly isSignUpComplete: boolean }>;
  confirmSignUp(input: {
    username: string;
    confirmationCode: string;
  }): Promise<{ readonly isSignUpComplete: boolean; readonly nextStep: { readonly signUpStep: string } }>;
  autoSignIn(): Promise<SignInOutput>;
  fetchAuthSession(options?: { forceRefresh: boolean }): Promise<{ readonly tokens?: Tokens }>;
  fetchUserAttributes(): Promise<Readonly<Record<string, string>>>;
  fetchDevices(): Promise<readonly { readonly id: string }[]>;
  forgetDevice(): Promise<void>;
  setUpTOTP(): Promise<{ readonly sharedSecret: string }>;
  verifyTOTPSetup(input: { code: string }): Promise<void>;
  updateMFAPreference(input: { totp: 'PREFERRED' }): Promise<void>;
}

const PASSWORD = 'Passw0rd!';

let auth: AmplifyAuth;
let optional: CognitoEmulator;
let required: CognitoEmulator;

const named = (username: string, more: Partial<EmulatorUser> = {}): EmulatorUser => ({
  username,
  password: PASSWORD,
  attributes: { email: `${username}@example.com` },
  ...more,
});

beforeAll(async () => {
  await installForeignPackages();
  // It names devices after this, which Node has since 21; where it is missing no device is ever confirmed.
  if (!('navigator' in globalThis)) vi.stubGlobal('navigator', { userAgent: 'Node.js' });
  auth = foreign<AmplifyAuth>('aws-amplify/auth');
  [optional, required] = await Promise.all([
    CognitoEmulator.start({
      mfaConfiguration: 'OPTIONAL',
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
      users: [
        named('alice', { groups: ['staff'] }),
        named('ted'),
        named('rita'),
        named('nina', { status: 'FORCE_CHANGE_PASSWORD' }),
      ],
    }),
    CognitoEmulator.start({
      mfaConfiguration: 'ON',
      enabledMfas: ['SOFTWARE_TOKEN_MFA'],
      deviceConfiguration: { challengeRequiredOnNewDevice: true },
      users: [named('mia')],
    }),
  ]);
});

afterEach(async () => auth.signOut());

afterAll(async () => Promise.all([optional?.stop(), required?.stop()]));

function use({ options }: CognitoEmulator): void {
  const { userPoolId, clientId: userPoolClientId, endpoint: userPoolEndpoint } = options;
  const { Amplify: amplify } = foreign<{ Amplify: Amplify }>('aws-amplify');
  amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } } });
}

async function stepOf(outcome: Promise<SignInOutput>): Promise<string> {
  return (await outcome).nextStep.signInStep;
}

/** The code that an authenticator app shows, by the pool's time; each is of a step of its own. */
function totp(pool: CognitoEmulator, secret = ''): string {
  pool.clock.advance({ seconds: 30 });
  return new TOTP({ secret }).generate({ timestamp: pool.clock.now() });
}

const codeFor = (pool: CognitoEmulator, recipient: string) => pool.inbox.last(recipient)?.code ?? '';
const anotherThan = (code: string) => `${code.startsWith('1') ? '2' : '1'}${code.slice(1)}`;

describe('aws-amplify against the emulator: sign-in', () => {
  it('signs in over SRP, reads the user and is refused with a wrong password', async () => {
    use(optional);
    await expect(auth.signIn({ username: 'alice', password: 'Passw0rd?' })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
    expect(await stepOf(auth.signIn({ username: 'alice', password: PASSWORD }))).toBe('DONE');
    const { tokens } = await auth.fetchAuthSession();
    expect(tokens?.accessToken.payload).toMatchObject({ username: 'alice', 'cognito:groups': ['staff'] });
    expect(tokens?.idToken?.payload).toMatchObject({ email: 'alice@example.com' });
    expect(await auth.fetchUserAttributes()).toMatchObject({ email: 'alice@example.com', email_verified: 'true' });
  });

  it('refreshes when it is forced to, and has no tokens after a sign-out everywhere', async () => {
    use(optional);
    await auth.signIn({ username: 'rita', password: PASSWORD });
    const first = await auth.fetchAuthSession();
    const second = await auth.fetchAuthSession({ forceRefresh: true });
    expect(second.tokens?.accessToken.payload['jti']).not.toBe(first.tokens?.accessToken.payload['jti']);
    expect(second.tokens?.accessToken.payload['origin_jti']).toBe(first.tokens?.accessToken.payload['origin_jti']);
    const revoke = { AccessToken: second.tokens?.accessToken.toString() };
    expect(await called(optional, 'GlobalSignOut', revoke)).toBe(200);
    expect((await auth.fetchAuthSession({ forceRefresh: true })).tokens).toBeUndefined();
  });

  it('answers NEW_PASSWORD_REQUIRED', async () => {
    use(optional);
    expect(await stepOf(auth.signIn({ username: 'nina', password: PASSWORD }))).toBe(
      'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED',
    );
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: 'Lasting-Passw0rd' }))).toBe('DONE');
    await auth.signOut();
    await expect(auth.signIn({ username: 'nina', password: PASSWORD })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
    expect(await stepOf(auth.signIn({ username: 'nina', password: 'Lasting-Passw0rd' }))).toBe('DONE');
  });

  it('sends the password itself where USER_PASSWORD_AUTH is asked for', async () => {
    use(optional);
    const options = { authFlowType: 'USER_PASSWORD_AUTH' };
    await expect(auth.signIn({ username: 'alice', password: 'Passw0rd?', options })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
    expect(await stepOf(auth.signIn({ username: 'alice', password: PASSWORD, options }))).toBe('DONE');
  });
});

describe('aws-amplify against the emulator: USER_AUTH', () => {
  const preferring = (preferredChallenge: string) => ({ authFlowType: 'USER_AUTH', preferredChallenge });

  it('proves the password', async () => {
    use(optional);
    const options = preferring('PASSWORD_SRP');
    await expect(auth.signIn({ username: 'alice', password: 'Passw0rd?', options })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
    });
    expect(await stepOf(auth.signIn({ username: 'alice', password: PASSWORD, options }))).toBe('DONE');
  });

  it('takes a code by e-mail in place of it', async () => {
    use(optional);
    expect(await stepOf(auth.signIn({ username: 'alice', options: preferring('EMAIL_OTP') }))).toBe(
      'CONFIRM_SIGN_IN_WITH_EMAIL_CODE',
    );
    const code = codeFor(optional, 'alice@example.com');
    await expect(auth.confirmSignIn({ challengeResponse: anotherThan(code) })).rejects.toMatchObject({
      name: 'CodeMismatchException',
    });
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: code }))).toBe('DONE');
  });

  it('lets the user choose', async () => {
    use(optional);
    const { nextStep } = await auth.signIn({ username: 'alice', options: { authFlowType: 'USER_AUTH' } });
    expect(nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
    expect(nextStep.availableChallenges?.toSorted()).toEqual(['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP']);
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: 'EMAIL_OTP' }))).toBe(
      'CONFIRM_SIGN_IN_WITH_EMAIL_CODE',
    );
    const code = codeFor(optional, 'alice@example.com');
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: code }))).toBe('DONE');
  });

  it('signs a new user in by itself once the sign-up is confirmed', async () => {
    use(optional);
    const [username, email] = ['sue', 'sue@example.com'];
    const options = { userAttributes: { email }, autoSignIn: { authFlowType: 'USER_AUTH' } };
    expect(await auth.signUp({ username, password: PASSWORD, options })).toMatchObject({ isSignUpComplete: false });
    const confirmationCode = codeFor(optional, email);
    await expect(
      auth.confirmSignUp({ username, confirmationCode: anotherThan(confirmationCode) }),
    ).rejects.toMatchObject({ name: 'CodeMismatchException' });
    const { nextStep } = await auth.confirmSignUp({ username, confirmationCode });
    expect(nextStep.signUpStep).toBe('COMPLETE_AUTO_SIGN_IN');
    expect(await stepOf(auth.autoSignIn())).toBe('DONE');
  });
});

describe('aws-amplify against the emulator: second factors', () => {
  it('sets up an authenticator app and is asked for its code from then on', async () => {
    use(optional);
    await auth.signIn({ username: 'ted', password: PASSWORD });
    const { sharedSecret } = await auth.setUpTOTP();
    const code = totp(optional, sharedSecret);
    await expect(auth.verifyTOTPSetup({ code: anotherThan(code) })).rejects.toMatchObject({
      name: 'EnableSoftwareTokenMFAException',
    });
    await auth.verifyTOTPSetup({ code });
    await auth.updateMFAPreference({ totp: 'PREFERRED' });
    await auth.signOut();

    expect(await stepOf(auth.signIn({ username: 'ted', password: PASSWORD }))).toBe('CONFIRM_SIGN_IN_WITH_TOTP_CODE');
    const next = totp(optional, sharedSecret);
    await expect(auth.confirmSignIn({ challengeResponse: anotherThan(next) })).rejects.toMatchObject({
      name: 'CodeMismatchException',
    });
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: next }))).toBe('DONE');
  });

  it('sets one up within the sign-in where it is required, and skips it on the device that it remembers', async () => {
    use(required);
    const { nextStep } = await auth.signIn({ username: 'mia', password: PASSWORD });
    expect(nextStep.signInStep).toBe('CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
    const secret = nextStep.totpSetupDetails?.sharedSecret;
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: totp(required, secret) }))).toBe('DONE');
    expect(await auth.fetchDevices()).toHaveLength(1);
    await auth.signOut();

    expect(await stepOf(auth.signIn({ username: 'mia', password: PASSWORD }))).toBe('DONE');
    await auth.forgetDevice();
    await auth.signOut();
    expect(await stepOf(auth.signIn({ username: 'mia', password: PASSWORD }))).toBe('CONFIRM_SIGN_IN_WITH_TOTP_CODE');
    expect(await stepOf(auth.confirmSignIn({ challengeResponse: totp(required, secret) }))).toBe('DONE');
  });
});

async function called({ options }: CognitoEmulator, operation: string, members: object): Promise<number> {
  const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` };
  return (await fetch(options.endpoint, { method: 'POST', headers, body: JSON.stringify(members) })).status;
}
