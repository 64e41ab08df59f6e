import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, sep } from 'node:path';
import type { House } from './house.js';
import { importsOf, type Import } from './imports.js';

/** What an import leads to, with paths as seen from lib/. */
export type Target =
  | { readonly is: 'file'; readonly path: string }
  | { readonly is: 'package'; readonly name: string }
  | { readonly is: 'node' | 'outside' | 'unknown' };

export interface ResolvedImport extends Import {
  readonly target: Target;
}

export interface SourceFile {
  readonly path: string;
  readonly imports: readonly ResolvedImport[];
}

export interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface SourceTree {
  readonly files: readonly SourceFile[];
  readonly folders: readonly string[];
  readonly manifest: Manifest;
}

/** Reads `<root>/lib` and `<root>/package.json`; nothing of what is read is executed. */
export function readSourceTree(root: string): SourceTree {
  const manifest = readManifest(join(root, 'package.json'));
  const entries = readdirSync(join(root, 'lib'), { recursive: true, withFileTypes: true }).map((entry) => ({
    isFolder: entry.isDirectory(),
    path: posix.relative(
      'lib',
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join('/'),
    ),
  }));
  const paths = entries.filter(({ isFolder, path }) => !isFolder && /\.[cm]?[jt]sx?$/.test(path));
  const files = paths.map(({ path }) => readSourceFile(root, path, manifest.name));
  return {
    files: files.toSorted((one, other) => one.path.localeCompare(other.path)),
    folders: entries.filter(({ isFolder }) => isFolder).map(({ path }) => path),
    manifest,
  };
}

/** The room that a file of lib/ belongs to, or undefined where the plan has none for it. */
export function roomOf(path: string, house: House): string | undefined {
  const slash = path.indexOf('/');
  if (slash === -1) return Object.keys(house.rooms).find((name) => house.rooms[name]?.files?.includes(path));
  const folder = path.slice(0, slash);
  return house.rooms[folder] && !house.rooms[folder].files ? folder : undefined;
}

/** The rooms that hold at least one file, in the order of the plan. */
export function builtRooms(tree: SourceTree, house: House): string[] {
  const built = new Set(tree.files.map(({ path }) => roomOf(path, house)));
  return Object.keys(house.rooms).filter((name) => built.has(name));
}

function readManifest(path: string): Manifest {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : {};
}

function readSourceFile(root: string, path: string, ownName: string | undefined): SourceFile {
  const imports = importsOf(path, readFileSync(join(root, 'lib', path), 'utf8')).map(({ kind, specifier, line }) => {
    return { kind, specifier, line, target: targetOf(specifier, path, ownName) };
  });
  return { path, imports };
}

function targetOf(specifier: string | undefined, from: string, ownName: string | undefined): Target {
  if (specifier === undefined) return { is: 'unknown' };
  if (specifier.startsWith('.')) return fileOrOutside(posix.join(posix.dirname(from), specifier));
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return { is: 'node' };
  if (/^[/#]|^[a-z]+:/.test(specifier)) return { is: 'outside' };
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name !== ownName) return { is: 'package', name };
  // A file that imports the package by its own name comes back in through the front.
  return { is: 'file', path: posix.join(specifier.slice(name.length + 1), 'index.ts') };
}

function fileOrOutside(path: string): Target {
  if (path.startsWith('..')) return { is: 'outside' };
  return { is: 'file', path: path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2') };
}
