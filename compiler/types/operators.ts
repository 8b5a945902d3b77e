/** Operators: promotion, literals that take the other side's type, brands, shifts, and what each accepts. */
import ts from "typescript";
import { isModuleLevel } from "../nodes.ts";
import { exactValue } from "./constants.ts";
import { checkTrust } from "./nulls.ts";
import type { IntType, Type } from "./type.ts";
import { BOOLEAN, intType, pointerType, promote, U32, U64, UNKNOWN, wrap } from "./type-table.ts";
import type { Typer } from "./typer.ts";

const ARITHMETIC = new Set(["+", "-", "*", "/", "%", "&", "|", "^"]);
const SHIFTS = new Set(["<<", ">>", ">>>"]);
const EQUALITY = new Set(["===", "!=="]);
const ORDER = new Set(["<", "<=", ">", ">="]);
/** The check pass has rules of its own for them. */
const FOREIGN = new Set(["==", "!=", ",", "??"]);

export function typeBinary(typer: Typer, e: ts.BinaryExpression): Type {
  const operator = e.operatorToken.getText();
  if (operator === "=") return typeAssignment(typer, e);
  if (operator === "&&" || operator === "||") {
    typer.condition(e.left);
    typer.condition(e.right);
    return BOOLEAN;
  }
  if (ARITHMETIC.has(operator)) return typeArithmetic(typer, e, operator);
  if (SHIFTS.has(operator)) return typeShift(typer, e, operator);
  if (EQUALITY.has(operator) || ORDER.has(operator)) return typeComparison(typer, e, ORDER.has(operator));
  const base = operator.endsWith("=") ? operator.slice(0, -1) : "";
  if (ARITHMETIC.has(base) || SHIFTS.has(base)) return typeCompound(typer, e, base);
  if (!FOREIGN.has(operator)) typer.report(e.operatorToken, "KTS1003", operator);
  return UNKNOWN;
}

function isLocal(typer: Typer, name: ts.Identifier): boolean {
  const declaration = typer.declarations.declarationOf(name);
  return !declaration || !ts.isVariableDeclaration(declaration) || !isModuleLevel(declaration);
}

function typeAssignment(typer: Typer, e: ts.BinaryExpression): Type {
  const type = typer.infer(e.left);
  typer.meet(e.right, type);
  if (ts.isIdentifier(e.left) && isLocal(typer, e.left)) checkTrust(typer, e.right);
  return type;
}

/** Runs like `x op y` and wraps at the width of `x`, the one narrowing that is not written. */
function typeCompound(typer: Typer, e: ts.BinaryExpression, operator: string): Type {
  const target = typer.infer(e.left);
  const type = SHIFTS.has(operator) ? typeShift(typer, e, operator) : typeArithmetic(typer, e, operator);
  if (target.kind === "int" && type.kind === "int" && target.brand !== null && type.brand !== target.brand) {
    typer.report(e, "KTS1017", type, target);
  }
  return target;
}

/** Whether an operator takes both sides; UNKNOWN has been reported. */
function areIntegers(typer: Typer, e: ts.BinaryExpression, ...sides: readonly ts.Expression[]): boolean {
  const wrong = sides.filter((side) => !["int", "literal"].includes(typer.infer(side).kind));
  for (const side of wrong) typer.report(side, "KTS1022", typer.infer(side), e.operatorToken.getText());
  return wrong.length === 0;
}

function typeArithmetic(typer: Typer, e: ts.BinaryExpression, operator: string): Type {
  if (!areIntegers(typer, e, e.left, e.right)) return UNKNOWN;
  const a = typer.infer(e.left);
  const b = typer.infer(e.right);
  const isDivision = operator === "/" || operator === "%";
  if (isDivision && exactValue(typer, e.right, null) === 0n) typer.report(e.right, "KTS1033");
  if (a.kind === "literal" && a === b) {
    const isExact = exactValue(typer, e.left, null) !== null && exactValue(typer, e.right, null) !== null;
    if (isExact) return a;
    typer.typeOf(e.left);
    typer.typeOf(e.right);
  }
  const type = unify(typer, e, e.left, e.right);
  if (type.kind !== "int") return UNKNOWN;
  const operation = promote(type);
  typer.operations.set(e, operation);
  const isDistance =
    operator === "-" && a.kind === "int" && b.kind === "int" && b.brand !== null && a.brand === b.brand;
  return isDistance ? intType(operation.width, operation.signed) : operation;
}

function typeShift(typer: Typer, e: ts.BinaryExpression, operator: string): Type {
  if (!areIntegers(typer, e, e.left, e.right)) return UNKNOWN;
  const a = typer.infer(e.left);
  const b = typer.infer(e.right);
  const bits = exactValue(typer, e.right, null);
  const width = a.kind === "literal" ? (a.big ? 64 : 32) : a.kind === "int" && a.width === 64 ? 64 : 32;
  const isInRange = bits === null || (bits >= 0n && bits < width);
  if (!isInRange) typer.report(e.right, "KTS1035", String(bits), String(width - 1));
  const left = exactValue(typer, e.left, null);
  const isExact = bits !== null && left !== null && isInRange && (operator !== ">>>" || left >= 0n);
  if (a.kind === "literal" && a === b && isExact) return a;
  const value = typer.typeOf(e.left);
  if (isInRange) typer.resolve(e.right, width === 64 ? U64 : U32);
  const amount = typer.typeOf(e.right);
  if (value.kind !== "int" || amount.kind !== "int") return UNKNOWN;
  const operation = promote(value);
  typer.operations.set(e, operation);
  const right = operation.width === 64 || operation.signed ? ">>" : ">>>";
  if (operator !== "<<" && operator !== right) typer.report(e.operatorToken, "KTS1034", right, value);
  if (promote(amount).width !== operation.width) typer.report(e.right, "KTS1036", amount, String(operation.width));
  return operation;
}

