import ts from 'typescript';

/** `value`: loaded with the importing file. `type`: gone after compilation. `late`: loaded by `import()`. */
export type ImportKind = 'value' | 'type' | 'late';

export interface Import {
  readonly kind: ImportKind;
  /** Undefined where the code computes it, so that nobody can tell what is loaded. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** Every way in which a TypeScript file names another module, wherever in the file it stands. */
export function importsOf(fileName: string, text: string): Import[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest);
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: Import[] = source.typeReferenceDirectives.map(({ fileName: specifier, pos }) => {
    return { kind: 'type', specifier, line: lineAt(pos) };
  });

  const visit = (node: ts.Node): void => {
    const named = moduleNamedBy(node);
    if (named) {
      const { kind, by } = named;
      const specifier = by && ts.isStringLiteralLike(by) ? by.text : undefined;
      found.push({ kind, specifier, line: lineAt(node.getStart(source)) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function moduleNamedBy(node: ts.Node): { kind: ImportKind; by: ts.Node | undefined } | undefined {
  if (ts.isImportDeclaration(node)) return { kind: kindOfImport(node.importClause), by: node.moduleSpecifier };
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { kind: kindOfExport(node), by: node.moduleSpecifier };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { kind: node.isTypeOnly ? 'type' : 'value', by: node.moduleReference.expression };
  }
  if (ts.isImportTypeNode(node)) {
    return { kind: 'type', by: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined };
  }
  if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) return { kind: 'type', by: node.name };
  if (ts.isCallExpression(node)) return moduleLoadedBy(node);
  return undefined;
}

function moduleLoadedBy(call: ts.CallExpression): { kind: ImportKind; by: ts.Node | undefined } | undefined {
  if (call.expression.kind === ts.SyntaxKind.ImportKeyword) return { kind: 'late', by: call.arguments[0] };
  const isRequire = ts.isIdentifier(call.expression) && call.expression.text === 'require';
  return isRequire ? { kind: 'value', by: call.arguments[0] } : undefined;
}

function kindOfImport(clause: ts.ImportClause | undefined): ImportKind {
  if (!clause) return 'value';
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return 'type';
  const { name, namedBindings } = clause;
  const onlyTypes = !name && namedBindings && ts.isNamedImports(namedBindings) && allTypes(namedBindings.elements);
  return onlyTypes ? 'type' : 'value';
}

function kindOfExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): ImportKind {
  const onlyTypes = exportClause && ts.isNamedExports(exportClause) && allTypes(exportClause.elements);
  return isTypeOnly || onlyTypes ? 'type' : 'value';
}

function allTypes(elements: ReadonlyArray<ts.ImportSpecifier | ts.ExportSpecifier>): boolean {
  return elements.length > 0 && elements.every(({ isTypeOnly }) => isTypeOnly);
}
