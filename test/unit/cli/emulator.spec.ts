import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { CognitoEmulator } from '../../../lib/emulator/index.js';

/** A process that exists only as far as a command looks at it. */
class FakeIo {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  stop: () => void = () => undefined;
  private started: () => void = () => undefined;
  readonly firstLine = new Promise<void>((resolve) => {
    this.started = resolve;
  });

  out = (line: string) => {
    this.lines.push(line);
    this.started();
  };
  err = (line: string) => {
    this.errors.push(line);
  };
  untilStopped = async () =>
    new Promise<void>((resolve) => {
      this.stop = resolve;
    });
}

interface Announcement {
  endpoint: string;
  userPoolId: string;
  clientId: string;
  clientSecret: string | null;
  domain: string | null;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nest-cognito-cli-'));
});

afterAll(async () => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function whileRunning(
  args: string[],
  look: (announced: Announcement, io: FakeIo) => Promise<void>,
): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo();
  const code = run(['emulator', ...args], io);
  await Promise.race([io.firstLine, code]);
  await look(JSON.parse(io.lines[0] ?? '') as Announcement, io);
  io.stop();
  return { code: await code, io };
}

async function failed(args: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo();
  return { code: await run(args, io), io };
}

describe('nest-cognito emulator', () => {
  it('says in one line of JSON where it is, serves until it is stopped, and ends with 0', async () => {
    let endpoint = '';
    const { code, io } = await whileRunning([], async (announced) => {
      ({ endpoint } = announced);
      expect(Object.keys(announced)).toEqual(['endpoint', 'userPoolId', 'clientId', 'clientSecret', 'domain']);
      expect(announced.clientSecret).toBeNull();
      const keys = await fetch(`${endpoint}/${announced.userPoolId}/.well-known/jwks.json`);
      expect(keys.status).toBe(200);
    });
    expect(code).toBe(0);
    expect(io.lines).toHaveLength(1);
    await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  });

  it('takes users, ids and secret from a seed file, and port and host from the command line', async () => {
    const seed = await file(
      'pool.json',
      JSON.stringify({ port: 1, clientSecret: 'secret', users: [{ username: 'alice', password: 'Passw0rd!' }] }),
    );
    await whileRunning(['--seed', seed, '--port', '0', '--host', 'localhost'], async ({ endpoint, clientSecret }) => {
      expect(clientSecret).toBe('secret');
      expect(endpoint).toMatch(/^http:\/\/localhost:\d+$/);
      expect((await fetch(endpoint)).status).toBe(404);
    });
  });

  it('lets pages of named origins read what is not administration', async () => {
    const seed = await file('cors.json', JSON.stringify({ corsOrigins: ['https://one.example'] }));
    await whileRunning(['--seed', seed, '--cors', 'https://two.example'], async ({ endpoint }) => {
      const ask = async (origin: string, name = 'SignUp') => {
        const headers = { origin, 'x-amz-target': `AWSCognitoIdentityProviderService.${name}` };
        const answer = await fetch(endpoint, { method: 'POST', headers, body: '{}' });
        return [answer.status, answer.headers.get('access-control-allow-origin')];
      };
      for (const origin of ['https://one.example', 'https://two.example']) {
        expect(await ask(origin)).toEqual([400, origin]);
        expect((await ask(origin, 'AdminGetUser'))[0]).toBe(403);
      }
      expect(await ask('https://three.example')).toEqual([400, null]);
    });
    const { code, io } = await failed(['emulator', '--cors', '*']);
    expect([code, io.errors[0]]).toEqual([1, expect.stringMatching(/corsOrigins\.0: must be an origin/)]);
  });

  it('keeps the state in the data file, written for the last time when it is stopped', async () => {
    const seed = await file('first.json', JSON.stringify({ users: [{ username: 'alice', password: 'Passw0rd!' }] }));
    const data = join(folder, 'state.json');
    const signUp = async ({ endpoint, clientId }: Announcement, Username: string) => {
      const headers = { 'x-amz-target': 'AWSCognitoIdentityProviderService.SignUp' };
      const body = JSON.stringify({ ClientId: clientId, Username, Password: 'Passw0rd!' });
      return (await fetch(endpoint, { method: 'POST', headers, body })).status;
    };
    let first: Announcement | undefined;
    await whileRunning(['--seed', seed, '--data', data], async (announced) => {
      first = announced;
      expect(await signUp(announced, 'bob')).toBe(200);
    });
    await whileRunning(['--data', data], async (announced) => {
      expect(announced).toMatchObject({ userPoolId: first?.userPoolId, clientId: first?.clientId });
      expect([await signUp(announced, 'alice'), await signUp(announced, 'bob')]).toEqual([400, 400]);
      expect(await signUp(announced, 'carol')).toBe(200);
    });
  });

  it('ends with 1 and a code for a data file that is foreign, or of another pool than the seed', async () => {
    const foreign = await file('foreign.json', '{"S3cret":1}');
    expect((await failed(['emulator', '--data', foreign])).io.errors[0]).toMatch(/^EMULATOR_DATA_INVALID: /);
    expect(await readFile(foreign, 'utf8')).toBe('{"S3cret":1}');
    const data = join(folder, 'mine.json');
    await whileRunning(['--data', data], async () => undefined);
    const seed = await file('other.json', '{"userPoolId":"local_other"}');
    const { code, io } = await failed(['emulator', '--seed', seed, '--data', data]);
    expect(code).toBe(1);
    expect(io.errors[0]).toMatch(/^EMULATOR_DATA_MISMATCH: /);
    const known = await file('known.json', '{"dataFile":"x.json"}');
    expect((await failed(['emulator', '--seed', known])).io.errors[0]).toMatch(/^EMULATOR_SEED_INVALID: .*dataFile/);
  });

  it('gives the control token on standard error, good for the inbox and never on standard output', async () => {
    await whileRunning([], async ({ endpoint }, io) => {
      const token = /Bearer (\S+)'/.exec(io.errors.join('\n'))?.[1] ?? '';
      const inbox = await fetch(`${endpoint}/_emulator/inbox`, { headers: { authorization: `Bearer ${token}` } });
      expect(await inbox.json()).toEqual({ messages: [] });
      expect(io.lines.join('\n')).not.toContain(token);
    });
  });

  it('warns when the network can reach it', async () => {
    const open = await whileRunning(['--host', '0.0.0.0'], async () => undefined);
    expect(open.io.errors.join('\n')).toContain('Warning: 0.0.0.0 is not a loopback address');
    const closed = await whileRunning([], async () => undefined);
    expect(closed.io.errors.join('\n')).not.toContain('Warning');
  });

  it('ends with 1 and a code when the port is in use', async () => {
    const pool = await CognitoEmulator.start();
    const { code, io } = await failed(['emulator', '--port', new URL(pool.options.endpoint).port]);
    expect(code).toBe(1);
    expect(io.lines).toEqual([]);
    expect(io.errors).toHaveLength(1);
    expect(io.errors[0]).toMatch(/^EMULATOR_PORT_IN_USE: Port \d+ .* choose another port/);
    await pool.stop();
  });

  it.each([
    ['is missing', undefined, /cannot be read \(ENOENT\)/],
    ['is no JSON', '{"users":[{"password":"S3cret!"', /not valid JSON/],
    ['is no object', '[]', /expected object/],
    ['has an unknown key', '{"usres":[]}', /usres/],
    ['brings a clock or code', '{"clock":"./clock.js"}', /clock/],
    ['has a bad user', '{"users":[{"username":"","password":"S3cret!"}]}', /users\.0\.username/],
    [
      'names a user twice',
      '{"users":[{"username":"a","password":"S3cret!"},{"username":"A","password":"S3cret!"}]}',
      /same username/,
    ],
  ])('ends with 1 and a code when the seed %s, without a stack or a password', async (name, content, problem) => {
    const path = content === undefined ? join(folder, 'none.json') : await file(`${name}.json`, content);
    const { code, io } = await failed(['emulator', '--seed', path]);
    expect(code).toBe(1);
    expect(io.lines).toEqual([]);
    expect(io.errors[0]).toMatch(/^EMULATOR_SEED_INVALID: /);
    expect(io.errors[0]).toMatch(problem);
    expect(io.errors[0]).not.toMatch(/S3cret|\n\s+at /);
  });

  it.each([
    [['emulator', '--prot', '1'], /--prot/],
    [['emulator', '--port', 'x'], /--port must be a number/],
    [['emulator', '--port', '70000'], /--port must be a number/],
    [['emulator', '--port'], /--port/],
    [['emulator', '--data='], /--data must name a file/],
    [['emulator', 'extra'], /extra/],
    [['doctorate'], /no command "doctorate"/],
    [['constructor'], /no command "constructor"/],
    [[], /^Usage/],
  ])('prints the usage and ends with 2 for %j', async (argv, problem) => {
    const { code, io } = await failed(argv);
    expect(code).toBe(2);
    expect(io.lines).toEqual([]);
    expect(io.errors[0]).toMatch(problem);
    expect(io.errors[0]).toContain('Usage: nest-cognito');
  });

  it('prints the usage when asked', async () => {
    const { code, io } = await failed(['--help']);
    expect(code).toBe(0);
    expect(io.lines[0]).toContain('emulator [--port N] [--host H] [--seed pool.json] [--data state.json]');
  });
});
