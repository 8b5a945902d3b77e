/** Statics: module variables and constant tables with their initial values. */
import ts from "typescript";
import { textOf, withoutParentheses } from "../nodes.ts";
import type { Initial } from "../tree.ts";
import type { Field, Type } from "../types/type.ts";
import type { TypedProgram } from "../types/typed-program.ts";
import type { Lowering } from "./lower.ts";

/** The UTF-8 of a text that is known now, else null. */
export function bytesOf(typed: TypedProgram, expression: ts.Expression): Uint8Array | null {
  const literal = textOf(expression, typed);
  return literal && new TextEncoder().encode(literal.text);
}

export function lowerInitial(whole: Lowering, expression: ts.Expression, type: Type): Initial {
  const { typed } = whole;
  const node = withoutParentheses(expression);
  if (ts.isObjectLiteralExpression(node) && type.kind === "struct") {
    const fields = new Map<Field, Initial>();
    for (const property of node.properties.filter(ts.isPropertyAssignment)) {
      const field = type.struct.fields.find(({ name }) => name === property.name.getText());
      if (field) fields.set(field, lowerInitial(whole, property.initializer, field.type));
    }
    return { kind: "struct", fields };
  }
  if (ts.isArrayLiteralExpression(node) && type.kind === "array") {
    return { kind: "array", elements: node.elements.map((element) => lowerInitial(whole, element, type.element)) };
  }
  const bytes = bytesOf(typed, node);
  if (bytes !== null) return { kind: "text", bytes };
  const value = node.kind === ts.SyntaxKind.NullKeyword ? 0n : typed.constantOf(node);
  if (value !== null) return { kind: "constant", value };
  const declaration = ts.isIdentifier(node) ? typed.declarationOf(node) : null;
  if (!declaration || !ts.isFunctionDeclaration(declaration)) return { kind: "zero" };
  return { kind: "function", function: whole.calleeOf(declaration) };
}
