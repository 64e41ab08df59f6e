import { Controller, Get, UseGuards } from '@nestjs/common';
import { Keyv } from 'keyv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Authorize,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoPrincipal,
  CognitoService,
  CognitoUser,
  RequireGroups,
  TokenUse,
  UserPool,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { signedIn } from '../support/desk.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

let doorIsOpen = true;
const alice = { username: 'alice', password: 'Passw0rd!', groups: ['readers'] };

@UseGuards(CognitoAuthGuard)
@Controller()
class NotesController {
  @Get('groups') groups(@CognitoUser() principal: CognitoPrincipal) {
    const before = [...principal.groups];
    try {
      (principal.groups as string[]).push('admin');
      (principal.claims['cognito:groups'] as string[]).push('admin');
    } catch {
      // What is remembered of a token is frozen.
    }
    return { before };
  }

  @TokenUse('id') @Get('id') byIdToken() {
    return {};
  }

  @UserPool('staff') @Get('staff') staff() {
    return {};
  }

  @RequireGroups({ any: ['admin'] }) @Get('admin') forAdmins() {
    return {};
  }

  @Authorize(() => doorIsOpen) @Get('door') behindTheDoor() {
    return {};
  }
}

describe.each(adapters)('on %s', (_, adapter) => {
  let pool: CognitoEmulator;
  let app: RunningApp;

  beforeAll(async () => {
    pool = await CognitoEmulator.start({ users: [alice, { ...alice, username: 'bob' }] });
    const staff = { userPoolId: 'eu-west-1_StaffPool', clientId: 'staff', issuer: `${pool.options.endpoint}/staff` };
    const jwks = { uri: `${pool.options.issuer}/.well-known/jwks.json` };
    const options = {
      ...pool.options,
      pools: { staff: { ...staff, jwks } },
      revocation: { store: new Keyv({ throwOnErrors: true }) },
    };
    app = await startApp(adapter, { imports: [CognitoModule.forRoot(options)], controllers: [NotesController] });
  });

  afterAll(async () => {
    await app.close();
    await pool.stop();
  });

  const statusOf = async (path: string, token: string) => (await app.get(path, token)).status;

  it('a token that is remembered for one route is judged anew by the next: its pool, its kind, its groups and every policy', async () => {
    const { accessToken, idToken } = await pool.tokensFor('alice');
    expect([await statusOf('/groups', accessToken), await statusOf('/id', idToken)]).toEqual([200, 200]);
    expect([await statusOf('/staff', accessToken), await statusOf('/groups', idToken)]).toEqual([401, 401]);
    expect((await app.get('/groups', accessToken)).body).toEqual({ before: ['readers'] });
    expect((await app.get('/admin', accessToken)).body).toMatchObject({ code: 'COGNITO_GROUPS_REQUIRED' });
    expect(await statusOf('/door', accessToken)).toBe(200);
    doorIsOpen = false;
    expect((await app.get('/door', accessToken)).body).toMatchObject({ code: 'COGNITO_POLICY_REFUSED' });
    doorIsOpen = true;
    pool.clock.advance({ hours: 2 });
    expect((await app.get('/groups', accessToken)).body.code).toBe('COGNITO_TOKEN_EXPIRED');
    pool.clock.reset();
  });

  it('a sign-out holds from the next request on', async () => {
    const cognito = app.nest.get(CognitoService);
    const { tokens } = signedIn(await cognito.signIn(alice));
    const { tokens: others } = signedIn(await cognito.signIn({ ...alice, username: 'bob' }));
    expect([await statusOf('/groups', tokens.accessToken), await statusOf('/id', tokens.idToken)]).toEqual([200, 200]);
    await cognito.signOut({ accessToken: tokens.accessToken });
    const refused = await app.get('/groups', tokens.accessToken);
    expect(refused).toMatchObject({ status: 401, body: { code: 'COGNITO_TOKEN_REVOKED' } });
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await statusOf('/id', tokens.idToken)).toBe(401);
    expect(await statusOf('/groups', others.accessToken)).toBe(200);
  });
});
