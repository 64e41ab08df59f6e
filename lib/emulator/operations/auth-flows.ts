import type { AppClient } from '../state/app-clients.js';
import type { SignInFlow } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';

/** Who asks: a client with its own authority, or a server with AWS credentials. */
export type Authority = 'client' | 'administrator';

/** The flows that begin a sign-in, and the one that goes on with an old one. */
export type AuthFlow = SignInFlow | 'REFRESH_TOKEN_AUTH';

/** Every flow of the service model, the older names of two of them included. */
const FLOWS: ReadonlyMap<string, AuthFlow> = new Map([
  ['USER_SRP_AUTH', 'USER_SRP_AUTH'],
  ['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN_AUTH'],
  ['REFRESH_TOKEN', 'REFRESH_TOKEN_AUTH'],
  ['CUSTOM_AUTH', 'CUSTOM_AUTH'],
  ['ADMIN_NO_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH'],
  ['USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
  ['ADMIN_USER_PASSWORD_AUTH', 'ADMIN_USER_PASSWORD_AUTH'],
  ['USER_AUTH', 'USER_AUTH'],
]);

// Each way to show a password in the clear has its own operation.
const REFUSED: Readonly<Record<Authority, AuthFlow>> = {
  client: 'ADMIN_USER_PASSWORD_AUTH',
  administrator: 'USER_PASSWORD_AUTH',
};

/** The flow that a request names, if the operation knows it, and the client may use it. */
export function permittedFlow(pool: Pool, client: AppClient, members: Members, authority: Authority): AuthFlow {
  const name = members.text('AuthFlow', { values: [...FLOWS.keys()] });
  const flow = FLOWS.get(name);
  if (!flow || flow === REFUSED[authority]) throw invalidParameter('Initiate Auth method not supported');
  if (flow === 'CUSTOM_AUTH' && !pool.triggers.defineAuthChallenge) {
    throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  }
  if (!client.explicitAuthFlows.includes(`ALLOW_${flow}`)) throw invalidParameter(refusalOf(name, flow, authority));
  return flow;
}

function refusalOf(name: string, flow: AuthFlow, authority: Authority): string {
  if (flow === 'CUSTOM_AUTH') return 'CUSTOM_AUTH is not enabled for the client.';
  return authority === 'administrator'
    ? 'Auth flow not enabled for this client'
    : `${name} flow not enabled for this client`;
}
