import { describe, expect, it } from 'vitest';
import { EmulatorError, type EmulatorSeed, resolveOptions } from '../../../lib/emulator/index.js';

/** What is said about options that are refused; nothing for those that are taken. */
function problemOf(options: object): string {
  try {
    resolveOptions(options);
    return '';
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const alice = { username: 'alice', password: 'Passw0rd!' };
const withContacts = { ...alice, attributes: { email: 'alice@example.com', phone_number: '+4930123456' } };
const rotation = { feature: 'ENABLED' as const };

interface Pair {
  readonly because: string;
  readonly refused: object;
  readonly named: RegExp;
  readonly taken: EmulatorSeed;
}

const pairs: Pair[] = [
  {
    because: 'rotation excludes the flow that gives no new refresh token',
    refused: { refreshTokenRotation: rotation, explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] },
    named: /explicitAuthFlows: take ALLOW_REFRESH_TOKEN_AUTH out/,
    taken: { refreshTokenRotation: { feature: 'DISABLED' }, explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] },
  },
  {
    because: 'a further client takes the rotation of the main one',
    refused: {
      refreshTokenRotation: rotation,
      clients: [{ clientId: 'two', explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] }],
    },
    named: /clients\.0\.explicitAuthFlows: take/,
    taken: {
      refreshTokenRotation: rotation,
      clients: [
        {
          clientId: 'two',
          refreshTokenRotation: { feature: 'DISABLED' },
          explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
        },
      ],
    },
  },
  {
    because: 'machines have a client of their own',
    refused: { clientSecret: 'secret', allowedOAuthFlows: ['code', 'client_credentials'] },
    named: /allowedOAuthFlows: client_credentials excludes/,
    taken: { clientSecret: 'secret', allowedOAuthFlows: ['client_credentials'] },
  },
  {
    because: 'a machine has a secret',
    refused: { clients: [{ clientId: 'machine', allowedOAuthFlows: ['client_credentials'] }] },
    named: /clients\.0\.allowedOAuthFlows: client_credentials needs a clientSecret/,
    taken: { clients: [{ clientId: 'machine', clientSecret: 'secret', allowedOAuthFlows: ['client_credentials'] }] },
  },
  {
    because: 'a default address is one of the callbacks',
    refused: { callbackUrls: ['https://app.example/cb'], defaultRedirectUri: 'https://app.example/' },
    named: /defaultRedirectUri: must be one of the callbackUrls/,
    taken: { callbackUrls: ['https://app.example/cb'], defaultRedirectUri: 'https://app.example/cb' },
  },
  {
    because: 'a scope is one that the pool knows',
    refused: { allowedOAuthScopes: ['openid', 'notes/read'] },
    named: /allowedOAuthScopes: notes\/read is no scope of the pool/,
    taken: {
      allowedOAuthScopes: ['openid', 'notes/read'],
      resourceServers: [{ identifier: 'notes', scopes: ['read'] }],
    },
  },
  {
    because: 'two resource servers have one identifier',
    refused: { resourceServers: ['a', 'a'].map((identifier) => ({ identifier, scopes: [] })) },
    named: /resourceServers: two resource servers have the same identifier/,
    taken: { resourceServers: ['a', 'b'].map((identifier) => ({ identifier, scopes: [] })) },
  },
  {
    because: 'an address without encryption leads to this machine',
    refused: { callbackUrls: ['http://app.example/cb'] },
    named: /callbackUrls/,
    taken: { callbackUrls: ['http://localhost:3000/cb', 'https://app.example/cb', 'myapp://cb'] },
  },
  {
    because: 'an address leads somewhere',
    refused: { logoutUrls: ['javascript:alert(1)'] },
    named: /logoutUrls/,
    taken: { logoutUrls: 'loopback' },
  },
  {
    because: 'an address has no fragment',
    refused: { callbackUrls: ['https://app.example/#cb'] },
    named: /callbackUrls/,
    taken: { callbackUrls: ['https://app.example/?cb'] },
  },
  {
    because: 'an origin has no path',
    refused: { corsOrigins: ['https://app.example/'] },
    named: /corsOrigins\.0: must be an origin/,
    taken: { corsOrigins: ['https://app.example'] },
  },
  {
    because: 'two clients have one id',
    refused: { clientId: 'one', clients: [{ clientId: 'one' }] },
    named: /clients: two app clients have the same clientId/,
    taken: { clientId: 'one', clients: [{ clientId: 'two' }] },
  },
  {
    because: 'a client reads an attribute that is none',
    refused: { readAttributes: ['e-mail'] },
    named: /readAttributes\.0: must be a standard attribute/,
    taken: { readAttributes: ['email', 'email_verified', 'custom:tenant'] },
  },
  {
    because: 'a client writes what the schema does not declare',
    refused: { schema: [{ name: 'custom:tenant' }], clients: [{ clientId: 'two', writeAttributes: ['custom:tenat'] }] },
    named: /clients\.0\.writeAttributes: schema does not declare custom:tenat/,
    taken: { schema: [{ name: 'custom:tenant' }], clients: [{ clientId: 'two', writeAttributes: ['custom:tenant'] }] },
  },
  {
    because: 'a user has what the schema does not declare',
    refused: { schema: [], users: [{ ...alice, attributes: { 'custom:tenant': 'a' } }] },
    named: /users\.0\.attributes: schema does not declare custom:tenant/,
    taken: { users: [{ ...alice, attributes: { 'custom:tenant': 'a' } }] },
  },
  {
    because: 'an attribute is required that nobody knows',
    refused: { schema: [{ name: 'mail', required: true }] },
    named: /schema\.0\.name: must be a standard attribute/,
    taken: { schema: [{ name: 'email', required: true }] },
  },
  {
    because: 'custom attributes cannot be required',
    refused: { schema: [{ name: 'custom:tenant', required: true }] },
    named: /schema\.0\.required: no custom attribute/,
    taken: { schema: [{ name: 'custom:tenant', required: false }] },
  },
  {
    because: 'standard attributes have a type of their own',
    refused: { schema: [{ name: 'email', type: 'Number' }] },
    named: /schema\.0\.type: a standard attribute/,
    taken: { schema: [{ name: 'custom:age', type: 'Number' }] },
  },
  {
    because: 'an attribute is declared twice',
    refused: { schema: [{ name: 'custom:a' }, { name: 'custom:a', type: 'Number' }] },
    named: /schema: custom:a is declared twice/,
    taken: { schema: [{ name: 'custom:a' }, { name: 'custom:b' }] },
  },
  {
    because: 'the preferred second factor is not set up',
    refused: { users: [{ ...withContacts, mfa: { sms: true, preferred: 'SOFTWARE_TOKEN_MFA' } }] },
    named: /users\.0\.mfa\.preferred: SOFTWARE_TOKEN_MFA is not set up: write totpSecret/,
    taken: { users: [{ ...withContacts, mfa: { sms: true, preferred: 'SMS_MFA' } }] },
  },
  {
    because: 'codes by SMS need a number',
    refused: { users: [{ ...alice, mfa: { sms: true } }] },
    named: /users\.0\.mfa\.sms: needs the attribute phone_number/,
    taken: { usernameAttributes: ['phone_number'], users: [{ ...alice, username: '+4930123456', mfa: { sms: true } }] },
  },
  {
    because: 'codes by e-mail need an address',
    refused: { users: [{ ...alice, mfa: { email: true } }] },
    named: /users\.0\.mfa\.email: needs the attribute email/,
    taken: { users: [{ ...withContacts, mfa: { email: true } }] },
  },
  {
    because: 'a shared secret is base32',
    refused: { users: [{ ...alice, mfa: { totpSecret: 'not base32 at all' } }] },
    named: /users\.0\.mfa\.totpSecret: must be base32/,
    taken: { users: [{ ...alice, mfa: { totpSecret: 'JBSWY3DPEHPK3PXP' } }] },
  },
  {
    because: 'an address is one',
    refused: { users: [{ ...alice, attributes: { email: 'alice' } }] },
    named: /users\.0\.attributes\.email: must be an e-mail address/,
    taken: { users: [withContacts] },
  },
  {
    because: 'a number is one',
    refused: { users: [{ ...alice, attributes: { phone_number: '030 123' } }] },
    named: /users\.0\.attributes\.phone_number: must look like/,
    taken: { users: [withContacts] },
  },
  {
    because: 'two users cannot share a name',
    refused: { users: [alice, { ...alice, username: 'Alice' }] },
    named: /users: two users have the same username/,
    taken: { usernameCaseSensitive: true, users: [alice, { ...alice, username: 'Alice' }] },
  },
  {
    because: 'two users cannot share an alias',
    refused: { aliasAttributes: ['email'], users: [withContacts, { ...withContacts, username: 'bob' }] },
    named: /users: two users have the same email/,
    taken: { users: [withContacts, { ...withContacts, username: 'bob' }] },
  },
  {
    because: 'two users cannot share a sub',
    refused: {
      users: [
        { ...alice, attributes: { sub: 'one' } },
        { ...alice, username: 'bob', attributes: { sub: 'one' } },
      ],
    },
    named: /users: two users have the same sub/,
    taken: {
      users: [
        { ...alice, attributes: { sub: 'one' } },
        { ...alice, username: 'bob', attributes: { sub: 'two' } },
      ],
    },
  },
  {
    because: 'two groups cannot share a name',
    refused: { groups: ['staff', { name: 'staff', precedence: 1 }] },
    named: /groups: two groups have the same name/,
    taken: { groups: ['staff', { name: 'guests', precedence: 1 }] },
  },
  {
    because: 'aliases are for pools with user names',
    refused: { usernameAttributes: ['email'], aliasAttributes: ['email'] },
    named: /aliasAttributes: .*exclude each other/,
    taken: { usernameAttributes: ['email'], aliasAttributes: [] },
  },
  {
    because: 'a second factor that is always asked for has to be possible',
    refused: { mfaConfiguration: 'ON', enabledMfas: [] },
    named: /enabledMfas: nobody could sign in/,
    taken: { mfaConfiguration: 'ON', enabledMfas: ['SOFTWARE_TOKEN_MFA'] },
  },
  {
    because: 'recovery by administrators alone is recovery by them alone',
    refused: { accountRecovery: ['admin_only', 'verified_email'] },
    named: /accountRecovery: admin_only excludes/,
    taken: { accountRecovery: ['admin_only'] },
  },
  {
    because: 'passkeys belong to a domain and what lies below it',
    refused: { webAuthn: { relyingPartyId: 'example.com', origins: ['https://example.com.evil.test'] } },
    named: /webAuthn\.origins: an origin is not of example\.com/,
    taken: {
      webAuthn: { relyingPartyId: 'example.com', origins: ['https://example.com', 'https://app.example.com:8443'] },
    },
  },
  {
    because: 'a domain is no address',
    refused: { webAuthn: { relyingPartyId: 'https://example.com' } },
    named: /webAuthn\.relyingPartyId: must be a domain/,
    taken: { webAuthn: { relyingPartyId: 'example.com' } },
  },
];

