/** Calls: of functions, through constant tables, and of the library. */
import ts from "typescript";
import { type Expression, INTRINSICS } from "../tree.ts";
import type { EnumType, Type, Width } from "../types/type.ts";
import type { CalleeKind, TypedProgram } from "../types/typed-program.ts";
import type { Context } from "./context.ts";
import { convertTo, lowerAs, lowerValue } from "./expressions.ts";
import { bytesOf } from "./statics.ts";

type Library = CalleeKind & { readonly kind: "library" };

/** `never` has no values: a parameter of that type takes any integer. */
export function parameterType(typed: TypedProgram, type: Type): Type {
  return type.kind === "never" ? typed.intType(32, false) : typed.valueOf(type);
}

export function lowerCall(context: Context, node: ts.CallExpression): Expression {
  const { typed, whole } = context;
  const callee = typed.calleeOf(node);
  const site = whole.siteOf(node);
  const [first] = node.arguments;
  if (callee.kind === "function") {
    const { parameters, result } = typed.signatureOf(callee.declaration);
    const values = context.inOrder(...operandsOf(context, node, parameters));
    return { kind: "call", type: result, callee: whole.calleeOf(callee.declaration), arguments: values, site };
  }
  if (callee.kind === "table") {
    const { parameters, result } = callee.type;
    const table = whole.staticOf(callee.table);
    const operands = [() => lowerValue(context, node.expression), ...operandsOf(context, node, parameters)];
    const [target, ...values] = context.inOrder(...operands) as [Expression, ...Expression[]];
    return { kind: "tableCall", type: result, target, table, arguments: values, site };
  }
  if (callee.kind === "conversion" && first) return lowerAs(context, first, callee.to);
  return callee.kind === "library" ? lowerLibraryCall(context, node, callee) : whole.unsupported(node);
}

/** `types[i]` null: the argument's own type, without null. */
function operandsOf(context: Context, node: ts.CallExpression, types: readonly (Type | null)[]): (() => Expression)[] {
  return node.arguments.map((argument, index) => () => {
    const value = lowerValue(context, argument);
    const type = types[index] ?? (value.type.kind === "pointer" ? value.type.to : value.type);
    return convertTo(value, parameterType(context.typed, type));
  });
}

function lowerLibraryCall(context: Context, node: ts.CallExpression, { name, typeArgument }: Library): Expression {
  const { typed, whole } = context;
  const site = whole.siteOf(node);
  const type = typed.typeOf(node);
  const nothing: Expression = { kind: "constant", type, value: 0n };
  const [first] = node.arguments;
  const last = node.arguments.at(-1);
  const text = last ? bytesOf(typed, last) : null;
  if (first && text && (name === "assert" || name === "panic")) {
    if (name === "panic") context.emit({ kind: "panic", text }, site);
    else context.emit({ kind: "assert", condition: lowerValue(context, first), text }, site);
    return nothing;
  }
  if (first && name === "unreachable") {
    context.emit({ kind: "unreachable", value: lowerValue(context, first) }, site);
    return nothing;
  }
  if (first && (name === "toEnum" || name === "isEnum")) {
    const operand = lowerAs(context, first, typed.intType(32, false));
    if (name === "toEnum") return { kind: "toEnum", type, operand, site };
    return { kind: "isEnum", type, enum: (typeArgument as EnumType).enum, operand };
  }
  const declaration = first && ts.isIdentifier(first) ? typed.declarationOf(first) : null;
  if (name === "addressOfFunction" && declaration && ts.isFunctionDeclaration(declaration)) {
    return { kind: "functionAddress", type, function: whole.calleeOf(declaration) };
  }
  if (INTRINSICS[name] === undefined) return whole.unsupported(node);
  const values = context.inOrder(...operandsOf(context, node, libraryParameters(typed, node, type)));
  return { kind: "intrinsic", type, name, typeArgument, arguments: values, site };
}

/** What the library declares where that is an integer; `T` of `addChecked<T>(a: T, b: T): T` is its result's type. */
function libraryParameters(typed: TypedProgram, node: ts.CallExpression, result: Type): (Type | null)[] {
  const parameters = typed.checker.getResolvedSignature(node)?.declaration?.parameters ?? [];
  return parameters.map((parameter) => {
    const written = ts.isParameter(parameter) && parameter.type ? parameter.type.getText() : "";
    const [, sign, width] = /^([ui])(8|16|32|64)$/.exec(written) ?? [];
    if (width) return typed.intType(Number(width) as Width, sign === "i");
    return written === "T" && result.kind === "int" ? result : null;
  });
}
