import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a faulty Cognito does with one request. */
export type Fault =
  | 'reset'
  | 'hang'
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

/** A request that arrived. */
export interface SeenRequest {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

/** An error as Cognito writes it. */
export function awsError(exception: string, message = 'a message', status = 400): Fault {
  const headers = { 'x-amzn-errortype': `${exception}:`, 'content-type': 'application/x-amz-json-1.1' };
  return { status, headers, body: JSON.stringify({ __type: exception, message }) };
}

/** A server that speaks just enough of the user pool API to go wrong in a chosen way, and counts. */
export class FaultServer {
  readonly seen: SeenRequest[] = [];

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async start(answer: (request: SeenRequest) => Fault): Promise<FaultServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const faulty = new FaultServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as SeenRequest['body'];
        const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
        const seen = { operation, body, headers: request.headers };
        faulty.seen.push(seen);
        const fault = answer(seen);
        if (fault === 'hang') return;
        if (fault === 'reset') {
          request.socket.destroy();
          return;
        }
        response.writeHead(fault.status, fault.headers ?? { 'content-type': 'application/x-amz-json-1.1' });
        response.end(fault.body);
      });
    });
    return faulty;
  }

  count(operation: string): number {
    return this.seen.filter((request) => request.operation === operation).length;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
