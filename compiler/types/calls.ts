/** Calls: of functions, through constant tables, conversions, and the library. */
import ts from "typescript";
import { constantInitial, isAccess, isConst, textOf } from "../nodes.ts";
import type { Declarations } from "./declarations.ts";
import { unify } from "./operators.ts";
import type { FunctionType, IntType, Type } from "./type.ts";
import * as table from "./type-table.ts";
import type { CalleeKind } from "./typed-program.ts";
import type { Typer } from "./typer.ts";

/** Library functions whose `T` may name a struct: there it means the struct itself. */
const OF_OBJECTS = new Set(["local", "zeroed", "sizeOf", "cast"]);

export function calleeOf(typer: Typer, call: ts.CallExpression): CalleeKind {
  const { declarations } = typer;
  const target = call.expression;
  const declaration = ts.isIdentifier(target) ? declarations.declarationOf(target) : null;
  if (ts.isIdentifier(target) && declaration && ts.isFunctionDeclaration(declaration)) {
    if (!declarations.isLibrary(declaration)) return { kind: "function", declaration };
    const to = table.INT_NAMES.get(target.text);
    if (to) return { kind: "conversion", to };
    return { kind: "library", name: target.text, typeArgument: typeArgumentOf(typer, call, target.text) };
  }
  const type = typer.infer(target);
  const of = tableOf(target, declarations);
  if (type.kind === "function" && of) return { kind: "table", type, table: of };
  if (type !== table.UNKNOWN) typer.report(target, "KTS1054", target.getText());
  return { kind: "unknown" };
}

/** The module constant that a called element, or a field of its row, belongs to. */
function tableOf(target: ts.Expression, declarations: Declarations): ts.VariableDeclaration | null {
  let at = target;
  while (isAccess(at)) at = at.expression;
  const declaration = at === target || !ts.isIdentifier(at) ? null : declarations.declarationOf(at);
  if (!declaration || !ts.isVariableDeclaration(declaration)) return null;
  if (constantInitial(declaration)) return declaration;
  // `const row = table[i]; row.handler()`
  return isConst(declaration) && declaration.initializer ? tableOf(declaration.initializer, declarations) : null;
}

function typeArgumentOf(typer: Typer, call: ts.CallExpression, name: string): Type | null {
  const [node] = call.typeArguments ?? [];
  if (node) {
    const storage = typer.declarations.storageOfNode(node);
    return OF_OBJECTS.has(name) && storage.kind === "pointer" && !storage.nullable ? storage.to : storage;
  }
  const type = name === "copyStruct" && call.arguments[0] ? typer.infer(call.arguments[0]) : null;
  return type?.kind === "pointer" ? type.to : null;
}

export function typeCall(typer: Typer, e: ts.CallExpression): Type {
  const callee = typer.calleeOf(e);
  switch (callee.kind) {
    case "function":
      return typeArguments(typer, e, typer.declarations.signatureOf(callee.declaration));
    case "table":
      return typeArguments(typer, e, callee.type);
    case "conversion":
      return typeConversion(typer, e, callee.to);
    case "library":
      return typeLibraryCall(typer, e, callee.name, callee.typeArgument);
    case "unknown":
      for (const argument of e.arguments) typer.infer(argument);
      return table.UNKNOWN;
  }
}

function typeArguments(typer: Typer, e: ts.CallExpression, { parameters, result }: FunctionType): Type {
  for (const [index, argument] of e.arguments.entries()) typer.meet(argument, parameters[index] ?? table.UNKNOWN);
  return result;
}

/** Sign and width never change in one step. */
function typeConversion(typer: Typer, e: ts.CallExpression, to: IntType): Type {
  const [operand] = e.arguments;
  if (!operand) return to;
  const isLiteral = typer.infer(operand).kind === "literal";
  const type = typer.typeOf(operand);
  if (type.kind === "int") {
    if (!isLiteral && type.signed !== to.signed && type.width !== to.width) typer.report(e, "KTS1013", type, to);
  } else if (type.kind !== "boolean" && type.kind !== "enum") typer.report(operand, "KTS1019", type, to);
  return to;
}

