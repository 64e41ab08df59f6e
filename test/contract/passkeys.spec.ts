import {
  type AuthenticationResultType,
  type ChallengeNameType,
  type CognitoIdentityProviderClient,
  CompleteWebAuthnRegistrationCommand,
  DeleteWebAuthnCredentialCommand,
  GetUserAuthFactorsCommand,
  InitiateAuthCommand,
  ListWebAuthnCredentialsCommand,
  RespondToAuthChallengeCommand,
  StartWebAuthnRegistrationCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { challengeOf, closeDesks, codeOf, deskOf, signedIn } from '../support/desk.js';
import {
  type AssertionJson,
  type CreationOptions,
  type RegistrationJson,
  type RequestOptions,
  SoftwareAuthenticator,
  type Spoilt,
} from '../support/software-authenticator.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const ORIGIN = 'https://app.example.com';
const REFUSED = 'NotAuthorizedException: Incorrect username or password.';

const users = ['alice', 'bob', 'carol', 'dave', 'many', 'libby', 'erin'].map((username) => ({
  username,
  password: PASSWORD,
}));
const allowedFirstAuthFactors = ['PASSWORD' as const, 'WEB_AUTHN' as const];

let pool: CognitoEmulator;
let lax: CognitoEmulator;
let without: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  [pool, lax, without] = await Promise.all([
    CognitoEmulator.start({
      users,
      allowedFirstAuthFactors,
      clients: [{ clientId: 'other' }],
      webAuthn: { relyingPartyId: 'example.com', userVerification: 'required' },
    }),
    CognitoEmulator.start({
      users,
      allowedFirstAuthFactors,
      webAuthn: { relyingPartyId: 'example.com', origins: [ORIGIN] },
    }),
    CognitoEmulator.start({ users }),
  ]);
  sdk = sdkFor(pool);
});

afterEach(() => pool.clock.reset());

afterAll(async () => {
  sdk.destroy();
  await closeDesks();
  await Promise.all([pool.stop(), lax.stop(), without.stop()]);
});

const accessTokenOf = async (name: string, clientId?: string, emulator = pool) =>
  (await emulator.tokensFor(name, { clientId })).accessToken;

async function start(AccessToken: string, client = sdk): Promise<CreationOptions> {
  const { CredentialCreationOptions: options } = await client.send(
    new StartWebAuthnRegistrationCommand({ AccessToken }),
  );
  return options as unknown as CreationOptions;
}

const complete = async (AccessToken: string, Credential: RegistrationJson, client = sdk) =>
  client.send(new CompleteWebAuthnRegistrationCommand({ AccessToken, Credential: documentOf(Credential) }));
/** The same as the SDK's type for any JSON, which knows no interfaces. */
const documentOf = (credential: RegistrationJson) => JSON.parse(JSON.stringify(credential)) as Record<string, never>;
const list = async (AccessToken: string, input: object = {}) =>
  sdk.send(new ListWebAuthnCredentialsCommand({ AccessToken, ...input }));
const remove = async (AccessToken: string, CredentialId = '') =>
  sdk.send(new DeleteWebAuthnCredentialCommand({ AccessToken, CredentialId }));

/** An authenticator that has a passkey of this user. */
async function registered(name: string, algorithm: 'ES256' | 'RS256' = 'ES256'): Promise<SoftwareAuthenticator> {
  const authenticator = new SoftwareAuthenticator(ORIGIN, algorithm);
  const AccessToken = await accessTokenOf(name);
  await complete(AccessToken, authenticator.create(await start(AccessToken)));
  return authenticator;
}

interface Asked {
  ChallengeName?: ChallengeNameType | undefined;
  ChallengeParameters?: Record<string, string> | undefined;
  AvailableChallenges?: ChallengeNameType[] | undefined;
  AuthenticationResult?: AuthenticationResultType | undefined;
  Session?: string | undefined;
}

const begin = async (USERNAME: string): Promise<Asked> =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'USER_AUTH',
      AuthParameters: { USERNAME, PREFERRED_CHALLENGE: 'WEB_AUTHN' },
    }),
  );
