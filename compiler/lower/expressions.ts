/** Expressions: JavaScript's left-to-right evaluation made order-free (T1), every conversion explicit (T2). */
import ts from "typescript";
import type { Arithmetic, Comparison, Expression, Site, Statement } from "../tree.ts";
import type { IntType, Type } from "../types/type.ts";
import { lowerCall } from "./calls.ts";
import { type Captured, type Context, inOrder, readOf } from "./context.ts";
import { Effects } from "./effects.ts";
import { lowerPlace, readPlace, settled, settledTwice, unchecked, withoutParentheses } from "./places.ts";
import { textOf } from "./statics.ts";

const { SyntaxKind } = ts;

type Operator = Arithmetic | "divide" | "remainder" | "shiftLeft" | "shiftRight";
const OPERATORS = new Map<ts.SyntaxKind, Operator>([
  [SyntaxKind.PlusToken, "add"],
  [SyntaxKind.MinusToken, "subtract"],
  [SyntaxKind.AsteriskToken, "multiply"],
  [SyntaxKind.SlashToken, "divide"],
  [SyntaxKind.PercentToken, "remainder"],
  [SyntaxKind.AmpersandToken, "and"],
  [SyntaxKind.BarToken, "or"],
  [SyntaxKind.CaretToken, "xor"],
  [SyntaxKind.LessThanLessThanToken, "shiftLeft"],
  [SyntaxKind.GreaterThanGreaterThanToken, "shiftRight"],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, "shiftRight"],
]);
const COMPOUND = new Map<ts.SyntaxKind, Operator>([
  [SyntaxKind.PlusEqualsToken, "add"],
  [SyntaxKind.MinusEqualsToken, "subtract"],
  [SyntaxKind.AsteriskEqualsToken, "multiply"],
  [SyntaxKind.SlashEqualsToken, "divide"],
  [SyntaxKind.PercentEqualsToken, "remainder"],
  [SyntaxKind.AmpersandEqualsToken, "and"],
  [SyntaxKind.BarEqualsToken, "or"],
  [SyntaxKind.CaretEqualsToken, "xor"],
  [SyntaxKind.LessThanLessThanEqualsToken, "shiftLeft"],
  [SyntaxKind.GreaterThanGreaterThanEqualsToken, "shiftRight"],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, "shiftRight"],
]);
const COMPARISONS = new Map<ts.SyntaxKind, Comparison>([
  [SyntaxKind.EqualsEqualsEqualsToken, "equal"],
  [SyntaxKind.ExclamationEqualsEqualsToken, "notEqual"],
  [SyntaxKind.LessThanToken, "less"],
  [SyntaxKind.LessThanEqualsToken, "lessOrEqual"],
  [SyntaxKind.GreaterThanToken, "greater"],
  [SyntaxKind.GreaterThanEqualsToken, "greaterOrEqual"],
]);

/** The expression's value converted to the type that its context wants. */
export function lowerAs(context: Context, expression: ts.Expression, type: Type): Expression {
  return convertTo(lowerValue(context, expression), type);
}

/** The expression's value in its own type. */
export function lowerValue(context: Context, expression: ts.Expression): Expression {
  const { typed, whole } = context;
  const node = withoutParentheses(expression);
  const constant = typed.constantOf(node);
  if (constant !== null) return { kind: "constant", type: typed.typeOf(node), value: constant };
  const bytes = textOf(typed, node);
  if (bytes !== null) return { kind: "text", type: typed.typeOf(node), bytes };
  if (node.kind === SyntaxKind.NullKeyword) return { kind: "constant", type: typed.typeOf(node), value: 0n };
  if (ts.isPropertyAccessExpression(node) && typed.typeOf(node.expression).kind === "slice") {
    return { kind: "length", type: typed.intType(32, false), slice: lowerValue(context, node.expression) };
  }
  if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    return readPlace(context, lowerPlace(context, node));
  }
  if (ts.isNonNullExpression(node)) {
    const operand = lowerValue(context, node.expression);
    const { type } = operand;
    if (type.kind !== "pointer" || !type.nullable) return operand;
    return { kind: "nonNull", type: typed.valueOf(type.to), operand, site: whole.siteOf(node) };
  }
  if (ts.isAsExpression(node)) return lowerAs(context, node.expression, typed.typeOf(node));
  if (ts.isCallExpression(node)) return lowerCall(context, node);
  if (ts.isConditionalExpression(node)) return lowerConditional(context, node);
  if (ts.isBinaryExpression(node)) return lowerBinary(context, node);
  if (ts.isPostfixUnaryExpression(node)) return lowerIncrement(context, node, true);
  if (ts.isPrefixUnaryExpression(node)) return lowerPrefix(context, node);
  return whole.unsupported(node);
}