describe('options of the emulator', () => {
  it.each(pairs)('are refused because $because, and taken where it is not so', ({ refused, named, taken }) => {
    expect(problemOf(refused)).toMatch(/^EMULATOR_OPTIONS_INVALID: /);
    expect(problemOf(refused)).toMatch(named);
    expect(problemOf(taken)).toBe('');
  });

  it('have all their faults named at once, without a value', () => {
    const problem = problemOf({
      accessTokenValidity: 0,
      users: [{ ...alice, password: '', mfa: { totpSecret: 'S3cret' } }],
    });
    expect(problem).toMatch(/accessTokenValidity.*users\.0\.password.*users\.0\.mfa\.totpSecret/);
    expect(problem).not.toContain('S3cret');
  });

  it('leave REFRESH_TOKEN_AUTH out by themselves where refresh tokens rotate', () => {
    const { client, clients } = resolveOptions({
      refreshTokenRotation: rotation,
      clients: [{ clientId: 'two', refreshTokenRotation: { feature: 'DISABLED' } }],
    });
    expect(client.explicitAuthFlows).not.toContain('ALLOW_REFRESH_TOKEN_AUTH');
    expect(client.explicitAuthFlows).toContain('ALLOW_USER_SRP_AUTH');
    expect(clients[1]?.rotationGrace).toBeUndefined();
  });
});
