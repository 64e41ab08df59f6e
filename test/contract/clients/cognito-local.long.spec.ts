import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CognitoAuthGuard,
  CognitoModule,
  type CognitoPrincipal,
  CognitoService,
  CognitoUser,
  RequireGroups,
} from '../../../lib/index.js';
import { type RunningApp, startApp } from '../../support/nest-app.js';
import { CognitoLocal, credentials, SENT_CODE } from './cognito-local.js';
import { installForeignPackages } from './installed.js';

@UseGuards(CognitoAuthGuard)
@Controller()
class RoomsController {
  @Get('me') me(@CognitoUser() { username, groups }: CognitoPrincipal) {
    return { username, groups };
  }

  @RequireGroups({ any: ['staff'] }) @Get('staff') staff() {
    return {};
  }
}

let server: CognitoLocal;
let pool: { userPoolId: string; clientId: string };
let app: RunningApp;
let cognito: CognitoService;

beforeAll(async () => {
  await installForeignPackages();
  server = await CognitoLocal.start();
  pool = await server.createPool('rooms');
  // It knows REFRESH_TOKEN_AUTH alone.
  const options = { ...pool, endpoint: server.endpoint, credentials, refreshFlow: 'REFRESH_TOKEN_AUTH' as const };
  @Module({ imports: [CognitoModule.forRoot(options)], controllers: [RoomsController] })
  class RoomsModule {}
  app = await startApp(() => new ExpressAdapter(), RoomsModule);
  cognito = app.nest.get(CognitoService);
});

afterAll(async () => {
  await app?.close();
  await server?.stop();
});

const PASSWORD = 'Passw0rd!';
const flow = 'USER_PASSWORD_AUTH' as const;

async function tokensOf(username: string, password = PASSWORD) {
  const result = await cognito.signIn({ username, password, flow });
  if (result.status !== 'authenticated') throw new Error(`a challenge: ${result.challenge.name}`);
  return result.tokens;
}

async function signedUp(username: string): Promise<string> {
  const email = `${username}@example.com`;
  await cognito.signUp({ username: email, password: PASSWORD, attributes: { email } });
  await cognito.confirmSignUp({ username: email, code: SENT_CODE });
  return email;
}

describe('cognito-local as the pool: sign-up and sign-in', () => {
  it('confirms a sign-up with the code that it sent, and only then signs in', async () => {
    const email = 'ann@example.com';
    const { userConfirmed, userSub } = await cognito.signUp({
      username: email,
      password: PASSWORD,
      attributes: { email },
    });
    expect(userConfirmed).toBe(false);
    await expect(tokensOf(email)).rejects.toMatchObject({ code: 'COGNITO_USER_NOT_CONFIRMED' });
    const wrong = cognito.confirmSignUp({ username: email, code: '135791' });
    await expect(wrong).rejects.toMatchObject({ code: 'COGNITO_CODE_MISMATCH' });
    await cognito.confirmSignUp({ username: email, code: SENT_CODE });
    expect(decodeJwt((await tokensOf(email)).accessToken).sub).toBe(userSub);
  });

  it('refuses a wrong password, an unknown user and a second account of the same name', async () => {
    const email = await signedUp('bob');
    const { tokenType, expiresIn } = await tokensOf(email);
    expect(tokenType).toBe('Bearer');
    // It does not say it beside the tokens; they are good for a day.
    expect(Math.abs(expiresIn - 86_400)).toBeLessThan(60);
    await expect(tokensOf(email, 'Passw0rd?')).rejects.toMatchObject({ code: 'COGNITO_CREDENTIALS_INCORRECT' });
    // Cognito would say the same of both; cognito-local says "User not authorized" of a name that it does not know.
    await expect(tokensOf('nobody@example.com')).rejects.toMatchObject({ code: 'COGNITO_NOT_AUTHORIZED' });
    const again = cognito.signUp({ username: email, password: PASSWORD, attributes: { email } });
    await expect(again).rejects.toMatchObject({ code: 'COGNITO_USERNAME_EXISTS' });
  });

  it('renews a session by its refresh token, and by no other', async () => {
    const email = await signedUp('cid');
    const first = await tokensOf(email);
    const renewed = await cognito.refresh({ refreshToken: first.refreshToken });
    expect(renewed).toMatchObject({ refreshToken: first.refreshToken, rotated: false });
    expect(renewed.expiresIn).toBeGreaterThan(3600);
    expect((await app.get('/me', renewed.accessToken)).status).toBe(200);
    const spoilt = cognito.refresh({ refreshToken: `x${first.refreshToken}` });
    await expect(spoilt).rejects.toMatchObject({ name: 'CognitoError' });
  });

  // cognito-local knows neither SRP nor GlobalSignOut and says so with a 500.
  it('says of what it does not know that the service failed, and never signs anybody in by it', async () => {
    const email = await signedUp('deb');
    const { accessToken } = await tokensOf(email);
    await expect(cognito.signIn({ username: email, password: PASSWORD })).rejects.toMatchObject({
      name: 'CognitoError',
    });
    await expect(cognito.signOut({ accessToken })).rejects.toMatchObject({ name: 'CognitoError' });
  });
});

