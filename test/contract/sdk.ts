import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { CognitoEmulator } from '../../lib/emulator/index.js';

/** The real SDK, pointed at an emulator; the operations used here are unsigned. */
export function sdkFor({ options }: CognitoEmulator): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    region: options.region,
    endpoint: options.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

/** What a refused command says: `Name: message`. */
export async function refusalOf(command: Promise<unknown>): Promise<string> {
  return command.then(
    () => 'not refused',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
  );
}
