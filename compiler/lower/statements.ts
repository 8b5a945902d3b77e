/** Statements: control flow with explicit targets; what a condition needs done first goes before it. */
import ts from "typescript";
import type { Clause, Expression, Statement } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { Context } from "./context.ts";
import { evaluate, lowerAs, lowerEffect, lowerValue } from "./expressions.ts";

type Loop = ts.ForStatement | ts.WhileStatement | ts.DoStatement;

/** `label` is that of the labelled statement of which this is the body. */
export function lowerStatement(context: Context, node: ts.Statement, label: string | null = null): void {
  context.site = context.whole.siteOf(node);
  if (ts.isBlock(node)) context.emit({ kind: "block", target: null, body: lowerBody(context, node) });
  else if (ts.isVariableStatement(node)) lowerDeclarations(context, node.declarationList);
  else if (ts.isExpressionStatement(node)) lowerEffect(context, node.expression);
  else if (ts.isIfStatement(node)) lowerIf(context, node);
  else if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
    emitScope(context, () => lowerLoop(context, node, label));
  } else if (ts.isSwitchStatement(node)) emitScope(context, () => lowerSwitch(context, node, label));
  else if (ts.isReturnStatement(node)) lowerReturn(context, node);
  else if (ts.isBreakOrContinueStatement(node)) lowerJump(context, node);
  else if (ts.isLabeledStatement(node)) lowerLabelled(context, node);
  else if (!ts.isEmptyStatement(node)) context.whole.unsupported(node);
}

/** A statement as a scope of its own; a block's braces are that scope. */
function lowerBody(context: Context, node: ts.Statement | undefined): Statement[] {
  return context.scope(() => {
    for (const each of node && ts.isBlock(node) ? node.statements : [node]) if (each) lowerStatement(context, each);
  });
}

/** A block around what `lower` emits, if that is more than one statement. */
function emitScope(context: Context, lower: () => void): void {
  const body = context.scope(lower);
  if (body.length === 1) context.statements.push(...body);
  else context.emit({ kind: "block", target: null, body });
}

function lowerDeclarations(context: Context, list: ts.VariableDeclarationList): void {
  for (const declaration of list.declarations) {
    const type = localType(context, declaration);
    const isStorage = type.kind === "struct" || type.kind === "array";
    const initial = declaration.initializer && !isStorage ? lowerAs(context, declaration.initializer, type) : null;
    const local = context.locals.get(declaration);
    if (!local) declareLocal(context, declaration, type, initial);
    else if (initial) context.emit({ kind: "assign", place: { kind: "local", local, type }, value: initial });
  }
}

function declareLocal(context: Context, node: ts.VariableDeclaration, type: Type, initial: Expression | null): void {
  const local = context.declare(node, node.name.getText(), type);
  context.emit({ kind: "let", local, initial }, context.whole.siteOf(node));
}

/** `const x = local<T>()` names the storage itself. */
function localType({ typed }: Context, declaration: ts.VariableDeclaration): Type {
  const { initializer } = declaration;
  const callee = initializer && ts.isCallExpression(initializer) ? typed.calleeOf(initializer) : null;
  const storage = callee?.kind === "library" && callee.name === "local" ? callee.typeArgument : null;
  return storage ?? typed.valueOf(typed.storageOf(declaration));
}

/** A branch that a constant condition rules out is dropped, and with it what only that branch needs. */
function lowerIf(context: Context, node: ts.IfStatement): void {
  const condition = lowerValue(context, node.expression);
  if (condition.kind === "constant") {
    const body = lowerBody(context, condition.value !== 0n ? node.thenStatement : node.elseStatement);
    if (body.length > 0) context.emit({ kind: "block", target: null, body });
    return;
  }
  const then = lowerBody(context, node.thenStatement);
  context.emit({ kind: "if", condition, then, otherwise: lowerBody(context, node.elseStatement) });
}

