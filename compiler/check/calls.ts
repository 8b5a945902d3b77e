/** Who calls whom: directly, and through a constant table every function in it. */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import { type Edge, findCycles } from "./cycle.ts";

/** No function may reach itself; the stack proof rests on it. */
export function checkCalls(typed: TypedProgram, diagnostics: Diagnostics): void {
  const edges = new Map<ts.FunctionDeclaration, Edge<ts.FunctionDeclaration, ts.Expression>[]>();
  for (const declaration of functionsOf(typed)) {
    const out: Edge<ts.FunctionDeclaration, ts.Expression>[] = [];
    edges.set(declaration, out);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) {
        for (const to of targetsOf(typed, node)) {
          if (!out.some((edge) => edge.to === to)) out.push({ to, site: node.expression });
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(declaration);
  }
  findCycles(edges, (path, site) => {
    const names = [...path, path[0]].map((declaration) => declaration?.name?.text ?? "");
    diagnostics.report(site, "KTS4002", names.join(" → "));
  });
}

/** The functions of the program with a body. */
export function functionsOf(typed: TypedProgram): ts.FunctionDeclaration[] {
  return typed.files.flatMap(({ statements }) =>
    statements.filter((node) => ts.isFunctionDeclaration(node)).filter(({ body }) => body !== undefined),
  );
}

/** The functions of the program that a call may run; none for the library and for externs. */
export function targetsOf(typed: TypedProgram, call: ts.CallExpression): ts.FunctionDeclaration[] {
  const callee = typed.calleeOf(call);
  if (callee.kind === "function") return callee.declaration.body ? [callee.declaration] : [];
  if (callee.kind !== "table" || !callee.table.initializer) return [];
  const targets: ts.FunctionDeclaration[] = [];
  const visit = (node: ts.Node): void => {
    const declaration = ts.isIdentifier(node) ? typed.declarationOf(node) : null;
    if (declaration && ts.isFunctionDeclaration(declaration) && declaration.body) targets.push(declaration);
    ts.forEachChild(node, visit);
  };
  visit(callee.table.initializer);
  return targets;
}
