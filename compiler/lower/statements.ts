/** Statements: control flow with explicit targets; what a condition needs done first goes before it. */
import ts from "typescript";
import type { Clause, Expression, Place, Statement, Target } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { Context, Jump } from "./context.ts";
import { convertTo, evaluate, lowerAs, lowerAssignment, lowerIncrement, lowerValue } from "./expressions.ts";
import { withoutParentheses } from "./places.ts";
import { isConst } from "./statics.ts";

type Loop = ts.ForStatement | ts.WhileStatement | ts.DoStatement;

export function lowerStatements(context: Context, nodes: readonly ts.Statement[]): void {
  for (const node of nodes) lowerStatement(context, node, null);
}

/** `label` is that of the labelled statement of which this is the body. */
function lowerStatement(context: Context, node: ts.Statement, label: string | null): void {
  const site = context.whole.siteOf(node);
  context.site = site;
  if (ts.isBlock(node)) {
    const body = context.scope(() => lowerStatements(context, node.statements));
    context.emit({ kind: "block", target: null, body, site });
  } else if (ts.isVariableStatement(node)) {
    for (const declaration of node.declarationList.declarations) lowerDeclaration(context, declaration);
  } else if (ts.isExpressionStatement(node)) {
    lowerEffect(context, node.expression);
  } else if (ts.isIfStatement(node)) {
    lowerIf(context, node);
  } else if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
    lowerLoop(context, node, label);
  } else if (ts.isSwitchStatement(node)) {
    lowerSwitch(context, node, label);
  } else if (ts.isReturnStatement(node)) {
    lowerReturn(context, node);
  } else if (ts.isBreakOrContinueStatement(node)) {
    lowerJump(context, node);
  } else if (ts.isLabeledStatement(node)) {
    lowerLabelled(context, node);
  } else if (!ts.isEmptyStatement(node)) {
    context.whole.unsupported(node);
  }
}

function lowerDeclaration(context: Context, declaration: ts.VariableDeclaration): void {
  const type = localType(context, declaration);
  const isStorage = type.kind === "struct" || type.kind === "array";
  const initial = declaration.initializer && !isStorage ? lowerAs(context, declaration.initializer, type) : null;
  const hoisted = context.locals.get(declaration);
  if (!hoisted) declareLocal(context, declaration, type, initial);
  else if (initial) {
    const place: Place = { kind: "local", local: hoisted, type };
    context.emit({ kind: "assign", place, value: initial, site: context.site });
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
function localType(context: Context, declaration: ts.VariableDeclaration): Type {
  const { typed } = context;
  const call = declaration.initializer && withoutParentheses(declaration.initializer);
  const callee = call && ts.isCallExpression(call) && isConst(declaration) ? typed.calleeOf(call) : null;
  const storage = callee?.kind === "library" && callee.name === "local" ? callee.typeArgument : null;
  return storage ?? typed.valueOf(typed.storageOf(declaration));
}

/** An expression for its effect. */
function lowerEffect(context: Context, expression: ts.Expression): void {
  const node = withoutParentheses(expression);
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) {
    lowerAssignment(context, node);
  } else if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isIncrement(node.operator)) {
    lowerIncrement(context, node, false);
  } else {
    evaluate(context, lowerValue(context, node));
  }
}

function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

function isIncrement(operator: ts.PrefixUnaryOperator): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

/** A branch that a constant condition rules out is dropped, and with it what only that branch needs. */
function lowerIf(context: Context, node: ts.IfStatement): void {
  const { site } = context;
  const condition = lowerValue(context, node.expression);
  const branch = (statement: ts.Statement | undefined): Statement[] =>
    context.scope(() => {
      if (statement && ts.isBlock(statement)) lowerStatements(context, statement.statements);
      else if (statement) lowerStatement(context, statement, null);
    });
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
  const body = context.scope(() => {
    if (ts.isForStatement(node) && node.initializer) lowerInitializer(context, node.initializer);
    const test = ts.isForStatement(node) ? node.condition : node.expression;
    let condition: Expression | null = null;
    const setup = context.inside(() => {
      context.site = site;
      condition = test ? lowerValue(context, test) : null;
    });
    const target = context.newTarget(label ?? "_loop");
    const repeated = jumpable(context, { label, target, isLoop: true, isBreakable: true }, () =>
      context.scope(() => {
        const { statement } = node;
        lowerStatements(context, ts.isBlock(statement) ? statement.statements : [statement]);
      }),
    );
    const step = context.inside(() => {
      context.site = site;
      if (ts.isForStatement(node) && node.incrementor) lowerEffect(context, node.incrementor);
    });
    condition = isAlwaysTrue(condition) ? null : condition;
    const testsFirst = !ts.isDoStatement(node);
    context.emit({ kind: "loop", target, testsFirst, setup, condition, body: repeated, step, site });
  });
  const [only] = body;
  context.emit(body.length === 1 && only ? only : { kind: "block", target: null, body, site });
}

