import type { ChallengeNameType } from '@aws-sdk/client-cognito-identity-provider';
import { describe, expectTypeOf, it } from 'vitest';
import type {
  AnyChallenge,
  ChallengeAnswers,
  ChallengeMembers,
  ChallengeName,
  ChallengeResult,
  CodeDelivery,
  CognitoService,
  FirstFactorChoice,
  MfaMethod,
  SignInInput,
  SignInResult,
} from '../../lib/index.js';

const cognito = {} as CognitoService;
const who = { username: 'alice' };
const password = 'Passw0rd!';
const device = { deviceKey: 'key', deviceGroupKey: 'group', devicePassword: 'secret' };

/** Looked at by the compiler, and never run. */
function typesOnly(_look: () => void): void {}

/** The members of every one of them. */
type MembersOf<Union> = Union extends unknown ? keyof Union : never;

type Asked<Name extends ChallengeName> = Extract<AnyChallenge, { name: Name }>;

describe('the challenges', () => {
  it('are those of the SDK, neither more nor fewer', () => {
    expectTypeOf<ChallengeName>().toEqualTypeOf<ChallengeNameType>();
    expectTypeOf<keyof ChallengeMembers>().toEqualTypeOf<ChallengeNameType>();
    expectTypeOf<keyof ChallengeAnswers>().toEqualTypeOf<ChallengeNameType>();
    expectTypeOf<AnyChallenge['name']>().toEqualTypeOf<ChallengeNameType>();
  });

  it('tell what they ask for once their name is known', () => {
    expectTypeOf<Asked<'NEW_PASSWORD_REQUIRED'>['requiredAttributes']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Asked<'SMS_MFA'>['delivery']>().toEqualTypeOf<CodeDelivery | undefined>();
    expectTypeOf<Asked<'SELECT_MFA_TYPE'>['choices']>().toEqualTypeOf<readonly MfaMethod[]>();
    expectTypeOf<Asked<'SELECT_CHALLENGE'>['choices']>().toEqualTypeOf<readonly FirstFactorChoice[]>();
    expectTypeOf<Asked<'WEB_AUTHN'>['requestOptions']['challenge']>().toBeString();
    typesOnly(() => {
      const challenge = {} as AnyChallenge;
      // @ts-expect-error nobody knows yet which challenge it is
      void challenge.choices;
      // @ts-expect-error and what it says is not to be changed
      challenge.session = 'another';
    });
  });

  it('can be told apart to the last one', () => {
    const isCode = (challenge: Asked<'SMS_MFA' | 'EMAIL_OTP'>): boolean => {
      switch (challenge.name) {
        case 'SMS_MFA':
        case 'EMAIL_OTP':
          return true;
        default:
          return challenge satisfies never;
      }
    };
    expectTypeOf(isCode).returns.toBeBoolean();
  });

  it('are never a login', () => {
    expectTypeOf<Extract<MembersOf<AnyChallenge>, `${string}oken${string}`>>().toBeNever();
    expectTypeOf<ChallengeResult>().not.toHaveProperty('tokens');
    typesOnly(() => {
      const result = {} as SignInResult;
      // @ts-expect-error there may be a challenge
      void result.tokens.accessToken;
      // @ts-expect-error a challenge has no tokens
      if (result.status === 'challenge') void result.tokens;
    });
  });
});

