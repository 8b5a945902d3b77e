/** Expressions: JavaScript's left-to-right evaluation made order-free (T1), every conversion explicit (T2). */
import ts from "typescript";
import { isAnyAssignment, isStep, type Step, withoutParentheses } from "../nodes.ts";
import type { Arithmetic, Comparison, Expression, Site } from "../tree.ts";
import type { IntType, Type } from "../types/type.ts";
import { lowerCall } from "./calls.ts";
import type { Captured, Context } from "./context.ts";
import { Effects } from "./effects.ts";
import { lowerPlace, readPlace, settled, unchecked } from "./places.ts";
import { bytesOf } from "./statics.ts";

const { SyntaxKind } = ts;

type Operator = Arithmetic | "divide" | "remainder" | "shiftLeft" | "shiftRight";
const ARITHMETIC = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder" } as const;
const BITWISE = { "&": "and", "|": "or", "^": "xor" } as const;
const SHIFTS = { "<<": "shiftLeft", ">>": "shiftRight", ">>>": "shiftRight" } as const;
const OPERATORS: Readonly<Record<string, Operator>> = { ...ARITHMETIC, ...BITWISE, ...SHIFTS };
const EQUALITY = { "===": "equal", "!==": "notEqual" } as const;
const ORDER = { "<": "less", "<=": "lessOrEqual", ">": "greater", ">=": "greaterOrEqual" } as const;
const COMPARISONS: Readonly<Record<string, Comparison>> = { ...EQUALITY, ...ORDER };

/** The expression's value converted to the type that its context wants. */
export function lowerAs(context: Context, expression: ts.Expression, type: Type): Expression {
  return convertTo(lowerValue(context, expression), type);
}

/** The expression's value in its own type. */
export function lowerValue(context: Context, expression: ts.Expression): Expression {
  const { typed, whole } = context;
  const node = withoutParentheses(expression);
  const value = node.kind === SyntaxKind.NullKeyword ? 0n : typed.constantOf(node);
  if (value !== null) return { kind: "constant", type: typed.typeOf(node), value };
  const bytes = bytesOf(typed, node);
  if (bytes !== null) return { kind: "text", type: typed.typeOf(node), bytes };
  if (ts.isPropertyAccessExpression(node) && typed.typeOf(node.expression).kind === "slice") {
    return { kind: "length", type: typed.intType(32, false), slice: lowerValue(context, node.expression) };
  }
  if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    return readPlace(context, lowerPlace(context, node));
  }
  if (ts.isNonNullExpression(node)) {
    const operand = lowerValue(context, node.expression);
    if (operand.type.kind !== "pointer" || !operand.type.nullable) return operand;
    return { kind: "nonNull", type: typed.valueOf(operand.type.to), operand, site: whole.siteOf(node) };
  }
  if (ts.isAsExpression(node)) return lowerAs(context, node.expression, typed.typeOf(node));
  if (ts.isCallExpression(node)) return lowerCall(context, node);
  if (ts.isConditionalExpression(node)) return lowerConditional(context, node);
  if (ts.isBinaryExpression(node)) return lowerBinary(context, node);
  return isStep(node) ? lowerStep(context, node, true) : lowerPrefix(context, node);
}

/** Constants are converted at once (T4). */
export function convertTo(operand: Expression, type: Type): Expression {
  if (operand.type === type || type.kind === "void" || operand.type.kind === "never") return operand;
  if (operand.kind !== "constant") return { kind: "convert", type, operand };
  const wrap = type.kind === "int" && type.signed ? BigInt.asIntN : BigInt.asUintN;
  return { kind: "constant", type, value: type.kind === "int" ? wrap(type.width, operand.value) : operand.value };
}

function lowerPrefix(context: Context, node: ts.Expression): Expression {
  const { typed, whole } = context;
  if (!ts.isPrefixUnaryExpression(node)) return whole.unsupported(node);
  const operand = lowerValue(context, node.operand);
  if (node.operator === SyntaxKind.ExclamationToken) return { kind: "not", type: typed.typeOf(node), operand };
  const type = typed.operationType(node) as IntType;
  const kind = node.operator === SyntaxKind.MinusToken ? "negate" : "complement";
  return { kind, type, operand: convertTo(operand, type) };
}

function lowerBinary(context: Context, node: ts.BinaryExpression): Expression {
  const { typed, whole } = context;
  const token = node.operatorToken.getText();
  if (token === "&&" || token === "||") return lowerLogical(context, node, token === "&&");
  const type = typed.operationType(node);
  const operator = OPERATORS[token];
  const comparison = COMPARISONS[token];
  const [left, right] = context.inOrder(
    () => lowerAs(context, node.left, type),
    () => lowerRight(context, operator, node.right, type),
  ) as [Expression, Expression];
  if (comparison) return { kind: "compare", operator: comparison, type: typed.typeOf(node), left, right };
  if (operator === undefined) return whole.unsupported(node);
  return combine(operator, type as IntType, left, right, whole.siteOf(node));
}

