import { randomUUID } from 'node:crypto';
import { TOTP } from 'otpauth';
import type { Device } from '../../../lib/emulator/state/devices.js';
import type { User } from '../../../lib/emulator/state/users.js';
import { createDeviceVerifier } from '../../../lib/srp/device-verifier.js';
import { PasswordProof } from '../../../lib/srp/password-proof.js';
import { poolNameOf } from '../../../lib/srp/pool-name.js';
import {
  type CreationOptions,
  type RequestOptions,
  SoftwareAuthenticator,
} from '../../support/software-authenticator.js';
import type { Random } from './random.js';
import { CLIENT, PASSWORD, POOL, RIGHT_ANSWER, type World } from './world.js';

/** Leads the pool to where a request of one operation succeeds, and writes that request. */
export type Recipe = (world: World, random: Random) => Promise<object> | object;

type Texts = Readonly<Record<string, string>>;

const NEW_PASSWORD = 'N3w-Passw0rd!';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const ofClient = { ClientId: CLIENT };
const ofPool = { UserPoolId: POOL };
const attribute = (Name: string, Value: string) => ({ Name, Value });

/** A way to sign in: how it begins, and how what is asked then is answered. */
interface Way {
  readonly begin: (world: World) => Begun | Promise<Begun>;
  readonly answer: (world: World, begun: Begun, parameters: Texts) => Texts;
}

interface Begun {
  readonly user: User;
  readonly flow: 'USER_PASSWORD_AUTH' | 'USER_SRP_AUTH' | 'USER_AUTH' | 'CUSTOM_AUTH';
  readonly parameters: Texts;
  readonly proof?: PasswordProof;
  readonly authenticator?: SoftwareAuthenticator;
}

const withPassword = (user: User): Begun => ({
  user,
  flow: 'USER_PASSWORD_AUTH',
  parameters: { USERNAME: user.username, PASSWORD },
});

function withChoice(user: User, preferred?: string): Begun {
  const preference = preferred === undefined ? {} : { PREFERRED_CHALLENGE: preferred };
  return { user, flow: 'USER_AUTH', parameters: { USERNAME: user.username, ...preference } };
}

function withProof(world: World): Begun {
  const user = world.newUser();
  const proof = PasswordProof.begin();
  return { user, flow: 'USER_SRP_AUTH', parameters: { USERNAME: user.username, SRP_A: proof.srpA }, proof };
}

const ways: readonly Way[] = [
  {
    begin: (world) => withPassword(world.newUser({ status: 'FORCE_CHANGE_PASSWORD' })),
    answer: () => ({ NEW_PASSWORD }),
  },
  {
    begin: (world) => withPassword(userWithToken(world)),
    answer: (world) => ({ SOFTWARE_TOKEN_MFA_CODE: totp(world) }),
  },
  {
    begin: (world) => withPassword(world.newUser({ mfa: { totp: false, sms: true, email: false } })),
    answer: (world, { user }) => ({ SMS_MFA_CODE: world.codeOf(user) }),
  },
  {
    begin: (world) => withPassword(world.newUser({ mfa: { totp: false, sms: true, email: true } })),
    answer: () => ({ ANSWER: 'EMAIL_OTP' }),
  },
  {
    begin: (world) => withChoice(world.newUser(), 'EMAIL_OTP'),
    answer: (world, { user }) => ({ EMAIL_OTP_CODE: world.codeOf(user) }),
  },
  {
    begin: (world) => withChoice(world.newUser(), 'SMS_OTP'),
    answer: (world, { user }) => ({ SMS_OTP_CODE: world.codeOf(user) }),
  },
  {
    begin: (world) => withChoice(world.newUser()),
    answer: () => ({ ANSWER: 'PASSWORD', PASSWORD }),
  },
  {
    begin: (world) => {
      const user = world.newUser();
      return { user, flow: 'CUSTOM_AUTH', parameters: { USERNAME: user.username } };
    },
    answer: () => ({ ANSWER: RIGHT_ANSWER }),
  },
  { begin: withProof, answer: provePassword },
  {
    begin: withPasskey,
    answer: (_, { authenticator }, { CREDENTIAL_REQUEST_OPTIONS = '{}' }) => ({
      CREDENTIAL: JSON.stringify(authenticator?.get(JSON.parse(CREDENTIAL_REQUEST_OPTIONS) as RequestOptions)),
    }),
  },
  {
    begin: withDevice,
    answer: (_, { parameters }) => ({
      DEVICE_KEY: parameters['DEVICE_KEY'] ?? '',
      SRP_A: PasswordProof.begin().srpA,
    }),
  },
];

