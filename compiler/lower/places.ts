/** Places: what can be read, assigned and pointed to, evaluated once and in the order of the source. */
import ts from "typescript";
import type { Expression, Place } from "../tree.ts";
import { type Context, inOrder } from "./context.ts";
import { Effects } from "./effects.ts";
import { convertTo, lowerValue } from "./expressions.ts";

export function withoutParentheses(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ? withoutParentheses(expression.expression) : expression;
}

export function lowerPlace(context: Context, expression: ts.Expression): Place {
  const { typed, whole } = context;
  const node = withoutParentheses(expression);
  if (ts.isIdentifier(node)) {
    const declaration = typed.declarationOf(node);
    const local = declaration && context.locals.get(declaration);
    if (local) return { kind: "local", local, type: local.type };
    if (declaration && ts.isVariableDeclaration(declaration)) {
      const found = context.staticOf(declaration);
      return { kind: "static", static: found, type: found.type };
    }
  } else if (ts.isPropertyAccessExpression(node)) {
    const field = typed.fieldOf(node);
    return { kind: "field", of: targetOf(context, lowerValue(context, node.expression)), field, type: field.type };
  } else if (ts.isElementAccessExpression(node)) {
    return lowerElement(context, node);
  }
  return targetOf(context, whole.unsupported(node));
}

function lowerElement(context: Context, node: ts.ElementAccessExpression): Place {
  const site = context.whole.siteOf(node);
  const [base, index] = inOrder(
    context,
    () => lowerValue(context, node.expression),
    () => convertTo(lowerValue(context, node.argumentExpression), context.typed.intType(32, false)),
  ) as [Expression, Expression];
  if (base.type.kind === "slice") return { kind: "sliceElement", slice: base, index, type: base.type.element, site };
  const of = targetOf(context, base);
  if (of.type.kind !== "array") return targetOf(context, context.whole.unsupported(node));
  const bound = upperBound(index) < BigInt(of.type.length) ? null : of.type.length;
  return { kind: "element", of, index, bound, type: of.type.element, site };
}

/** The largest value that an unsigned expression can have, as far as its form tells. */
function upperBound(expression: Expression): bigint {
  const { type } = expression;
  const most = type.kind === "int" ? (1n << BigInt(type.width)) - 1n : type.kind === "boolean" ? 1n : 1n << 64n;
  if (type.kind === "int" && type.signed && expression.kind !== "constant") return most;
  const bound = boundByForm(expression, most);
  return bound < 0n || bound > most ? most : bound;
}

function boundByForm(expression: Expression, most: bigint): bigint {
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "convert":
      return upperBound(expression.operand);
    case "arithmetic": {
      const left = upperBound(expression.left);
      const right = upperBound(expression.right);
      if (expression.operator === "and") return left < right ? left : right;
      if (expression.operator === "add") return left + right;
      return expression.operator === "multiply" ? left * right : most;
    }
    case "shiftRight":
      return expression.amount.kind === "constant" ? upperBound(expression.value) >> expression.amount.value : most;
    case "remainder":
      return expression.right.kind === "constant" && expression.right.value > 0n ? expression.right.value - 1n : most;
    default:
      return most;
  }
}

/** What a pointer expression points to. */
function targetOf(context: Context, pointer: Expression): Place {
  if (pointer.kind === "address") return pointer.place;
  if (pointer.type.kind !== "pointer") return { kind: "target", pointer, type: pointer.type };
  const { to } = pointer.type;
  return { kind: "target", pointer: convertTo(pointer, context.typed.valueOf(to)), type: to };
}

/** The value of a place; of an aggregate, the pointer to it. */
export function readPlace(context: Context, place: Place): Expression {
  if (place.type.kind !== "struct" && place.type.kind !== "array") return { kind: "read", type: place.type, place };
  if (place.kind === "target") return place.pointer;
  return { kind: "address", type: context.typed.valueOf(place.type), place };
}

/** Spills what `later` would disturb; the check of the place's own last step stays with the place. */
export function settled(context: Context, place: Place, later: Effects): Place {
  return rebuilt(context, place, (part) => (Effects.of(part).mustPrecede(later) ? context.spill(part) : part));
}

/** The same for a place that is used twice, before and after `later`. */
export function settledTwice(context: Context, place: Place, later: Effects): Place {
  return rebuilt(context, place, (part) =>
    isRepeatable(part) && !Effects.of(part).mustPrecede(later) ? part : context.spill(part),
  );
}

/** The place when it has been checked already. */
export function unchecked(place: Place): Place {
  return place.kind === "element" ? { ...place, bound: null } : place;
}

function rebuilt(context: Context, place: Place, keep: (part: Expression) => Expression): Place {
  switch (place.kind) {
    case "local":
    case "static":
      return place;
    case "target":
      return { ...place, pointer: keep(place.pointer) };
    case "field":
      return { ...place, of: targetOf(context, keep(readPlace(context, place.of))) };
    case "element":
      return { ...place, of: targetOf(context, keep(readPlace(context, place.of))), index: keep(place.index) };
    case "sliceElement":
      return { ...place, slice: keep(place.slice), index: keep(place.index) };
  }
}

/** Costs nothing to evaluate again and has no effect. */
function isRepeatable(part: Expression): boolean {
  if (part.kind === "constant") return true;
  if (part.kind === "convert") return isRepeatable(part.operand);
  if (part.kind === "read") return part.place.kind === "local";
  return part.kind === "address" && isRepeatablePlace(part.place);
}

function isRepeatablePlace(place: Place): boolean {
  if (place.kind === "target") return isRepeatable(place.pointer);
  if (place.kind === "field") return isRepeatablePlace(place.of);
  if (place.kind === "element") {
    return isRepeatablePlace(place.of) && place.index.kind === "constant" && place.bound === null;
  }
  return place.kind !== "sliceElement";
}
