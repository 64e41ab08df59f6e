import { CognitoEmulator } from '../../../lib/testing/index.js';

export const alice = {
  username: 'alice',
  password: 'Passw0rd!',
  attributes: { email: 'alice@example.com', email_verified: 'true' },
};

/** A pool with a public app client, a confidential one and one for machines. */
export async function startPool(): Promise<CognitoEmulator> {
  return CognitoEmulator.start({
    users: [alice],
    callbackUrls: 'loopback',
    logoutUrls: 'loopback',
    resourceServers: [{ identifier: 'notes', scopes: ['read', 'write'] }],
    clients: [
      { clientId: 'staff', clientSecret: 'staff-secret' },
      {
        clientId: 'robot',
        clientSecret: 'robot-secret',
        allowedOAuthFlows: ['client_credentials'],
        allowedOAuthScopes: ['notes/read', 'notes/write'],
      },
    ],
  });
}

/** The options of an application that knows them all, and one with a wrong secret. */
export const optionsOf = (pool: CognitoEmulator) => ({
  ...pool.options,
  clientId: [pool.options.clientId, 'staff', 'robot'],
  pools: {
    staff: { ...pool.options, clientId: 'staff', clientSecret: 'staff-secret' },
    robot: { ...pool.options, clientId: 'robot', clientSecret: 'robot-secret' },
    'robot notes/read': { ...pool.options, clientId: 'staff', clientSecret: 'staff-secret' },
    imposter: { ...pool.options, clientId: 'robot', clientSecret: 'wrong' },
  },
  revocation: { store: 'memory' as const },
});
