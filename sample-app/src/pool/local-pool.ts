import type { CognitoEmulator } from 'nest-cognito/testing';

/** Who can sign in to the local pool from the start. */
export const LOCAL_USERS = [
  {
    username: 'alice',
    password: 'Wonderland-1!',
    attributes: { email: 'alice@example.com', given_name: 'Alice', family_name: 'Liddell' },
    groups: [],
  },
  {
    username: 'admin',
    password: 'Looking-Glass-1!',
    attributes: { email: 'admin@example.com', given_name: 'Ada', family_name: 'Min' },
    groups: ['admin'],
  },
];

/**
 * Starts a user pool in this process: real protocol, real password proofs, on a free port of the loopback interface.
 *
 * @param origin of the application, to which its login pages send people back
 */
export async function startLocalPool(origin: string): Promise<CognitoEmulator> {
  // Loaded here only: beside a pool at AWS there is no emulator in the process.
  const { CognitoEmulator } = await import('nest-cognito/testing');
  return CognitoEmulator.start({
    host: '127.0.0.1',
    users: LOCAL_USERS,
    mfaConfiguration: 'OPTIONAL',
    refreshTokenRotation: { feature: 'ENABLED' },
    callbackUrls: [`${origin}/oauth/callback`],
    logoutUrls: [`${origin}/signed-out`],
  });
}
