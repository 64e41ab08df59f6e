import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Sources as JavaScript, for processes of their own: Node reads no decorators, and `dist/` may be old or absent. */
export interface Transpiled {
  /** The JavaScript of a source, both relative to the root of the project. */
  pathOf(source: string): string;
  remove(): void;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Transpiles folders of the project with its own compiler settings.
 *
 * @param into an empty folder; default: one inside node_modules, where packages resolve and no tool takes the copies for
 * sources
 */
export function transpile(folders: readonly string[], into?: string): Transpiled {
  const target = into ?? folderBesidePackages();
  const pathOf = (source: string): string => path.join(target, source.replace(/\.ts$/, '.js'));

  writeFileSync(path.join(target, 'package.json'), '{ "type": "module" }');
  for (const source of folders.flatMap(sourcesIn)) {
    mkdirSync(path.dirname(pathOf(source)), { recursive: true });
    writeFileSync(pathOf(source), javaScriptOf(source));
  }
  return { pathOf, remove: () => rmSync(target, { recursive: true, force: true }) };
}

function folderBesidePackages(): string {
  const cache = path.join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(path.join(cache, 'nest-cognito-'));
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => path.join(folder, file));
}

function javaScriptOf(source: string): string {
  const fileName = path.join(root, source);
  // A file by itself does not tell TypeScript that its package is one of ES modules.
  const settings = {
    ...compilerOptions,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  return ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions: settings }).outputText;
}

const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
  { ...ts.sys, readDirectory: () => [] },
  root,
);
