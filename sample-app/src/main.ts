import { isCognitoError } from 'nest-cognito';
import { LOCAL_USERS } from './pool/local-pool.js';
import { readSettings } from './pool/settings.js';
import { StartError } from './pool/start-error.js';
import { type SampleApp, startSampleApp } from './sample-app.js';

async function run(): Promise<void> {
  // Asked for first: a signal that comes during the start must end in a clean stop too.
  const asked = askedToStop();
  const app = await startSampleApp(readSettings(process.env));
  announce(app);
  await asked;
  await app.stop();
  console.log('Stopped.');
}

function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    // `npm start` runs this in a shell that dies of SIGTERM without passing it on.
    if (process.env['npm_command'] !== undefined) whenOrphaned(resolve);
  });
}

function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 500).unref();
}

function announce({ origin, localPool }: SampleApp): void {
  console.log(`The sample app is at ${origin}`);
  if (localPool === undefined) {
    console.log('It uses the user pool of COGNITO_USER_POOL_ID.');
  } else {
    const { endpoint, userPoolId, clientId } = localPool.options;
    console.log(`Codes arrive at ${origin}/inbox`);
    console.log(`The local user pool is ${userPoolId} at ${endpoint}, its app client ${clientId}`);
    console.log('These users exist:');
    for (const { username, password, groups } of LOCAL_USERS) {
      console.log(`  ${username}, password ${password}${groups.length > 0 ? `, group ${groups.join(', ')}` : ''}`);
    }
  }
  console.log('Stop it with Ctrl+C.');
}

/** Nobody who starts an application is helped by the stack of an error that says what to mend. */
function describe(error: unknown): string {
  if (error instanceof StartError || isCognitoError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await run();
} catch (error) {
  console.error(`The sample app cannot start. ${describe(error)}`);
  process.exitCode = 1;
}
