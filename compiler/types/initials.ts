import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { Declarations } from "./declarations.ts";
import type { Expressions } from "./expressions.ts";
import type { Type } from "./type.ts";
import { describe, valueOf } from "./type-table.ts";

/** Initial values of statics: constants, text, null, function names, rows and lists of these, or `zeroed()`. */
export function checkInitial(
  e: ts.Expression,
  storage: Type,
  expressions: Expressions,
  declarations: Declarations,
  diagnostics: Diagnostics,
): void {
  if (ts.isCallExpression(e) && ts.isIdentifier(e.expression) && e.expression.text === "zeroed") return;
  if (ts.isArrayLiteralExpression(e)) {
    if (storage.kind !== "array") {
      diagnostics.report(e, "KTS1010", "a list", describe(storage));
      return;
    }
    if (e.elements.length !== storage.length)
      diagnostics.report(e, "KTS1048", String(e.elements.length), String(storage.length));
    for (const element of e.elements) checkInitial(element, storage.element, expressions, declarations, diagnostics);
    return;
  }
  if (ts.isObjectLiteralExpression(e)) {
    if (storage.kind !== "struct") {
      diagnostics.report(e, "KTS1010", "a row", describe(storage));
      return;
    }
    for (const property of e.properties) {
      const field = storage.struct.fields.find(({ name }) => name === property.name?.getText());
      if (field === undefined || !ts.isPropertyAssignment(property)) diagnostics.report(property, "KTS1049");
      else checkInitial(property.initializer, field.type, expressions, declarations, diagnostics);
    }
    return;
  }
  if (storage.kind === "function") {
    const declaration = ts.isIdentifier(e) ? declarations.declarationOf(e) : null;
    if (declaration === null || !ts.isFunctionDeclaration(declaration)) diagnostics.report(e, "KTS1049");
    else if (declarations.signatureOf(declaration) !== storage) {
      diagnostics.report(e, "KTS1010", describe(declarations.signatureOf(declaration)), describe(storage));
    }
    return;
  }
  const isText = ts.isStringLiteral(e) || ts.isNoSubstitutionTemplateLiteral(e);
  expressions.meet(e, valueOf(storage));
  if (!isText && e.kind !== ts.SyntaxKind.NullKeyword && expressions.constantOf(e) === null)
    diagnostics.report(e, "KTS1049");
}
