import { resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const LIB = resolve(import.meta.dirname, '../../lib');

/** The sources of what `exports` of package.json hands out. */
const ENTRIES = Object.values(manifest.exports)
  .flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]))
  .map((types) => resolve(LIB, types.replace('./dist/', '').replace(/\.d\.ts$/, '.ts')));

/** Types that have no name outside, and why. */
const UNNAMED = new Map([
  ['TokenUse', 'the decorator has the name'],
  ['WithToken', 'a part of BoundToUser, which is worked out where it is used'],
  ['BoundMethod', 'likewise'],
]);

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  noLib: true,
  types: [],
};

let checker: ts.TypeChecker;
let handedOut: ReadonlySet<ts.Symbol>;

beforeAll(() => {
  const program = ts.createProgram(ENTRIES, OPTIONS, ownFilesOnly());
  checker = program.getTypeChecker();
  handedOut = new Set(ENTRIES.flatMap((file) => exportsOf(program.getSourceFile(file))));
});

describe('what the package hands out', () => {
  it('has a sentence on everything that has a name, and on every method', () => {
    const silent = [...handedOut].flatMap((symbol) =>
      [symbol, ...methodsOf(symbol)].filter((named) => docOf(named) === '').map((named) => fullName(symbol, named)),
    );
    expect(handedOut.size).toBeGreaterThan(100);
    expect(silent).toEqual([]);
  });

  it('names every type that stands in a signature, so that an application can write it down', () => {
    const unnamed = [...handedOut].flatMap((symbol) =>
      typesIn(symbol)
        .filter((type) => isOurs(type) && !handedOut.has(type) && !UNNAMED.has(type.name))
        .map((type) => `${symbol.name} says ${type.name}`),
    );
    expect(unnamed).toEqual([]);
  });

  it('speaks in no types of the AWS SDK', () => {
    const foreign = [...handedOut].flatMap((symbol) =>
      typesIn(symbol)
        .filter((type) => /^@(aws-sdk|smithy)\//.test(packageOf(type)))
        .map((type) => `${symbol.name} says ${type.name}`),
    );
    expect(foreign).toEqual([]);
  });
});

/** Packages stay closed: names are looked at and no types are worked out, and the declarations of the SDK alone take seconds. */
function ownFilesOnly(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  host.resolveModuleNameLiterals = (literals, file) =>
    literals.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, file, OPTIONS, host) : { resolvedModule: undefined },
    );
  return host;
}

function exportsOf(file: ts.SourceFile | undefined): ts.Symbol[] {
  const module = file && checker.getSymbolAtLocation(file);
  return module ? checker.getExportsOfModule(module).map(original) : [];
}

function original(symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

function docOf(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker));
}

function fullName(owner: ts.Symbol, member: ts.Symbol): string {
  return owner === member ? owner.name : `${owner.name}.${member.name}`;
}

function methodsOf(symbol: ts.Symbol): ts.Symbol[] {
  return (symbol.declarations ?? [])
    .filter(ts.isClassDeclaration)
    .flatMap(({ members }) => members.slice())
    .filter((member) => ts.isMethodDeclaration(member) && !isHidden(member))
    .flatMap(({ name }) => (name && checker.getSymbolAtLocation(name)) ?? []);
}

/** Types by their names in the declarations of a symbol: no bodies, nothing private, nothing that is stripped, no ancestors. */
function typesIn(symbol: ts.Symbol): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isHeritageClause(node) || isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) found.push(...referredTo(node.typeName));
    ts.forEachChild(node, visit);
  };
  for (const declaration of symbol.declarations ?? []) visit(typed(declaration));
  return found;
}

/** Of a value only what it is declared to be: how it is made is nobody's business. */
function typed(declaration: ts.Declaration): ts.Node {
  return ts.isVariableDeclaration(declaration) ? (declaration.type ?? declaration.name) : declaration;
}

function referredTo(name: ts.EntityName): ts.Symbol[] {
  const symbol = checker.getSymbolAtLocation(ts.isQualifiedName(name) ? name.left : name);
  const isParameter = symbol !== undefined && (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0;
  return symbol === undefined || isParameter ? [] : [packageOf(symbol) === '' ? original(symbol) : symbol];
}

function isOurs(symbol: ts.Symbol): boolean {
  return packageOf(symbol) === '' && fileOf(symbol).startsWith(LIB);
}

/** The package that a name is imported from; empty for one of our own. */
function packageOf({ declarations: [declaration] = [] }: ts.Symbol): string {
  const parent = declaration && ts.findAncestor(declaration, ts.isImportDeclaration);
  const from = parent?.moduleSpecifier;
  return from && ts.isStringLiteral(from) && !from.text.startsWith('.') ? from.text : '';
}

function fileOf(symbol: ts.Symbol): string {
  return symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
}

function isHidden(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  const isPrivate = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  const isStripped = ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
  return isPrivate || isStripped || (node.name !== undefined && ts.isPrivateIdentifier(node.name));
}
