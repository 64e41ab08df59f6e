import { execFile } from 'node:child_process';
import { cp, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const START_UP = join('test', 'package', 'nest-11', 'start-up');

let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'nest-cognito-nest-')));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lays the library and the applications of start-up.ts beside the packages of one Nest, and runs them. */
async function outcomesOn(name: string, packages: (place: string) => Promise<unknown>): Promise<unknown> {
  const place = join(folder, name);
  await cp(join(root, 'test', 'package', 'nest-11'), place, { recursive: true });
  await packages(place);
  const sources = [join(root, `${START_UP}.ts`)];
  const compilerOptions = { noEmit: false, declaration: false, sourceMap: false, rootDir: root, outDir: place };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files: sources, include: [] };
  await writeFile(join(place, 'tsconfig.json'), JSON.stringify(config));
  await run('node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', place, '--noCheck']);
  const { stdout } = await run('node', [join(place, `${START_UP}.js`)], { cwd: place });
  return JSON.parse(stdout);
}

const refused = 'COGNITO_ACCESS_RULES_INVALID';
const expected = {
  restricted: refused,
  restrictedUnderGlobalGuard: 401,
  guarded: 401,
  passport: refused,
  hybrid: refused,
  openHybrid: 404,
  gateway: refused,
  guardedGateway: 404,
};

describe('applications whose rules do not hold', () => {
  it('do not start on Nest 11, and the others do', async () => {
    const npmCi = (place: string) => run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: place });
    expect(await outcomesOn('11', npmCi)).toEqual(expected);
  });

  it('do not start on Nest 12, and the others do', async () => {
    const linked = (place: string) => symlink(join(root, 'node_modules'), join(place, 'node_modules'), 'junction');
    expect(await outcomesOn('12', linked)).toEqual(expected);
  });
});
