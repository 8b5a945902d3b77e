/** Statics: module variables and constant tables with their initial values. */
import ts from "typescript";
import type { Callee, Initial, Static } from "../tree.ts";
import type { Field, Type } from "../types/type.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import type { Mutable, Whole } from "./context.ts";
import { withoutParentheses } from "./places.ts";

export function isConst(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

function isModuleLevel(declaration: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(declaration.parent.parent.parent);
}

/** The UTF-8 of a string literal, or of the name of a module constant that is one; else null. */
export function textOf(typed: TypedProgram, expression: ts.Expression): Uint8Array | null {
  const node = withoutParentheses(expression);
  if (ts.isStringLiteralLike(node)) return new TextEncoder().encode(node.text);
  if (!ts.isIdentifier(node)) return null;
  const declaration = typed.declarationOf(node);
  if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return null;
  return isConst(declaration) && isModuleLevel(declaration) ? textOf(typed, declaration.initializer) : null;
}

/** A static without its symbol and initial value. An aggregate is in place: no static points to another. */
export function declareStatic(whole: Whole, declaration: ts.VariableDeclaration): Mutable<Static> {
  const { typed } = whole;
  const name = declaration.name.getText();
  const tags = typed.tagsOf(declaration);
  const storage = typed.storageOf(declaration);
  const type = storage.kind === "pointer" && !storage.nullable ? storage.to : storage;
  const isTable = declaration.initializer !== undefined && ts.isArrayLiteralExpression(declaration.initializer);
  const isScalar = type.kind !== "struct" && type.kind !== "array";
  return {
    symbol: tags.get("extern") || name,
    name,
    type,
    initial: { kind: "extern" },
    isConstant: isConst(declaration) && (isTable || (isScalar && !tags.has("extern"))),
    section: tags.get("section") ?? null,
    unit: null,
    site: whole.siteOf(declaration),
  };
}

/** `declare const` without a value is defined elsewhere. */
export function initialOf(whole: Whole, declaration: ts.VariableDeclaration, type: Type): Initial {
  return declaration.initializer ? lowerInitial(whole, declaration.initializer, type) : { kind: "extern" };
}

function lowerInitial(whole: Whole, expression: ts.Expression, type: Type): Initial {
  const { typed } = whole;
  const node = withoutParentheses(ts.isAsExpression(expression) ? expression.expression : expression);
  if (ts.isObjectLiteralExpression(node) && type.kind === "struct") {
    const fields = new Map<Field, Initial>();
    for (const property of node.properties) {
      const field = type.struct.fields.find(({ name }) => name === property.name?.getText());
      const value = ts.isPropertyAssignment(property) ? property.initializer : property.name;
      if (field && value && ts.isExpression(value)) fields.set(field, lowerInitial(whole, value, field.type));
      else whole.unsupported(property);
    }
    return { kind: "struct", fields };
  }
  if (ts.isArrayLiteralExpression(node) && type.kind === "array") {
    return { kind: "array", elements: node.elements.map((element) => lowerInitial(whole, element, type.element)) };
  }
  const bytes = textOf(typed, node);
  if (bytes !== null) return { kind: "text", bytes };
  if (node.kind === ts.SyntaxKind.NullKeyword) return { kind: "constant", value: 0n };
  const constant = typed.constantOf(node);
  if (constant !== null) return { kind: "constant", value: constant };
  if (ts.isCallExpression(node)) {
    const callee = typed.calleeOf(node);
    const address = node.arguments[0];
    if (callee.kind === "library" && callee.name === "zeroed") return { kind: "zero" };
    if (callee.kind === "library" && callee.name === "cast" && address) return lowerInitial(whole, address, type);
  }
  const callee = functionOf(whole, node);
  if (callee) return { kind: "function", function: callee };
  whole.unsupported(node);
  return { kind: "zero" };
}

function functionOf(whole: Whole, node: ts.Expression): Callee | null {
  const declaration = ts.isIdentifier(node) ? whole.typed.declarationOf(node) : null;
  return declaration && ts.isFunctionDeclaration(declaration) ? whole.calleeOf(declaration) : null;
}
