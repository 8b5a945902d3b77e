/** Calls: of functions, through constant tables, and of the library. */
import ts from "typescript";
import { type Expression, INTRINSICS } from "../tree.ts";
import type { Type } from "../types/type.ts";
import type { CalleeKind } from "../types/typed-program.ts";
import { type Context, inOrder } from "./context.ts";
import { Effects } from "./effects.ts";
import { evaluate, lowerAs, lowerValue } from "./expressions.ts";
import { lowerPlace, readPlace, settledTwice, unchecked, withoutParentheses } from "./places.ts";
import { textOf } from "./statics.ts";

/** `never` has no values: a parameter of that type takes any integer. */
export function parameterType(context: { readonly typed: Context["typed"] }, type: Type): Type {
  return type.kind === "never" ? context.typed.intType(32, false) : context.typed.valueOf(type);
}

export function lowerCall(context: Context, node: ts.CallExpression): Expression {
  const { typed, whole } = context;
  const callee = typed.calleeOf(node);
  const type = typed.typeOf(node);
  switch (callee.kind) {
    case "function": {
      const { parameters, result } = typed.signatureOf(callee.declaration);
      const found = context.calleeOf(callee.declaration);
      const values = lowerArguments(context, node, parameters);
      return { kind: "call", type: result, callee: found, arguments: values, site: whole.siteOf(node) };
    }
    case "table":
      return lowerTableCall(context, node, callee);
    case "conversion":
      return lowerAs(context, argumentOf(node, 0), callee.to);
    case "library":
      return lowerLibraryCall(context, node, callee.name, callee.typeArgument, type);
    case "unknown":
      return whole.unsupported(node);
  }
}

function argumentOf(node: ts.CallExpression, index: number): ts.Expression {
  return node.arguments[index] ?? node.expression;
}

/** `types[i]` null: the argument's own type. */
function lowerArguments(context: Context, node: ts.CallExpression, types: readonly (Type | null)[]): Expression[] {
  const lowered = node.arguments.map((argument, index) => () => {
    const type = types[index];
    return type ? lowerAs(context, argument, parameterType(context, type)) : lowerValue(context, argument);
  });
  return inOrder(context, ...lowered);
}

/** The function is looked up, and its index checked, before the arguments are evaluated. */
function lowerTableCall(
  context: Context,
  node: ts.CallExpression,
  callee: CalleeKind & { readonly kind: "table" },
): Expression {
  const { parameters, result } = callee.type;
  const table = context.staticOf(callee.table);
  let place = lowerPlace(context, node.expression);
  let values: Expression[] = [];
  const statements = context.inside(() => {
    values = lowerArguments(context, node, parameters);
  });
  const later = new Effects();
  later.addStatements(statements);
  for (const value of values) later.addExpression(value);
  if (Effects.ofAddress(place).mustPrecede(later)) {
    place = settledTwice(context, place, later);
    if (place.kind === "element" && place.bound !== null) evaluate(context, readPlace(context, place));
    place = unchecked(place);
  }
  context.statements.push(...statements);
  const target = readPlace(context, place);
  return { kind: "tableCall", type: result, target, table, arguments: values, site: context.whole.siteOf(node) };
}

function lowerLibraryCall(
  context: Context,
  node: ts.CallExpression,
  name: string,
  typeArgument: Type | null,
  type: Type,
): Expression {
  const { typed, whole } = context;
  const site = whole.siteOf(node);
  const u32 = typed.intType(32, false);
  const nothing: Expression = { kind: "constant", type, value: 0n };
  switch (name) {
    case "assert": {
      const condition = lowerValue(context, argumentOf(node, 0));
      context.emit({ kind: "assert", condition, text: literalOf(context, argumentOf(node, 1)), site });
      return nothing;
    }
    case "panic":
      context.emit({ kind: "panic", text: literalOf(context, argumentOf(node, 0)), site });
      return nothing;
    case "unreachable":
      context.emit({ kind: "unreachable", value: lowerValue(context, argumentOf(node, 0)), site });
      return nothing;
    case "local": {
      const storage = typeArgument ?? type;
      return readPlace(context, { kind: "local", local: context.temporary(storage, null), type: storage });
    }
    case "toEnum":
      return { kind: "toEnum", type, operand: lowerAs(context, argumentOf(node, 0), u32), site };
    case "isEnum": {
      if (typeArgument?.kind !== "enum") return whole.unsupported(node);
      return { kind: "isEnum", type, enum: typeArgument.enum, operand: lowerAs(context, argumentOf(node, 0), u32) };
    }
    case "addressOfFunction": {
      const named = withoutParentheses(argumentOf(node, 0));
      const declaration = ts.isIdentifier(named) ? typed.declarationOf(named) : null;
      if (declaration === null || !ts.isFunctionDeclaration(declaration)) return whole.unsupported(node);
      return { kind: "functionAddress", type, function: context.calleeOf(declaration) };
    }
    default: {
      if (INTRINSICS[name] === undefined) return whole.unsupported(node);
      const values = lowerArguments(context, node, libraryParameters(context, node, type));
      return { kind: "intrinsic", type, name, typeArgument, arguments: values, site };
    }
  }
}

/** What the library declares where that is an integer; `T` of `addChecked<T>(a: T, b: T): T` is its result's type. */
function libraryParameters(context: Context, node: ts.CallExpression, result: Type): (Type | null)[] {
  const { typed } = context;
  const parameters = typed.checker.getResolvedSignature(node)?.declaration?.parameters ?? [];
  return parameters.map((parameter) => {
    const written = ts.isParameter(parameter) && parameter.type ? parameter.type.getText() : "";
    const match = /^([ui])(8|16|32|64)$/.exec(written);
    if (match) return typed.intType(Number(match[2]) as 8 | 16 | 32 | 64, match[1] === "i");
    return written === "T" && result.kind === "int" ? result : null;
  });
}

function literalOf(context: Context, node: ts.Expression): Uint8Array {
  const bytes = textOf(context.typed, node);
  if (bytes === null) context.whole.unsupported(node);
  return bytes ?? new Uint8Array();
}