async function withPasskey(world: World): Promise<Begun> {
  const { user, members, authenticator } = await offeredPasskey(world);
  await world.call('CompleteWebAuthnRegistration', members);
  return { ...withChoice(user, 'WEB_AUTHN'), authenticator };
}

/** A registration that is ready to be completed. */
async function offeredPasskey(world: World) {
  const { user, accessToken: AccessToken } = await world.signIn();
  const authenticator = new SoftwareAuthenticator('http://localhost:3000');
  const { CredentialCreationOptions } = await world.call('StartWebAuthnRegistration', { AccessToken });
  const Credential = authenticator.create(CredentialCreationOptions as CreationOptions);
  return { user, authenticator, members: { AccessToken, Credential } };
}

function withDevice(world: World): Begun {
  const user = world.newUser({ mfa: { totp: false, sms: true, email: false } });
  const begun = withPassword(user);
  return { ...begun, parameters: { ...begun.parameters, DEVICE_KEY: rememberedDevice(world, user).key } };
}

function rememberedDevice(world: World, user: User): Device {
  const device = world.pool.devices.announce('local', user.username, world.pool.clock.now());
  device.verifier = { salt: 1n, verifier: 2n };
  device.remembered = true;
  return device;
}

function provePassword(_: World, { proof }: Begun, parameters: Texts): Texts {
  const { USER_ID_FOR_SRP: name = '', SRP_B: srpB = '', SALT: salt = '', SECRET_BLOCK: secretBlock = '' } = parameters;
  const claim = proof?.claim({ scope: poolNameOf(POOL), name }, PASSWORD, { srpB, salt, secretBlock });
  return {
    PASSWORD_CLAIM_SECRET_BLOCK: secretBlock,
    PASSWORD_CLAIM_SIGNATURE: claim?.signature ?? '',
    TIMESTAMP: claim?.timestamp ?? '',
  };
}

function userWithToken(world: World): User {
  return world.newUser({
    mfa: { totp: true, sms: false, email: false, softwareToken: { secret: SECRET, friendlyName: '' } },
  });
}

function totp(world: World, secret = SECRET): string {
  return new TOTP({ secret }).generate({ timestamp: world.pool.clock.now() });
}

async function initiate(world: World, random: Random): Promise<object> {
  const { flow, parameters } = await random.pick(ways).begin(world);
  return { ...ofClient, AuthFlow: flow, AuthParameters: parameters };
}

async function respond(world: World, random: Random, administers: boolean): Promise<object> {
  const way = random.pick(ways);
  const begun = await way.begin(world);
  const further = administers ? ofPool : {};
  const asked = await world.call(administers ? 'AdminInitiateAuth' : 'InitiateAuth', {
    ...ofClient,
    ...further,
    AuthFlow: administers && begun.flow === 'USER_PASSWORD_AUTH' ? 'ADMIN_USER_PASSWORD_AUTH' : begun.flow,
    AuthParameters: begun.parameters,
  });
  const parameters = asked['ChallengeParameters'] as Texts;
  const USERNAME = parameters['USER_ID_FOR_SRP'] ?? begun.user.username;
  return {
    ...ofClient,
    ...further,
    ChallengeName: asked['ChallengeName'],
    Session: asked['Session'],
    ChallengeResponses: { USERNAME, ...way.answer(world, begun, parameters) },
  };
}

async function signUp(world: World): Promise<{ Username: string; code: string }> {
  const Username = `new-${randomUUID()}`;
  await world.call('SignUp', signUpOf(Username));
  return { Username, code: world.pool.inbox.last(Username)?.code ?? '' };
}

const signUpOf = (Username: string) => ({
  ...ofClient,
  Username,
  Password: PASSWORD,
  UserAttributes: [attribute('email', `${Username}@example.com`), attribute('custom:room', 'seven')],
});

const bearer = async (world: World) => ({ AccessToken: (await world.signIn()).accessToken });
const named = (world: World) => ({ ...ofPool, Username: world.newUser().username });
const grouped = (world: World) => ({ ...ofPool, GroupName: world.newGroup() });

/** A remembered device of a user who is signed in. */
async function remembered(world: World) {
  const { user, accessToken } = await world.signIn();
  return { user, members: { AccessToken: accessToken, DeviceKey: rememberedDevice(world, user).key } };
}

async function administeredDevice(world: World) {
  const { user, members } = await remembered(world);
  return { ...ofPool, Username: user.username, DeviceKey: members.DeviceKey };
}

function verifierOf({ groupKey, key }: Device): object {
  const { salt, verifier } = createDeviceVerifier({ scope: groupKey, name: key }, 'a secret of the device');
  return { Salt: salt, PasswordVerifier: verifier };
}

