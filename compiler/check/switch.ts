/** A `switch` over an enum names every member; its `default`, if any, is `unreachable`. */
import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { TypedProgram } from "../types/typed-program.ts";

export function checkSwitch(typed: TypedProgram, node: ts.SwitchStatement, diagnostics: Diagnostics): void {
  const type = typed.typeOf(node.expression);
  if (type.kind !== "enum") return;
  const { clauses } = node.caseBlock;
  const named = new Set(clauses.filter(ts.isCaseClause).map(({ expression }) => typed.constantOf(expression)));
  const missing = type.enum.members.filter(({ value }) => !named.has(value)).map(({ name }) => `\`${name}\``);
  const otherwise = clauses.find(ts.isDefaultClause);
  const last = otherwise && unreachableIn(typed, otherwise.statements);
  const subject = node.expression.getText();
  if (otherwise && !last) diagnostics.report(otherwise.getFirstToken() ?? otherwise, "KTS3026");
  else if (missing.length > 0) diagnostics.report(last ?? node.expression, "KTS3025", subject, missing.join(", "));
}

/** The call with which the statements start. */
function unreachableIn(typed: TypedProgram, [first]: readonly ts.Statement[]): ts.CallExpression | null {
  if (first && ts.isBlock(first)) return unreachableIn(typed, first.statements);
  if (!first || !ts.isExpressionStatement(first) || !ts.isCallExpression(first.expression)) return null;
  const callee = typed.calleeOf(first.expression);
  return callee.kind === "library" && callee.name === "unreachable" ? first.expression : null;
}