/** Constants are converted at once (T4). */
export function convertTo(operand: Expression, type: Type): Expression {
  if (operand.type === type || type.kind === "void" || operand.type.kind === "never") return operand;
  if (operand.kind === "constant") return { kind: "constant", type, value: wrap(operand.value, type) };
  return { kind: "convert", type, operand };
}

function wrap(value: bigint, type: Type): bigint {
  if (type.kind !== "int") return value;
  return type.signed ? BigInt.asIntN(type.width, value) : BigInt.asUintN(type.width, value);
}

function lowerPrefix(context: Context, node: ts.PrefixUnaryExpression): Expression {
  const { typed, whole } = context;
  if (node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken) {
    return lowerIncrement(context, node, true);
  }
  if (node.operator === SyntaxKind.ExclamationToken) {
    return { kind: "not", type: typed.typeOf(node), operand: lowerValue(context, node.operand) };
  }
  const type = typed.operationType(node);
  if (type.kind !== "int" || node.operator === SyntaxKind.PlusToken) return whole.unsupported(node);
  const kind = node.operator === SyntaxKind.MinusToken ? "negate" : "complement";
  return { kind, type, operand: lowerAs(context, node.operand, type) };
}

function lowerBinary(context: Context, node: ts.BinaryExpression): Expression {
  const { typed, whole } = context;
  const token = node.operatorToken.kind;
  if (token === SyntaxKind.AmpersandAmpersandToken || token === SyntaxKind.BarBarToken) {
    return lowerLogical(context, node, token === SyntaxKind.AmpersandAmpersandToken ? "and" : "or");
  }
  const type = typed.operationType(node);
  const comparison = COMPARISONS.get(token);
  const operator = OPERATORS.get(token);
  if (comparison === undefined && (operator === undefined || type.kind !== "int")) return whole.unsupported(node);
  const [left, right] = inOrder(
    context,
    () => lowerAs(context, node.left, type),
    () => (operator ? lowerRight(context, operator, node.right, type) : lowerAs(context, node.right, type)),
  ) as [Expression, Expression];
  if (comparison) return { kind: "compare", operator: comparison, type: typed.typeOf(node), left, right };
  return combine(operator as Operator, type as IntType, left, right, whole.siteOf(node));
}

/** A shift's amount keeps its own sign at the width of the operation. */
function lowerRight(context: Context, operator: Operator, node: ts.Expression, type: Type): Expression {
  if (operator !== "shiftLeft" && operator !== "shiftRight") return lowerAs(context, node, type);
  const value = lowerValue(context, node);
  const isSigned = value.type.kind === "int" && value.type.signed;
  return convertTo(value, context.typed.intType(type.kind === "int" ? type.width : 32, isSigned));
}

function combine(operator: Operator, type: IntType, left: Expression, right: Expression, site: Site): Expression {
  switch (operator) {
    case "divide":
    case "remainder":
      return { kind: operator, type, left, right, isChecked: right.kind !== "constant" || right.value === 0n, site };
    case "shiftLeft":
    case "shiftRight":
      return { kind: operator, type, value: left, amount: right };
    default:
      return { kind: "arithmetic", operator, type, left, right };
  }
}

function lowerLogical(context: Context, node: ts.BinaryExpression, operator: "and" | "or"): Expression {
  const type = context.typed.typeOf(node);
  const left = lowerValue(context, node.left);
  if (left.kind === "constant")
    return (left.value !== 0n) === (operator === "and") ? lowerValue(context, node.right) : left;
  const right = context.capture(() => lowerValue(context, node.right));
  if (right.statements.length === 0) return { kind: "logical", operator, type, left, right: right.value };
  const result = context.temporary(type, left);
  const decided = readOf(result);
  const condition: Expression = operator === "and" ? decided : { kind: "not", type, operand: decided };
  context.emit({ kind: "if", condition, then: into(context, decided, right), otherwise: [], site: context.site });
  return decided;
}

