/** Statements: control flow with explicit targets; what a condition needs done first goes before it. */
import ts from "typescript";
import type { Clause, Expression, Place, Statement } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { Context, Jump } from "./context.ts";
import { evaluate, lowerAs, lowerEffect, lowerValue } from "./expressions.ts";

type Loop = ts.ForStatement | ts.WhileStatement | ts.DoStatement;

/** `label` is that of the labelled statement of which this is the body. */
export function lowerStatement(context: Context, node: ts.Statement, label: string | null = null): void {
  const site = context.whole.siteOf(node);
  context.site = site;
  if (ts.isBlock(node)) context.emit({ kind: "block", target: null, body: lowerBody(context, node), site });
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
function lowerBody(context: Context, node: ts.Statement): Statement[] {
  return context.scope(() => {
    for (const statement of ts.isBlock(node) ? node.statements : [node]) lowerStatement(context, statement);
  });
}

/** A block around what `lower` emits, if that is more than one statement. */
function emitScope(context: Context, lower: () => void): void {
  const { site } = context;
  const body = context.scope(lower);
  const [only] = body;
  context.emit(only && body.length === 1 ? only : { kind: "block", target: null, body, site });
}

function lowerDeclarations(context: Context, list: ts.VariableDeclarationList): void {
  for (const declaration of list.declarations) {
    const type = localType(context, declaration);
    const isStorage = type.kind === "struct" || type.kind === "array";
    const initial = declaration.initializer && !isStorage ? lowerAs(context, declaration.initializer, type) : null;
    const local = context.locals.get(declaration);
    const place: Place | null = local ? { kind: "local", local, type } : null;
    if (place === null) declareLocal(context, declaration, type, initial);
    else if (initial) context.emit({ kind: "assign", place, value: initial, site: context.site });
  }
}

function declareLocal(
  context: Context,
  declaration: ts.VariableDeclaration,
  type: Type,
  initial: Expression | null,
): void {
  const local = context.declare(declaration, declaration.name.getText(), type);
  context.emit({ kind: "let", local, initial, site: context.whole.siteOf(declaration) });
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
  const { site } = context;
  const condition = lowerValue(context, node.expression);
  const branch = (taken: ts.Statement | undefined): Statement[] => (taken ? lowerBody(context, taken) : []);
  if (condition.kind === "constant") {
    const body = branch(condition.value !== 0n ? node.thenStatement : node.elseStatement);
    if (body.length > 0) context.emit({ kind: "block", target: null, body, site });
    return;
  }
  const then = branch(node.thenStatement);
  context.emit({ kind: "if", condition, then, otherwise: branch(node.elseStatement), site });
}

function lowerLoop(context: Context, node: Loop, label: string | null): void {
  const { site } = context;
  const { initializer, condition, incrementor } = ts.isForStatement(node)
    ? node
    : { initializer: undefined, condition: node.expression, incrementor: undefined };
  if (initializer && ts.isVariableDeclarationList(initializer)) lowerDeclarations(context, initializer);
  else if (initializer) lowerEffect(context, initializer);
  const tests: Expression[] = [];
  const setup = context.inside(() => {
    if (condition) tests.push(lowerValue(context, condition));
  });
  const target = context.newTarget(label ?? "_loop");
  const body = withJump(context, { label, target, kind: "loop" }, () => lowerBody(context, node.statement));
  const step = context.inside(() => {
    context.site = site;
    if (incrementor) lowerEffect(context, incrementor);
  });
  const test = tests.find((each) => each.kind !== "constant" || each.value === 0n) ?? null;
  const testsFirst = !ts.isDoStatement(node);
  context.emit({ kind: "loop", target, testsFirst, setup, condition: test, body, step, site });
}

function withJump<T>(context: Context, jump: Jump, lower: () => T): T {
  context.jumps.push(jump);
  const result = lower();
  context.jumps.pop();
  return result;
}

function lowerJump(context: Context, node: ts.BreakOrContinueStatement): void {
  const label = node.label?.text;
  const kind = ts.isContinueStatement(node) ? "continue" : "break";
  const jump = context.jumps.findLast((candidate) => {
    if (label !== undefined) return candidate.label === label;
    return candidate.kind === "loop" || (candidate.kind === "switch" && kind === "break");
  });
  if (jump && (jump.kind === "loop" || kind === "break"))
    context.emit({ kind, target: jump.target, site: context.site });
  else context.whole.unsupported(node);
}

function lowerLabelled(context: Context, node: ts.LabeledStatement): void {
  const label = node.label.text;
  const { statement } = node;
  if (ts.isIterationStatement(statement, false) || ts.isSwitchStatement(statement)) {
    lowerStatement(context, statement, label);
    return;
  }
  const { site } = context;
  const target = context.newTarget(label);
  const body = withJump(context, { label, target, kind: "block" }, () => lowerBody(context, statement));
  context.emit({ kind: "block", target, body, site });
}

function lowerSwitch(context: Context, node: ts.SwitchStatement, label: string | null): void {
  const { site } = context;
  const subject = lowerValue(context, node.expression);
  const target = context.newTarget(label ?? "_switch");
  const jump: Jump = { label, target, kind: "switch" };
  const clauses = withJump(context, jump, () => lowerClauses(context, node.caseBlock.clauses));
  context.emit({ kind: "switch", target, subject, clauses, site });
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
  const { result, site } = context;
  const value = node.expression ? lowerAs(context, node.expression, result) : null;
  const isValue = value !== null && value.type.kind !== "void" && value.type.kind !== "never";
  if (value !== null && !isValue) evaluate(context, value);
  if (value?.type.kind !== "never") context.emit({ kind: "return", value: isValue ? value : null, site });
}