describe('cognito-local as the pool: a signed-in user', () => {
  it('reads and changes the profile, and the password', async () => {
    const email = await signedUp('eve');
    const { accessToken } = await tokensOf(email);
    await cognito.profile.updateAttributes({ accessToken, attributes: { nickname: 'Evie' } });
    expect(await cognito.profile.get({ accessToken })).toMatchObject({ attributes: { email, nickname: 'Evie' } });
    const wrong = cognito.profile.changePassword({
      accessToken,
      previousPassword: 'Passw0rd?',
      proposedPassword: 'N3w-Passw0rd',
    });
    await expect(wrong).rejects.toMatchObject({ name: 'CognitoError' });
    await cognito.profile.changePassword({ accessToken, previousPassword: PASSWORD, proposedPassword: 'N3w-Passw0rd' });
    await expect(tokensOf(email)).rejects.toMatchObject({ code: 'COGNITO_CREDENTIALS_INCORRECT' });
    await expect(tokensOf(email, 'N3w-Passw0rd')).resolves.toBeDefined();
  });

  it('is given a new password by a code, and by the right one only', async () => {
    const email = await signedUp('fay');
    expect(await cognito.forgotPassword({ username: email })).toMatchObject({ medium: 'EMAIL' });
    const confirm = async (code: string) =>
      cognito.confirmForgotPassword({ username: email, code, newPassword: 'N3w-Passw0rd' });
    await expect(confirm('135791')).rejects.toMatchObject({ code: 'COGNITO_CODE_MISMATCH' });
    await confirm(SENT_CODE);
    await expect(tokensOf(email)).rejects.toMatchObject({ code: 'COGNITO_CREDENTIALS_INCORRECT' });
    await expect(tokensOf(email, 'N3w-Passw0rd')).resolves.toBeDefined();
  });
});

describe('cognito-local as the pool: administration', () => {
  it('makes a user who sets a password at the first sign-in', async () => {
    const username = 'gus@example.com';
    const created = await cognito.users.create({
      username,
      temporaryPassword: 'Temp-Passw0rd',
      attributes: { email: username, email_verified: 'true' },
      messageAction: 'SUPPRESS',
    });
    expect(created).toMatchObject({ status: 'FORCE_CHANGE_PASSWORD', enabled: true });
    await expect(cognito.users.create({ username, temporaryPassword: PASSWORD })).rejects.toMatchObject({
      code: 'COGNITO_USERNAME_EXISTS',
    });
    const result = await cognito.signIn({ username, password: 'Temp-Passw0rd', flow });
    expect(result).toMatchObject({ status: 'challenge', challenge: { name: 'NEW_PASSWORD_REQUIRED' } });
    await cognito.users.setPassword({ username, password: PASSWORD, permanent: true });
    await expect(tokensOf(username)).resolves.toBeDefined();
    expect(await cognito.users.get({ username })).toMatchObject({ status: 'CONFIRMED' });
    await expect(cognito.users.get({ username: 'nobody@example.com' })).rejects.toMatchObject({
      code: 'COGNITO_USER_NOT_FOUND',
    });
  });

  it('disables, changes, lists and deletes users', async () => {
    const username = await signedUp('hal');
    await cognito.users.disable({ username });
    expect(await cognito.users.get({ username })).toMatchObject({ enabled: false });
    await cognito.users.enable({ username });
    await cognito.users.updateAttributes({ username, attributes: { email: username, email_verified: 'true' } });
    expect(await cognito.users.get({ username })).toMatchObject({
      enabled: true,
      attributes: { email_verified: 'true' },
    });
    const { users } = await cognito.users.list({});
    expect(users.map(({ attributes }) => attributes['email'])).toContain(username);
    await cognito.users.delete({ username });
    await expect(cognito.users.get({ username })).rejects.toMatchObject({ code: 'COGNITO_USER_NOT_FOUND' });
  });

  it('puts users into groups, which open doors', async () => {
    const username = await signedUp('ida');
    expect((await app.get('/staff', (await tokensOf(username)).accessToken)).status).toBe(403);
    await cognito.groups.create({ groupName: 'staff', description: 'Who works here', precedence: 1 });
    await cognito.groups.addUser({ username, groupName: 'staff' });
    // It looks for the groups of what was asked for, and keeps the members by their internal names.
    const internal = await cognito.users.get({ username });
    expect((await cognito.users.groupsOf(internal)).map(({ groupName }) => groupName)).toEqual(['staff']);
    const { accessToken } = await tokensOf(username);
    expect((await app.get('/staff', accessToken)).status).toBe(200);
    expect((await app.get('/me', accessToken)).body['groups']).toEqual(['staff']);
    await cognito.groups.removeUser({ username, groupName: 'staff' });
    expect((await app.get('/staff', (await tokensOf(username)).accessToken)).status).toBe(403);
    await cognito.groups.delete({ groupName: 'staff' });
    await expect(cognito.groups.get({ groupName: 'staff' })).rejects.toMatchObject({ code: 'COGNITO_GROUP_NOT_FOUND' });
  });
});

