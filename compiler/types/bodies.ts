import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { Expressions } from "./expressions.ts";
import type { Type } from "./type.ts";
import { describe, pointerType } from "./type-table.ts";

/** Types every expression of a function's body, and holds each against what its statement asks of it. */
export function checkBody(body: ts.Block, result: Type, expressions: Expressions, diagnostics: Diagnostics): void {
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) {
      expressions.infer(node.expression);
      return;
    }
    if (ts.isVariableDeclaration(node)) checkLocal(node, expressions, diagnostics);
    else if (ts.isReturnStatement(node)) {
      if (node.expression !== undefined) expressions.meet(node.expression, result);
    } else if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
      expressions.condition(node.expression);
    } else if (ts.isForStatement(node)) {
      if (node.condition !== undefined) expressions.condition(node.condition);
      if (node.incrementor !== undefined) expressions.infer(node.incrementor);
      if (node.initializer !== undefined && !ts.isVariableDeclarationList(node.initializer))
        expressions.infer(node.initializer);
    } else if (ts.isSwitchStatement(node)) checkSwitch(node, expressions, diagnostics);
    ts.forEachChild(node, (child) => {
      if (!ts.isExpression(child)) visit(child);
    });
  };
  visit(body);
}

function checkLocal(node: ts.VariableDeclaration, expressions: Expressions, diagnostics: Diagnostics): void {
  const storage = expressions.variableType(node);
  if (node.initializer === undefined) {
    diagnostics.report(node.name, "KTS1055", node.name.getText());
    return;
  }
  if (node.type === undefined) return;
  const isAggregate = storage.kind === "struct" || storage.kind === "array";
  expressions.meet(node.initializer, isAggregate ? pointerType(storage) : storage);
}

function checkSwitch(node: ts.SwitchStatement, expressions: Expressions, diagnostics: Diagnostics): void {
  const type = expressions.typeOf(node.expression);
  if (type.kind !== "int" && type.kind !== "enum") diagnostics.report(node.expression, "KTS1025", describe(type));
  const seen = new Set<bigint>();
  for (const clause of node.caseBlock.clauses) {
    if (ts.isDefaultClause(clause)) continue;
    expressions.meet(clause.expression, type);
    const value = expressions.constantOf(clause.expression);
    if (value === null) diagnostics.report(clause.expression, "KTS1026");
    else if (seen.has(value)) diagnostics.report(clause.expression, "KTS1027", String(value));
    else seen.add(value);
  }
}