function isAlwaysTrue(condition: Expression | null): boolean {
  return condition?.kind === "constant" && condition.value !== 0n;
}

function lowerInitializer(context: Context, node: ts.ForInitializer): void {
  if (!ts.isVariableDeclarationList(node)) lowerEffect(context, node);
  else for (const declaration of node.declarations) lowerDeclaration(context, declaration);
}

function jumpable<T>(context: Context, jump: Jump, lower: () => T): T {
  context.jumps.push(jump);
  const result = lower();
  context.jumps.pop();
  return result;
}

function lowerJump(context: Context, node: ts.BreakOrContinueStatement): void {
  const label = node.label?.text;
  const isContinue = ts.isContinueStatement(node);
  const jump = context.jumps.findLast((candidate) => {
    if (label !== undefined) return candidate.label === label;
    return isContinue ? candidate.isLoop : candidate.isBreakable;
  });
  if (jump) context.emit({ kind: isContinue ? "continue" : "break", target: jump.target, site: context.site });
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
  const body = jumpable(context, { label, target, isLoop: false, isBreakable: false }, () =>
    context.scope(() => lowerStatements(context, ts.isBlock(statement) ? statement.statements : [statement])),
  );
  context.emit({ kind: "block", target, body, site });
}

/** One scope for all clauses, as in JavaScript: what a clause declares directly is declared before the switch. */
function lowerSwitch(context: Context, node: ts.SwitchStatement, label: string | null): void {
  const { site } = context;
  const subject = lowerValue(context, node.expression);
  const body = context.scope(() => {
    const target: Target = context.newTarget(label ?? "_switch");
    const clauses = jumpable(context, { label, target, isLoop: false, isBreakable: true }, () =>
      lowerClauses(context, node.caseBlock.clauses, subject),
    );
    context.emit({ kind: "switch", target, subject, clauses, site });
  });
  const [only] = body;
  context.emit(body.length === 1 && only ? only : { kind: "block", target: null, body, site });
}

function lowerClauses(context: Context, nodes: readonly ts.CaseOrDefaultClause[], subject: Expression): Clause[] {
  const seen = new Set<bigint>();
  const clauses: Clause[] = [];
  let values: bigint[] = [];
  let isDefault = false;
  for (const [index, clause] of nodes.entries()) {
    if (ts.isDefaultClause(clause)) isDefault = true;
    else {
      const value = convertTo(lowerValue(context, clause.expression), subject.type);
      if (value.kind !== "constant") context.whole.unsupported(clause.expression);
      else if (!seen.has(value.value)) values.push(value.value);
      if (value.kind === "constant") seen.add(value.value);
    }
    if (clause.statements.length === 0 && index < nodes.length - 1) continue;
    const body = lowerClauseBody(context, clause.statements);
    clauses.push({ values, isDefault, body, site: context.whole.siteOf(clause) });
    values = [];
    isDefault = false;
  }
  return clauses;
}

function lowerClauseBody(context: Context, nodes: readonly ts.Statement[]): Statement[] {
  const [only] = nodes;
  if (nodes.length === 1 && only && ts.isBlock(only)) {
    return context.scope(() => lowerStatements(context, only.statements));
  }
  for (const declaration of nodes.filter(ts.isVariableStatement).flatMap((node) => node.declarationList.declarations)) {
    declareLocal(context, declaration, localType(context, declaration), null);
  }
  return context.inside(() => lowerStatements(context, nodes));
}

function lowerReturn(context: Context, node: ts.ReturnStatement): void {
  const { result, site } = context;
  const value = node.expression ? lowerAs(context, node.expression, result) : null;
  const isValue = value !== null && value.type.kind !== "void" && value.type.kind !== "never";
  if (value !== null && !isValue) evaluate(context, value);
  if (value?.type.kind !== "never") context.emit({ kind: "return", value: isValue ? value : null, site });
}
