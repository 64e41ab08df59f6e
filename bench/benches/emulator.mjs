import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PasswordProof } from '../../dist/srp/password-proof.js';
import { Child } from '../child.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const password = 'Passw0rd!';

export async function run({ quick }) {
  const starts = await startTimes(quick ? 2 : 9);
  const rows = [];
  const ours = [];
  const peer = [];
  for (const users of quick ? [1, 10] : [1, 10, 100, 1000]) {
    const emulator = await Child.start('apps/emulator.mjs', { users, password }, ['--expose-gc']);
    const local = await CognitoLocal.start(users);
    try {
      for (const concurrency of quick ? [1, 10] : [1, 10, 100, 1000]) {
        const settings = { users, concurrency, count: quick ? 20 : Math.max(500, 2 * concurrency) };
        const taken = { srp: [], password: [], local: [] };
        for (let round = 0; round < (quick ? 1 : 3); round += 1) {
          taken.srp.push(await signInsPerSecond(emulator.ready, bySrp, settings));
          taken.password.push(await signInsPerSecond(emulator.ready, byPassword, settings));
          taken.local.push(await signInsPerSecond(local, byPassword, settings));
        }
        const medians = Object.values(taken).map((samples) => summarize(samples).median);
        rows.push([`${users} × ${concurrency}`, ...medians]);
        ours.push(medians[1]);
        peer.push(medians[2]);
      }
    } finally {
      await emulator.stop();
      await local.stop();
    }
  }
  const [all, allOfPeer] = [summarize(ours), summarize(peer)];
  return {
    bench: 'emulator',
    unit: 'password sign-ins per second',
    ours: all.median,
    peers: { 'cognito-local': allOfPeer.median },
    limit: null,
    ratios: { 'nest-cognito/cognito-local': ratioOfMedians(all, allOfPeer) },
    tables: [
      { title: 'start, ms after its import', columns: ['', 'min', 'median', 'max'], rows: starts },
      {
        title: 'sign-ins per second (median), one client process',
        columns: ['users × concurrency', 'SRP', 'password', 'cognito-local, password'],
        rows,
      },
    ],
    notes: ['An SRP sign-in counts the arithmetic of the client, which runs in the process that asks.'],
  };
}

async function startTimes(rounds) {
  const taken = { import: [], listening: [], firstToken: [] };
  for (let round = 0; round < rounds; round += 1) {
    const child = await Child.start('apps/emulator.mjs', { users: 1, password });
    for (const name of Object.keys(taken)) taken[name].push(child.ready[name]);
    await child.stop();
  }
  return Object.entries(taken).map(([name, samples]) => {
    const { min, median, max } = summarize(samples);
    return [name === 'firstToken' ? 'first token' : name, min, median, max];
  });
}

async function signInsPerSecond(pool, signIn, { users, concurrency, count }) {
  let next = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) await signIn(pool, `user${next++ % users}${pool.domainOfUsers ?? ''}`);
    }),
  );
  return (count * 1000) / (performance.now() - begin);
}

async function byPassword(pool, username) {
  const AuthParameters = { USERNAME: username, PASSWORD: password };
  const answer = await call(pool, 'InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
  assertSignedIn(answer);
}

async function bySrp(pool, username) {
  const proof = PasswordProof.begin();
  const AuthParameters = { USERNAME: username, SRP_A: proof.srpA };
  const {
    ChallengeName,
    Session,
    ChallengeParameters: sent,
  } = await call(pool, 'InitiateAuth', {
    AuthFlow: 'USER_SRP_AUTH',
    AuthParameters,
  });
  const identity = { scope: pool.userPoolId.split('_')[1], name: sent.USER_ID_FOR_SRP };
  const { signature, timestamp } = proof.claim(identity, password, {
    srpB: sent.SRP_B,
    salt: sent.SALT,
    secretBlock: sent.SECRET_BLOCK,
  });
  const ChallengeResponses = {
    USERNAME: sent.USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: sent.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: signature,
    TIMESTAMP: timestamp,
  };
  assertSignedIn(await call(pool, 'RespondToAuthChallenge', { ChallengeName, Session, ChallengeResponses }));
}

function assertSignedIn(answer) {
  if (typeof answer.AuthenticationResult?.AccessToken !== 'string') throw new Error('Nobody was signed in.');
}

async function call({ endpoint, clientId }, operation, input) {
  const answer = await fetch(`${endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/local/cognito-idp/aws4_request',
    },
    body: JSON.stringify({ ...(clientId !== undefined && { ClientId: clientId }), ...input }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${body.__type}`);
  return body;
}

/** cognito-local in a process and a folder of its own, with as many users. */
class CognitoLocal {
  /** Its pools take addresses as user names. */
  domainOfUsers = '@example.com';

  constructor(endpoint, folder, child) {
    Object.assign(this, { endpoint, folder, child });
  }

  static async start(users) {
    const folder = await mkdtemp(join(tmpdir(), 'nest-cognito-bench-'));
    const port = await freePort();
    const file = join(import.meta.dirname, '..', 'node_modules', 'cognito-local', 'lib', 'bin', 'start.js');
    const env = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), NODE_NO_WARNINGS: '1' };
    const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: 'ignore' });
    const server = new CognitoLocal(`http://127.0.0.1:${port}`, folder, child);
    await server.#untilHealthy();
    await server.#seed(users);
    return server;
  }

  async stop() {
    if (this.child.exitCode === null && this.child.kill()) await once(this.child, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #seed(users) {
    const { UserPool } = await call(this, 'CreateUserPool', { PoolName: 'bench' });
    const UserPoolId = UserPool.Id;
    const { UserPoolClient } = await call(this, 'CreateUserPoolClient', { UserPoolId, ClientName: 'main' });
    for (let index = 0; index < users; index += 1) {
      const Username = `user${index}${this.domainOfUsers}`;
      await call(this, 'AdminCreateUser', {
        UserPoolId,
        Username,
        DesiredDeliveryMediums: ['EMAIL'],
        UserAttributes: [{ Name: 'email', Value: Username }],
      });
      await call(this, 'AdminSetUserPassword', { UserPoolId, Username, Password: password, Permanent: true });
    }
    this.clientId = UserPoolClient.ClientId;
  }

  async #untilHealthy() {
    for (let tries = 0; tries < 300 && this.child.exitCode === null; tries += 1) {
      const health = await fetch(`${this.endpoint}/health`).catch(() => undefined);
      if (health?.ok) return;
      await pause(100);
    }
    await this.stop();
    throw new Error('cognito-local did not start.');
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