/** A user with two sign-ins, by the token of the first. */
async function twoSessions(world: World) {
  const first = await world.signIn();
  const second = await world.signIn(first.user);
  const listed = await world.call('ListUserSessions', { AccessToken: second.accessToken });
  const sessions = listed['Sessions'] as { SessionId: string; IsCurrentSession: boolean }[];
  const SessionId = sessions.find(({ IsCurrentSession }) => !IsCurrentSession)?.SessionId;
  return { user: first.user, members: { AccessToken: second.accessToken, SessionId } };
}

async function withStoredPasskey(world: World) {
  const { user, accessToken } = await world.signIn();
  const credentialId = randomUUID();
  world.pool.passkeys.add({
    credentialId,
    username: user.username,
    publicKey: Uint8Array.of(1),
    counter: 0,
    transports: ['internal'],
    friendlyName: 'Passkey',
    relyingPartyId: 'localhost',
    createdAt: world.pool.clock.now(),
  });
  return { AccessToken: accessToken, CredentialId: credentialId };
}

const fromGoogle = (ProviderAttributeValue: string) => ({
  ProviderName: 'Google',
  ProviderAttributeName: 'Cognito_Subject',
  ProviderAttributeValue,
});

/** A valid request of every operation. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  InitiateAuth: initiate,
  RespondToAuthChallenge: async (world, random) => respond(world, random, false),
  AdminInitiateAuth: (world) => ({
    ...ofClient,
    ...ofPool,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: withPassword(world.newUser()).parameters,
  }),
  AdminRespondToAuthChallenge: async (world, random) => respond(world, random, true),

  SignUp: () => signUpOf(`new-${randomUUID()}`),
  ConfirmSignUp: async (world) => {
    const { Username, code } = await signUp(world);
    return { ...ofClient, Username, ConfirmationCode: code };
  },
  ResendConfirmationCode: async (world) => ({ ...ofClient, Username: (await signUp(world)).Username }),
  AdminConfirmSignUp: async (world) => ({ ...ofPool, Username: (await signUp(world)).Username }),
  ForgotPassword: (world) => ({ ...ofClient, Username: world.newUser().username }),
  ConfirmForgotPassword: async (world) => {
    const user = world.newUser();
    await world.call('ForgotPassword', { ...ofClient, Username: user.username });
    return { ...ofClient, Username: user.username, ConfirmationCode: world.codeOf(user), Password: NEW_PASSWORD };
  },

  GetTokensFromRefreshToken: async (world) => ({ ...ofClient, RefreshToken: (await world.signIn()).refreshToken }),
  RevokeToken: async (world) => ({ ...ofClient, Token: (await world.signIn()).refreshToken }),
  GlobalSignOut: bearer,
  AdminUserGlobalSignOut: named,

  GetUser: bearer,
  UpdateUserAttributes: async (world) => ({
    ...(await bearer(world)),
    UserAttributes: [attribute('name', 'Somebody'), attribute('email', `${randomUUID()}@example.com`)],
  }),
  DeleteUserAttributes: async (world) => ({ ...(await bearer(world)), UserAttributeNames: ['name', 'custom:room'] }),
  GetUserAttributeVerificationCode: async (world) => ({ ...(await bearer(world)), AttributeName: 'email' }),
  VerifyUserAttribute: async (world) => {
    const { user, accessToken: AccessToken } = await world.signIn();
    await world.call('GetUserAttributeVerificationCode', { AccessToken, AttributeName: 'email' });
    return { AccessToken, AttributeName: 'email', Code: world.codeOf(user) };
  },
  ChangePassword: async (world) => ({
    ...(await bearer(world)),
    PreviousPassword: PASSWORD,
    ProposedPassword: NEW_PASSWORD,
  }),
  DeleteUser: bearer,

  AssociateSoftwareToken: bearer,
  VerifySoftwareToken: async (world) => {
    const { AccessToken } = await bearer(world);
    const { SecretCode } = await world.call('AssociateSoftwareToken', { AccessToken });
    return { AccessToken, UserCode: totp(world, String(SecretCode)), FriendlyDeviceName: 'phone' };
  },
  SetUserMFAPreference: async (world) => ({
    ...(await bearer(world)),
    SMSMfaSettings: { Enabled: true, PreferredMfa: true },
    EmailMfaSettings: { Enabled: true, PreferredMfa: false },
  }),
  AdminSetUserMFAPreference: (world) => ({ ...named(world), SMSMfaSettings: { Enabled: true, PreferredMfa: true } }),
  AdminDeleteSoftwareToken: (world) => ({ ...ofPool, Username: userWithToken(world).username }),
  GetUserAuthFactors: bearer,
  AdminGetUserAuthFactors: named,

  ConfirmDevice: async (world) => {
    const { user, accessToken } = await world.signIn();
    const device = world.pool.devices.announce('local', user.username, world.pool.clock.now());
    return {
      AccessToken: accessToken,
      DeviceKey: device.key,
      DeviceName: 'laptop',
      DeviceSecretVerifierConfig: verifierOf(device),
    };
  },
  GetDevice: async (world) => (await remembered(world)).members,
  ListDevices: async (world) => ({ AccessToken: (await remembered(world)).members.AccessToken, Limit: 10 }),
  UpdateDeviceStatus: async (world) => ({
    ...(await remembered(world)).members,
    DeviceRememberedStatus: 'not_remembered',
  }),
  ForgetDevice: async (world) => (await remembered(world)).members,
  AdminGetDevice: administeredDevice,
  AdminListDevices: async (world) => ({ ...ofPool, Username: (await remembered(world)).user.username, Limit: 10 }),
  AdminUpdateDeviceStatus: async (world) => ({
    ...(await administeredDevice(world)),
    DeviceRememberedStatus: 'remembered',
  }),
  AdminForgetDevice: administeredDevice,

  StartWebAuthnRegistration: bearer,
  CompleteWebAuthnRegistration: async (world) => (await offeredPasskey(world)).members,
  ListWebAuthnCredentials: async (world) => ({
    AccessToken: (await withStoredPasskey(world)).AccessToken,
    MaxResults: 5,
  }),
  DeleteWebAuthnCredential: withStoredPasskey,

  AdminCreateUser: () => ({
    ...ofPool,
    Username: `made-${randomUUID()}`,
    TemporaryPassword: PASSWORD,
    UserAttributes: [attribute('email', `${randomUUID()}@example.com`), attribute('email_verified', 'true')],
    DesiredDeliveryMediums: ['EMAIL'],
  }),
  AdminGetUser: named,
  AdminUpdateUserAttributes: (world) => ({
    ...named(world),
    UserAttributes: [attribute('name', 'Somebody'), attribute('custom:room', 'eight')],
  }),
  AdminDeleteUserAttributes: (world) => ({ ...named(world), UserAttributeNames: ['name'] }),
  AdminEnableUser: named,
  AdminDisableUser: named,
  AdminDeleteUser: named,
  AdminSetUserPassword: (world) => ({ ...named(world), Password: NEW_PASSWORD, Permanent: true }),
  AdminResetUserPassword: named,
  ListUsers: () => ({ ...ofPool, Filter: 'email ^= "user"', Limit: 20 }),
  AdminLinkProviderForUser: (world) => ({
    ...ofPool,
    DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: world.newUser().username },
    SourceUser: fromGoogle(randomUUID()),
  }),
  AdminDisableProviderForUser: (world) => {
    const userId = randomUUID();
    world.newUser({ identities: [{ providerName: 'Google', userId, linkedAt: 0 }] });
    return { ...ofPool, User: fromGoogle(userId) };
  },
  ListUserSessions: async (world) => ({ ...(await bearer(world)), Limit: 10 }),
  RevokeUserSession: async (world) => (await twoSessions(world)).members,
  AdminListUserSessions: async (world) => ({ ...ofPool, Username: (await world.signIn()).user.username }),
  AdminRevokeUserSession: async (world) => {
    const { user, members } = await twoSessions(world);
    return { ...ofPool, Username: user.username, SessionId: members.SessionId };
  },

  DescribeUserPool: () => ofPool,
  DescribeUserPoolClient: () => ({ ...ofPool, ...ofClient }),

  CreateGroup: () => ({ ...ofPool, GroupName: `made-${randomUUID()}`, Description: 'a group', Precedence: 1 }),
  GetGroup: grouped,
  UpdateGroup: (world) => ({ ...grouped(world), Description: 'changed', Precedence: 0 }),
  DeleteGroup: grouped,
  ListGroups: () => ({ ...ofPool, Limit: 10 }),
  ListUsersInGroup: (world) => ({ ...grouped(world), Limit: 10 }),
  AdminAddUserToGroup: (world) => ({ ...named(world), GroupName: world.newGroup() }),
  AdminRemoveUserFromGroup: (world) => {
    const group = world.newGroup();
    return { ...ofPool, Username: world.newUser({ groups: [group] }).username, GroupName: group };
  },
  AdminListGroupsForUser: (world) => ({ ...named(world), Limit: 10 }),
};
