import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import { otpauthUri } from '../../../lib/user-pool/otpauth-uri.js';
import { closeDesks, codeOf, deskOf, errorOf } from '../../support/desk.js';
import { type Fault, FaultServer } from '../../support/fault-server.js';

const accessToken = 'an.access.token';

let answer: object;
let server: FaultServer;
let cognito: CognitoService;

beforeAll(async () => {
  server = await FaultServer.start((): Fault => ({ status: 200, body: JSON.stringify(answer) }));
  const { endpoint } = server;
  cognito = deskOf({ userPoolId: 'local_AbCdEfGhI', clientId: 'client', endpoint });
});

afterEach(() => {
  server.seen.length = 0;
});

afterAll(async () => {
  await closeDesks();
  server.stop();
});

describe('what a user prefers', () => {
  it.each([
    ['two that are preferred', { sms: { enabled: true, preferred: true }, email: { enabled: true, preferred: true } }],
    ['one that is preferred and off', { softwareToken: { enabled: false, preferred: true } }],
    ['none at all', {}],
  ])('is refused with %s before anything is sent', async (_what, settings) => {
    expect(await codeOf(cognito.mfa.setPreference({ accessToken, ...settings }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(cognito.mfa.adminSetPreference({ username: 'alice', ...settings }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
    expect(server.seen).toEqual([]);
  });

  it('is sent as it is, with what is off said to be off', async () => {
    answer = {};
    await cognito.mfa.setPreference({ accessToken, sms: { enabled: false }, softwareToken: { enabled: false } });
    await cognito.mfa.adminSetPreference({ username: 'alice', email: { enabled: true, preferred: true } });
    expect(server.seen.map(({ operation, body }) => [operation, body])).toEqual([
      [
        'SetUserMFAPreference',
        {
          AccessToken: accessToken,
          SMSMfaSettings: { Enabled: false, PreferredMfa: false },
          SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false },
        },
      ],
      [
        'AdminSetUserMFAPreference',
        {
          UserPoolId: 'local_AbCdEfGhI',
          Username: 'alice',
          EmailMfaSettings: { Enabled: true, PreferredMfa: true },
        },
      ],
    ]);
  });
});

describe('an authenticator app', () => {
  it('is not set up by a call that succeeds and says that it failed', async () => {
    answer = { Status: 'ERROR' };
    const error = await errorOf(cognito.mfa.verifySoftwareToken({ accessToken, code: '123456' }));
    expect(error.code).toBe('COGNITO_SOFTWARE_TOKEN_REFUSED');
    answer = { Status: 'SUCCESS' };
    expect(await cognito.mfa.verifySoftwareToken({ accessToken, code: '123456' })).toEqual({ session: undefined });
  });

  it('needs a secret', async () => {
    answer = { Session: 'the next session' };
    expect(await codeOf(cognito.mfa.associateSoftwareToken({ accessToken }))).toBe('COGNITO_UNEXPECTED');
    answer = { SecretCode: 'JBSWY3DPEHPK3PXP', Session: 'the next session' };
    expect(await cognito.mfa.associateSoftwareToken({ session: 'the session before this' })).toEqual({
      secretCode: 'JBSWY3DPEHPK3PXP',
      otpauthUri: otpauthUri('JBSWY3DPEHPK3PXP', { issuer: 'Cognito', accountName: 'local_AbCdEfGhI' }),
      session: 'the next session',
    });
  });

  it('reads its account from a text that nothing in a name can break', () => {
    const label = { issuer: 'A&B: 50% off?', accountName: 'ä:b/c#d@example.com' };
    const uri = new URL(otpauthUri('JBSWY3DPEHPK3PXP', label));
    expect([...uri.searchParams.keys()]).toEqual(['secret', 'issuer', 'algorithm', 'digits', 'period']);
    expect(uri.searchParams.get('issuer')).toBe('A&B  50% off?');
    expect(decodeURIComponent(uri.pathname)).toBe('/A&B  50% off?:ä b/c#d@example.com');
    expect(uri.hash).toBe('');
  });
});

describe('answers that make no sense', () => {
  it('are no devices and no passkeys', async () => {
    answer = {};
    expect(await codeOf(cognito.devices.get({ accessToken, deviceKey: 'local_1' }))).toBe('COGNITO_UNEXPECTED');
    expect(await codeOf(cognito.passkeys.startRegistration({ accessToken }))).toBe('COGNITO_UNEXPECTED');
    expect(await cognito.devices.list({ accessToken })).toEqual({ devices: [], nextToken: undefined });
  });

  it('are not gone through for ever', async () => {
    answer = { Devices: [{ DeviceKey: 'local_1' }], PaginationToken: 'the same again' };
    const all = async (): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { deviceKey } of cognito.devices.iterate({ accessToken })) keys.push(deviceKey);
      return keys;
    };
    expect(await codeOf(all())).toBe('COGNITO_UNEXPECTED');
    expect(server.count('ListDevices')).toBe(2);
  });
});

describe('the secret of a device', () => {
  it('is made up anew each time, and only its verifier is sent', async () => {
    answer = { UserConfirmationNecessary: true };
    const newDevice = { deviceKey: 'local_0a1b', deviceGroupKey: '-abcdefgh' };
    const confirm = async () => cognito.devices.confirm({ accessToken, newDevice });
    const [one, other] = [await confirm(), await confirm()];
    expect(one.userConfirmationNecessary).toBe(true);
    expect(one.device.devicePassword).not.toBe(other.device.devicePassword);
    for (const { device } of [one, other]) expect(JSON.stringify(server.seen)).not.toContain(device.devicePassword);
    const [first, second] = server.seen.map(({ body }) => body['DeviceSecretVerifierConfig']);
    expect(first).not.toEqual(second);
  });
});
