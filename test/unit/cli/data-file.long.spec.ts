import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from '../../../lib/emulator/state/snapshot.js';
import { transpile, type Transpiled } from '../../e2e/user-sync-race/transpiled.js';

const PASSWORD = 'Passw0rd!';

let commands: Transpiled;
let folder: string;
let seed: string;

beforeAll(async () => {
  commands = transpile(['lib']);
  folder = await mkdtemp(join(tmpdir(), 'nest-cognito-kill-'));
  seed = join(folder, 'seed.json');
  await writeFile(seed, JSON.stringify({ users: [{ username: 'alice', password: PASSWORD }] }));
});

afterAll(async () => {
  commands.remove();
  await rm(folder, { recursive: true });
});

/** `nest-cognito emulator` in a process of its own. */
class Running {
  private constructor(
    private readonly child: ChildProcess,
    private readonly endpoint: string,
    private readonly clientId: string,
  ) {}

  static async start(data: string): Promise<Running> {
    const args = [commands.pathOf('lib/cli/main.ts'), 'emulator', '--seed', seed, '--data', data];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { endpoint, clientId } = JSON.parse(line) as { endpoint: string; clientId: string };
    return new Running(child, endpoint, clientId);
  }

  async end(signal: NodeJS.Signals): Promise<[code: number | null, signal: string | null]> {
    const ended = once(this.child, 'exit') as Promise<[number | null, string | null]>;
    this.child.kill(signal);
    return ended;
  }

  async signUp(Username: string): Promise<number> {
    return this.post('SignUp', { Username, Password: PASSWORD });
  }

  async signIn(USERNAME: string): Promise<number> {
    return this.post('InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    });
  }

  private async post(operation: string, members: object): Promise<number> {
    const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` };
    const body = JSON.stringify({ ClientId: this.clientId, ...members });
    return (await fetch(this.endpoint, { method: 'POST', headers, body })).status;
  }
}

const usersIn = async (data: string) =>
  parse(await readFile(data, 'utf8'))
    .users.map(({ username }) => username)
    .filter((name) => name !== 'alice');

describe('the data file of a command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('holds the last change when the command is stopped by %s', async (signal) => {
    const data = join(folder, `${signal}.json`);
    const running = await Running.start(data);
    expect(await running.signUp('bob')).toBe(200);
    expect(await running.end(signal)).toEqual([0, null]);
    expect(await usersIn(data)).toEqual(['bob']);
    const again = await Running.start(data);
    expect([await again.signIn('alice'), await again.signUp('bob'), await again.signUp('carol')]).toEqual([
      200, 400, 200,
    ]);
    await again.end(signal);
  });

  it('is whole whenever the command is killed, and holds what was answered a while before', async () => {
    const data = join(folder, 'killed.json');
    let kept: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const running = await Running.start(data);
      expect(await running.signIn('alice')).toBe(200);
      expect(await running.signUp(`early-${round}`)).toBe(200);
      await expect.poll(() => usersIn(data), { timeout: 10_000 }).toContain(`early-${round}`);
      // Changes keep coming, so that the file is most likely being written when the end comes.
      const hammering = hammer(running, round);
      await pause(40 + 35 * round);
      await running.end('SIGKILL');
      await hammering;
      const users = await usersIn(data);
      expect(users).toEqual(expect.arrayContaining([...kept, `early-${round}`]));
      expect((await stat(data)).mode & 0o777).toBe(0o600);
      kept = users;
    }
    expect(kept.length).toBeGreaterThan(8);
  });
});

async function hammer(running: Running, round: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const status = await running.signUp(`late-${round}-${count}`).catch(() => 'gone');
    if (status === 'gone') return;
  }
}