const answer = async (
  USERNAME: string,
  { Session }: Asked,
  credential: AssertionJson | string,
  ClientId = pool.options.clientId,
): Promise<Asked> =>
  sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'WEB_AUTHN',
      Session,
      ChallengeResponses: {
        USERNAME,
        CREDENTIAL: typeof credential === 'string' ? credential : JSON.stringify(credential),
      },
    }),
  );
const requestOf = ({ ChallengeParameters: parameters }: Asked) =>
  JSON.parse(parameters?.['CREDENTIAL_REQUEST_OPTIONS'] ?? '') as RequestOptions;

/** One character of a base64url text changed, so that it stays one. */
const flipped = (text: string) => `${text.slice(0, -6)}${text.at(-6) === 'A' ? 'B' : 'A'}${text.slice(-5)}`;

describe('a passkey', () => {
  it.each(['ES256', 'RS256'] as const)('with %s is registered, and signs in without a password', async (algorithm) => {
    const name = algorithm === 'ES256' ? 'alice' : 'bob';
    const AccessToken = await accessTokenOf(name);
    const options = await start(AccessToken);
    expect(options).toMatchObject({
      rp: { id: 'example.com', name: 'example.com' },
      user: { name, displayName: name },
      pubKeyCredParams: [
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -257 },
      ],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    });
    const authenticator = new SoftwareAuthenticator(ORIGIN, algorithm);
    const registration = authenticator.create(options);
    await complete(AccessToken, registration);
    expect((await list(AccessToken)).Credentials).toEqual([
      {
        CredentialId: registration.id,
        FriendlyCredentialName: expect.any(String) as string,
        RelyingPartyId: 'example.com',
        AuthenticatorAttachment: 'platform',
        AuthenticatorTransports: ['internal', 'hybrid'],
        CreatedAt: expect.any(Date) as Date,
      },
    ]);
    expect((await start(AccessToken)).excludeCredentials?.map(({ id }) => id)).toEqual([registration.id]);
    const factors = await sdk.send(new GetUserAuthFactorsCommand({ AccessToken }));
    expect(factors.ConfiguredUserAuthFactors).toContain('WEB_AUTHN');

    const asked = await begin(name);
    expect(asked).toMatchObject({ ChallengeName: 'WEB_AUTHN' });
    const request = requestOf(asked);
    expect(request).toMatchObject({ rpId: 'example.com', userVerification: 'required' });
    expect(request.allowCredentials?.map(({ id }) => id)).toEqual([registration.id]);
    expect(request.challenge).not.toBe(options.challenge);
    const { AuthenticationResult: tokens } = await answer(name, asked, authenticator.get(request));
    expect(tokens?.AccessToken).toBeDefined();
    // And once more: the counter has gone up.
    const again = await begin(name);
    expect((await answer(name, again, authenticator.get(requestOf(again)))).AuthenticationResult).toBeDefined();
  });

  it('is not offered to whoever has none', async () => {
    const asked = await begin('dave');
    expect(asked.ChallengeName).toBe('SELECT_CHALLENGE');
    expect(asked.AvailableChallenges).not.toContain('WEB_AUTHN');
    expect((await begin('alice')).AvailableChallenges).toContain('WEB_AUTHN');
  });
});

