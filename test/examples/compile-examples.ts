import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

/** A page of documentation: where it lies, from the root of the repository, and what it says. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** One TypeScript fence of a page. */
interface Example {
  readonly page: string;
  /** Line of the page on which the code begins, counted from 1. */
  readonly line: number;
  /** Where the compiler finds it; the folder of all examples of its page. */
  readonly file: string;
  readonly code: string;
}

const root = join(import.meta.dirname, '..', '..');

/** README.md, the pages beside it, everything under docs/, and what the sample application says of itself. */
export function pagesOfRepository(): Page[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...top, ...docs, join('sample-app', 'README.md')]
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/**
 * Type-checks every `ts` fence of the pages against the sources of the library, as strictly as the library itself.
 *
 * A fence is a module with all its imports. One that begins with a comment such as `// user.entity.ts` has that name, and the
 * other fences of its page import it by it.
 *
 * @returns a line for each problem, `page:line: what`; empty when all is well
 */
export function problemsOf(pages: readonly Page[]): string[] {
  const unlabelled = pages.flatMap(fencesWithoutLanguage);
  const examples = pages.flatMap(examplesOf);
  const twice = examples.filter(({ file }, index) => examples.findIndex((other) => other.file === file) !== index);
  return [
    ...unlabelled,
    ...twice.map((example) => `${example.page}:${example.line}: a second fence of this name`),
    ...compile(new Map(examples.map((example) => [example.file, example]))),
  ];
}

/** How many fences a page has compiled; a page whose fences are not found would look like one without mistakes. */
export function countExamples(page: Page): number {
  return examplesOf(page).length;
}

const fence = /^```(?<language>\S*)[^\n]*\n(?<code>.*?)^```$/gms;

function examplesOf({ path, text }: Page): Example[] {
  const folder = join(root, 'test', 'examples', 'pages', path.replaceAll(/\W/g, '-'));
  return [...text.matchAll(fence)]
    .filter(({ groups }) => groups?.['language'] === 'ts')
    .map(({ index, groups }) => {
      const code = groups?.['code'] ?? '';
      const line = lineAt(text, index) + 1;
      const name = /^\/\/ (?<name>[\w./-]+\.ts)$/m.exec(code.split('\n', 1)[0] ?? '')?.groups?.['name'];
      return { page: path, line, file: join(folder, name ?? `fence-${line}.ts`), code };
    });
}

/** A fence that does not say what it is would escape the compiler; so would TypeScript under another name. */
function fencesWithoutLanguage({ path, text }: Page): string[] {
  return [...text.matchAll(fence)]
    .filter(({ groups }) => ['', 'typescript', 'tsx', 'js', 'javascript'].includes(groups?.['language'] ?? ''))
    .map(({ index }) => `${path}:${lineAt(text, index)}: write the language: \`ts\`, or one that is not compiled`);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function compile(examples: ReadonlyMap<string, Example>): string[] {
  const program = ts.createProgram([...examples.keys()], compilerOptions(), hostWith(examples));
  const diagnostics = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const file of examples.keys()) {
    const source = program.getSourceFile(file);
    diagnostics.push(...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source));
  }
  return diagnostics.map((diagnostic) => describe(diagnostic, examples));
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(import.meta.dirname, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: object };
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path), undefined, path).options;
}

/** What was parsed from the disk; declarations of packages are most of the work. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** The examples lie nowhere on the disk; everything else is read from it. */
function hostWith(examples: ReadonlyMap<string, Example>): ts.CompilerHost {
  const disk = ts.createCompilerHost(compilerOptions());
  const folders = new Set([...examples.keys()].map((file) => dirname(file)));
  return {
    ...disk,
    fileExists: (file) => examples.has(native(file)) || ts.sys.fileExists(file),
    directoryExists: (folder) => folders.has(native(folder)) || ts.sys.directoryExists(folder),
    getSourceFile: (file, target) => {
      const example = examples.get(native(file));
      if (example !== undefined) return ts.createSourceFile(file, example.code, target);
      if (!parsed.has(file)) parsed.set(file, disk.getSourceFile(file, target));
      return parsed.get(file);
    },
  };
}

/** The compiler writes every path with slashes. */
function native(path: string): string {
  return path.replaceAll('/', sep);
}

function describe(
  { file, start = 0, code, messageText }: ts.Diagnostic,
  examples: ReadonlyMap<string, Example>,
): string {
  const message = `TS${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  if (file === undefined) return message;
  const line = file.getLineAndCharacterOfPosition(start).line;
  const example = examples.get(native(file.fileName));
  return example === undefined
    ? `${relative(root, file.fileName)}:${line + 1}: ${message}`
    : `${example.page}:${example.line + line}: ${message}`;
}
