import { settingsOfChild } from '../child.mjs';
import { memoryAfterCollection } from '../memory-of-process.mjs';

const { users, password } = settingsOfChild();
const begin = performance.now();
const { CognitoEmulator } = await import('nest-cognito/testing');
const imported = performance.now();
// Where only time is asked for, nothing is collected.
const memory = globalThis.gc === undefined ? () => ({}) : memoryAfterCollection;
const before = memory();
const begun = performance.now();
const pool = await CognitoEmulator.start({
  users: Array.from({ length: users }, (_, index) => ({ username: `user${index}`, password })),
});
const listening = performance.now();
const after = memory();
const asked = performance.now();
await pool.tokensFor('user0');
const firstToken = performance.now();
process.on('message', () => process.send(process.cpuUsage()));
const { userPoolId, clientId, endpoint } = pool.options;
process.send({
  userPoolId,
  clientId,
  endpoint,
  import: imported - begin,
  listening: listening - begun,
  // Making the keys goes on from the start: what garbage collection takes in between is not part of it.
  firstToken: firstToken - asked + listening - begun,
  heap: after.heap - before.heap,
  rss: after.rss - before.rss,
});
