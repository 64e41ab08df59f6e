import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cognitoOptionsFromEnv } from '../../lib/cognito.options.js';
import { errorCatalogue } from '../../lib/errors/catalogue.js';
import { cognitoOAuthOptionsFromEnv } from '../../lib/oauth/oauth-from-env.js';
import type { Environment } from '../../lib/options/environment.js';
import { cognitoSessionOptionsFromEnv } from '../../lib/session/session-from-env.js';
import { type Page, pagesOfRepository } from './compile-examples.js';

const root = join(import.meta.dirname, '..', '..');
const pages = pagesOfRepository();

describe('the names in the documentation', () => {
  it('of environment variables are those that are read, all of them', () => {
    const tables = ['README.md', join('docs', 'guide', 'user-sync.md')].flatMap((path) => environmentTable(path));

    expect(tables.toSorted()).toEqual(namesThatAreRead());
  });

  it('of environment variables for the pages of Cognito are those that are read', () => {
    const table = environmentTable(join('docs', 'guide', 'oauth.md'));

    expect(table.toSorted()).toEqual(namesThatAreRead(cognitoOAuthOptionsFromEnv));
  });

  it('that look like codes, here and in the comments of the library, exist', () => {
    const read = [
      ...namesThatAreRead(),
      ...namesThatAreRead(cognitoSessionOptionsFromEnv),
      ...namesThatAreRead(cognitoOAuthOptionsFromEnv),
    ];
    const tokens = ['COGNITO_OPTIONS', 'COGNITO_SESSION_OPTIONS'];
    const known = new Set([...Object.keys(errorCatalogue), ...read, ...tokens]);
    const mentioned = [...pages, ...sources()].flatMap(({ path, text }) =>
      [...text.matchAll(/`(COGNITO_[A-Z_]+)`/g)].map(([, name = '']) => ({ path, name })),
    );

    expect(mentioned.length).toBeGreaterThan(100);
    expect(mentioned.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('of operations are those that the emulator knows', () => {
    const guide = pages.find(({ path }) => path === join('docs', 'guide', 'emulator.md'))?.text ?? '';
    const listed = guide.slice(guide.indexOf('Operations: '), guide.indexOf('\n## Codes'));
    const built = sources().filter(({ path }) => path.startsWith(join('emulator', 'operations')));
    const known = built.flatMap(({ text }) =>
      [...text.matchAll(/^ {4}([A-Z]\w+): (?:async )?\(/gm)].map(([, name = '']) => name),
    );

    expect([...listed.matchAll(/`([A-Z][a-z]\w+)`/g)].map(([, name = '']) => name).toSorted()).toEqual(
      known.toSorted(),
    );
  });

  it('of files that the plan of the house mentions exist', () => {
    const plan = pages.find(({ path }) => path === join('docs', 'architecture.md'))?.text ?? '';
    const mentioned = [...plan.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
    const files = ['lib', 'test'].flatMap((folder) => filesBelow(folder));

    expect(mentioned.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
    expect(mentioned.length).toBeGreaterThan(50);
  });

  it('of files that pages link to exist', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target = '']) => join(path, '..', target)),
    );

    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });
});

/** Asks for the options and notes every name that was looked up. */
function namesThatAreRead(read: (environment: Environment) => unknown = cognitoOptionsFromEnv): string[] {
  const names = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        names.add(String(name));
        return undefined;
      },
    },
  );
  read(environment);
  return [...names].toSorted();
}

/** The second column of the page's table of environment variables. */
function environmentTable(path: string): string[] {
  const { text } = pages.find((page) => page.path === path) ?? { text: '' };
  const table = text.split(/\n\n+/).find((block) => /^\|[^|]*\| Environment variables/.test(block)) ?? '';
  const rows = table.split('\n').slice(2);
  return rows.flatMap((row) => [...(row.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
}

function sources(): Page[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, 'lib', path), 'utf8') }));
}

/** Paths from the root of the repository, with slashes; what is installed below is nobody's here. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name === 'node_modules' ? [] : filesBelow(path);
  });
}