describe('a registration', () => {
  const refused = async (spoilt: Spoilt, algorithm: 'ES256' | 'EdDSA' = 'ES256', emulator = pool): Promise<string> => {
    const client = emulator === pool ? sdk : sdkFor(emulator);
    const AccessToken = await accessTokenOf('carol', undefined, emulator);
    const authenticator = new SoftwareAuthenticator(ORIGIN, algorithm);
    const registration = authenticator.create(await start(AccessToken, client), spoilt);
    const outcome = await refusalOf(complete(AccessToken, registration, client));
    if (client !== sdk) client.destroy();
    return outcome;
  };

  it.each([
    'https://evil.com',
    'https://example.com.evil.com',
    'https://notexample.com',
    'https://example.com@evil.com',
    'https://example.com/path',
    'ftp://example.com',
    'null',
  ])('from a page of %s is refused', async (origin) => {
    expect(await refused({ origin })).toMatch(/^WebAuthnOriginNotAllowedException/);
  });

  it("takes nobody's passkey away by bearing its id", async () => {
    const theirs = await registered('erin');
    const { id: credentialId } = theirs.get({ challenge: 'none' });
    expect(await refused({ credentialId })).toBe('InvalidParameterException: The passkey is registered already.');
    const asked = await begin('erin');
    expect((await answer('erin', asked, theirs.get(requestOf(asked)))).AuthenticationResult).toBeDefined();
  });

  it('from a page of the domain, of one below it, and of one that is listed, is taken', async () => {
    for (const origin of ['https://example.com', 'https://a.b.example.com', 'http://example.com:3000']) {
      expect(await refused({ origin })).toBe('not refused');
    }
    expect(await refused({ origin: ORIGIN }, 'ES256', lax)).toBe('not refused');
    expect(await refused({ origin: 'https://example.com' }, 'ES256', lax)).toMatch(
      /^WebAuthnOriginNotAllowedException/,
    );
  });

  it.each([
    ['for another domain', { rpId: 'evil.com' }, /^WebAuthnRelyingPartyMismatchException/],
    ['with another challenge', { challenge: 'bm90IHRoZSBjaGFsbGVuZ2U' }, /^WebAuthnChallengeNotFoundException/],
    ['of somebody who was not verified', { userVerified: false }, /^WebAuthnCredentialNotSupportedException/],
    ['of somebody who was not there', { userPresent: false }, /^WebAuthnCredentialNotSupportedException/],
    ['that is an assertion', { type: 'webauthn.get' }, /^WebAuthnCredentialNotSupportedException/],
  ])('%s is refused', async (_what, spoilt, refusal) => {
    expect(await refused(spoilt)).toMatch(refusal);
  });

  it('of an algorithm that the service does not take is refused', async () => {
    expect(await refused({}, 'EdDSA')).toMatch(/^WebAuthnCredentialNotSupportedException/);
  });

  it('without verification is taken where that is merely preferred', async () => {
    expect(await refused({ userVerified: false }, 'ES256', lax)).toBe('not refused');
  });

  it('belongs to the user and the client that began it, and is completed once, in time', async () => {
    const [mine, others, elsewhere] = [
      await accessTokenOf('carol'),
      await accessTokenOf('dave'),
      await accessTokenOf('carol', 'other'),
    ];
    const authenticator = new SoftwareAuthenticator(ORIGIN);
    const registration = authenticator.create(await start(mine));
    expect(await refusalOf(complete(others, registration))).toMatch(/^WebAuthnChallengeNotFoundException/);
    expect(await refusalOf(complete(elsewhere, registration))).toMatch(/^WebAuthnClientMismatchException/);
    await complete(mine, registration);
    expect(await refusalOf(complete(mine, registration))).toMatch(/^WebAuthnChallengeNotFoundException/);
    expect((await list(others)).Credentials).toEqual([]);

    const late = authenticator.create(await start(mine));
    pool.clock.advance({ minutes: 3 });
    expect(await refusalOf(complete(mine, late))).toMatch(/^WebAuthnChallengeNotFoundException/);
  });

  it('that was tampered with, or is none, is refused and leaves the challenge as it was', async () => {
    const AccessToken = await accessTokenOf('carol');
    const registration = new SoftwareAuthenticator(ORIGIN).create(await start(AccessToken));
    const { response } = registration;
    const spoilt: [object, RegExp][] = [
      [{ response: { ...response, attestationObject: 'AAAA' } }, /^WebAuthnCredentialNotSupportedException/],
      [{ id: flipped(registration.id), rawId: flipped(registration.id) }, /^WebAuthnCredentialNotSupportedException/],
      [{ id: flipped(registration.id) }, /^InvalidParameterException/],
      [{ type: 'password' }, /^InvalidParameterException/],
      [{ response: { ...response, clientDataJSON: 'AAAA' } }, /^InvalidParameterException/],
      [{ response: { ...response, clientDataJSON: 5 } }, /^SerializationException/],
      [{ response: undefined }, /^InvalidParameterException/],
    ];
    for (const [changes, refusal] of spoilt) {
      expect(await refusalOf(complete(AccessToken, { ...registration, ...changes }))).toMatch(refusal);
    }
    await complete(AccessToken, registration);
  });

  it('is refused without a token, and in a pool without passkeys', async () => {
    expect(await refusalOf(start('garbage'))).toBe('NotAuthorizedException: Invalid Access Token');
    const client = sdkFor(without);
    const AccessToken = await accessTokenOf('carol', undefined, without);
    expect(await refusalOf(start(AccessToken, client))).toMatch(/^WebAuthnNotEnabledException/);
    const made = new SoftwareAuthenticator(ORIGIN).create(await start(await accessTokenOf('carol')));
    expect(await refusalOf(complete(AccessToken, made, client))).toMatch(/^WebAuthnNotEnabledException/);
    client.destroy();
  });

  it('is refused to whoever has twenty passkeys', async () => {
    const AccessToken = await accessTokenOf('many');
    const spare = new SoftwareAuthenticator(ORIGIN).create(await start(AccessToken));
    for (let count = 1; count <= 20; count += 1) await registered('many');
    expect(await refusalOf(start(AccessToken))).toMatch(/^LimitExceededException/);
    expect(await refusalOf(complete(AccessToken, spare))).toMatch(/^LimitExceededException/);
    const first = await list(AccessToken, { MaxResults: 15 });
    expect(first.Credentials?.length).toBe(15);
    const second = await list(AccessToken, { MaxResults: 15, NextToken: first.NextToken });
    expect(second.Credentials?.length).toBe(5);
    expect(second.NextToken).toBeUndefined();
    expect(await refusalOf(list(AccessToken, { MaxResults: 21 }))).toMatch(/^InvalidParameterException/);
    await remove(AccessToken, second.Credentials?.[0]?.CredentialId);
    await complete(AccessToken, spare);
  });
});

