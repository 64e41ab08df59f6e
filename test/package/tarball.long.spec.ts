import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, 'fixtures');

/** What `npm pack` needs of the repository; it builds in a copy, so that nobody's dist/ changes under their feet. */
const SOURCES = [
  'lib',
  'package.json',
  'sample-app/package.json',
  'docs',
  'bundle.mjs',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
];

/** Packages of the consumer's own; beside these it has what the tarball declares, and nothing else. */
const CONSUMER_PACKAGES = ['@nestjs/platform-express', '@types/node', 'jose'];

/** Not there, though one is a dependency: who only guards routes shall need none of them. */
const ABSENT = ['@aws-sdk/client-cognito-identity-provider', '@nestjs/swagger', '@simplewebauthn/server', 'typeorm'];

let folder: string;
let app: string;
let installed: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'nest-cognito-tarball-')));
  app = join(folder, 'app');
  installed = join(app, 'node_modules', 'nest-cognito');
  await install(await pack(join(folder, 'copy')));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the packed tarball in an empty directory', () => {
  it.each(ABSENT)('is alone: %s does not resolve', async (name) => {
    const resolving = run('node', ['--input-type=module', '-e', `import.meta.resolve('${name}')`]);

    await expect(resolving).rejects.toThrow('ERR_MODULE_NOT_FOUND');
  });

  it('compiles a strict consumer with skipLibCheck off, then boots, guards a route, and says what sign-in lacks', async () => {
    await run('node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.']);

    expect(await lastLine('node', ['out/consumer.js'])).toEqual(whatTheConsumerSees);
  });

  it('does the same under NODE_ENV=production', async () => {
    expect(await lastLine('node', ['out/consumer.js'], { NODE_ENV: 'production' })).toEqual(whatTheConsumerSees);
  });

  it.each([{}, { NODE_ENV: 'production' }])(
    'opens sessions, endpoints and managed login with nothing else installed, %o',
    async (environment) => {
      expect(await lastLine('node', ['out/doors.js'], environment)).toEqual({
        guarded: 401,
        csrf: 200,
        me: 401,
        login: 302,
        services: [true, true, true, true],
      });
    },
  );

  it('says what the columns for user sync need', async () => {
    const importing = run('node', ['--input-type=module', '-e', "await import('nest-cognito/user-sync')"]);

    await expect(importing).rejects.toThrow("Cannot find package 'typeorm'");
  });

  it('refuses to compile a consumer with a wrong option: its types are really read', async () => {
    const consumer = await readFile(join(app, 'consumer.ts'), 'utf8');
    await writeFile(join(app, 'wrong.ts'), consumer.replace('clientSecret: undefined', 'clientSecrt: undefined'));
    await writeFile(join(app, 'tsconfig.wrong.json'), '{ "extends": "./tsconfig.json", "files": ["wrong.ts"] }');
    const compiling = run('node', [
      join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '--noEmit',
      '--skipLibCheck',
      '-p',
      'tsconfig.wrong.json',
    ]);

    await expect(compiling).rejects.toThrow("'clientSecrt' does not exist");
  });

  it('is required by a CommonJS application', async () => {
    expect(await lastLine('node', ['consumer.cjs'])).toEqual({ service: true, parts: 3 });
  });

  it('has a command that Node runs by its first line', async () => {
    const main = await mainOf(installed);

    expect((await readFile(main, 'utf8')).split('\n', 1)).toEqual(['#!/usr/bin/env node']);
    expect(await run('node', [main, '--help'])).toContain('nest-cognito <command>');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('has a pool that stops cleanly on %s', async (signal) => {
    const command = spawn('node', [await mainOf(installed), 'emulator'], { cwd: app });
    const { endpoint } = await announcementOf(command);
    expect(await status(`${endpoint}/nowhere`)).toBe(404);
    command.kill(signal);
    expect(await once(command, 'exit')).toEqual([0, null]);
    expect(await status(endpoint)).toBe('nobody');
  });

  it('has a pool that does not start with passkeys when the package that checks them is missing, and names it', async () => {
    await writeFile(join(app, 'passkeys.json'), '{ "allowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"] }');
    const starting = run('node', [await mainOf(installed), 'emulator', '--seed', 'passkeys.json']);

    await expect(starting).rejects.toThrow(
      /^EMULATOR_OPTIONS_INVALID: .*npm install --save-dev @simplewebauthn\/server$/m,
    );
  });

  it('has a pool that does not outlive the shell that npm started it in', async () => {
    const script = `node '${await mainOf(installed)}' emulator; true`;
    const shell = spawn('sh', ['-c', script], { cwd: app, env: { ...process.env, npm_command: 'exec' } });
    const { endpoint } = await announcementOf(shell);
    shell.kill('SIGTERM');
    await once(shell, 'exit');
    await expect.poll(() => status(endpoint), { timeout: 20_000 }).toBe('nobody');
  });

  it('holds the build and the documents, and no tests, keys or source maps', async () => {
    const files = (await filesOf(installed)).map((file) => file.slice(installed.length + 1).replaceAll('\\', '/'));
    const strangers = files.filter((file) => !/^(dist\/[\w./-]+\.(js|d\.ts)|docs\/[\w./-]+\.md)$/.test(file));
    const texts = await Promise.all(files.map((file) => readFile(join(installed, file), 'utf8')));

    expect(strangers.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    expect(files.filter((file) => /(^|\/)(test|fixtures|vectors)\/|\.spec\./.test(file))).toEqual([]);
    expect(texts.filter((text) => /PRIVATE KEY|"d" ?: ?"|sourceMappingURL/.test(text))).toEqual([]);
  });

  it('keeps the documentation in its types, and its inner constructors out of them', async () => {
    const types = await readFile(join(installed, 'dist', 'user-pool', 'cognito.service.d.ts'), 'utf8');

    expect(types).toContain('Signs a user in (InitiateAuth, RespondToAuthChallenge)');
    expect(types).not.toContain('constructor(');
  });
});

const refused = (code: string): object => ({
  status: 401,
  body: { statusCode: 401, message: expect.any(String) as string, error: 'Unauthorized', code },
});

const whatTheConsumerSees = {
  withoutToken: refused('COGNITO_TOKEN_MISSING'),
  withToken: { status: 200, body: { sub: '00000000-0000-4000-8000-000000000001' } },
  withTamperedToken: refused('COGNITO_TOKEN_SIGNATURE_INVALID'),
  signIn: { status: 500, body: expect.objectContaining({ code: 'COGNITO_SDK_MISSING' }) as object },
  signInCode: 'COGNITO_SDK_MISSING',
};

/** Packs a copy of the repository; `prepack` builds it. */
async function pack(copy: string): Promise<string> {
  for (const source of SOURCES) await cp(join(root, source), join(copy, source), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  await run('npm', ['pack', '--pack-destination', folder], {}, copy);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  return join(folder, tarball ?? 'npm pack has left no tarball');
}

/** Installs without asking a registry: the tarball is unpacked, and what it declares is linked to what the repository has. */
async function install(tarball: string): Promise<void> {
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], {}, folder);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  for (const name of new Set([...declared, ...CONSUMER_PACKAGES])) {
    if (!ABSENT.includes(name)) await link(name);
  }
  await cp(fixtures, app, { recursive: true });
  await writeFile(join(app, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }');
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

async function link(name: string): Promise<void> {
  const place = join(app, 'node_modules', name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(root, 'node_modules', name), place, 'junction');
}

/** The file behind the command `nest-cognito`. */
async function mainOf(directory: string): Promise<string> {
  const { bin } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    bin: { 'nest-cognito': string };
  };
  return join(directory, bin['nest-cognito']);
}

/** The first line that a started pool writes. */
async function announcementOf({ stdout }: ChildProcess): Promise<{ readonly endpoint: string }> {
  if (stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line) as { endpoint: string };
  throw new Error('the pool said nothing');
}

async function status(url: string): Promise<number | 'nobody'> {
  return fetch(url).then(
    (answer) => answer.status,
    () => 'nobody' as const,
  );
}

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The last line of a program's output, which is JSON. */
async function lastLine(command: string, args: readonly string[], environment = {}): Promise<unknown> {
  const output = await run(command, args, environment);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

const execute = promisify(execFile);

/** Runs a program to its end. A failure shows everything that the program has said. */
async function run(command: string, args: readonly string[], environment = {}, cwd = app): Promise<string> {
  const env = { ...process.env, NODE_ENV: 'development', NODE_PATH: '', ...environment };
  try {
    return (await execute(command, args, { cwd, env, shell: process.platform === 'win32' })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}
