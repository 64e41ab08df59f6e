import {
  AdminForgetDeviceCommand,
  AdminGetDeviceCommand,
  AdminInitiateAuthCommand,
  AdminListDevicesCommand,
  AdminUpdateDeviceStatusCommand,
  type AuthenticationResultType,
  type ChallengeNameType,
  type CognitoIdentityProviderClient,
  ConfirmDeviceCommand,
  ForgetDeviceCommand,
  GetDeviceCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  ListDevicesCommand,
  RespondToAuthChallengeCommand,
  UpdateDeviceStatusCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { g, N } from '../../lib/srp/group.js';
import { modularPower } from '../../lib/srp/modular-power.js';
import { pad } from '../../lib/srp/pad.js';
import type { CognitoService } from '../../lib/user-pool/cognito.service.js';
import type { RememberedDevice } from '../../lib/user-pool/device-secret.js';
import { challengeOf, closeDesks, codeOf, deskOf, signedIn } from '../support/desk.js';
import { totp } from '../support/totp.js';
import { decoded, deriveKey, hmac, integerOf, sha256, SrpSignIn, timestampOf } from '../unit/emulator/wire-client.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const UNKNOWN = 'ResourceNotFoundException: Device does not exist.';
const REFUSED = 'NotAuthorizedException: Incorrect username or password.';

const withApp = (username: string) => ({ username, password: PASSWORD, mfa: { totpSecret: SECRET } });

let trusting: CognitoEmulator;
let asking: CognitoEmulator;
let texting: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let asker: CognitoIdentityProviderClient;
let cognito: CognitoService;

beforeAll(async () => {
  [trusting, asking, texting] = await Promise.all([
    CognitoEmulator.start({
      mfaConfiguration: 'OPTIONAL',
      deviceConfiguration: { challengeRequiredOnNewDevice: true },
      clients: [{ clientId: 'other' }],
      users: ['tom', 'tina', 'theo', 'thea', 'tess'].map(withApp),
    }),
    CognitoEmulator.start({
      mfaConfiguration: 'OPTIONAL',
      deviceConfiguration: { deviceOnlyRememberedOnUserPrompt: true },
      users: ['ann'].map(withApp),
    }),
    // The library goes by real time: here nobody waits for the next code of an app.
    CognitoEmulator.start({
      mfaConfiguration: 'OPTIONAL',
      deviceConfiguration: { challengeRequiredOnNewDevice: true },
      users: ['libby', 'laura'].map((username) => ({
        username,
        password: PASSWORD,
        attributes: { phone_number: '+4930123456' },
        mfa: { sms: true },
      })),
    }),
  ]);
  sdk = sdkFor(trusting);
  asker = sdkFor(asking);
  cognito = deskOf(texting.options);
});

// The clock is not set back: no code of an authenticator app serves twice.
afterEach(() => {
  trusting.triggers.defineAuthChallenge = undefined;
});

afterAll(async () => {
  sdk.destroy();
  asker.destroy();
  await closeDesks();
  await Promise.all([trusting.stop(), asking.stop(), texting.stop()]);
});

interface Answer {
  ChallengeName?: ChallengeNameType | undefined;
  ChallengeParameters?: Record<string, string> | undefined;
  Session?: string | undefined;
  AuthenticationResult?: AuthenticationResultType | undefined;
}

const poolOf = (client: CognitoIdentityProviderClient) => (client === sdk ? trusting : asking);

async function begin(USERNAME: string, deviceKey?: string, client = sdk): Promise<Answer> {
  return client.send(
    new InitiateAuthCommand({
      ClientId: poolOf(client).options.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD, ...(deviceKey && { DEVICE_KEY: deviceKey }) },
    }),
  );
}

async function answer(
  { ChallengeName, Session, ChallengeParameters }: Answer,
  responses: Record<string, string>,
  { client = sdk, ClientId = poolOf(client).options.clientId } = {},
): Promise<Answer> {
  const USERNAME = ChallengeParameters?.['USER_ID_FOR_SRP'] ?? '';
  const ChallengeResponses = { USERNAME, ...responses };
  return client.send(new RespondToAuthChallengeCommand({ ClientId, ChallengeName, Session, ChallengeResponses }));
}

