import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { resolveForeign } from './installed.js';

/** The code that this cognito-local sends instead of a random one. */
export const SENT_CODE = '246810';

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** cognito-local in a process and a folder of its own. */
export class CognitoLocal {
  private constructor(
    /** Its origin, which is also where its issuers begin. */
    readonly endpoint: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(): Promise<CognitoLocal> {
    const folder = await mkdtemp(join(tmpdir(), 'nest-cognito-local-'));
    const port = await freePort();
    const child = spawn(process.execPath, [resolveForeign('cognito-local/lib/bin/start.js')], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port), CODE: SENT_CODE, NODE_NO_WARNINGS: '1' },
      stdio: 'ignore',
    });
    const server = new CognitoLocal(`http://127.0.0.1:${port}`, folder, child);
    await server.untilHealthy();
    return server;
  }

  /** Makes a pool with one public app client. */
  async createPool(PoolName: string): Promise<{ userPoolId: string; clientId: string }> {
    const sdk = new CognitoIdentityProviderClient({ region: 'local', endpoint: this.endpoint, credentials });
    const { UserPool } = await sdk.send(new CreateUserPoolCommand({ PoolName, AutoVerifiedAttributes: ['email'] }));
    const userPoolId = UserPool?.Id ?? '';
    const created = await sdk.send(new CreateUserPoolClientCommand({ UserPoolId: userPoolId, ClientName: 'main' }));
    sdk.destroy();
    return { userPoolId, clientId: created.UserPoolClient?.ClientId ?? '' };
  }

  /** The private key that every cognito-local of this world signs with: it is part of the package. */
  async signingKey(): Promise<string> {
    const file = await readFile(resolveForeign('cognito-local/lib/keys/cognitoLocal.private.json'), 'utf8');
    return (JSON.parse(file) as { pem: string }).pem;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.kill()) await once(this.child, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async untilHealthy(): Promise<void> {
    for (let tries = 0; tries < 200 && this.child.exitCode === null; tries += 1) {
      const health = await fetch(`${this.endpoint}/health`).catch(() => undefined);
      if (health?.ok) return;
      await pause(100);
    }
    await this.stop();
    throw new Error('cognito-local did not start.');
  }
}

// Its issuer is part of its settings, so the port has to be known before it starts.
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
