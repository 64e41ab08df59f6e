import { describe, expect, expectTypeOf, it } from 'vitest';
import * as main from '../../lib/index.js';
import type {
  CognitoErrorCode,
  CognitoOptions,
  CognitoPrincipal,
  CognitoService,
  SignedInUser,
  SignInResult,
  SignInTokens,
  UserProfile,
} from '../../lib/index.js';
import * as testing from '../../lib/testing/index.js';

const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789' };
const unset: string | undefined = undefined;

/** Looked at by the compiler, and never run. */
function typesOnly(_look: (user: SignedInUser) => void): void {}

describe('the options', () => {
  it('take values that may be undefined, as environment variables are', () => {
    typesOnly(() => {
      main.CognitoModule.forRoot({ ...pool, clientSecret: unset, region: unset, globalGuard: undefined });
      main.CognitoModule.forRoot({ ...pool, clientId: ['one', 'two'], pools: { staff: pool } });
      main.CognitoModule.forRoot(main.cognitoOptionsFromEnv());
    });
    expectTypeOf<Pick<CognitoOptions, 'userPoolId' | 'clientId'>>().toExtend<CognitoOptions>();
  });

  it('do not compile when something is missing, misspelt or of another kind', () => {
    typesOnly(() => {
      // @ts-expect-error the client is missing
      main.CognitoModule.forRoot({ userPoolId: 'eu-west-1_AbCdEfGhI' });
      // @ts-expect-error there is no such option
      main.CognitoModule.forRoot({ ...pool, clientSecrt: 'x' });
      // @ts-expect-error there is no such kind of token
      main.CognitoModule.forRoot({ ...pool, tokenUse: 'refresh' });
      // @ts-expect-error users write their own e-mail, so it does not name a row
      main.CognitoModule.forRoot({ ...pool, userSync: { entity: class {}, match: { claim: 'email' } } });
      const match = { claim: 'custom:id', unsafeMatch: true } as const;
      main.CognitoModule.forRoot({ ...pool, userSync: { entity: class {}, match } });
    });
    expectTypeOf<{ userPoolId: string }>().not.toExtend<CognitoOptions>();
  });
});

describe('a sign-in', () => {
  it('has tokens or a challenge, and never both', () => {
    typesOnly(() => {
      const result = {} as SignInResult;
      // @ts-expect-error nobody knows yet that there are tokens
      void result.tokens;
      if (result.status === 'authenticated') expectTypeOf(result.tokens).toEqualTypeOf<SignInTokens>();
      else if (result.challenge.name === 'NEW_PASSWORD_REQUIRED') expectTypeOf(result.challenge.username).toBeString();
      // @ts-expect-error there is no challenge of this name
      else if (result.challenge.name === 'MAGIC') void result.challenge.session;
    });
    expectTypeOf<ReturnType<CognitoService['signIn']>>().resolves.toEqualTypeOf<SignInResult>();
  });
});

describe('a principal', () => {
  it('has a user name when it is a user, and none when it is a machine', () => {
    expectTypeOf<Extract<CognitoPrincipal, { kind: 'user' }>['username']>().toBeString();
    expectTypeOf<Extract<CognitoPrincipal, { kind: 'machine' }>['username']>().toEqualTypeOf<undefined>();
  });

  it('is not to be changed', () => {
    typesOnly(() => {
      const principal = {} as CognitoPrincipal;
      // @ts-expect-error groups come from the token
      principal.groups.push('admin');
      // @ts-expect-error and so does the rest
      principal.sub = 'somebody else';
    });
    expectTypeOf<CognitoPrincipal['groups']>().toEqualTypeOf<readonly string[]>();
  });
});

describe('an error', () => {
  it('narrows to the codes that were asked for', () => {
    typesOnly(() => {
      const thrown: unknown = undefined;
      if (main.isCognitoError(thrown, 'COGNITO_CODE_MISMATCH', 'COGNITO_CODE_EXPIRED')) {
        expectTypeOf(thrown.code).toEqualTypeOf<'COGNITO_CODE_MISMATCH' | 'COGNITO_CODE_EXPIRED'>();
      }
      // @ts-expect-error there is no such code
      main.isCognitoError(thrown, 'COGNITO_CODE_WRONG');
    });
    expectTypeOf<CognitoErrorCode>().toEqualTypeOf<keyof typeof main.errorCatalogue>();
  });
});

describe('a rule', () => {
  it('of scopes knows no `none`, and of groups nothing but any, all and none', () => {
    typesOnly(() => {
      main.RequireGroups({ any: ['admin'], none: ['suspended'] });
      // @ts-expect-error a scope that must be absent protects nothing: the client chooses what to ask for
      main.RequireScopes({ none: ['x'] });
      // @ts-expect-error a list alone does not say which of the two is meant
      main.RequireGroups(['admin']);
    });
    expectTypeOf(main.RequireGroups).parameter(0).toHaveProperty('any');
  });
});