describe('tokens of cognito-local', () => {
  let key: KeyObject;
  let email: string;

  beforeAll(async () => {
    key = createPrivateKey(await server.signingKey());
    email = await signedUp('dora');
  });

  it('pass the guard, as access tokens', async () => {
    const { accessToken, idToken } = await tokensOf(email);
    const { status, body } = await app.get('/me', accessToken);
    expect(status).toBe(200);
    expect(body).toEqual({ username: decodeJwt(accessToken)['username'], groups: [] });
    expect((await app.get('/me', idToken)).body.code).toBe('COGNITO_TOKEN_WRONG_USE');
    expect((await app.get('/me', tampered(accessToken))).body.code).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
    expect((await app.get('/me')).status).toBe(401);
  });

  // The key is public: a pool on loopback is trusted for development, and only as far as its claims are right.
  it('pass with the right claims alone, whoever signed them', async () => {
    const { accessToken } = await tokensOf(email);
    const claims = decodeJwt(accessToken);
    expect((await app.get('/me', await signed(key, claims))).status).toBe(200);
    const now = Math.floor(Date.now() / 1000);
    const codeOf = async (changes: object) => {
      const { status, body } = await app.get('/me', await signed(key, { ...claims, ...changes }));
      return [status, body.code];
    };
    expect(await codeOf({ client_id: 'another' })).toEqual([401, 'COGNITO_TOKEN_WRONG_CLIENT']);
    expect(await codeOf({ token_use: 'id', aud: pool.clientId })).toEqual([401, 'COGNITO_TOKEN_WRONG_USE']);
    expect(await codeOf({ token_use: undefined })).toEqual([401, 'COGNITO_TOKEN_WRONG_USE']);
    expect(await codeOf({ exp: now - 60, iat: now - 3660 })).toEqual([401, 'COGNITO_TOKEN_EXPIRED']);
    expect(await codeOf({ exp: undefined })).toEqual([401, 'COGNITO_TOKEN_CLAIMS_INVALID']);
    expect(await codeOf({ nbf: now + 3600 })).toEqual([401, 'COGNITO_TOKEN_NOT_YET_VALID']);
    expect(await codeOf({ iss: `${server.endpoint}/local_other` })).toEqual([401, 'COGNITO_TOKEN_WRONG_ISSUER']);
    expect(await codeOf({ iss: pool.userPoolId })).toEqual([401, 'COGNITO_TOKEN_WRONG_ISSUER']);
  });

  it('of another of its pools are refused', async () => {
    const other = await server.createPool('other');
    const claims = decodeJwt((await tokensOf(email)).accessToken);
    const foreign = { ...claims, client_id: other.clientId, iss: `${server.endpoint}/${other.userPoolId}` };
    expect((await app.get('/me', await signed(key, foreign))).body.code).toBe('COGNITO_TOKEN_WRONG_ISSUER');
  });
});

async function signed(key: KeyObject, claims: object): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'CognitoLocal' }).sign(key);
}

/** The same token for another subject, with the signature of the first. */
function tampered(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), sub: 'somebody-else' };
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
