import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DataSource, type EntitySchema } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../../lib/emulator/index.js';
import { transpile, type Transpiled } from '../../e2e/user-sync-race/transpiled.js';
import { startPostgres } from '../../support/postgres.js';

const PEOPLE = 600;
const entityFile = join(import.meta.dirname, 'support/person.js');

const server = await startPostgres();

describe.skipIf(server === undefined)('an import in a process of its own', () => {
  let commands: Transpiled;
  let folder: string;
  let pool: CognitoEmulator;
  let database: DataSource;

  beforeAll(async () => {
    commands = transpile(['lib']);
    folder = await mkdtemp(join(tmpdir(), 'nest-cognito-import-'));
    const users = Array.from({ length: PEOPLE }, (_, index) => ({
      username: `person${index}`,
      password: 'Passw0rd!',
      attributes: { email: `person${index}@example.com` },
    }));
    pool = await CognitoEmulator.start({ users });
    process.env['PEOPLE_FILE'] = join(folder, 'unused.db');
    const { Person } = (await import(entityFile)) as { Person: EntitySchema };
    const url = server?.url ?? '';
    database = await new DataSource({ type: 'postgres', url, entities: [Person], synchronize: true }).initialize();
  });

  afterAll(async () => {
    delete process.env['PEOPLE_FILE'];
    await database.destroy();
    await pool.stop();
    await server?.stop();
    commands.remove();
    await rm(folder, { recursive: true });
  });

  /** Runs it to its end; a signal is sent at the first sign of progress. */
  async function run(more: readonly string[], signal?: NodeJS.Signals): Promise<{ ended: unknown[]; text: string }> {
    const { userPoolId, endpoint } = pool.options;
    const toPool = ['--pool', userPoolId, '--region', 'eu-west-1', '--endpoint', endpoint];
    const toPeople = ['--database', server?.url ?? '', '--entity', entityFile, '--mapping', 'email=mail'];
    const args = [commands.pathOf('lib/cli/main.ts'), 'import', ...toPool, ...toPeople, '--batch', '60', ...more];
    const credentials = { AWS_ACCESS_KEY_ID: 'AKIAIMPORT', AWS_SECRET_ACCESS_KEY: 'the secret of AWS' };
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...credentials },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    createInterface(child.stderr).on('line', (line) => {
      if (lines.push(line) === 1 && signal !== undefined) child.kill(signal);
    });
    return { ended: await ended, text: lines.join('\n') };
  }

  const rows = async () => database.getRepository('Person').count();

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops at %s with 130, and goes on from the place in its file',
    async (signal) => {
      await database.getRepository('Person').clear();
      const resume = ['--resume', join(folder, 'place.txt')];
      const stopped = await run([...resume, '--rate', '3'], signal);
      expect(stopped.ended).toEqual([130, null]);
      expect(stopped.text).toContain('To go on, run the same again');
      const half = await rows();
      expect(half).toBeGreaterThan(0);
      expect(half).toBeLessThan(PEOPLE);

      const rest = await run([...resume, '--rate', '1000']);
      expect(rest.ended).toEqual([0, null]);
      expect(rest.text).toContain(`${PEOPLE - half} created, 0 updated, 0 unchanged`);
      expect(await rows()).toBe(PEOPLE);
      expect(existsSync(join(folder, 'place.txt'))).toBe(false);
      expect(stopped.text + rest.text).not.toMatch(/secret of AWS|AKIAIMPORT/);
    },
  );
});
