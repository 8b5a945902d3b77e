/** Constant folding: untyped constants exactly, typed ones at the width of their operation. */
import ts from "typescript";
import { constantInitial } from "../nodes.ts";
import type { IntType } from "./type.ts";
import { wrap } from "./type-table.ts";
import type { Typer } from "./typer.ts";

const OPERATORS: Readonly<Record<string, (a: bigint, b: bigint) => bigint | boolean | null>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0n ? null : a / b),
  "%": (a, b) => (b === 0n ? null : a % b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => (b < 0n || b > 63n ? null : a << b),
  ">>": (a, b) => (b < 0n || b > 63n ? null : a >> b),
  ">>>": (a, b) => (a < 0n || b < 0n || b > 63n ? null : a >> b),
  "===": (a, b) => a === b,
  "!==": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function apply(operator: string, a: bigint | null, b: bigint | null): bigint | null {
  const value = a === null || b === null ? null : (OPERATORS[operator]?.(a, b) ?? null);
  return typeof value === "boolean" ? BigInt(value) : value;
}

function literalValue(e: ts.NumericLiteral | ts.BigIntLiteral): bigint {
  if (ts.isBigIntLiteral(e)) return BigInt(e.text.slice(0, -1));
  const value = Number(e.text);
  // The check pass reports fractions.
  return Number.isInteger(value) ? BigInt(value) : 0n;
}

/** The value of an untyped constant; `~` needs the type that it flows into, if there is one. */
export function exactValue(typer: Typer, e: ts.Expression, target: IntType | null): bigint | null {
  if (typer.infer(e).kind !== "literal") return typer.constantOf(e);
  if (ts.isNumericLiteral(e) || ts.isBigIntLiteral(e)) return literalValue(e);
  if (ts.isParenthesizedExpression(e)) return exactValue(typer, e.expression, target);
  if (ts.isIdentifier(e)) {
    const initial = initialOf(typer, e);
    return initial && exactValue(typer, initial, target);
  }
  if (ts.isPrefixUnaryExpression(e)) {
    const value = exactValue(typer, e.operand, target);
    if (value === null) return null;
    if (e.operator === ts.SyntaxKind.MinusToken) return -value;
    return target === null || target.signed ? ~value : wrap(target, ~value);
  }
  if (ts.isConditionalExpression(e)) {
    const condition = typer.constantOf(e.condition);
    return condition === null ? null : exactValue(typer, condition === 0n ? e.whenFalse : e.whenTrue, target);
  }
  if (!ts.isBinaryExpression(e)) return null;
  return apply(e.operatorToken.getText(), exactValue(typer, e.left, target), exactValue(typer, e.right, target));
}

/** The folded value of an expression in the range of its type, or null. */
export function fold(typer: Typer, e: ts.Expression): bigint | null {
  if (ts.isParenthesizedExpression(e)) return typer.constantOf(e.expression);
  if (ts.isAsExpression(e)) return typer.constantOf(e.expression);
  const type = typer.infer(e);
  if (type.kind === "literal") return exactValue(typer, e, null);
  if (type.kind !== "int" && type.kind !== "boolean" && type.kind !== "enum") return null;
  if (e.kind === ts.SyntaxKind.TrueKeyword) return 1n;
  if (e.kind === ts.SyntaxKind.FalseKeyword) return 0n;
  if (ts.isIdentifier(e)) return foldName(typer, e);
  if (ts.isPropertyAccessExpression(e)) return foldProperty(typer, e);
  if (ts.isCallExpression(e)) {
    const callee = typer.calleeOf(e);
    const value = callee.kind === "conversion" && e.arguments[0] ? typer.constantOf(e.arguments[0]) : null;
    return value !== null && callee.kind === "conversion" ? wrap(callee.to, value) : null;
  }
  if (ts.isConditionalExpression(e)) {
    const condition = typer.constantOf(e.condition);
    return condition === null ? null : typer.constantOf(condition === 0n ? e.whenFalse : e.whenTrue);
  }
  const value = ts.isPrefixUnaryExpression(e) ? foldPrefix(typer, e) : foldBinary(typer, e);
  return value !== null && type.kind === "int" ? wrap(type, value) : value;
}

function foldPrefix(typer: Typer, e: ts.PrefixUnaryExpression): bigint | null {
  const { operator } = e;
  const isStep = operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
  const value = isStep ? null : typer.constantOf(e.operand);
  if (value === null) return null;
  if (operator === ts.SyntaxKind.ExclamationToken) return 1n - value;
  return operator === ts.SyntaxKind.MinusToken ? -value : ~value;
}

function foldBinary(typer: Typer, e: ts.Expression): bigint | null {
  if (!ts.isBinaryExpression(e)) return null;
  const left = typer.constantOf(e.left);
  const operator = e.operatorToken.getText();
  if (operator === "&&") return left === 1n ? typer.constantOf(e.right) : left;
  if (operator === "||") return left === 0n ? typer.constantOf(e.right) : left;
  return apply(operator, left, typer.constantOf(e.right));
}

function foldName(typer: Typer, e: ts.Identifier): bigint | null {
  const initial = initialOf(typer, e);
  if (!initial) return null;
  // Its own declaration may come later.
  typer.meet(initial, typer.infer(e));
  return typer.constantOf(initial);
}

function initialOf(typer: Typer, e: ts.Identifier): ts.Expression | null {
  return constantInitial(typer.declarations.declarationOf(e));
}

/** A member of an enum, or the length of an array. */
function foldProperty(typer: Typer, e: ts.PropertyAccessExpression): bigint | null {
  const value = typer.checker.getConstantValue(e);
  if (typeof value === "number") return BigInt(value);
  const base = e.name.text === "length" ? typer.base(e.expression) : null;
  return base?.kind === "array" ? BigInt(base.length) : null;
}
