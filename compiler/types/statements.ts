/** What statements and initial values ask of their expressions. */
import ts from "typescript";
import { textOf } from "../nodes.ts";
import { checkTrust } from "./nulls.ts";
import type { Type } from "./type.ts";
import { valueOf } from "./type-table.ts";
import type { Typer } from "./typer.ts";

/** Types every expression of a function's body. */
export function checkBody(typer: Typer, body: ts.Block, result: Type): void {
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node)) typer.infer(node.expression);
    else if (ts.isVariableDeclaration(node)) checkLocal(typer, node);
    else if (ts.isReturnStatement(node)) {
      if (node.expression) typer.meet(node.expression, result);
    } else if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
      typer.condition(node.expression);
    } else if (ts.isForStatement(node)) {
      const { initializer, condition, incrementor } = node;
      if (initializer && !ts.isVariableDeclarationList(initializer)) typer.infer(initializer);
      if (condition) typer.condition(condition);
      if (incrementor) typer.infer(incrementor);
    } else if (ts.isSwitchStatement(node)) checkSwitch(typer, node);
    ts.forEachChild(node, (child) => {
      if (!ts.isExpression(child)) visit(child);
    });
  };
  visit(body);
}

function checkLocal(typer: Typer, node: ts.VariableDeclaration): void {
  const storage = typer.variableType(node);
  const { initializer, name } = node;
  const isOfLoop = ts.isForOfStatement(node.parent.parent) || ts.isForInStatement(node.parent.parent);
  if (!initializer) {
    if (!isOfLoop) typer.report(name, "KTS1055", name.getText());
    return;
  }
  if (node.type) typer.meet(initializer, valueOf(storage));
  else if (storage.kind === "null" || storage.kind === "void") typer.report(name, "KTS1058", name.getText());
  checkTrust(typer, initializer);
}

function checkSwitch(typer: Typer, node: ts.SwitchStatement): void {
  const type = typer.typeOf(node.expression);
  if (type.kind !== "int" && type.kind !== "enum") {
    typer.report(node.expression, "KTS1025", type);
    return;
  }
  const seen = new Set<bigint>();
  for (const { expression } of node.caseBlock.clauses.filter(ts.isCaseClause)) {
    typer.meet(expression, type);
    const value = typer.constantOf(expression);
    if (value === null) typer.report(expression, "KTS1026");
    else if (seen.has(value)) typer.report(expression, "KTS1027", expression.getText());
    else seen.add(value);
  }
}

/** A module variable starts with `zeroed()`, constants, text, null, names of functions, or rows and lists of these. */
export function checkStatic(typer: Typer, node: ts.VariableDeclaration): void {
  const storage = typer.variableType(node);
  const { initializer, name } = node;
  if (!initializer) {
    if (!typer.declarations.tagsOf(node).has("extern")) typer.report(name, "KTS1055", name.getText());
  } else if (storage.kind === "null") typer.report(name, "KTS1058", name.getText());
  else if (storage.kind === "pointer" && !storage.nullable) checkInitial(typer, initializer, storage.to);
  else if (storage.kind !== "literal") checkInitial(typer, initializer, storage);
  // An untyped constant has its range checked where it is used.
  else if (typer.constantOf(initializer) === null) typer.report(initializer, "KTS1049");
}

function checkInitial(typer: Typer, e: ts.Expression, storage: Type): void {
  if (ts.isParenthesizedExpression(e)) checkInitial(typer, e.expression, storage);
  else if (ts.isCallExpression(e) && e.expression.getText() === "zeroed") typer.infer(e);
  else if (ts.isArrayLiteralExpression(e)) checkList(typer, e, storage);
  else if (ts.isObjectLiteralExpression(e)) checkRow(typer, e, storage);
  else {
    typer.meet(e, valueOf(storage));
    const isFunction = storage.kind === "function" && ts.isIdentifier(e);
    const isConstant = e.kind === ts.SyntaxKind.NullKeyword || typer.constantOf(e) !== null;
    if (!isFunction && !isConstant && !textOf(e, typer.declarations)) typer.report(e, "KTS1049");
  }
}

function checkList(typer: Typer, e: ts.ArrayLiteralExpression, storage: Type): void {
  if (storage.kind !== "array") {
    typer.report(e, "KTS1010", "a list", storage);
    return;
  }
  const { length } = e.elements;
  if (length !== storage.length) typer.report(e, "KTS1048", String(length), String(storage.length));
  for (const element of e.elements) checkInitial(typer, element, storage.element);
}

function checkRow(typer: Typer, e: ts.ObjectLiteralExpression, storage: Type): void {
  if (storage.kind !== "struct") {
    typer.report(e, storage.kind === "pointer" ? "KTS1059" : "KTS1010", "a row", storage);
    return;
  }
  for (const property of e.properties) {
    const field = storage.struct.fields.find(({ name }) => name === property.name?.getText());
    if (!ts.isPropertyAssignment(property)) typer.report(property, "KTS1049");
    else if (field) checkInitial(typer, property.initializer, field.type);
  }
}