/** Signs in with a password and the code of the app, each time a new one. */
async function signIn(username: string, deviceKey?: string, client = sdk): Promise<AuthenticationResultType> {
  const pool = poolOf(client);
  pool.clock.advance({ minutes: 1 });
  const asked = await begin(username, deviceKey, client);
  return tokensOf(await answer(asked, { SOFTWARE_TOKEN_MFA_CODE: totp(SECRET, pool.clock.now()) }, { client }));
}

function tokensOf({ AuthenticationResult: tokens, ChallengeName }: Answer): AuthenticationResultType {
  if (!tokens) throw new Error(`no tokens but ${ChallengeName}`);
  return tokens;
}

/** A device with a secret of its own, which proves it step by step, so that each step can be spoiled. */
class Device {
  readonly password = randomBytes(40).toString('base64');
  readonly salt = integerOf(randomBytes(16));
  readonly secret = integerOf(randomBytes(32));
  readonly A = modularPower(g, this.secret);

  private constructor(
    readonly username: string,
    readonly key: string,
    readonly groupKey: string,
    readonly accessToken: string,
    readonly client: CognitoIdentityProviderClient,
  ) {}

  /** One that a sign-in has just announced. */
  static async of(username: string, client = sdk): Promise<Device> {
    const { AccessToken = '', NewDeviceMetadata: device } = await signIn(username, undefined, client);
    return new Device(username, device?.DeviceKey ?? '', device?.DeviceGroupKey ?? '', AccessToken, client);
  }

  static async confirmed(username: string, client = sdk): Promise<Device> {
    const device = await Device.of(username, client);
    await device.confirm();
    return device;
  }

  async confirm(changes: object = {}): Promise<boolean | undefined> {
    const input = {
      AccessToken: this.accessToken,
      DeviceKey: this.key,
      DeviceName: 'Test device',
      DeviceSecretVerifierConfig: { Salt: base64(this.salt), PasswordVerifier: base64(this.verifier()) },
    };
    return (await this.client.send(new ConfirmDeviceCommand({ ...input, ...changes }))).UserConfirmationNecessary;
  }

  async begin(): Promise<Answer> {
    return begin(this.username, this.key, this.client);
  }

  /** DEVICE_SRP_AUTH. */
  async offer(asked: Answer, changes: Record<string, string> = {}): Promise<Answer> {
    const SRP_A = this.A.toString(16);
    return answer(asked, { SRP_A, DEVICE_KEY: this.key, ...changes }, { client: this.client });
  }

  /** DEVICE_PASSWORD_VERIFIER. */
  async prove(asked: Answer, changes: Record<string, string> = {}, ClientId?: string): Promise<Answer> {
    const { client } = this;
    return answer(asked, { ...this.proof(asked), ...changes }, { client, ...(ClientId && { ClientId }) });
  }

  proof({ ChallengeParameters: parameters = {} }: Answer, password = this.password, now = Date.now()) {
    const TIMESTAMP = timestampOf(now);
    const B = BigInt(`0x${parameters['SRP_B']}`);
    const k = integerOf(sha256(pad(N), pad(g)));
    const u = integerOf(sha256(pad(this.A), pad(B)));
    const x = this.privateKey(password, BigInt(`0x${parameters['SALT']}`));
    const key = deriveKey(u, modularPower(B - k * modularPower(g, x), this.secret + u * x));
    const block = Buffer.from(parameters['SECRET_BLOCK'] ?? '', 'base64');
    return {
      DEVICE_KEY: this.key,
      PASSWORD_CLAIM_SECRET_BLOCK: parameters['SECRET_BLOCK'] ?? '',
      PASSWORD_CLAIM_SIGNATURE: hmac(key, `${this.groupKey}${this.key}`, block, TIMESTAMP).toString('base64'),
      TIMESTAMP,
    };
  }

  private verifier(): bigint {
    return modularPower(g, this.privateKey(this.password, this.salt));
  }

  private privateKey(password: string, salt: bigint): bigint {
    return integerOf(sha256(pad(salt), sha256(`${this.groupKey}${this.key}:${password}`)));
  }
}

const base64 = (integer: bigint) => pad(integer).toString('base64');
const getDevice = async (AccessToken: string, DeviceKey: string) =>
  sdk.send(new GetDeviceCommand({ AccessToken, DeviceKey }));