describe('administration', () => {
  const { users, groups } = {} as Partial<CognitoService>;

  it('takes filters that were built, and no text', () => {
    typesOnly(() => {
      void users?.list({ filter: main.where('email').equals('alice@example.com') });
      // @ts-expect-error a text could hold a condition of its own
      void users?.list({ filter: 'email = "alice@example.com"' });
      // @ts-expect-error custom attributes cannot be searched for
      main.where('custom:team');
      // @ts-expect-error and an object that looks like a filter is none
      void users?.iterate({ filter: {} });
    });
    expectTypeOf(main.where).parameter(0).toEqualTypeOf<main.FilterableAttribute>();
  });

  it('hands out users and groups of the kind that was asked for', () => {
    typesOnly(() => {
      const staff = users?.as(({ username }) => ({ login: username })).get({ username: 'alice' });
      expectTypeOf(staff).toEqualTypeOf<Promise<{ login: string }> | undefined>();
      const team = groups?.as(({ groupName }) => new Set([groupName])).get({ groupName: 'admins' });
      expectTypeOf(team).toEqualTypeOf<Promise<Set<string>> | undefined>();
    });
    expectTypeOf<CognitoService['users']['get']>().returns.resolves.toEqualTypeOf<main.AdminUser>();
    expectTypeOf<CognitoService['groups']['get']>().returns.resolves.toEqualTypeOf<main.CognitoGroup>();
  });
});

describe('an authenticator app', () => {
  it('is set up with an access token or a session, and never with both or neither', () => {
    typesOnly(() => {
      const { mfa } = {} as CognitoService;
      void mfa.associateSoftwareToken({ accessToken: 'token' });
      void mfa.verifySoftwareToken({ session: 'session', code: '123456' });
      // @ts-expect-error somebody has to ask
      void mfa.associateSoftwareToken({});
      // @ts-expect-error and one way is enough
      void mfa.associateSoftwareToken({ accessToken: 'token', session: 'session' });
      // @ts-expect-error there is no such factor
      void mfa.setPreference({ accessToken: 'token', passkey: { enabled: true } });
    });
    expectTypeOf<main.AuthFactors['preferred']>().toEqualTypeOf<main.MfaMethod | undefined>();
  });
});

describe('the entries of the package', () => {
  it('hand out these names and no others', () => {
    expect(Object.keys(main).toSorted()).toEqual([
      'AttributeMapper',
      'Authorize',
      'BearerExtractor',
      'COGNITO_OPTIONS',
      'ClaimsUserStore',
      'CognitoAuthGuard',
      'CognitoAuthenticator',
      'CognitoError',
      'CognitoExceptionFilter',
      'CognitoForbiddenException',
      'CognitoModule',
      'CognitoRequestException',
      'CognitoService',
      'CognitoServiceUnavailableException',
      'CognitoStrategy',
      'CognitoTokenVerifier',
      'CognitoTokens',
      'CognitoUnauthorizedException',
      'CognitoUser',
      'CognitoUserStore',
      'CookieExtractor',
      'FirstOfExtractor',
      'HeadersExtractor',
      'LiveSessions',
      'LocalUser',
      'LocalUsers',
      'OptionalAuth',
      'Public',
      'RequestForgeryCheck',
      'RequireClaims',
      'RequireGroups',
      'RequireLiveSession',
      'RequireScopes',
      'RevocationStore',
      'TokenUse',
      'USER_EVENTS',
      'UserPool',
      'UserSyncService',
      'cognitoOptionsFromEnv',
      'credentialSourceOf',
      'errorCatalogue',
      'isCognitoError',
      'toHttpException',
      'tokenOf',
      'where',
    ]);
    expect(Object.keys(testing).toSorted()).toEqual([
      'CognitoEmulator',
      'CognitoTestingModule',
      'EmulatorError',
      'OffsetClock',
      'ProcessClock',
      'errorAnswer',
    ]);
  });
});

describe('a signed-in user', () => {
  it('is asked for everything but the access token', () => {
    typesOnly((user: SignedInUser) => {
      void user.get();
      void user.deleteAttributes({ names: ['given_name'] });
      void user.mfa.associateSoftwareToken();
      void user.devices.list({ limit: 10 });
      // @ts-expect-error the names are missing
      void user.deleteAttributes();
      // @ts-expect-error the token is the user's own
      void user.get({ accessToken: 'another' });
      // @ts-expect-error a challenge is not answered by somebody who is signed in
      void user.mfa.associateSoftwareToken({ session: 'of a challenge' });
      // @ts-expect-error what an administrator does is not done by a user
      void user.devices.adminList({ username: 'bob' });
    });
    expectTypeOf<SignedInUser['get']>().returns.resolves.toEqualTypeOf<UserProfile>();
    expectTypeOf<Parameters<CognitoService['signOut']>[0]>().toEqualTypeOf<main.SignOutInput>();
  });
});