function lowerConditional(context: Context, node: ts.ConditionalExpression): Expression {
  const type = context.typed.operationType(node);
  const condition = lowerValue(context, node.condition);
  if (condition.kind === "constant") {
    return lowerAs(context, condition.value !== 0n ? node.whenTrue : node.whenFalse, type);
  }
  const whenTrue = context.capture(() => lowerAs(context, node.whenTrue, type));
  const whenFalse = context.capture(() => lowerAs(context, node.whenFalse, type));
  const isPlain = (arm: Captured): boolean => arm.statements.length === 0 && arm.value.type.kind !== "never";
  if (isPlain(whenTrue) && isPlain(whenFalse)) {
    return { kind: "select", type, condition, whenTrue: whenTrue.value, whenFalse: whenFalse.value };
  }
  const hasValue = type.kind !== "void" && type.kind !== "never";
  const result: Expression = hasValue ? readOf(context.temporary(type, null)) : { kind: "constant", type, value: 0n };
  context.emit({
    kind: "if",
    condition,
    then: into(context, result, whenTrue),
    otherwise: into(context, result, whenFalse),
    site: context.site,
  });
  return result;
}

/** The statements of an arm that ends by setting `result`, unless it never ends or has no value. */
function into(context: Context, result: Expression, arm: Captured): Statement[] {
  return context.inside(() => {
    context.statements.push(...arm.statements);
    if (arm.value.type.kind === "never" || result.kind !== "read") evaluate(context, arm.value);
    else context.emit({ kind: "assign", place: result.place, value: arm.value, site: context.site });
  });
}

/** Calls have an effect; a constant is what a statement such as `panic()` leaves. */
export function evaluate(context: Context, expression: Expression): void {
  if (expression.kind !== "constant") context.emit({ kind: "evaluate", expression, site: context.site });
}

/** `=` and `op=`. The place is evaluated first, its old value read before the right side, its last check made last. */
export function lowerAssignment(context: Context, node: ts.BinaryExpression): void {
  const { typed, whole } = context;
  const operator = COMPOUND.get(node.operatorToken.kind);
  if (operator === undefined && node.operatorToken.kind !== SyntaxKind.EqualsToken) {
    whole.unsupported(node);
    return;
  }
  const found = lowerPlace(context, node.left);
  const type = operator ? typed.operationType(node) : found.type;
  const right = context.capture(() =>
    operator ? lowerRight(context, operator, node.right, type) : lowerAs(context, node.right, type),
  );
  const later = Effects.of(right.value);
  later.addStatements(right.statements);
  let place = operator ? settledTwice(context, found, later) : settled(context, found, later);
  let value = right.value;
  if (operator) {
    let old = readPlace(context, place);
    if (Effects.of(old).mustPrecede(later)) old = context.spill(old);
    context.statements.push(...right.statements);
    value = convertTo(combine(operator, type as IntType, convertTo(old, type), value, whole.siteOf(node)), place.type);
    place = unchecked(place);
  } else {
    context.statements.push(...right.statements);
    if (Effects.of(value).mustPrecede(Effects.ofCheck(place))) value = context.spill(value);
  }
  context.emit({ kind: "assign", place, value, site: context.site });
}

/** `++` and `--`; the value is the old one after the place and the new one before it. */
export function lowerIncrement(
  context: Context,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  isUsed: boolean,
): Expression {
  const type = context.typed.operationType(node);
  if (type.kind !== "int") return context.whole.unsupported(node);
  const place = settledTwice(context, lowerPlace(context, node.operand), new Effects());
  let old = readPlace(context, place);
  if (isUsed && ts.isPostfixUnaryExpression(node)) old = context.spill(old);
  const operator = node.operator === SyntaxKind.PlusPlusToken ? "add" : "subtract";
  const one: Expression = { kind: "constant", type, value: 1n };
  let next: Expression = { kind: "arithmetic", operator, type, left: convertTo(old, type), right: one };
  next = convertTo(next, place.type);
  if (isUsed && ts.isPrefixUnaryExpression(node)) next = context.spill(next);
  context.emit({ kind: "assign", place: unchecked(place), value: next, site: context.site });
  return ts.isPostfixUnaryExpression(node) ? old : next;
}
