import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Child } from '../child.mjs';
import { TokenIssuer } from '../pool.mjs';

const MIB = 2 ** 20;
const GC = ['--expose-gc'];

export async function run({ quick }) {
  const marks = quick ? [500, 2000] : [1000, 10_000, 100_000, 1_000_000];
  const verifier = await Child.start('apps/tokens-in-memory.mjs', { marks }, GC);
  await verifier.stop();
  const growth = verifier.ready;
  const connections = quick ? 100 : 5000;
  const [open, guarded] = [await perSocket(false, connections), await perSocket(true, connections)];
  const users = quick ? 1000 : 100_000;
  const emulator = await Child.start('apps/emulator.mjs', { users, password: 'Passw0rd!' }, GC);
  await emulator.stop();
  return {
    bench: 'memory',
    unit: 'MiB of heap',
    ours: growth.at(-1)[1],
    peers: {},
    limit: null,
    ratios: { 'websocket.guarded/open': guarded / open },
    tables: [
      { title: 'heap after N distinct tokens, MiB over where it was', columns: ['N', 'MiB'], rows: growth },
      {
        title: `heap per sleeping WebSocket, KiB (${connections} connections on ws)`,
        columns: ['', 'KiB'],
        rows: [
          ['open', open / 1024],
          ['guarded', guarded / 1024],
        ],
      },
      {
        title: 'emulator',
        columns: ['users', 'heap, MiB', 'start, ms'],
        rows: [[users.toLocaleString('en'), emulator.ready.heap / MIB, emulator.ready.listening]],
      },
    ],
  };
}

/** Bytes of heap in the server for each connection that is open and silent. */
async function perSocket(isGuarded, count) {
  const issuer = new TokenIssuer();
  const { userPoolId, clientId, jwks } = issuer;
  const server = await Child.start('apps/websockets.mjs', { isGuarded, userPoolId, clientId, jwks }, GC);
  const sockets = [];
  try {
    const before = await server.ask('heap');
    while (sockets.length < count) {
      const tokens = await issuer.tokens(Math.min(100, count - sockets.length));
      const opening = tokens.map(
        (token) => new WebSocket(server.ready, { headers: { authorization: `Bearer ${token}` } }),
      );
      await Promise.all(opening.map((socket) => once(socket, 'open')));
      sockets.push(...opening);
    }
    return ((await server.ask('heap')) - before) / count;
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.stop();
  }
}
