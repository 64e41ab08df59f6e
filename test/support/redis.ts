import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where a Redis usually is. */
const USUAL = 'redis://127.0.0.1:6379';

/**
 * The Redis of this machine.
 *
 * @returns undefined, and says so, when none answers; with REDIS_URL set that is an error
 */
export async function findRedis(): Promise<string | undefined> {
  const wanted = process.env['REDIS_URL'];
  const url = wanted ?? USUAL;
  if (await answers(new URL(url))) return url;
  const message = `No Redis answers at ${new URL(url).host}: its tests are skipped.`;
  if (wanted !== undefined) throw new Error(message);
  process.stderr.write(`${message}\n`);
  return undefined;
}

async function answers({ hostname, port }: URL): Promise<boolean> {
  const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 1_000 });
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A way to a Redis that a test can close: from then on it is as if Redis had stopped. */
export class RedisProxy {
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(redisUrl: string): Promise<RedisProxy> {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new RedisProxy(server, `redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (near) => {
      const far = connect(Number(port || 6379), hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    return proxy;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