function typeLibraryCall(typer: Typer, e: ts.CallExpression, name: string, of: Type | null): Type {
  const declaration = typer.declarations.declarationOf(e.expression);
  const [first, second] = e.arguments;
  if (OF_OBJECTS.has(name)) return typeOfObject(typer, e, name, of);
  if (!declaration || !ts.isFunctionDeclaration(declaration)) return table.UNKNOWN;
  const signature = typer.declarations.signatureOf(declaration);
  if (!first) return signature.result;
  switch (name) {
    case "assert":
      typer.condition(first);
      if (second) checkText(typer, second, name);
      return table.VOID;
    case "panic":
      checkText(typer, first, name);
      return table.NEVER;
    case "unreachable":
      typer.infer(first);
      return table.NEVER;
    case "castSlice":
      meetAll(typer, e, table.U64, table.U32);
      if (of === null) typer.report(e, "KTS1050", name);
      return of === null ? table.UNKNOWN : table.sliceType(of);
    case "sliceOf":
    case "subslice":
      meetAll(typer, e, table.UNKNOWN, table.U32, table.U32);
      return typePart(typer, e, first, name);
    case "copyStruct": {
      const type = typer.infer(first);
      if (type.kind !== "pointer") typer.report(first, "KTS1050", name);
      else meetAll(typer, e, table.pointerType(type.to), table.pointerType(type.to));
      return table.VOID;
    }
    case "addressOf": {
      const type = typer.infer(first);
      if (type.kind !== "pointer" && type.kind !== "slice") typer.report(first, "KTS1052", type);
      return table.U64;
    }
    case "addressOfFunction":
      if (typer.infer(first).kind !== "function") typer.report(first, "KTS1052", typer.infer(first));
      return table.U64;
    case "toEnum":
    case "isEnum":
      typer.meet(first, table.U32);
      if (of?.kind !== "enum") typer.report(e, "KTS1053", name);
      return name === "isEnum" ? table.BOOLEAN : (of ?? table.UNKNOWN);
    case "addChecked":
    case "mulChecked": {
      const type = second ? unify(typer, e, first, second) : table.UNKNOWN;
      const settled = type.kind === "literal" ? typer.typeOf(first) : type;
      if (settled.kind !== "int") typer.report(e, "KTS1022", settled, name);
      return settled.kind === "int" ? table.promote(settled) : table.UNKNOWN;
    }
    default:
      return typeArguments(typer, e, signature);
  }
}

function meetAll(typer: Typer, e: ts.CallExpression, ...types: readonly Type[]): void {
  for (const [index, type] of types.entries()) if (e.arguments[index]) typer.meet(e.arguments[index], type);
}

function typeOfObject(typer: Typer, e: ts.CallExpression, name: string, of: Type | null): Type {
  meetAll(typer, e, table.U64);
  if (name === "zeroed") return of === null ? table.UNKNOWN : table.valueOf(of);
  if (name === "cast" && (of?.kind === "pointer" || of?.kind === "userPointer")) return of;
  const isObject = of !== null && table.isAggregate(of);
  if (!isObject) typer.report(e, "KTS1050", name);
  if (name === "sizeOf") return table.U64;
  return isObject ? table.pointerType(of) : table.UNKNOWN;
}

function typePart(typer: Typer, e: ts.CallExpression, whole: ts.Expression, name: string): Type {
  const type = typer.base(whole);
  if (type.kind === "slice" && name === "subslice") return type;
  if (type.kind === "array" && name === "sliceOf") return table.sliceType(type.element);
  typer.report(e, "KTS1051", name, type);
  return table.UNKNOWN;
}

/** The texts of panics are known when the program is built. */
function checkText(typer: Typer, e: ts.Expression, name: string): void {
  typer.meet(e, table.BYTES);
  if (textOf(e, typer.declarations) === null) typer.report(e, "KTS1057", name);
}
