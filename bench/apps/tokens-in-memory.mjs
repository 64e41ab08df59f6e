import { resolvePool } from '../../dist/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../dist/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../dist/tokens/tokens.options.js';
import { settingsOfChild } from '../child.mjs';
import { TokenIssuer } from '../pool.mjs';

const { marks } = settingsOfChild();
const issuer = new TokenIssuer();
const { userPoolId, clientId, jwks } = issuer;
const pool = resolvePool('default', { userPoolId, clientId, jwks: { keys: jwks } });
const verifier = new CognitoTokenVerifier([pool], resolveTokensOptions({}));
await verify(100);
const before = heap();

const rows = [];
let seen = 0;
for (const mark of marks) {
  await verify(mark - seen);
  seen = mark;
  rows.push([mark, (heap() - before) / 2 ** 20]);
}
process.send(rows);

/** Tokens that nobody has seen and nobody keeps. */
async function verify(count) {
  for (let done = 0; done < count; done += 256) {
    for (const token of await issuer.tokens(Math.min(256, count - done))) await verifier.verify(token);
  }
}

function heap() {
  for (let times = 0; times < 3; times += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