const setStatus = async (
  { accessToken, key, client }: Device,
  DeviceRememberedStatus: 'remembered' | 'not_remembered',
) => client.send(new UpdateDeviceStatusCommand({ AccessToken: accessToken, DeviceKey: key, DeviceRememberedStatus }));
const forget = async ({ accessToken, key }: Device) =>
  sdk.send(new ForgetDeviceCommand({ AccessToken: accessToken, DeviceKey: key }));
const statusOf = async ({ accessToken, key }: Device) => {
  const { Device: device } = await getDevice(accessToken, key);
  return device?.DeviceAttributes?.find(({ Name }) => Name === 'dev:device_remembered_status')?.Value;
};

describe('a sign-in from a device that is not known', () => {
  it('announces it, and binds its refresh token to it', async () => {
    const { NewDeviceMetadata: device, AccessToken, RefreshToken } = await signIn('tom');
    expect(device?.DeviceKey).toMatch(/^local_[0-9a-f-]{36}$/);
    expect(device?.DeviceGroupKey).toMatch(/^-[\w-]{8}$/);
    expect(decoded(AccessToken).payload['device_key']).toBe(device?.DeviceKey);
    expect((await signIn('tom')).NewDeviceMetadata?.DeviceKey).not.toBe(device?.DeviceKey);

    const refresh = async (DeviceKey?: string) =>
      sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: trusting.options.clientId, RefreshToken, DeviceKey }));
    expect(await refusalOf(refresh())).toBe('NotAuthorizedException: Invalid Refresh Token.');
    const other = (await signIn('tom')).NewDeviceMetadata?.DeviceKey;
    expect(await refusalOf(refresh(other))).toBe('NotAuthorizedException: Invalid Refresh Token.');
    const renewed = await refresh(device?.DeviceKey);
    expect(decoded(renewed.AuthenticationResult?.AccessToken).payload['device_key']).toBe(device?.DeviceKey);
  });

  it('tells a server of none, which can sign its users in and not refresh', async () => {
    trusting.clock.advance({ minutes: 1 });
    const { options } = trusting;
    const asked = await sdk.send(
      new AdminInitiateAuthCommand({
        UserPoolId: options.userPoolId,
        ClientId: options.clientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'tom', PASSWORD },
      }),
    );
    const code = { SOFTWARE_TOKEN_MFA_CODE: totp(SECRET, trusting.clock.now()) };
    const { NewDeviceMetadata: device, RefreshToken } = tokensOf(await answer(asked, code));
    expect(device).toBeUndefined();
    const refresh = new GetTokensFromRefreshTokenCommand({ ClientId: options.clientId, RefreshToken });
    expect(await refusalOf(sdk.send(refresh))).toBe('NotAuthorizedException: Invalid Refresh Token.');
  });

  it('keeps no more than the last twenty that were never confirmed', async () => {
    const first = await Device.of('tess');
    for (let count = 1; count <= 20; count += 1) await signIn('tess');
    expect(await refusalOf(first.confirm())).toBe('InvalidParameterException: Invalid device key given.');
    expect(await (await Device.of('tess')).confirm()).toBe(false);
  });
});

describe('ConfirmDevice', () => {
  it('takes the verifier of a secret, once', async () => {
    const device = await Device.of('tom');
    expect(await refusalOf(getDevice(device.accessToken, device.key))).toBe(UNKNOWN);
    expect(await device.confirm()).toBe(false);
    expect(await refusalOf(device.confirm())).toMatch(/^DeviceKeyExistsException/);
    const { Device: seen } = await getDevice(device.accessToken, device.key);
    expect(seen).toMatchObject({
      DeviceKey: device.key,
      DeviceCreateDate: expect.any(Date) as Date,
      DeviceLastAuthenticatedDate: expect.any(Date) as Date,
    });
    expect(seen?.DeviceAttributes).toContainEqual({ Name: 'device_name', Value: 'Test device' });
    expect(await statusOf(device)).toBe('remembered');
  });

  it("is refused for a device that was never announced, for another user's, and without a good verifier", async () => {
    const [device, other] = [await Device.of('tom'), await Device.of('tina')];
    const unknown = 'InvalidParameterException: Invalid device key given.';
    expect(await refusalOf(device.confirm({ DeviceKey: 'local_00000000-0000' }))).toBe(unknown);
    expect(await refusalOf(device.confirm({ DeviceKey: other.key }))).toBe(unknown);
    expect(await refusalOf(device.confirm({ DeviceKey: 'no key' }))).toMatch(
      /^InvalidParameterException: 1 validation/,
    );
    expect(await refusalOf(device.confirm({ AccessToken: 'garbage' }))).toMatch(/Invalid Access Token/);
    expect(await refusalOf(device.confirm({ DeviceSecretVerifierConfig: undefined }))).toMatch(
      /^InvalidParameterException/,
    );
    for (const verifier of [0n, 1n, N, N + 4n]) {
      const config = { Salt: base64(device.salt), PasswordVerifier: base64(verifier) };
      expect(await refusalOf(device.confirm({ DeviceSecretVerifierConfig: config }))).toMatch(
        /^InvalidParameterException/,
      );
    }
    expect(await device.confirm()).toBe(false);
  });
});

