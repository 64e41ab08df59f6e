import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * @typedef {object} Load What a server did with as many requests as it could answer.
 * @property {number} perSecond answered with 200
 * @property {number} p99 milliseconds
 * @property {number} cpu microseconds of processor that the server spent on each, on all its threads
 * @property {number} serverBusy how much of the time its event loop had something to do, from 0 to 1
 * @property {number} loadBusy the same of the process that sends: near 1, it is the sender who was measured
 */

/**
 * Each connection sends its next request when the last one was answered. It reads no more of an answer than it has to, so that
 * the sender takes less of a core than the server.
 *
 * @param {import('./child.mjs').Child} server one of the apps that answer what `answerWithUsage` tells
 * @param {string} url
 * @param {() => string | undefined} nextToken asked for each request; the load ends when there are no more
 * @param {{ seconds?: number, connections?: number, isAwake?: boolean }} [settings] without seconds, until the tokens are used up;
 *   `isAwake`: the sender never sleeps, so that no answer has to wake it, which costs the server more than a guard does
 * @returns {Promise<Load>}
 */
export async function load(server, url, nextToken, { seconds = Infinity, connections = 20, isAwake = false } = {}) {
  const { hostname, port, pathname } = new URL(url);
  const head = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer `;
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(hostname, Number(port))));
  const latencies = [];
  const [serverBefore, idleBefore] = [await server.ask('usage'), performance.eventLoopUtilization()];
  const rest = isAwake ? stayAwake() : () => undefined;
  const begin = performance.now();
  const nextRequest = () => {
    const token = performance.now() - begin < seconds * 1000 ? nextToken() : undefined;
    return token === undefined ? undefined : `${head}${token}\r\n\r\n`;
  };
  await Promise.all(sockets.map((socket) => exchange(socket, nextRequest, latencies)));
  const elapsed = performance.now() - begin;
  rest();
  const { utilization } = performance.eventLoopUtilization(idleBefore);
  const serverAfter = await server.ask('usage');
  for (const socket of sockets) socket.destroy();
  return {
    perSecond: (latencies.length * 1000) / elapsed,
    p99: Float64Array.from(latencies).toSorted()[Math.floor(latencies.length * 0.99)],
    cpu: (serverAfter.cpu - serverBefore.cpu) / latencies.length,
    serverBusy: (serverAfter.active - serverBefore.active) / elapsed,
    loadBusy: utilization,
  };
}

/** @returns what ends it */
function stayAwake() {
  let isOver = false;
  const turn = () => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
  };
}

async function connected(host, port) {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** One request after the other on one connection, until there are no more. */
function exchange(socket, nextRequest, latencies) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let received = '';
    const send = () => {
      const request = nextRequest();
      if (request === undefined) return resolve(undefined);
      sent = performance.now();
      return socket.write(request, 'latin1');
    };
    socket.on('data', (chunk) => {
      received += chunk.latin1Slice();
      if (!isWhole(received)) return undefined;
      if (!received.startsWith('HTTP/1.1 200 ')) return socket.destroy(new Error(`Refused: ${received.slice(0, 200)}`));
      latencies.push(performance.now() - sent);
      received = '';
      return send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection.')));
    send();
  });
}

function isWhole(answer) {
  const endOfHead = answer.indexOf('\r\n\r\n');
  if (endOfHead < 0) return false;
  const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
  return answer.length >= endOfHead + 4 + length;
}

/** The server's side: answers each question with what the process has spent since it began. */
export function answerWithUsage() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system, active: performance.eventLoopUtilization().active });
  });
}

/**
 * A contender that lets everybody pass is none.
 *
 * @param {string} url
 * @param {string} token a good one
 */
export async function assertGuarded(url, token) {
  const dot = token.lastIndexOf('.');
  const turned = token[dot + 20] === 'A' ? 'B' : 'A';
  const forged = token.slice(0, dot + 20) + turned + token.slice(dot + 21);
  for (const [status, authorization] of [
    [200, `Bearer ${token}`],
    [401, `Bearer ${forged}`],
    [401, ''],
  ]) {
    const answer = await fetch(url, { headers: { authorization } });
    await answer.text();
    if (answer.status !== status) throw new Error(`${url}: ${answer.status} instead of ${status}.`);
  }
}
