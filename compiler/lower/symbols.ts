/** Symbols: a name for every function and static that is unique in the program. */
import ts from "typescript";
import type { TypedProgram } from "../types/typed-program.ts";

type Named = ts.FunctionDeclaration | ts.VariableDeclaration;

/** `@entry`, or exported from an entry file. */
export function isEntry(typed: TypedProgram, declaration: ts.Declaration): boolean {
  if (typed.tagsOf(declaration).has("entry")) return true;
  const isExported = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0;
  const names = isExported ? typed.program.getRootFileNames() : [];
  return names.some((name) => typed.program.getSourceFile(name) === declaration.getSourceFile());
}

/** Entries and externs keep their names. Of others that share one, each gets as much of its path as is needed. */
export function nameSymbols(typed: TypedProgram): ReadonlyMap<ts.Declaration, string> {
  const symbols = new Map<ts.Declaration, string>();
  const named = typed.files.flatMap(({ statements }) => statements.flatMap(declaredBy));
  const nameOf = (node: Named): string => node.name?.getText() ?? "";
  for (const node of named) {
    const tags = typed.tagsOf(node);
    const isOutside = tags.has("extern") || (ts.isFunctionDeclaration(node) && (!node.body || isEntry(typed, node)));
    if (isOutside) symbols.set(node, tags.get("extern") || tags.get("entry") || nameOf(node));
  }
  const inside = named.filter((node) => !symbols.has(node));
  const counts = new Map<string, number>();
  for (const name of [...symbols.values(), ...inside.map(nameOf)]) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of inside) {
    const words = typed.pathOf(node.getSourceFile()).replace(/\.ts$/, "").replace(/\W/g, "/").split("/");
    let symbol = nameOf(node);
    for (let taken = 1; (counts.get(symbol) ?? 0) > taken; taken = 0) symbol = `${words.pop() ?? ""}_${symbol}`;
    if (symbol !== nameOf(node)) counts.set(symbol, 1);
    symbols.set(node, symbol);
  }
  return symbols;
}

function declaredBy(statement: ts.Statement): readonly Named[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations;
  return ts.isFunctionDeclaration(statement) ? [statement] : [];
}

/** Names that a local must not have: it could hide a symbol that its function knows under another name. */
export function reservedNames(typed: TypedProgram, symbols: ReadonlyMap<ts.Declaration, string>): Set<string> {
  const renamed = [...symbols].filter(([node, symbol]) => (node as Named).name?.getText() !== symbol);
  const bindings = typed.files.flatMap(({ statements }) =>
    statements.filter(ts.isImportDeclaration).map((node) => node.importClause?.namedBindings),
  );
  const aliased = bindings.flatMap((node) => (node && ts.isNamedImports(node) ? [...node.elements] : []));
  return new Set([...renamed.map(([, symbol]) => symbol), ...aliased.flatMap((node) => node.propertyName?.text ?? [])]);
}
