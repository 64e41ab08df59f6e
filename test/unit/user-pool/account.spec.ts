import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TriggerEvent } from '../../../lib/emulator/triggers.js';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import { closeDesks, codeOf, deskOf, errorOf, signedIn } from '../../support/desk.js';

const PASSWORD = 'Passw0rd!';
const NEW_PASSWORD = 'N3w-password';

let pool: CognitoEmulator;
let desk: CognitoService;
let alice: string;
let count = 0;

// The client has a secret: every call that names a user proves it with a hash over the name that is sent.
beforeAll(async () => {
  pool = await CognitoEmulator.start({
    clientSecret: 'a-secret-of-24-letters-ab',
    aliasAttributes: ['email', 'preferred_username'],
    allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
    passwordPolicy: { passwordHistorySize: 1 },
    schema: [
      { name: 'custom:age', type: 'Number' },
      { name: 'custom:member', type: 'Boolean' },
      { name: 'custom:tenant', mutable: false },
    ],
    clients: [{ clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' }],
  });
  desk = deskOf(pool.options, {
    attributes: {
      given_name: 'firstName',
      'custom:age': { property: 'age', type: 'number' },
      'custom:member': { property: 'isMember', type: 'boolean' },
    },
  });
});

beforeEach(() => {
  count += 1;
  alice = `alice-${count}`;
});

afterAll(async () => {
  await closeDesks();
  await pool.stop();
});

const codeFor = (recipient: string) => pool.inbox.last(recipient)?.code ?? 'no code';
const otherThan = (code: string) => (code === '000000' ? '000001' : '000000');
const tokenOf = async (name: string) => (await pool.tokensFor(name)).accessToken;
const signIn = async (username: string, password: string) => desk.signIn({ username, password });

/** A confirmed user with an e-mail address of their own. */
async function join(username = alice): Promise<string> {
  await desk.signUp({ username, password: PASSWORD, attributes: { email: `${username}@example.com` } });
  await desk.confirmSignUp({ username, code: codeFor(username) });
  return username;
}

describe('signing up', () => {
  it('writes attributes under the application’s names, and shows triggers what goes along', async () => {
    const events: TriggerEvent[] = [];
    pool.triggers.preSignUp = (event) => void events.push(event);
    const attributes = { firstName: 'Ada', age: 36, isMember: true, email: 'ada@example.com', nickname: undefined };
    const result = await desk.signUp({
      username: alice,
      password: PASSWORD,
      attributes,
      validationData: { invitation: 7 },
      clientMetadata: { campaign: 'spring' },
      userContext: { ipAddress: '203.0.113.7' },
    });
    delete pool.triggers.preSignUp;
    expect(result).toMatchObject({
      userConfirmed: false,
      codeDelivery: { destination: 'a***@e***', medium: 'EMAIL', attribute: 'email' },
      session: expect.any(String) as string,
    });
    expect(events[0]?.request).toEqual({
      userAttributes: {
        given_name: 'Ada',
        'custom:age': '36',
        'custom:member': 'true',
        email: 'ada@example.com',
      },
      validationData: { invitation: '7' },
      clientMetadata: { campaign: 'spring' },
    });
    const profile = await desk.profile.get({ accessToken: await tokenOf(alice) });
    expect(profile.sub).toBe(result.userSub);
    expect(profile.values).toMatchObject({ firstName: 'Ada', age: 36, isMember: true, email_verified: false });
    expect(profile.attributes).toMatchObject({ given_name: 'Ada', 'custom:age': '36', 'custom:member': 'true' });
    expect(attributes).toEqual({
      firstName: 'Ada',
      age: 36,
      isMember: true,
      email: 'ada@example.com',
      nickname: undefined,
    });
  });

  it('leads through the confirmation into a sign-in', async () => {
    const { session } = await desk.signUp({ username: alice, attributes: { email: `${alice}@example.com` } });
    const code = codeFor(alice);
    expect(await codeOf(desk.confirmSignUp({ username: alice, code: otherThan(code), session }))).toBe(
      'COGNITO_CODE_MISMATCH',
    );
    expect(
      await codeOf(desk.confirmSignUp({ username: alice, code, session: 'not-the-session-of-this-sign-up' })),
    ).toBe('COGNITO_SESSION_INVALID');
    const confirmed = await desk.confirmSignUp({ username: alice, code, session });
    const result = await desk.signIn({ flow: 'USER_AUTH', username: alice, session: confirmed.session });
    expect(signedIn(result).tokens.accessToken).toBeDefined();
    expect(await codeOf(desk.confirmSignUp({ username: alice, code }))).toBe('COGNITO_NOT_AUTHORIZED');
  });

  it('is refused with the code of what was wrong', async () => {
    await join();
    const username = `${alice}-2`;
    const password = PASSWORD;
    expect(await codeOf(desk.signUp({ username: alice, password }))).toBe('COGNITO_USERNAME_EXISTS');
    expect(await codeOf(desk.signUp({ username, password: 'Passw0rd' }))).toBe('COGNITO_PASSWORD_POLICY');
    expect(await codeOf(desk.signUp({ username, password, attributes: { email: 'nonsense' } }))).toBe(
      'COGNITO_ATTRIBUTE_REFUSED',
    );
    expect(await codeOf(desk.signUp({ username, password, attributes: { email_verified: true } }))).toBe(
      'COGNITO_ATTRIBUTE_REFUSED',
    );
    expect(await codeOf(desk.signUp({ username, password, attributes: { firstName: 'A', given_name: 'B' } }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
    expect(await codeOf(desk.signUp({ username, password, userContext: { ipAddress: 'localhost' } }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
  });

  it('takes an alias away only when it is told to', async () => {
    await join();
    const attributes = { email: `${alice}@example.com` };
    const rival = `${alice}-rival`;
    await desk.signUp({ username: rival, password: PASSWORD, attributes });
    const code = codeFor(rival);
    expect(await codeOf(desk.confirmSignUp({ username: rival, code }))).toBe('COGNITO_ALIAS_EXISTS');
    await desk.confirmSignUp({ username: rival, code, forceAliasCreation: true });
    const { values } = await desk.profile.get({ accessToken: await tokenOf(alice) });
    expect(values['email_verified']).toBe(false);
  });

  it('sends the code again, to whoever is not confirmed yet', async () => {
    await desk.signUp({ username: alice, password: PASSWORD, attributes: { email: 'ada@example.com' } });
    pool.triggers.customMessage = ({ request }) => ({ emailMessage: `${request.clientMetadata?.['tone']} {####}` });
    const delivery = await desk.resendConfirmationCode({ username: alice, clientMetadata: { tone: 'kind' } });
    delete pool.triggers.customMessage;
    expect(delivery).toEqual({ destination: 'a***@e***', medium: 'EMAIL', attribute: 'email' });
    expect(pool.inbox.last(alice)?.text).toBe(`kind ${codeFor(alice)}`);
    await desk.confirmSignUp({ username: alice, code: codeFor(alice) });
    expect(await codeOf(desk.resendConfirmationCode({ username: alice }))).toBe('COGNITO_NOT_AUTHORIZED');
  });
});

describe('recovery', () => {
  it('sets a new password with the code that was sent', async () => {
    await join();
    // By the alias too: the hash is over what is sent, and not over the name behind it.
    const username = `${alice}@example.com`;
    expect(await desk.forgotPassword({ username })).toEqual({
      destination: 'a***@e***',
      medium: 'EMAIL',
      attribute: 'email',
    });
    const code = codeFor(alice);
    const confirm = async (changes: object = {}) =>
      desk.confirmForgotPassword({ username, code, newPassword: NEW_PASSWORD, ...changes });
    expect(await codeOf(confirm({ code: otherThan(code) }))).toBe('COGNITO_CODE_MISMATCH');
    expect(await codeOf(confirm({ newPassword: 'password' }))).toBe('COGNITO_PASSWORD_POLICY');
    expect(await codeOf(confirm({ newPassword: PASSWORD }))).toBe('COGNITO_PASSWORD_REUSED');
    await confirm();
    expect(await codeOf(confirm())).toBe('COGNITO_CODE_EXPIRED');
    expect(await codeOf(signIn(alice, PASSWORD))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect((await signIn(alice, NEW_PASSWORD)).status).toBe('authenticated');
  });

  it('does not tell who exists, unless the app client does', async () => {
    const username = 'nobody';
    expect(await desk.forgotPassword({ username })).toMatchObject({ medium: 'EMAIL' });
    const refusal = await errorOf(desk.confirmForgotPassword({ username, code: '123456', newPassword: NEW_PASSWORD }));
    expect(refusal.code).toBe('COGNITO_CODE_MISMATCH');
    expect(JSON.stringify([refusal.message, refusal.cause])).not.toMatch(/nobody|123456|N3w/);
    const legacy = deskOf({ ...pool.options, clientId: 'legacy', clientSecret: undefined });
    expect(await codeOf(legacy.forgotPassword({ username }))).toBe('COGNITO_NOT_AUTHORIZED');
  });

  it('is limited', async () => {
    await join();
    for (let i = 0; i < 5; i += 1) await desk.forgotPassword({ username: alice });
    expect(await codeOf(desk.forgotPassword({ username: alice }))).toBe('COGNITO_LIMIT_EXCEEDED');
  });
});

describe('the own profile', () => {
  it('is changed, and a new address verified', async () => {
    const accessToken = await tokenOf(await join());
    const email = `${alice}@new.example`;
    const attributes = Object.freeze({ firstName: 'Ada', age: 37, isMember: false, email });
    expect(await desk.profile.updateAttributes({ accessToken, attributes })).toEqual({
      codeDeliveries: [{ destination: 'a***@n***', medium: 'EMAIL', attribute: 'email' }],
    });
    const profile = await desk.profile.get({ accessToken });
    expect(profile).toMatchObject({ username: alice, email, emailVerified: false, phoneNumberVerified: false });
    expect(profile.values).toMatchObject({ firstName: 'Ada', age: 37, isMember: false });
    const code = codeFor(email);
    expect(await codeOf(desk.profile.verifyAttribute({ accessToken, code: otherThan(code) }))).toBe(
      'COGNITO_CODE_MISMATCH',
    );
    await desk.profile.verifyAttribute({ accessToken, code });
    expect((await desk.profile.get({ accessToken })).emailVerified).toBe(true);

    await desk.profile.deleteAttributes({ accessToken, names: ['firstName', 'custom:age'] });
    const { values } = await desk.profile.get({ accessToken });
    expect(values).toMatchObject({ isMember: false, email });
    expect(values).not.toHaveProperty('firstName');
    expect(values).not.toHaveProperty('age');
  });

  it('sends a code for the address that is asked for, e-mail when none is', async () => {
    const accessToken = await tokenOf(await join());
    await desk.profile.updateAttributes({ accessToken, attributes: { phone_number: '+493012349878' } });
    const attribute = 'phone_number';
    expect(await desk.profile.getAttributeVerificationCode({ accessToken })).toMatchObject({ attribute: 'email' });
    expect(await desk.profile.getAttributeVerificationCode({ accessToken, attribute })).toEqual({
      destination: '+********9878',
      medium: 'SMS',
      attribute,
    });
    const code = codeFor('+493012349878');
    await desk.profile.verifyAttribute({ accessToken, code, attribute });
    expect(await desk.profile.get({ accessToken })).toMatchObject({ phoneNumberVerified: true });
    expect(await codeOf(desk.profile.verifyAttribute({ accessToken, code, attribute }))).toBe('COGNITO_CODE_EXPIRED');
  });

  it('is refused what its owner may not write, and what is somebody else’s', async () => {
    await desk.profile.updateAttributes({
      accessToken: await tokenOf(await join(`${alice}-other`)),
      attributes: { preferred_username: 'the-judge' },
    });
    const accessToken = await tokenOf(await join());
    const update = async (attributes: Record<string, string | boolean>) =>
      desk.profile.updateAttributes({ accessToken, attributes });
    expect(await codeOf(update({ email_verified: true }))).toBe('COGNITO_ATTRIBUTE_REFUSED');
    expect(await codeOf(update({ 'custom:tenant': 'two' }))).toBe('COGNITO_ATTRIBUTE_REFUSED');
    expect(await codeOf(update({ age: 'old' }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(update({ preferred_username: 'the-judge' }))).toBe('COGNITO_ALIAS_EXISTS');
    await update({ preferred_username: 'the-singer' });
    expect(await codeOf(desk.profile.get({ accessToken: `${accessToken.slice(0, -4)}AAAA` }))).toBe(
      'COGNITO_TOKEN_CLAIMS_INVALID',
    );
  });

  it('has its password changed by whoever knows it', async () => {
    const accessToken = await tokenOf(await join());
    const change = async (previousPassword?: string) =>
      desk.profile.changePassword({ accessToken, previousPassword, proposedPassword: NEW_PASSWORD });
    expect(await codeOf(change('Wrong-passw0rd'))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await codeOf(change())).toBe('COGNITO_CREDENTIALS_INCORRECT');
    await change(PASSWORD);
    expect((await signIn(alice, NEW_PASSWORD)).status).toBe('authenticated');
  });

  it('is deleted for good', async () => {
    const accessToken = await tokenOf(await join());
    await desk.profile.deleteUser({ accessToken });
    expect(await codeOf(desk.profile.get({ accessToken }))).toBe('COGNITO_TOKEN_REVOKED');
    expect(await codeOf(signIn(alice, PASSWORD))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });
});