function typeComparison(typer: Typer, e: ts.BinaryExpression, isOrder: boolean): Type {
  const a = typer.infer(e.left);
  const b = typer.infer(e.right);
  checkTrust(typer, e.left);
  checkTrust(typer, e.right);
  if (a.kind === "literal" && b.kind === "literal") {
    typer.operations.set(e, typer.typeOf(e.left));
    typer.typeOf(e.right);
    return BOOLEAN;
  }
  const [kind, other] = [a, b].map((type) => {
    if (type.kind === "null") return "pointer";
    return type.kind === "literal" ? "int" : type.kind;
  });
  const isInt = kind === "int";
  const isOther = kind === "boolean" || kind === "pointer" || (kind === "enum" && a === b);
  if (kind !== other || (!isInt && !isOther)) typer.report(e, "KTS1023", a, b);
  else if (isOrder && isOther) typer.report(e, "KTS1024", a);
  else {
    const type = unify(typer, e, e.left, e.right);
    typer.operations.set(e, type.kind === "int" ? promote(type) : type);
  }
  return BOOLEAN;
}

/** Arms do not promote: the result is as wide as the wider arm, and a literal is no wider where it fits. */
export function typeConditional(typer: Typer, e: ts.ConditionalExpression): Type {
  const { whenTrue, whenFalse } = e;
  typer.condition(e.condition);
  for (const [arm, other] of [[whenTrue, whenFalse] as const, [whenFalse, whenTrue] as const]) {
    const type = typer.infer(other);
    if (type.kind === "int" && fits(typer, arm, type)) typer.resolve(arm, type);
  }
  const common = unify(typer, e, whenTrue, whenFalse);
  const [a, b] = [typer.infer(whenTrue), typer.infer(whenFalse)];
  const isInt = common.kind === "int" && a.kind === "int" && b.kind === "int";
  const type = isInt ? intType((a.width > b.width ? a : b).width, common.signed, common.brand) : common;
  typer.operations.set(e, type);
  return type;
}

/** Whether an untyped constant, or each of those that a conditional chooses from, is in the range of `type`. */
function fits(typer: Typer, e: ts.Expression, type: IntType): boolean {
  if (ts.isParenthesizedExpression(e)) return fits(typer, e.expression, type);
  if (ts.isConditionalExpression(e)) return fits(typer, e.whenTrue, type) && fits(typer, e.whenFalse, type);
  const value = exactValue(typer, e, type);
  return value !== null && wrap(type, value) === value;
}

/** The common type of two operands or arms: literals take the other's type, narrow integers widen. */
export function unify(typer: Typer, e: ts.Expression, left: ts.Expression, right: ts.Expression): Type {
  for (const [side, other] of [[left, right] as const, [right, left] as const]) {
    const type = typer.infer(other);
    if (type.kind === "int") typer.resolve(side, promote(type));
  }
  const a = typer.infer(left);
  const b = typer.infer(right);
  if (a === b || b.kind === "never") return a;
  if (a.kind === "never") return b;
  if (a.kind === "int" && b.kind === "int") return commonInteger(typer, e, a, b);
  if (a.kind === "pointer" && (b.kind === "null" || (b.kind === "pointer" && a.to === b.to))) {
    return pointerType(a.to, true);
  }
  if (a.kind === "null" && b.kind === "pointer") return pointerType(b.to, true);
  typer.report(e, "KTS1021", a, b);
  return UNKNOWN;
}

/** The promoted type of two integers of the same sign, width class and brand, or of which one has no brand. */
function commonInteger(typer: Typer, e: ts.Expression, a: IntType, b: IntType): Type {
  const left = promote(a);
  const right = promote(b);
  if (left.signed !== right.signed || left.width !== right.width) typer.report(e, "KTS1014", a, b);
  else if (left.brand !== null && right.brand !== null && left.brand !== right.brand) {
    typer.report(e, "KTS1015", a, b);
  } else return left.brand === null ? right : left;
  return UNKNOWN;
}

export function typePrefix(typer: Typer, e: ts.PrefixUnaryExpression): Type {
  const { operator, operand } = e;
  if (operator === ts.SyntaxKind.ExclamationToken) {
    typer.condition(operand);
    return BOOLEAN;
  }
  if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) return typeStep(typer, e);
  const text = ts.tokenToString(operator) ?? "";
  if (operator === ts.SyntaxKind.PlusToken) {
    typer.report(e, "KTS1003", text);
    return UNKNOWN;
  }
  const literal = typer.infer(operand);
  if (literal.kind === "literal" && exactValue(typer, operand, null) !== null) return literal;
  const type = typer.typeOf(operand);
  if (type.kind !== "int") {
    typer.report(operand, "KTS1022", type, text);
    return UNKNOWN;
  }
  typer.operations.set(e, promote(type));
  return promote(type);
}

/** `++` and `--` wrap at the operand's width. */
export function typeStep(typer: Typer, e: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Type {
  const type = typer.infer(e.operand);
  if (type.kind === "int") typer.operations.set(e, promote(type));
  else typer.report(e.operand, "KTS1022", type, ts.tokenToString(e.operator) ?? "");
  return type.kind === "int" ? type : UNKNOWN;
}
