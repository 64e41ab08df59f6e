import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { clientNotFound, notAuthorized } from '../wire/wire-error.js';
import { checkContext } from './request-context.js';

/** The app client that a request names. */
export function clientOf(pool: Pool, members: Members): AppClient {
  const clientId = members.text('ClientId', RULES.clientId);
  const client = pool.client(clientId);
  if (!client) throw clientNotFound(clientId);
  return client;
}

/** The app client and the user name of a request that shows no token: the client's secret hash is over this very name. */
export function namedBy(pool: Pool, members: Members): { client: AppClient; name: string } {
  const name = members.text('Username', RULES.username);
  const secretHash = members.optionalText('SecretHash', RULES.secretHash);
  const client = clientOf(pool, members);
  checkContext(members, 'client');
  requireSecretHash(client, name, secretHash);
  return { client, name };
}

/** Demands `base64(HMAC-SHA256(secret, username | clientId))` of a client that has a secret. */
export function requireSecretHash(
  { clientId, clientSecret }: AppClient,
  username: string,
  offered: string | undefined,
): void {
  if (clientSecret === undefined) {
    if (offered !== undefined) throw notAuthorized(`Unable to verify secret hash for client ${clientId}`);
    return;
  }
  if (offered === undefined) throw missingSecretHash(clientId);
  const expected = createHmac('sha256', clientSecret).update(`${username}${clientId}`, 'utf8').digest('base64');
  if (!isSameText(offered, expected)) throw notAuthorized(`Unable to verify secret hash for client ${clientId}`);
}

/** Refuses at once what lacks a secret hash, where the name to hash is not known yet. */
export function requireSomeSecretHash({ clientId, clientSecret }: AppClient, offered: string | undefined): void {
  if (clientSecret !== undefined && offered === undefined) throw missingSecretHash(clientId);
}

/** Compares in a time that does not tell how much of the text is right. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function missingSecretHash(clientId: string): Error {
  return notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
