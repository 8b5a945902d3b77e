/** Places: what can be read, assigned and pointed to, evaluated once and in the order of the source. */
import ts from "typescript";
import { withoutParentheses } from "../nodes.ts";
import type { Expression, Place } from "../tree.ts";
import type { Context } from "./context.ts";
import { Effects } from "./effects.ts";
import { convertTo, lowerValue } from "./expressions.ts";

export function lowerPlace(context: Context, expression: ts.Expression): Place {
  const { typed, whole } = context;
  const node = withoutParentheses(expression);
  if (ts.isIdentifier(node)) {
    const declaration = typed.declarationOf(node);
    const local = declaration && context.locals.get(declaration);
    if (local) return { kind: "local", local, type: local.type };
    if (declaration && ts.isVariableDeclaration(declaration)) {
      const found = whole.staticOf(declaration);
      return { kind: "static", static: found, type: found.type };
    }
  } else if (ts.isPropertyAccessExpression(node)) {
    const field = typed.fieldOf(node);
    return { kind: "field", of: targetOf(context, lowerValue(context, node.expression)), field, type: field.type };
  } else if (ts.isElementAccessExpression(node)) {
    const [base, index] = context.inOrder(
      () => lowerValue(context, node.expression),
      () => convertTo(lowerValue(context, node.argumentExpression), typed.intType(32, false)),
    ) as [Expression, Expression];
    const site = whole.siteOf(node);
    if (base.type.kind === "slice") return { kind: "sliceElement", slice: base, index, type: base.type.element, site };
    const of = targetOf(context, base);
    if (of.type.kind === "array") {
      const { element, length } = of.type;
      return { kind: "element", of, index, bound: upperBound(index) < length ? null : length, type: element, site };
    }
  }
  return targetOf(context, whole.unsupported(node));
}

/** The largest value that an expression can have, as far as its form tells; of one that may be negative, Infinity. */
function upperBound(expression: Expression): number {
  const { kind, type } = expression;
  if (kind === "constant") return expression.value < 0n ? Number.POSITIVE_INFINITY : Number(expression.value);
  if (type.kind !== "int" || type.signed) return type.kind === "boolean" ? 1 : Number.POSITIVE_INFINITY;
  const most = 2 ** type.width - 1;
  if (kind === "convert") return Math.min(upperBound(expression.operand), most);
  if (kind === "remainder") return Math.min(upperBound(expression.right) - 1, most);
  if (kind === "shiftRight" && expression.amount.kind === "constant") {
    return Math.floor(upperBound(expression.value) / 2 ** Number(expression.amount.value));
  }
  if (kind !== "arithmetic") return most;
  const bounds = [upperBound(expression.left), upperBound(expression.right)] as const;
  if (expression.operator === "and") return Math.min(...bounds);
  return Math.min(expression.operator === "add" ? bounds[0] + bounds[1] : most, most);
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

/**
 * Spills those parts of a place that `later` would disturb, and, of a place that is used twice, those that are
 * not free. The check of the place's own last step stays with the place.
 */
export function settled(context: Context, place: Place, later: Effects, isUsedTwice: boolean): Place {
  const keep = (part: Expression): Expression => {
    const effects = new Effects(part);
    return effects.mustPrecede(later) || (isUsedTwice && !effects.isFree) ? context.spill(part) : part;
  };
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

/** The place when it has been checked already. */
export function unchecked(place: Place): Place {
  return place.kind === "element" ? { ...place, bound: null } : place;
}
