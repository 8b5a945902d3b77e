/**
 * No circles between the top-level folders. Only values count: a type carries no code, and an alias (`@arch`) is a
 * parameter of the program and not a folder.
 */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { type Edge, findCycles } from "./cycle.ts";

export function checkFolders(typed: TypedProgram, diagnostics: Diagnostics): void {
  const edges = new Map<string, Edge<string, ts.Expression>[]>();
  for (const file of typed.files) {
    const from = folderOf(typed.pathOf(file));
    const out = edges.get(from) ?? [];
    edges.set(from, out);
    for (const statement of file.statements) {
      const site = importedFrom(statement);
      const symbol = site && typed.checker.getSymbolAtLocation(site);
      const target = symbol?.declarations?.find(ts.isSourceFile);
      const to = target ? folderOf(typed.pathOf(target)) : from;
      if (site && to !== from && !out.some((edge) => edge.to === to)) out.push({ to, site });
    }
  }
  findCycles(edges, (path, site) => diagnostics.report(site, "KTS4001", [...path, path[0]].join(" → ")));
}

/** The first folder of a path, `.` for a file in the root itself. */
function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : ".";
}

/** Where a statement imports values from, if it names a file and no alias. */
function importedFrom(statement: ts.Statement): ts.Expression | null {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return null;
  const { moduleSpecifier } = statement;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith(".")) return null;
  const clause = ts.isImportDeclaration(statement) ? statement.importClause : statement;
  const names = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
  const isNamed = names !== undefined && (ts.isNamedImports(names) || ts.isNamedExports(names));
  const isTypesOnly = isNamed && names.elements.length > 0 && names.elements.every(({ isTypeOnly }) => isTypeOnly);
  return clause?.isTypeOnly || isTypesOnly ? null : moduleSpecifier;
}
