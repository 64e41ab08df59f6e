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
  const options = { ...pool, endpoint: server.endpoint, credentials };
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
    await expect(tokensOf(email)).resolves.toMatchObject({ tokenType: 'Bearer' });
    await expect(tokensOf(email, 'Passw0rd?')).rejects.toMatchObject({ code: 'COGNITO_CREDENTIALS_INCORRECT' });
    await expect(tokensOf('nobody@example.com')).rejects.toMatchObject({ code: 'COGNITO_CREDENTIALS_INCORRECT' });
    const again = cognito.signUp({ username: email, password: PASSWORD, attributes: { email } });
    await expect(again).rejects.toMatchObject({ code: 'COGNITO_USERNAME_EXISTS' });
  });

  // cognito-local knows neither SRP nor GetTokensFromRefreshToken nor GlobalSignOut and says so with a 500.
  it('says of what it does not know that the service failed, and never signs anybody in by it', async () => {
    const email = await signedUp('cid');
    const { refreshToken, accessToken } = await tokensOf(email);
    await expect(cognito.signIn({ username: email, password: PASSWORD })).rejects.toMatchObject({
      name: 'CognitoError',
    });
    await expect(cognito.refresh({ refreshToken })).rejects.toMatchObject({ name: 'CognitoError' });
    await expect(cognito.signOut({ accessToken })).rejects.toMatchObject({ name: 'CognitoError' });
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