describe('an answer', () => {
  it('is what its challenge asks for', () => {
    typesOnly(() => {
      void cognito.respondToChallenge({} as Asked<'SMS_MFA'>, { code: '123456' });
      void cognito.respondToChallenge({} as Asked<'NEW_PASSWORD_REQUIRED'>, {
        newPassword: password,
        attributes: { age: 7 },
      });
      void cognito.respondToChallenge({} as Asked<'SELECT_CHALLENGE'>, { choice: 'PASSWORD_SRP', password });
      void cognito.respondToChallenge({} as Asked<'SELECT_CHALLENGE'>, { choice: 'WEB_AUTHN' });
      void cognito.respondToChallenge({} as Asked<'DEVICE_SRP_AUTH'>, { device });
      void cognito.respondToChallenge({} as Asked<'SMS_MFA'>, { code: '1' }, { device, userContext: {} });
      // Not yet narrowed: any challenge's answer, which is judged when it runs.
      void cognito.respondToChallenge({} as AnyChallenge, { code: '123456' });
    });
    expectTypeOf<ReturnType<CognitoService['respondToChallenge']>>().resolves.toEqualTypeOf<SignInResult>();
  });

  it('does not compile for another challenge, with too much, or with too little', () => {
    typesOnly(() => {
      // @ts-expect-error a code is asked for
      void cognito.respondToChallenge({} as Asked<'SMS_MFA'>, { newPassword: password });
      // @ts-expect-error there is more in it than the code
      void cognito.respondToChallenge({} as Asked<'SMS_MFA'>, { code: '1', username: 'victor' });
      // @ts-expect-error a password comes with its password
      void cognito.respondToChallenge({} as Asked<'SELECT_CHALLENGE'>, { choice: 'PASSWORD' });
      // @ts-expect-error a password is no second factor
      void cognito.respondToChallenge({} as Asked<'SELECT_MFA_TYPE'>, { choice: 'PASSWORD' });
      // @ts-expect-error the secret is missing
      void cognito.respondToChallenge({} as Asked<'DEVICE_SRP_AUTH'>, { device: { deviceKey: 'key' } });
      // @ts-expect-error either the session or the address
      void cognito.respondToChallenge({} as Asked<'MFA_SETUP'>, {});
      // @ts-expect-error no challenge at all
      void cognito.respondToChallenge({ name: 'SMS_MFA' }, { code: '1' });
    });
    expectTypeOf<ChallengeAnswers['SMS_MFA']>().not.toExtend<ChallengeAnswers['PASSWORD']>();
  });
});

describe('a flow', () => {
  it('says whether it needs a password', () => {
    typesOnly(() => {
      void cognito.signIn({ ...who, password });
      void cognito.signIn({ ...who, password, flow: 'USER_PASSWORD_AUTH' });
      void cognito.signIn({ ...who, password, flow: undefined });
      void cognito.signIn({ ...who, password, flow: 'ADMIN_USER_PASSWORD_AUTH' });
      void cognito.signIn({ ...who, flow: 'CUSTOM_AUTH' });
      void cognito.signIn({ ...who, flow: 'CUSTOM_AUTH', password });
      void cognito.signIn({ ...who, flow: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' });
      void cognito.signIn({ ...who, flow: 'USER_AUTH', session: 'of a sign-up' });
      void cognito.signIn({ ...who, flow: 'USER_AUTH', password, preferredChallenge: 'PASSWORD' });
      void cognito.signIn({ ...who, password, device: { deviceKey: 'key' } });
      void cognito.signIn({ ...who, password, device });
    });
    expectTypeOf<Extract<SignInInput, { flow: 'ADMIN_USER_PASSWORD_AUTH' }>['password']>().toBeString();
  });

  it('does not compile without what it needs', () => {
    typesOnly(() => {
      // @ts-expect-error by SRP a password is proved
      void cognito.signIn(who);
      // @ts-expect-error an admin sign-in sends one
      void cognito.signIn({ ...who, flow: 'ADMIN_USER_PASSWORD_AUTH' });
      // @ts-expect-error a password is preferred, and not given
      void cognito.signIn({ ...who, flow: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' });
      // @ts-expect-error a choice belongs to the flow of choices
      void cognito.signIn({ ...who, password, preferredChallenge: 'EMAIL_OTP' });
      // @ts-expect-error a device without its group proves nothing
      void cognito.signIn({ ...who, password, device: { deviceKey: 'key', devicePassword: 'secret' } });
      // @ts-expect-error an admin sign-in tells where the request went, too
      void cognito.signIn({ ...who, password, flow: 'ADMIN_USER_PASSWORD_AUTH', userContext: { ipAddress: '::1' } });
    });
    expectTypeOf<SignInInput>().not.toHaveProperty('token');
  });
});
