import { createHash } from 'node:crypto';
import { settingsOfChild } from '../child.mjs';
import { memoryAfterCollection } from '../memory-of-process.mjs';
import { TokenIssuer } from '../pool.mjs';
import { verifierOf } from '../verifier.mjs';

const WARM_UP = 100;

const { marks } = settingsOfChild();
const issuer = new TokenIssuer();
const verifier = await verifierOf(issuer);
// One bit for each token, found by its hash: a million of them among 2^27 share four thousand at most, and take no heap.
const seen = new Uint8Array(2 ** 24).fill(0);
let fresh = 0;
await verify(WARM_UP);
const before = memoryAfterCollection();

const rows = [];
let done = 0;
let verifying = 0;
for (const mark of marks) {
  verifying += await verify(mark - done);
  done = mark;
  const after = memoryAfterCollection();
  rows.push({
    tokens: mark,
    heap: after.heap - before.heap,
    external: after.external - before.external,
    rss: after.rss - before.rss,
    verifying,
  });
}
if (fresh < 0.99 * (WARM_UP + done)) throw new Error(`Of ${WARM_UP + done} tokens only ${fresh} were distinct.`);
process.send(rows);

/** Verifies tokens that nobody has seen and nobody keeps. @returns seconds without making them */
async function verify(count) {
  let milliseconds = 0;
  for (let verified = 0; verified < count; verified += 256) {
    const tokens = await issuer.tokens(Math.min(256, count - verified));
    for (const token of tokens) note(token);
    const begin = performance.now();
    for (const token of tokens) await verifier.verify(token);
    milliseconds += performance.now() - begin;
  }
  return milliseconds / 1000;
}

function note(token) {
  const bit = createHash('sha1').update(token).digest().readUInt32BE() >>> 5;
  const mask = 1 << (bit & 7);
  if ((seen[bit >>> 3] & mask) === 0) fresh += 1;
  seen[bit >>> 3] |= mask;
}