describe('an assertion', () => {
  it('is refused when anything about it is wrong, and uses its session up', async () => {
    const mine = await registered('dave');
    const theirs = await registered('alice');
    const refused = async (spoil: (request: RequestOptions) => AssertionJson): Promise<string> => {
      const asked = await begin('dave');
      const wrong = spoil(requestOf(asked));
      const outcome = await refusalOf(answer('dave', asked, wrong));
      expect(await refusalOf(answer('dave', asked, mine.get(requestOf(asked))))).toMatch(/can only be used once/);
      return outcome;
    };
    const with_ = (spoilt: Spoilt) => (request: RequestOptions) => mine.get(request, spoilt);
    const { user } = await start(await accessTokenOf('dave'));
    expect(await refused((request) => theirs.get(request))).toBe(REFUSED);
    expect(await refused((request) => theirs.get(request, { userHandle: user.id }))).toBe(REFUSED);
    expect(await refused((request) => new Impostor(ORIGIN).as(mine, request))).toBe(REFUSED);
    expect(await refused(with_({ origin: 'https://evil.com' }))).toBe(REFUSED);
    expect(await refused(with_({ rpId: 'evil.com' }))).toBe(REFUSED);
    expect(await refused(with_({ challenge: 'bm90IHRoZSBjaGFsbGVuZ2U' }))).toBe(REFUSED);
    expect(await refused(with_({ type: 'webauthn.create' }))).toBe(REFUSED);
    expect(await refused(with_({ userVerified: false }))).toBe(REFUSED);
    expect(await refused(with_({ userPresent: false }))).toBe(REFUSED);
    expect(await refused(with_({ userHandle: Buffer.from('somebody else').toString('base64url') }))).toBe(REFUSED);
    expect(await refused(with_({ counter: 0x7f }))).toBe('not refused');
    expect(await refused(with_({ counter: 0x7e }))).toBe(REFUSED);

    const asked = await begin('dave');
    const good = mine.get(requestOf(asked), { counter: 0x80 });
    expect((await answer('dave', asked, good)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(answer('dave', await begin('dave'), good))).toBe(REFUSED);
  });

  it('belongs to one user, one client and a passkey that is still there', async () => {
    const authenticator = await registered('bob');
    const asked = await begin('bob');
    const good = authenticator.get(requestOf(asked));
    const nobodys = 'NotAuthorizedException: Invalid session for the user.';
    expect(await refusalOf(answer('alice', asked, good))).toBe(nobodys);
    expect(await refusalOf(answer('bob', asked, good, 'other'))).toBe(nobodys);
    for (const malformed of ['no json', '[]', '{}', JSON.stringify({ ...good, response: {} })]) {
      expect(await refusalOf(answer('bob', asked, malformed))).toMatch(/^InvalidParameterException/);
    }
    expect((await answer('bob', asked, good)).AuthenticationResult).toBeDefined();

    const AccessToken = await accessTokenOf('bob');
    const next = await begin('bob');
    const other = await accessTokenOf('alice');
    const unknown = 'ResourceNotFoundException: Passkey does not exist.';
    expect(await refusalOf(remove(other, good.id))).toBe(unknown);
    await remove(AccessToken, good.id);
    expect(await refusalOf(remove(AccessToken, good.id))).toBe(unknown);
    expect(await refusalOf(answer('bob', next, authenticator.get(requestOf(next))))).toBe(REFUSED);
  });
});

/** An authenticator with a key of its own that claims to be another. */
class Impostor extends SoftwareAuthenticator {
  as(other: SoftwareAuthenticator, request: RequestOptions): AssertionJson {
    this.create({ ...request, rp: { id: request.rpId }, user: { id: '' } });
    const { id, rawId, response } = other.get(request);
    return { ...this.get(request, { userHandle: response.userHandle }), id, rawId };
  }
}

describe('the library', () => {
  it('registers, lists and deletes passkeys, and signs in with one', async () => {
    const cognito = deskOf(pool.options);
    const signIn = { username: 'libby', password: PASSWORD };
    const { accessToken } = signedIn(await cognito.signIn(signIn)).tokens;
    const authenticator = new SoftwareAuthenticator(ORIGIN);
    const credential = authenticator.create(await cognito.passkeys.startRegistration({ accessToken }));
    await cognito.passkeys.completeRegistration({ accessToken, credential });
    expect(await codeOf(cognito.passkeys.completeRegistration({ accessToken, credential }))).toBe(
      'COGNITO_PASSKEY_REFUSED',
    );
    const { passkeys, nextToken } = await cognito.passkeys.list({ accessToken, limit: 5 });
    expect(passkeys).toMatchObject([{ credentialId: credential.id, relyingPartyId: 'example.com' }]);
    expect(nextToken).toBeUndefined();

    const choice = { username: 'libby', flow: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' } as const;
    const asked = challengeOf(await cognito.signIn(choice), 'WEB_AUTHN');
    const wrong = authenticator.get(asked.requestOptions, { origin: 'https://evil.com' });
    expect(await codeOf(cognito.respondToChallenge(asked, { credential: wrong }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
    const again = challengeOf(await cognito.signIn(choice), 'WEB_AUTHN');
    signedIn(await cognito.respondToChallenge(again, { credential: authenticator.get(again.requestOptions) }));

    const second = new SoftwareAuthenticator(ORIGIN).create(await cognito.passkeys.startRegistration({ accessToken }));
    await cognito.passkeys.completeRegistration({ accessToken, credential: second });
    const ids = new Set<string>();
    for await (const { credentialId } of cognito.passkeys.iterate({ accessToken, pageSize: 1 })) ids.add(credentialId);
    expect(ids).toEqual(new Set([credential.id, second.id]));
    await cognito.passkeys.delete({ accessToken, credentialId: second.id });
    expect(await codeOf(cognito.passkeys.delete({ accessToken, credentialId: second.id }))).toBe(
      'COGNITO_PASSKEY_NOT_FOUND',
    );
    const tokens = await without.tokensFor('libby');
    const elsewhere = deskOf(without.options).passkeys.startRegistration({ accessToken: tokens.accessToken });
    expect(await codeOf(elsewhere)).toBe('COGNITO_CLIENT_MISCONFIGURED');
  });
});