describe('a remembered device', () => {
  it('proves its secret, and is asked for no second factor', async () => {
    const device = await Device.confirmed('tina');
    const asked = await device.begin();
    expect(asked.ChallengeName).toBe('DEVICE_SRP_AUTH');
    const offered = await device.offer(asked);
    expect(offered.ChallengeName).toBe('DEVICE_PASSWORD_VERIFIER');
    expect(offered.ChallengeParameters).toMatchObject({ USERNAME: 'tina', DEVICE_KEY: device.key });
    const proof = device.proof(offered);
    const tokens = tokensOf(await answer(offered, proof));
    expect(tokens.NewDeviceMetadata).toBeUndefined();
    expect(decoded(tokens.AccessToken).payload['device_key']).toBe(device.key);

    const used = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
    expect(await refusalOf(answer(offered, proof))).toBe(used);
    expect(await refusalOf(device.offer(asked))).toBe(used);
    // Without the device, or with one that was never confirmed, the second factor is asked for as before.
    expect((await begin('tina')).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect(await refusalOf(begin('tina', (await Device.of('tina')).key))).toBe(UNKNOWN);
  });

  it('is refused with a wrong secret, a spoilt proof, an old one, and the proof of another agreement', async () => {
    const device = await Device.confirmed('theo');
    const proving = async () => device.offer(await device.begin());
    const spoilt = async (change: (asked: Answer) => Record<string, string>): Promise<string> => {
      const asked = await proving();
      return refusalOf(device.prove(asked, change(asked)));
    };
    expect(await spoilt((asked) => device.proof(asked, 'another password'))).toBe(REFUSED);
    const signature = (asked: Answer) => Buffer.from(device.proof(asked).PASSWORD_CLAIM_SIGNATURE, 'base64');
    expect(
      await spoilt((asked) => {
        const bytes = signature(asked);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        return { PASSWORD_CLAIM_SIGNATURE: bytes.toString('base64') };
      }),
    ).toBe(REFUSED);
    expect(await spoilt(() => ({ PASSWORD_CLAIM_SIGNATURE: 'AAAA' }))).toBe(REFUSED);
    expect(await spoilt((asked) => device.proof(asked, undefined, Date.now() - 10 * 60_000))).toBe(REFUSED);
    expect(await spoilt(() => ({ TIMESTAMP: 'yesterday' }))).toMatch(/^InvalidParameterException: TIMESTAMP/);
    const other = await proving();
    expect(await spoilt(() => device.proof(other))).toBe(REFUSED);
    trusting.clock.advance({ minutes: 16 });
    const ownBlock = ({ ChallengeParameters: parameters }: Answer) => ({
      ChallengeParameters: { ...parameters, SECRET_BLOCK: 'AAAA' },
    });
    expect(await spoilt((asked) => device.proof(ownBlock(asked)))).toBe(REFUSED);
    tokensOf(await device.prove(await proving()));
  });

  it.each([
    ['0', 0n],
    ['N', N],
    ['2N', 2n * N],
  ])('is refused with %s as its public value, whatever is signed then', async (_name, A) => {
    const device = await Device.confirmed('thea');
    const asked = await device.begin();
    const refused = await refusalOf(device.offer(asked, { SRP_A: A.toString(16) }));
    expect(refused).toBe('InvalidParameterException: SRP_A must not be a multiple of N.');
    // Nothing was offered against it: the session still waits for a public value.
    const early = { ...asked, ChallengeName: 'DEVICE_PASSWORD_VERIFIER' as const };
    const TIMESTAMP = timestampOf(Date.now());
    const key = deriveKey(integerOf(sha256(pad(0n), pad(0n))), 0n);
    const forged = {
      DEVICE_KEY: device.key,
      PASSWORD_CLAIM_SECRET_BLOCK: 'AAAA',
      PASSWORD_CLAIM_SIGNATURE: hmac(key, `${device.groupKey}${device.key}`, Buffer.alloc(3), TIMESTAMP).toString(
        'base64',
      ),
      TIMESTAMP,
    };
    expect(await refusalOf(answer(early, forged))).toBe('NotAuthorizedException: Invalid session for the user.');
    tokensOf(await device.prove(await device.offer(asked)));
  });

  it('is no other device, of no other user and no other client', async () => {
    const [mine, second, other] = [
      await Device.confirmed('tom'),
      await Device.confirmed('tom'),
      await Device.confirmed('tina'),
    ];
    expect(await refusalOf(begin('tom', other.key))).toBe(UNKNOWN);
    expect(await refusalOf(begin('tom', 'local_00000000-0000'))).toBe(UNKNOWN);
    expect(await refusalOf(mine.offer(await mine.begin(), { DEVICE_KEY: other.key }))).toBe(UNKNOWN);
    const offered = await mine.offer(await mine.begin());
    expect(await refusalOf(mine.prove(offered, {}, 'other'))).toBe(
      'NotAuthorizedException: Invalid session for the user.',
    );
    expect(await refusalOf(mine.prove(offered, { DEVICE_KEY: second.key }))).toBe(REFUSED);
    // A device that is asked for its proof cannot get by with another challenge's answer.
    const asked = await mine.begin();
    const asApp = { ...asked, ChallengeName: 'SOFTWARE_TOKEN_MFA' as const };
    const code = { SOFTWARE_TOKEN_MFA_CODE: totp(SECRET, trusting.clock.now()) };
    expect(await refusalOf(answer(asApp, code))).toBe('NotAuthorizedException: Invalid session for the user.');
    tokensOf(await mine.prove(await mine.offer(asked)));
  });

  it('is asked for the second factor once it is not remembered, and unknown once it is forgotten', async () => {
    const device = await Device.confirmed('theo');
    await setStatus(device, 'not_remembered');
    expect(await statusOf(device)).toBe('not_remembered');
    expect((await device.begin()).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    const tokens = await signIn('theo', device.key);
    expect(tokens.NewDeviceMetadata).toBeUndefined();
    expect(decoded(tokens.AccessToken).payload['device_key']).toBe(device.key);
    await setStatus(device, 'remembered');
    // What counts is what holds when the proof arrives.
    const [waiting, agreed] = [await device.begin(), await device.offer(await device.begin())];
    await setStatus(device, 'not_remembered');
    expect(await refusalOf(device.offer(waiting))).toBe(UNKNOWN);
    expect(await refusalOf(device.prove(agreed))).toBe(UNKNOWN);
    await setStatus(device, 'remembered');
    tokensOf(await device.prove(agreed));

    const [begun, offered] = [await device.begin(), await device.offer(await device.begin())];
    await forget(device);
    expect(await refusalOf(device.offer(begun))).toBe(UNKNOWN);
    expect(await refusalOf(device.prove(offered))).toBe(UNKNOWN);
    expect(await refusalOf(device.begin())).toBe(UNKNOWN);
    expect(await refusalOf(forget(device))).toBe(UNKNOWN);
  });

  it('locks the account with wrong proofs', async () => {
    const device = await Device.confirmed('thea');
    trusting.clock.advance({ minutes: 16 });
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const asked = await device.offer(await device.begin());
      expect(await refusalOf(device.prove(asked, device.proof(asked, 'wrong')))).toBe(REFUSED);
    }
    expect(await refusalOf(device.begin())).toBe('NotAuthorizedException: Password attempts exceeded');
  });

  it('is asked last in a custom sign-in', async () => {
    trusting.triggers.defineAuthChallenge = () => ({ issueTokens: true });
    const custom = async (DEVICE_KEY?: string) =>
      sdk.send(
        new InitiateAuthCommand({
          ClientId: trusting.options.clientId,
          AuthFlow: 'CUSTOM_AUTH',
          AuthParameters: { USERNAME: 'tina', ...(DEVICE_KEY && { DEVICE_KEY }) },
        }),
      );
    const device = await Device.confirmed('tina');
    const asked = await custom(device.key);
    expect(asked.ChallengeName).toBe('DEVICE_SRP_AUTH');
    tokensOf(await device.prove(await device.offer(asked)));
    expect(tokensOf(await custom()).NewDeviceMetadata?.DeviceKey).toBeDefined();
  });

  it('may be left out of a password proof that was refused because of it', async () => {
    const flow = new SrpSignIn(trusting, 'tom', PASSWORD);
    const { body } = await flow.begin();
    const parameters = body['ChallengeParameters'] as Record<string, string>;
    const TIMESTAMP = timestampOf(Date.now());
    const responses = {
      USERNAME: 'tom',
      TIMESTAMP,
      PASSWORD_CLAIM_SECRET_BLOCK: parameters['SECRET_BLOCK'] ?? '',
      PASSWORD_CLAIM_SIGNATURE: flow.signatureOf(parameters, TIMESTAMP).toString('base64'),
    };
    const asked = { ChallengeName: 'PASSWORD_VERIFIER' as const, ChallengeParameters: parameters };
    expect(await refusalOf(answer(asked, { ...responses, DEVICE_KEY: 'local_00000000-0000' }))).toBe(UNKNOWN);
    expect((await answer(asked, responses)).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect(await refusalOf(answer(asked, responses))).toMatch(/session can only be used once/);
  });
});

describe('a pool that asks before it remembers', () => {
  it('remembers when the user says so, and asks for the second factor all the same', async () => {
    const device = await Device.of('ann', asker);
    expect(await device.confirm()).toBe(true);
    expect((await device.begin()).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    await setStatus(device, 'remembered');
    asking.clock.advance({ minutes: 1 });
    const proved = await device.prove(await device.offer(await device.begin()));
    expect(proved.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    const code = { SOFTWARE_TOKEN_MFA_CODE: totp(SECRET, asking.clock.now()) };
    tokensOf(await answer(proved, code, { client: asker }));

    asking.triggers.defineAuthChallenge = () => ({ issueTokens: true });
    const custom = await asker.send(
      new InitiateAuthCommand({
        ClientId: asking.options.clientId,
        AuthFlow: 'CUSTOM_AUTH',
        AuthParameters: { USERNAME: 'ann', DEVICE_KEY: device.key },
      }),
    );
    // A custom sign-in knows no second factor, so there is none to ask for.
    tokensOf(await device.prove(await device.offer(custom)));
  });
});

describe('the devices of a user', () => {
  it('are listed by the page, their own only, and administered', async () => {
    const devices = [await Device.confirmed('tess'), await Device.confirmed('tess'), await Device.confirmed('tess')];
    const keys = devices.map(({ key }) => key);
    const AccessToken = devices[0]?.accessToken ?? '';
    const Username = 'tess';
    const byName = { UserPoolId: trusting.options.userPoolId, Username };
    const list = async (input: object = {}) => sdk.send(new ListDevicesCommand({ AccessToken, ...input }));
    const all = (await list()).Devices?.map(({ DeviceKey }) => DeviceKey) ?? [];
    expect(all).toEqual(expect.arrayContaining(keys));
    expect((await sdk.send(new AdminListDevicesCommand(byName))).Devices?.map(({ DeviceKey }) => DeviceKey)).toEqual(
      all,
    );

    const paged: (string | undefined)[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await list({ Limit: 2, PaginationToken });
      expect(page.Devices?.length).toBeLessThanOrEqual(2);
      paged.push(...(page.Devices ?? []).map(({ DeviceKey }) => DeviceKey));
      ({ PaginationToken } = page);
    } while (PaginationToken);
    expect(paged).toEqual(all);
    expect(await refusalOf(list({ PaginationToken: 'made-up' }))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(list({ Limit: 61 }))).toMatch(/^InvalidParameterException: 1 validation/);

    const stranger = await Device.confirmed('tom');
    const named = { ...byName, DeviceKey: keys[0] };
    expect(await refusalOf(getDevice(stranger.accessToken, keys[0] ?? ''))).toBe(UNKNOWN);
    expect((await sdk.send(new AdminGetDeviceCommand(named))).Device?.DeviceKey).toBe(keys[0]);
    expect(await refusalOf(sdk.send(new AdminGetDeviceCommand({ ...named, Username: 'tom' })))).toBe(UNKNOWN);
    await sdk.send(new AdminUpdateDeviceStatusCommand({ ...named, DeviceRememberedStatus: 'not_remembered' }));
    expect((await begin(Username, keys[0])).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    await sdk.send(new AdminForgetDeviceCommand(named));
    expect(await refusalOf(sdk.send(new AdminForgetDeviceCommand(named)))).toBe(UNKNOWN);
    expect((await list()).Devices?.map(({ DeviceKey }) => DeviceKey)).not.toContain(keys[0]);
  });
});

describe('the library', () => {
  const password = PASSWORD;
  const withCode = async (username: string) => {
    const asked = challengeOf(await cognito.signIn({ username, password }), 'SMS_MFA');
    return signedIn(await cognito.respondToChallenge(asked, { code: texting.inbox.last(username)?.code ?? '' }));
  };

  it('confirms a device, and signs in with it without a further question', async () => {
    const { tokens, newDevice } = await withCode('libby');
    const { accessToken } = tokens;
    if (!newDevice) throw new Error('no new device');
    const { device, userConfirmationNecessary } = await cognito.devices.confirm({
      accessToken,
      newDevice,
      name: 'Mine',
    });
    expect(userConfirmationNecessary).toBe(false);
    expect(device).toMatchObject(newDevice);
    expect(Buffer.from(device.devicePassword, 'base64').length).toBe(40);
    expect(await codeOf(cognito.devices.confirm({ accessToken, newDevice }))).toBe('COGNITO_DEVICE_EXISTS');

    const again = signedIn(await cognito.signIn({ username: 'libby', password, device }));
    const { deviceKey } = device;
    const renewed = await cognito.refresh({ refreshToken: again.tokens.refreshToken, deviceKey });
    expect(decoded(renewed.accessToken).payload['device_key']).toBe(deviceKey);
    const wrong: RememberedDevice = { ...device, devicePassword: randomBytes(40).toString('base64') };
    expect(await codeOf(cognito.signIn({ username: 'libby', password, device: wrong }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );

    expect(await cognito.devices.get({ accessToken, deviceKey })).toMatchObject({ name: 'Mine', remembered: true });
    await cognito.devices.updateStatus({ accessToken, deviceKey, remembered: false });
    challengeOf(await cognito.signIn({ username: 'libby', password, device }), 'SMS_MFA');
    await cognito.devices.forget({ accessToken, deviceKey });
    expect(await codeOf(cognito.devices.get({ accessToken, deviceKey }))).toBe('COGNITO_DEVICE_NOT_FOUND');
    const fallback = await cognito.signIn({ username: 'libby', password, device });
    challengeOf(fallback, 'SMS_MFA');
    expect(fallback.deviceUnknown).toBe(true);
  });

  it('lists devices, page by page and all, for users and for administrators', async () => {
    const username = 'laura';
    let accessToken = '';
    for (let count = 1; count <= 3; count += 1) {
      const { tokens, newDevice } = await withCode(username);
      ({ accessToken } = tokens);
      if (newDevice) await cognito.devices.confirm({ accessToken, newDevice, name: `Device ${count}` });
    }
    const page = await cognito.devices.list({ accessToken, limit: 2 });
    expect(page.devices.length).toBe(2);
    expect((await cognito.devices.list({ accessToken, nextToken: page.nextToken })).devices.length).toBe(1);
    const own = [];
    for await (const device of cognito.devices.iterate({ accessToken, pageSize: 2 })) own.push(device);
    expect(new Set(own.map(({ name }) => name))).toEqual(new Set(['Device 1', 'Device 2', 'Device 3']));
    const seen = [];
    for await (const device of cognito.devices.adminIterate({ username, pageSize: 1 })) seen.push(device);
    expect(seen).toEqual(own);

    const [{ deviceKey } = { deviceKey: '' }] = own;
    expect((await cognito.devices.adminGet({ username, deviceKey })).lastAuthenticatedAt).toBeInstanceOf(Date);
    await cognito.devices.adminUpdateStatus({ username, deviceKey, remembered: false });
    expect((await cognito.devices.adminGet({ username, deviceKey })).remembered).toBe(false);
    await cognito.devices.adminForget({ username, deviceKey });
    expect((await cognito.devices.adminList({ username })).devices.length).toBe(2);
    expect(await codeOf(cognito.devices.adminForget({ username: 'nobody', deviceKey }))).toBe('COGNITO_USER_NOT_FOUND');
  });
});
