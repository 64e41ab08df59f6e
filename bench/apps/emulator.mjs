import { settingsOfChild } from '../child.mjs';

const { users, password } = settingsOfChild();
const begin = performance.now();
const { CognitoEmulator } = await import('nest-cognito/testing');
const imported = performance.now();
globalThis.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const pool = await CognitoEmulator.start({
  users: Array.from({ length: users }, (_, index) => ({ username: `user${index}`, password })),
});
const listening = performance.now();
await pool.tokensFor('user0');
const firstToken = performance.now();
globalThis.gc?.();
const { userPoolId, clientId, endpoint } = pool.options;
process.send({
  userPoolId,
  clientId,
  endpoint,
  import: imported - begin,
  listening: listening - imported,
  firstToken: firstToken - imported,
  heap: process.memoryUsage().heapUsed - heapBefore,
});