function lowerLoop(context: Context, node: Loop, label: string | null): void {
  const head: Pick<ts.ForStatement, "initializer" | "condition" | "incrementor"> = ts.isForStatement(node)
    ? node
    : { condition: node.expression };
  const { initializer, condition, incrementor } = head;
  if (initializer && ts.isVariableDeclarationList(initializer)) lowerDeclarations(context, initializer);
  else if (initializer) lowerEffect(context, initializer);
  const test = condition ? context.capture(() => lowerValue(context, condition)) : null;
  const isEndless = test === null || (test.value.kind === "constant" && test.value.value !== 0n);
  context.withTarget(label, "loop", (target) => {
    const body = lowerBody(context, node.statement);
    const step = context.inside(() => incrementor && lowerEffect(context, incrementor));
    const tested = { setup: test?.statements ?? [], condition: isEndless ? null : test.value };
    context.emit({ kind: "loop", target, testsFirst: !ts.isDoStatement(node), ...tested, body, step });
  });
}

function lowerJump(context: Context, node: ts.BreakOrContinueStatement): void {
  const label = node.label?.text;
  const kind = ts.isContinueStatement(node) ? "continue" : "break";
  const jump = context.jumps.findLast((candidate) => {
    if (label !== undefined) return candidate.label === label;
    return candidate.kind === "loop" || (candidate.kind === "switch" && kind === "break");
  });
  if (jump?.kind === "loop" || (jump && kind === "break")) context.emit({ kind, target: jump.target });
  else context.whole.unsupported(node);
}

function lowerLabelled(context: Context, node: ts.LabeledStatement): void {
  const { label, statement } = node;
  if (ts.isIterationStatement(statement, false) || ts.isSwitchStatement(statement)) {
    lowerStatement(context, statement, label.text);
    return;
  }
  context.withTarget(label.text, "block", (target) => {
    context.emit({ kind: "block", target, body: lowerBody(context, statement) });
  });
}

function lowerSwitch(context: Context, node: ts.SwitchStatement, label: string | null): void {
  const subject = lowerValue(context, node.expression);
  context.withTarget(label, "switch", (target) => {
    context.emit({ kind: "switch", target, subject, clauses: lowerClauses(context, node.caseBlock.clauses) });
  });
}

function lowerClauses(context: Context, nodes: readonly ts.CaseOrDefaultClause[]): Clause[] {
  const clauses: Clause[] = [];
  let values: bigint[] = [];
  let isDefault = false;
  for (const [index, clause] of nodes.entries()) {
    if (ts.isCaseClause(clause)) values.push(context.typed.constantOf(clause.expression) ?? 0n);
    else isDefault = true;
    if (clause.statements.length === 0 && index < nodes.length - 1) continue;
    const body = lowerClauseBody(context, clause.statements);
    clauses.push({ values, isDefault, body, site: context.whole.siteOf(clause) });
    values = [];
    isDefault = false;
  }
  return clauses;
}

/** JavaScript's clauses share one scope: what a clause declares without braces is declared before the switch. */
function lowerClauseBody(context: Context, nodes: readonly ts.Statement[]): Statement[] {
  const [only] = nodes;
  if (only && nodes.length === 1 && ts.isBlock(only)) return lowerBody(context, only);
  for (const declaration of nodes.filter(ts.isVariableStatement).flatMap((node) => node.declarationList.declarations)) {
    declareLocal(context, declaration, localType(context, declaration), null);
  }
  return context.inside(() => {
    for (const node of nodes) lowerStatement(context, node);
  });
}

function lowerReturn(context: Context, node: ts.ReturnStatement): void {
  const value = node.expression ? lowerAs(context, node.expression, context.result) : null;
  const isValue = value !== null && value.type.kind !== "void" && value.type.kind !== "never";
  if (value !== null && !isValue) evaluate(context, value);
  if (value?.type.kind !== "never") context.emit({ kind: "return", value: isValue ? value : null });
}