/** A shift's amount keeps its own sign, at the width of the operation. */
function lowerRight(context: Context, operator: Operator | undefined, node: ts.Expression, type: Type): Expression {
  const value = lowerValue(context, node);
  if ((operator !== "shiftLeft" && operator !== "shiftRight") || type.kind !== "int") return convertTo(value, type);
  return convertTo(value, context.typed.intType(type.width, value.type.kind === "int" && value.type.signed));
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

function lowerLogical(context: Context, node: ts.BinaryExpression, isAnd: boolean): Expression {
  const type = context.typed.typeOf(node);
  const left = lowerValue(context, node.left);
  if (left.kind === "constant") return (left.value !== 0n) === isAnd ? lowerValue(context, node.right) : left;
  const right = context.capture(() => lowerValue(context, node.right));
  if (right.statements.length === 0) {
    return { kind: "logical", operator: isAnd ? "and" : "or", type, left, right: right.value };
  }
  const decided = context.capture(() => ({ kind: "constant", type, value: isAnd ? 0n : 1n }));
  return isAnd ? choose(context, type, left, right, decided) : choose(context, type, left, decided, right);
}

function lowerConditional(context: Context, node: ts.ConditionalExpression): Expression {
  const type = context.typed.operationType(node);
  const condition = lowerValue(context, node.condition);
  const lowerArm = (arm: ts.Expression): Expression => lowerAs(context, arm, type);
  if (condition.kind === "constant") return lowerArm(condition.value !== 0n ? node.whenTrue : node.whenFalse);
  const whenTrue = context.capture(() => lowerArm(node.whenTrue));
  const whenFalse = context.capture(() => lowerArm(node.whenFalse));
  const isPlain = ({ statements, value }: Captured): boolean => statements.length === 0 && value.type.kind !== "never";
  return isPlain(whenTrue) && isPlain(whenFalse)
    ? { kind: "select", type, condition, whenTrue: whenTrue.value, whenFalse: whenFalse.value }
    : choose(context, type, condition, whenTrue, whenFalse);
}

/** An `if` whose arms set a temporary, unless they never end or have no value. */
function choose(context: Context, type: Type, condition: Expression, yes: Captured, no: Captured): Expression {
  const hasValue = type.kind !== "void" && type.kind !== "never";
  const result: Expression = hasValue ? context.temporary(type, null) : { kind: "constant", type, value: 0n };
  const [then, otherwise] = [yes, no].map(({ statements, value }) =>
    context.inside(() => {
      context.statements.push(...statements);
      if (value.type.kind === "never" || result.kind !== "read") evaluate(context, value);
      else context.emit({ kind: "assign", place: result.place, value });
    }),
  );
  context.emit({ kind: "if", condition, then: then ?? [], otherwise: otherwise ?? [] });
  return result;
}

/** Calls have an effect; a constant is what a statement such as `panic()` leaves. */
export function evaluate(context: Context, expression: Expression): void {
  if (expression.kind !== "constant") context.emit({ kind: "evaluate", expression });
}

/** An expression for its effect. */
export function lowerEffect(context: Context, expression: ts.Expression): void {
  const node = withoutParentheses(expression);
  if (isAnyAssignment(node)) lowerAssignment(context, node);
  else if (isStep(node)) lowerStep(context, node, false);
  else evaluate(context, lowerValue(context, node));
}

/** `=` and `op=`. The place is evaluated first, its old value read before the right side, its last check made last. */
function lowerAssignment(context: Context, node: ts.BinaryExpression): void {
  const { typed, whole } = context;
  const token = node.operatorToken.getText().slice(0, -1);
  const operator = OPERATORS[token];
  if (operator === undefined && token !== "") whole.unsupported(node);
  const found = lowerPlace(context, node.left);
  const type = operator ? typed.operationType(node) : found.type;
  const right = context.capture(() => lowerRight(context, operator, node.right, type));
  const place = settled(context, found, right.effects, operator !== undefined);
  let { value } = right;
  if (operator) {
    let old = readPlace(context, place);
    if (new Effects(old).mustPrecede(right.effects)) old = context.spill(old);
    value = combine(operator, type as IntType, convertTo(old, type), value, whole.siteOf(node));
  }
  context.statements.push(...right.statements);
  if (!operator && new Effects(value).mustPrecede(Effects.ofCheck(place))) value = context.spill(value);
  context.emit({ kind: "assign", place: operator ? unchecked(place) : place, value: convertTo(value, place.type) });
}

/** `++` and `--`; the value is the old one after the place and the new one before it. */
function lowerStep(context: Context, node: Step, isUsed: boolean): Expression {
  const type = context.typed.operationType(node) as IntType;
  const isPostfix = ts.isPostfixUnaryExpression(node);
  const place = settled(context, lowerPlace(context, node.operand), new Effects(), true);
  const read = readPlace(context, place);
  const old = isUsed && isPostfix ? context.spill(read) : read;
  const operator = node.operator === SyntaxKind.PlusPlusToken ? "add" : "subtract";
  const one: Expression = { kind: "constant", type, value: 1n };
  const sum = convertTo(combine(operator, type, convertTo(old, type), one, context.site), place.type);
  const value = isUsed && !isPostfix ? context.spill(sum) : sum;
  context.emit({ kind: "assign", place: unchecked(place), value });
  return isPostfix ? old : value;
}
