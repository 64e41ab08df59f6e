import { randomBytes } from 'node:crypto';
import type { Passkey } from '../state/passkeys.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import type { Bearer } from '../tokens/access-tokens.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter, limitExceeded, passkeyNotFound, webAuthnRefusal } from '../wire/wire-error.js';
import type { Operations } from './operation.js';
import { pageOf, pageRequest } from './pages.js';
import { isAllowedOrigin } from './passkey-origins.js';
import { ALGORITHMS, judgeRegistration, readClientData, readRegistration } from './web-authn.js';

const MOST_PASSKEYS = 20;
const CHALLENGE_BYTES = 32;
const PROMPT_MILLISECONDS = 60_000;

/** Passkeys of a signed-in user. */
export function passkeyOperations(pool: Pool): Operations {
  return {
    StartWebAuthnRegistration: async (members) => startRegistration(pool, members),
    CompleteWebAuthnRegistration: async (members) => completeRegistration(pool, members),
    ListWebAuthnCredentials: async (members) => listPasskeys(pool, members),
    DeleteWebAuthnCredential: async (members) => deletePasskey(pool, members),
  };
}

/** What the authenticator keeps a passkey under (base64url): it says who signs in, and nothing that people can read. */
export function userHandleOf({ sub }: User): string {
  return Buffer.from(sub, 'utf8').toString('base64url');
}

/** How a challenge names the passkeys that fit it, or must not be made again. */
export function credentialDescriptors(pool: Pool, { username }: User): object[] {
  return pool.passkeys.of(username).map(({ credentialId, transports }) => ({
    id: credentialId,
    type: 'public-key',
    transports,
  }));
}

async function startRegistration(pool: Pool, members: Members): Promise<object> {
  const { user, grant } = await bearer(pool, members);
  requirePasskeys(pool);
  requireRoom(pool, user);
  const challenge = randomBytes(CHALLENGE_BYTES).toString('base64url');
  pool.passkeyRegistrations.put(challenge, { username: user.username, clientId: grant.clientId });
  const { relyingPartyId, userVerification } = pool.settings.webAuthn;
  return {
    CredentialCreationOptions: {
      rp: { id: relyingPartyId, name: relyingPartyId },
      user: { id: userHandleOf(user), name: user.username, displayName: user.username },
      challenge,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: PROMPT_MILLISECONDS,
      excludeCredentials: credentialDescriptors(pool, user),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification },
      attestation: 'none',
    },
  };
}

async function completeRegistration(pool: Pool, members: Members): Promise<object> {
  const registration = readRegistration(members.structure('Credential'));
  const { challenge, origin } = readClientData(registration);
  const caller = await bearer(pool, members);
  requirePasskeys(pool);
  requireRegistration(pool, caller, challenge);
  if (!isAllowedOrigin(pool, origin)) {
    throw webAuthnRefusal('WebAuthnOriginNotAllowedException', 'The origin of the credential is not allowed.');
  }
  const { relyingPartyId } = pool.settings.webAuthn;
  const judged = await judgeRegistration({ ...pool.settings.webAuthn, challenge, origin }, registration);
  // Judging takes its time, in which the same answer may have come a second time.
  requireRegistration(pool, caller, challenge);
  requireRoom(pool, caller.user);
  if (pool.passkeys.find(registration.id)) throw invalidParameter('The passkey is registered already.');
  pool.passkeyRegistrations.spend(challenge);
  pool.passkeys.add({
    credentialId: registration.id,
    username: caller.user.username,
    ...judged,
    transports: registration.transports,
    friendlyName: registration.authenticatorAttachment === 'platform' ? 'This device' : 'Passkey',
    relyingPartyId,
    authenticatorAttachment: registration.authenticatorAttachment,
    createdAt: pool.clock.now(),
  });
  return {};
}

async function listPasskeys(pool: Pool, members: Members): Promise<object> {
  const { user } = await bearer(pool, members);
  const request = pageRequest(pool, members, ['passkeys', user.username], {
    limit: 'MaxResults',
    most: MOST_PASSKEYS,
  });
  const { items, next } = pageOf(pool, request, pool.passkeys.of(user.username), ({ credentialId }) => credentialId);
  return { Credentials: items.map(described), NextToken: next };
}

async function deletePasskey(pool: Pool, members: Members): Promise<object> {
  const credentialId = members.text('CredentialId', { min: 1, max: 2048, sensitive: true });
  const { user } = await bearer(pool, members);
  if (pool.passkeys.find(credentialId)?.username !== user.username) throw passkeyNotFound();
  pool.passkeys.remove(credentialId);
  return {};
}

async function bearer(pool: Pool, members: Members): Promise<Bearer> {
  return pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
}

function requirePasskeys(pool: Pool): void {
  if (!pool.settings.allowedFirstAuthFactors.includes('WEB_AUTHN')) {
    throw webAuthnRefusal('WebAuthnNotEnabledException', 'Passkeys are not enabled for the user pool.');
  }
}

function requireRoom(pool: Pool, { username }: User): void {
  if (pool.passkeys.of(username).length >= MOST_PASSKEYS) throw limitExceeded();
}

/** Demands a challenge that was given to this user, by way of this client, and not answered yet. */
function requireRegistration(pool: Pool, { user, grant }: Bearer, challenge: string): void {
  const found = pool.passkeyRegistrations.find(challenge);
  if (found.state !== 'live' || found.value.username !== user.username) {
    throw webAuthnRefusal('WebAuthnChallengeNotFoundException', 'There is no such challenge for the user.');
  }
  if (found.value.clientId !== grant.clientId) {
    throw webAuthnRefusal('WebAuthnClientMismatchException', 'The registration was started with another client.');
  }
}

function described(passkey: Passkey): object {
  return {
    CredentialId: passkey.credentialId,
    FriendlyCredentialName: passkey.friendlyName,
    RelyingPartyId: passkey.relyingPartyId,
    AuthenticatorAttachment: passkey.authenticatorAttachment,
    AuthenticatorTransports: passkey.transports,
    CreatedAt: passkey.createdAt / 1000,
  };
}
