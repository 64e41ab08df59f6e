import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Child } from '../child.mjs';
import { TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GC = ['--expose-gc'];

/** MiB of heap that a million distinct tokens may leave behind. */
const BUDGET = 64;

export async function run({ quick }) {
  const growth = await growthOverTokens(quick ? [500, 2000] : [1000, 10_000, 100_000, 1_000_000]);
  const sockets = await sleepingSockets(quick ? { count: 200, rounds: 1 } : { count: 5000, rounds: 3 });
  const emulators = await emulatorsOf(quick ? [1, 1000] : [1, 1000, 10_000, 100_000]);
  const last = growth.at(-1);
  const tokens = last.tokens.toLocaleString('en');
  return {
    bench: 'memory',
    unit: `MiB of heap after ${tokens} distinct tokens`,
    ours: last.heap / MIB,
    peers: {},
    limit: null,
    ratios: { 'websocket.guarded/open': ratioOfMedians(sockets.guarded.heap, sockets.open.heap) },
    tables: [
      {
        title: 'after N distinct valid tokens were verified, MiB over where it was',
        columns: ['N', 'heap', 'external', 'resident', 'seconds to verify'],
        rows: growth.map(({ tokens: count, heap, external, rss, verifying }) => [
          count.toLocaleString('en'),
          heap / MIB,
          external / MIB,
          rss / MIB,
          verifying,
        ]),
      },
      {
        title: 'against the budget',
        columns: ['', 'at most', 'seen'],
        rows: [[`MiB of heap after ${tokens} tokens`, BUDGET, last.heap / MIB]],
      },
      {
        title: `for each sleeping WebSocket of ${sockets.count.toLocaleString('en')} on ws, KiB (median)`,
        columns: ['', 'heap', 'external', 'resident'],
        rows: ['open', 'guarded'].map((name) => [
          name,
          sockets[name].heap.median / KIB,
          sockets[name].external.median / KIB,
          sockets[name].rss.median / KIB,
        ]),
      },
      {
        title: 'emulator',
        columns: ['users', 'heap, MiB', 'resident, MiB', 'start, ms'],
        rows: emulators,
      },
    ],
    notes: [
      'Resident memory also holds what V8 and the allocator keep for later, so that it says how high it went, not what is needed. The tokens are signed in the process that verifies them.',
    ],
  };
}

async function growthOverTokens(marks) {
  const child = await Child.start('apps/tokens-in-memory.mjs', { marks }, GC);
  await child.stop();
  return child.ready;
}

/** Bytes of the server for each connection that is open and silent, by turns with and without a guard. */
async function sleepingSockets({ count, rounds }) {
  const issuer = new TokenIssuer();
  const tokens = await issuer.tokens(count);
  const taken = { open: [], guarded: [] };
  for (let round = 0; round < rounds; round += 1) {
    taken.open.push(await perSocket(false, issuer, tokens));
    taken.guarded.push(await perSocket(true, issuer, tokens));
  }
  return { count, open: eachSummed(taken.open), guarded: eachSummed(taken.guarded) };
}

async function perSocket(isGuarded, { userPoolId, clientId, jwks }, tokens) {
  const server = await Child.start('apps/websockets.mjs', { isGuarded, userPoolId, clientId, jwks }, GC);
  const sockets = [];
  try {
    const before = await server.ask('memory');
    for (let first = 0; first < tokens.length; first += 100) {
      const opening = tokens
        .slice(first, first + 100)
        .map((token) => new WebSocket(server.ready, { headers: { authorization: `Bearer ${token}` } }));
      sockets.push(...opening);
      await Promise.all(opening.map((socket) => once(socket, 'open')));
    }
    const after = await server.ask('memory');
    return mapValues(after, (bytes, kind) => (bytes - before[kind]) / tokens.length);
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
  }
}

async function emulatorsOf(numbers) {
  const rows = [];
  for (const users of numbers) {
    const emulator = await Child.start('apps/emulator.mjs', { users, password: 'Passw0rd!' }, GC);
    await emulator.stop();
    const { heap, rss, listening } = emulator.ready;
    rows.push([users.toLocaleString('en'), heap / MIB, rss / MIB, listening]);
  }
  return rows;
}

function eachSummed(samples) {
  return mapValues(samples[0], (_, kind) => summarize(samples.map((sample) => sample[kind])));
}

function mapValues(values, change) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}
