import ts from "typescript";
import type { Diagnostics } from "../diagnostic.ts";
import type { Declarations } from "./declarations.ts";
import type { FunctionType, IntType, Type } from "./type.ts";
import {
  BIG_LITERAL,
  BOOLEAN,
  BYTES,
  describe,
  INT_NAMES,
  intType,
  LITERAL,
  maximum,
  minimum,
  NEVER,
  NULL,
  pointerType,
  promote,
  sliceType,
  U32,
  U64,
  VOID,
  valueOf,
  wrap,
} from "./type-table.ts";
import type { CalleeKind } from "./typed-program.ts";

/**
 * Types of expressions, bottom-up. A constant without a type stays `literal` until it meets one; `meet` is the
 * one place where a value flows into a place, an argument or a result.
 */

const S = ts.SyntaxKind;
const BOOLEAN_OPERATORS = new Set([S.AmpersandAmpersandToken, S.BarBarToken]);
const SHIFTS = new Set([
  S.LessThanLessThanToken,
  S.GreaterThanGreaterThanToken,
  S.GreaterThanGreaterThanGreaterThanToken,
]);
const ARITHMETIC = new Set([
  S.PlusToken,
  S.MinusToken,
  S.AsteriskToken,
  S.SlashToken,
  S.PercentToken,
  S.AmpersandToken,
  S.BarToken,
  S.CaretToken,
]);
const EQUALITY = new Set([S.EqualsEqualsEqualsToken, S.ExclamationEqualsEqualsToken]);
const ORDER = new Set([S.LessThanToken, S.LessThanEqualsToken, S.GreaterThanToken, S.GreaterThanEqualsToken]);
/** `x += y` → `+`. */
export const COMPOUND: ReadonlyMap<ts.SyntaxKind, ts.SyntaxKind> = new Map([
  [S.PlusEqualsToken, S.PlusToken],
  [S.MinusEqualsToken, S.MinusToken],
  [S.AsteriskEqualsToken, S.AsteriskToken],
  [S.SlashEqualsToken, S.SlashToken],
  [S.PercentEqualsToken, S.PercentToken],
  [S.AmpersandEqualsToken, S.AmpersandToken],
  [S.BarEqualsToken, S.BarToken],
  [S.CaretEqualsToken, S.CaretToken],
  [S.LessThanLessThanEqualsToken, S.LessThanLessThanToken],
  [S.GreaterThanGreaterThanEqualsToken, S.GreaterThanGreaterThanToken],
  [S.GreaterThanGreaterThanGreaterThanEqualsToken, S.GreaterThanGreaterThanGreaterThanToken],
]);

/** Results and parameters of the library's plain functions: `u64 u32` → result and parameters by name. */
const LIBRARY: Readonly<Record<string, string>> = {
  rotl32: "u32 u32 u32",
  rotl64: "u64 u64 u32",
  clz32: "u32 u32",
  clz64: "u32 u64",
  ctz32: "u32 u32",
  ctz64: "u32 u64",
  popcount32: "u32 u32",
  popcount64: "u32 u64",
  byteSwap16: "u16 u16",
  byteSwap32: "u32 u32",
  byteSwap64: "u64 u64",
  mulHigh: "u64 u64 u64",
  valueBarrier32: "u32 u32",
  valueBarrier64: "u64 u64",
  siteFile: "Bytes u32",
  siteLine: "u32 u32",
  sizeOf: "u64",
  load8: "u8 u64",
  load16: "u16 u64",
  load32: "u32 u64",
  load64: "u64 u64",
  store8: "void u64 u8",
  store16: "void u64 u16",
  store32: "void u64 u32",
  store64: "void u64 u64",
  volatileLoad8: "u8 u64",
  volatileLoad16: "u16 u64",
  volatileLoad32: "u32 u64",
  volatileLoad64: "u64 u64",
  volatileStore8: "void u64 u8",
  volatileStore16: "void u64 u16",
  volatileStore32: "void u64 u32",
  volatileStore64: "void u64 u64",
  atomicLoad32: "u32 u64",
  atomicLoad64: "u64 u64",
  atomicStore32: "void u64 u32",
  atomicStore64: "void u64 u64",
  atomicAdd32: "u32 u64 u32",
  atomicAdd64: "u64 u64 u64",
  atomicExchange32: "u32 u64 u32",
  atomicExchange64: "u64 u64 u64",
  atomicCompareExchange32: "u32 u64 u32 u32",
  atomicCompareExchange64: "u64 u64 u64 u64",
  fillMemory: "void u64 u8 u64",
  copyMemory: "void u64 u64 u64",
  compilerBarrier: "void",
  memoryBarrier: "void",
  deviceBarrier: "void",
  dmaBarrier: "void",
  assert: "void boolean Bytes",
  panic: "never Bytes",
};
const NAMED: Readonly<Record<string, Type>> = {
  ...INT_NAMES,
  void: VOID,
  boolean: BOOLEAN,
  never: NEVER,
  Bytes: BYTES,
};

export class Expressions {
  readonly #checker: ts.TypeChecker;
  readonly #declarations: Declarations;
  readonly #diagnostics: Diagnostics;
  readonly #types = new Map<ts.Expression, Type>();
  readonly #constants = new Map<ts.Expression, bigint | null>();
  readonly #operations = new Map<ts.Expression, Type>();
  readonly #variables = new Map<ts.VariableDeclaration, Type>();
  readonly #callees = new Map<ts.CallExpression, CalleeKind>();

  constructor(checker: ts.TypeChecker, declarations: Declarations, diagnostics: Diagnostics) {
    this.#checker = checker;
    this.#declarations = declarations;
    this.#diagnostics = diagnostics;
  }

  typeOf(e: ts.Expression): Type {
    const type = this.infer(e);
    return type.kind === "literal" ? this.#default(e) : type;
  }

  operationType(e: ts.Expression): Type {
    this.infer(e);
    return this.#operations.get(e) ?? this.typeOf(e);
  }

  infer(e: ts.Expression): Type {
    let type = this.#types.get(e);
    if (type === undefined) {
      type = this.#infer(e);
      this.#types.set(e, type);
    }
    return type;
  }

  /** An untyped constant that met nothing: u32 or u64, or the signed one when it is negative. */
  #default(e: ts.Expression): Type {
    const big = this.#types.get(e) === BIG_LITERAL;
    const value = this.constantOf(e) ?? 0n;
    const target = intType(big ? 64 : 32, value < 0n);
    this.#resolve(e, target);
    return target;
  }

  /** Gives an untyped constant its type, down to its operands. */
  #resolve(e: ts.Expression, target: Type): void {
    if (this.infer(e).kind !== "literal") return;
    const big = this.#types.get(e) === BIG_LITERAL;
    if (target.kind !== "int" || (target.width === 64) !== big) {
      this.#diagnostics.report(e, "KTS1012", describe(this.infer(e)), describe(target));
      this.#types.set(e, intType(big ? 64 : 32, false));
      return;
    }
    const value = this.#evaluate(e, target);
    if (value !== null && (value < minimum(target) || value > maximum(target))) {
      this.#diagnostics.report(e, "KTS1011", String(value), describe(target));
    }
    this.#push(e, target);
    this.#constants.set(e, value === null ? null : wrap(target, value));
  }

  #push(e: ts.Expression, target: IntType): void {
    if (this.#types.get(e)?.kind !== "literal" && this.#types.has(e)) return;
    this.#types.set(e, target);
    if (ts.isParenthesizedExpression(e)) this.#push(e.expression, target);
    else if (ts.isPrefixUnaryExpression(e)) this.#push(e.operand, target);
    else if (ts.isConditionalExpression(e)) {
      this.#operations.set(e, target);
      this.#resolve(e.whenTrue, target);
      this.#resolve(e.whenFalse, target);
    } else if (ts.isBinaryExpression(e)) {
      this.#operations.set(e, promote(target));
      this.#push(e.left, target);
      this.#push(e.right, target);
    }
  }

  /** The exact value of an untyped constant in the context of `target` (`~` needs its width). */
  #evaluate(e: ts.Expression, target: IntType | null): bigint | null {
    if (ts.isParenthesizedExpression(e)) return this.#evaluate(e.expression, target);
    if (ts.isNumericLiteral(e) || ts.isBigIntLiteral(e)) return literalValue(e);
    if (ts.isPrefixUnaryExpression(e)) {
      const value = this.#evaluate(e.operand, target);
      if (value === null) return null;
      if (e.operator === S.MinusToken) return -value;
      return e.operator === S.TildeToken
        ? target === null || target.signed
          ? ~value
          : maximum(target) ^ value
        : value;
    }
    if (ts.isBinaryExpression(e)) {
      const left = this.#evaluate(e.left, target);
      const right = this.#evaluate(e.right, target);
      return left === null || right === null ? null : exact(e.operatorToken.kind, left, right);
    }
    if (ts.isConditionalExpression(e)) return null;
    return this.constantOf(e);
  }

  /** The folded value, or null. */
  constantOf(e: ts.Expression): bigint | null {
    const known = this.#constants.get(e);
    if (known !== undefined) return known;
    this.#constants.set(e, null);
    const value = this.#fold(e);
    this.#constants.set(e, value);
    return value;
  }

  #fold(e: ts.Expression): bigint | null {
    if (ts.isParenthesizedExpression(e)) return this.constantOf(e.expression);
    if (ts.isNumericLiteral(e) || ts.isBigIntLiteral(e)) return literalValue(e);
    if (e.kind === S.TrueKeyword) return 1n;
    if (e.kind === S.FalseKeyword) return 0n;
    if (ts.isIdentifier(e)) return this.#foldName(e);
    if (ts.isPropertyAccessExpression(e)) {
      const value = this.#checker.getConstantValue(e);
      if (typeof value === "number") return BigInt(value);
      const base = e.name.text === "length" ? this.infer(e.expression) : null;
      return base?.kind === "pointer" && base.to.kind === "array" ? BigInt(base.to.length) : null;
    }
    const type = this.infer(e);
    if (type.kind === "literal") return this.#evaluate(e, null);
    if (ts.isPrefixUnaryExpression(e) && (type.kind === "int" || type.kind === "boolean")) {
      const value = this.constantOf(e.operand);
      if (value === null || e.operator === S.PlusPlusToken || e.operator === S.MinusMinusToken) return null;
      if (e.operator === S.ExclamationToken) return 1n - value;
      if (type.kind !== "int") return null;
      return wrap(type, e.operator === S.MinusToken ? -value : e.operator === S.TildeToken ? ~value : value);
    }
    if (ts.isCallExpression(e)) {
      const callee = this.calleeOf(e);
      const operand = e.arguments[0];
      if (callee.kind !== "conversion" || operand === undefined) return null;
      const value = this.constantOf(operand);
      return value === null ? null : wrap(callee.to, value);
    }
    if (ts.isAsExpression(e)) return this.constantOf(e.expression);
    if (!ts.isBinaryExpression(e)) return null;
    const operation = this.operationType(e);
    const left = this.constantOf(e.left);
    const right = this.constantOf(e.right);
    if (left === null || right === null) return null;
    const value = exact(e.operatorToken.kind, left, right);
    return value === null || operation.kind !== "int" || type.kind === "boolean" ? value : wrap(operation, value);
  }

  #foldName(e: ts.Identifier): bigint | null {
    const declaration = this.#declarations.declarationOf(e);
    if (declaration === null || !ts.isVariableDeclaration(declaration) || !isModuleConstant(declaration)) return null;
    const initial = declaration.initializer;
    if (initial === undefined) return null;
    const type = this.variableType(declaration);
    if (type.kind !== "int" && type.kind !== "literal" && type.kind !== "boolean" && type.kind !== "enum") return null;
    return this.constantOf(initial);
  }

  /** Storage type of a variable; an untyped module constant has a literal type. */
  variableType(declaration: ts.VariableDeclaration): Type {
    let type = this.#variables.get(declaration);
    if (type !== undefined) return type;
    this.#variables.set(declaration, U32);
    if (declaration.type !== undefined) type = this.#declarations.storageOfNode(declaration.type);
    else if (declaration.initializer === undefined) type = U32;
    else {
      const initial = declaration.initializer;
      type = this.infer(initial);
      if (type.kind === "literal" && !isModuleConstant(declaration)) type = this.#default(initial);
      if (ts.isCallExpression(initial) && type.kind === "pointer") {
        const callee = this.calleeOf(initial);
        if (callee.kind === "library" && (callee.name === "local" || callee.name === "zeroed")) type = type.to;
      }
    }
    this.#variables.set(declaration, type);
    return type;
  }

  #infer(e: ts.Expression): Type {
    switch (e.kind) {
      case S.NumericLiteral:
        return LITERAL;
      case S.BigIntLiteral:
        return BIG_LITERAL;
      case S.StringLiteral:
      case S.NoSubstitutionTemplateLiteral:
        return BYTES;
      case S.TrueKeyword:
      case S.FalseKeyword:
        return BOOLEAN;
      case S.NullKeyword:
        return NULL;
      default:
    }
    if (ts.isParenthesizedExpression(e)) return this.infer(e.expression);
    if (ts.isIdentifier(e)) return this.#name(e);
    if (ts.isPropertyAccessExpression(e)) return this.#property(e);
    if (ts.isElementAccessExpression(e)) return this.#element(e);
    if (ts.isCallExpression(e)) return this.#call(e);
    if (ts.isBinaryExpression(e)) return this.#binary(e);
    if (ts.isPrefixUnaryExpression(e)) return this.#prefix(e);
    if (ts.isPostfixUnaryExpression(e)) return this.#step(e, e.operand);
    if (ts.isConditionalExpression(e)) return this.#conditional(e);
    if (ts.isAsExpression(e)) return this.#as(e);
    if (ts.isNonNullExpression(e)) return nonNull(this.infer(e.expression));
    this.#diagnostics.report(e, "KTS1002");
    return U32;
  }

  #name(e: ts.Identifier): Type {
    const declaration = this.#declarations.declarationOf(e);
    if (declaration !== null && ts.isVariableDeclaration(declaration)) {
      return this.#narrow(e, valueOf(this.variableType(declaration)), !isModuleLevel(declaration));
    }
    if (declaration !== null && ts.isParameter(declaration) && declaration.type !== undefined) {
      return this.#narrow(e, valueOf(this.#declarations.storageOfNode(declaration.type)), true);
    }
    if (declaration !== null && ts.isFunctionDeclaration(declaration))
      return this.#declarations.signatureOf(declaration);
    this.#diagnostics.report(e, "KTS1002");
    return U32;
  }

  /** tsc's narrowing counts for parameters and locals alone: everything else may change behind its back. */
  #narrow(e: ts.Identifier, type: Type, isLocal: boolean): Type {
    if (type.kind !== "pointer" || !type.nullable || !isLocal || isAssigned(e)) return type;
    const seen = this.#checker.getTypeAtLocation(e);
    const parts = seen.isUnion() ? seen.types : [seen];
    return parts.some((part) => (part.flags & ts.TypeFlags.Null) !== 0) ? type : pointerType(type.to);
  }

  /** The struct, array or slice that a member is taken of. */
  #base(e: ts.Expression): Type {
    const type = this.infer(e);
    if (type.kind === "pointer" && type.nullable) this.#diagnostics.report(e, "KTS2001", e.getText());
    return type.kind === "pointer" ? type.to : type;
  }

  #property(e: ts.PropertyAccessExpression): Type {
    const declaration = this.#declarations.declarationOf(e.name);
    if (declaration !== null && ts.isEnumMember(declaration)) return enumOfMember(this.#declarations, declaration);
    const base = this.#base(e.expression);
    if (e.name.text === "length" && (base.kind === "array" || base.kind === "slice")) return U32;
    return valueOf(this.placeTypeOf(e));
  }

  #element(e: ts.ElementAccessExpression): Type {
    const base = this.#base(e.expression);
    const index = e.argumentExpression;
    const type = this.infer(index);
    if (type.kind === "literal") this.#resolve(index, U32);
    else if (type.kind !== "int" || type.signed || type.width === 64)
      this.#diagnostics.report(index, "KTS1031", describe(type));
    const value = this.constantOf(index);
    if (base.kind === "array" && value !== null && value >= BigInt(base.length)) {
      this.#diagnostics.report(index, "KTS1032", String(value), String(base.length));
    }
    return base.kind === "array" || base.kind === "slice" ? valueOf(base.element) : U32;
  }

  placeTypeOf(e: ts.Expression): Type {
    if (ts.isParenthesizedExpression(e)) return this.placeTypeOf(e.expression);
    if (ts.isPropertyAccessExpression(e)) {
      const declaration = this.#declarations.declarationOf(e.name);
      const field = declaration === null ? null : this.#declarations.fieldOfMember(declaration);
      return field?.type ?? U32;
    }
    if (ts.isElementAccessExpression(e)) {
      this.infer(e);
      const base = this.#base(e.expression);
      return base.kind === "array" || base.kind === "slice" ? base.element : U32;
    }
    if (ts.isIdentifier(e)) {
      const declaration = this.#declarations.declarationOf(e);
      if (declaration !== null && ts.isVariableDeclaration(declaration)) return this.variableType(declaration);
    }
    return this.typeOf(e);
  }

  /** The value of `e` flows into something of type `target`. */
  meet(e: ts.Expression, target: Type): void {
    const type = this.infer(e);
    if (type === target) return;
    if (type.kind === "literal") {
      this.#resolve(e, target);
      return;
    }
    if (fits(type, target)) return;
    if (type.kind === "pointer" && target.kind === "pointer" && type.to === target.to) {
      this.#diagnostics.report(e, "KTS2002", describe(target));
      return;
    }
    const code = type.kind === "int" && target.kind === "int" ? conversionCode(type, target) : "KTS1010";
    this.#diagnostics.report(e, code, describe(type), describe(target));
  }

  /** `e` decides a branch. */
  condition(e: ts.Expression): void {
    const type = this.infer(e);
    if (type.kind !== "boolean" && type.kind !== "never") this.#diagnostics.report(e, "KTS1020", describe(type));
  }

  #conditional(e: ts.ConditionalExpression): Type {
    this.condition(e.condition);
    const type = this.#unify(e, e.whenTrue, e.whenFalse);
    this.#operations.set(e, type);
    return type;
  }

  /** The common type of two arms or operands; literals take the other's type. */
  #unify(e: ts.Expression, left: ts.Expression, right: ts.Expression): Type {
    const a = this.infer(left);
    const b = this.infer(right);
    if (a === b) return a;
    if (a.kind === "never") return b;
    if (b.kind === "never") return a;
    if (a.kind === "literal" && b.kind === "int") {
      this.#resolve(left, promote(b));
      return promote(b);
    }
    if (b.kind === "literal" && a.kind === "int") {
      this.#resolve(right, promote(a));
      return promote(a);
    }
    if (a.kind === "null" && b.kind === "pointer") return pointerType(b.to, true);
    if (b.kind === "null" && a.kind === "pointer") return pointerType(a.to, true);
    if (a.kind === "pointer" && b.kind === "pointer" && a.to === b.to) return pointerType(a.to, true);
    if (a.kind === "int" && b.kind === "int") {
      const common = this.#common(e, a, b);
      if (common !== null) return common;
      return promote(a);
    }
    this.#diagnostics.report(e, "KTS1021", describe(a), describe(b));
    return a;
  }

  /** The promoted type of two integer operands: same sign, width class and brand, or one without a brand. */
  #common(e: ts.Expression, a: IntType, b: IntType): IntType | null {
    const left = promote(a);
    const right = promote(b);
    if (left.signed !== right.signed || left.width !== right.width) {
      this.#diagnostics.report(e, "KTS1014", describe(a), describe(b));
      return null;
    }
    if (left.brand !== null && right.brand !== null && left.brand !== right.brand) {
      this.#diagnostics.report(e, "KTS1015", left.brand, right.brand);
      return null;
    }
    return left.brand === null ? right : left;
  }

  #binary(e: ts.BinaryExpression): Type {
    const operator = e.operatorToken.kind;
    if (operator === S.EqualsToken) {
      this.meet(e.right, this.infer(e.left));
      return this.infer(e.left);
    }
    const compound = COMPOUND.get(operator);
    if (compound !== undefined) return this.#compound(e, compound);
    if (BOOLEAN_OPERATORS.has(operator)) {
      this.condition(e.left);
      this.condition(e.right);
      return BOOLEAN;
    }
    if (SHIFTS.has(operator)) return this.#shift(e, operator, this.infer(e.left));
    if (ARITHMETIC.has(operator)) return this.#arithmetic(e, operator);
    if (EQUALITY.has(operator) || ORDER.has(operator)) return this.#compare(e, ORDER.has(operator));
    if (operator === S.QuestionQuestionToken) return this.#unify(e, e.left, e.right);
    this.#diagnostics.report(e.operatorToken, "KTS1003", e.operatorToken.getText());
    const isEquality = operator === S.EqualsEqualsToken || operator === S.ExclamationEqualsToken;
    return isEquality ? BOOLEAN : this.infer(e.left);
  }

  #arithmetic(e: ts.BinaryExpression, operator: ts.SyntaxKind): Type {
    const a = this.infer(e.left);
    const b = this.infer(e.right);
    if (a.kind === "literal" && b.kind === "literal") {
      if (a !== b) this.#diagnostics.report(e, "KTS1014", describe(a), describe(b));
      this.#checkDivisor(e, operator);
      return a;
    }
    for (const [side, type] of [
      [e.left, a],
      [e.right, b],
    ] as const) {
      if (type.kind === "int" || type.kind === "literal") continue;
      this.#diagnostics.report(side, "KTS1022", describe(type), e.operatorToken.getText());
      return type === a ? (b.kind === "int" ? promote(b) : U32) : a.kind === "int" ? promote(a) : U32;
    }
    const operation = this.#unify(e, e.left, e.right);
    if (operation.kind !== "int") return U32;
    const promoted = promote(operation);
    this.#operations.set(e, promoted);
    this.#checkDivisor(e, operator);
    const isDifference =
      operator === S.MinusToken && a.kind === "int" && b.kind === "int" && a.brand !== null && a.brand === b.brand;
    return isDifference ? intType(promoted.width, promoted.signed) : promoted;
  }

  #checkDivisor(e: ts.BinaryExpression, operator: ts.SyntaxKind): void {
    if ((operator === S.SlashToken || operator === S.PercentToken) && this.constantOf(e.right) === 0n) {
      this.#diagnostics.report(e.right, "KTS1033");
    }
  }

  #shift(e: ts.BinaryExpression, operator: ts.SyntaxKind, left: Type): Type {
    const amount = this.infer(e.right);
    if (left.kind === "literal" && amount.kind === "literal") return left;
    if (left.kind === "literal") this.#resolve(e.left, left === BIG_LITERAL ? U64 : U32);
    const value = this.infer(e.left);
    if (value.kind !== "int") {
      this.#diagnostics.report(e.left, "KTS1022", describe(value), e.operatorToken.getText());
      return U32;
    }
    const operation = promote(value);
    this.#operations.set(e, operation);
    const isLogical = operator === S.GreaterThanGreaterThanGreaterThanToken;
    if (operator !== S.LessThanLessThanToken && isLogical !== (operation.width === 32 && !operation.signed)) {
      this.#diagnostics.report(e.operatorToken, "KTS1034", isLogical ? ">>" : ">>>", describe(value));
    }
    if (amount.kind === "literal") {
      this.#resolve(e.right, intType(operation.width, false));
      const bits = this.constantOf(e.right);
      if (bits !== null && (bits < 0n || bits >= BigInt(operation.width))) {
        this.#diagnostics.report(e.right, "KTS1035", String(bits), String(operation.width - 1));
      }
    } else if (amount.kind !== "int" || promote(amount).width !== operation.width) {
      this.#diagnostics.report(e.right, "KTS1036", describe(amount), String(operation.width));
    } else {
      const bits = this.constantOf(e.right);
      if (bits !== null && (bits < 0n || bits >= BigInt(operation.width))) {
        this.#diagnostics.report(e.right, "KTS1035", String(bits), String(operation.width - 1));
      }
    }
    return operation;
  }

  #compound(e: ts.BinaryExpression, operator: ts.SyntaxKind): Type {
    const target = this.infer(e.left);
    if (target.kind !== "int") {
      this.#diagnostics.report(e.left, "KTS1022", describe(target), e.operatorToken.getText());
      return target;
    }
    if (SHIFTS.has(operator)) this.#shift(e, operator, target);
    else {
      const right = this.infer(e.right);
      if (right.kind === "literal") this.#resolve(e.right, promote(target));
      else if (right.kind === "int") this.#common(e, target, right);
      else this.#diagnostics.report(e.right, "KTS1022", describe(right), e.operatorToken.getText());
      this.#operations.set(e, promote(target));
      this.#checkDivisor(e, operator);
    }
    return target;
  }

  #compare(e: ts.BinaryExpression, isOrder: boolean): Type {
    const a = this.infer(e.left);
    const b = this.infer(e.right);
    if (a.kind === "literal" && b.kind === "literal") {
      this.#default(e.left);
      this.#default(e.right);
      this.#operations.set(e, this.infer(e.left));
      return BOOLEAN;
    }
    const kinds = [a.kind, b.kind].map((kind) => (kind === "literal" ? "int" : kind === "null" ? "pointer" : kind));
    const isEqualityOnly = kinds[0] === "boolean" || kinds[0] === "enum" || kinds[0] === "pointer";
    if (kinds[0] !== kinds[1] || (kinds[0] !== "int" && !isEqualityOnly) || (kinds[0] === "enum" && a !== b)) {
      this.#diagnostics.report(e, "KTS1023", describe(a), describe(b));
    } else if (isOrder && isEqualityOnly) this.#diagnostics.report(e, "KTS1024", describe(a));
    const type = this.#unify(e, e.left, e.right);
    this.#operations.set(e, type.kind === "int" ? promote(type) : type);
    return BOOLEAN;
  }

  #prefix(e: ts.PrefixUnaryExpression): Type {
    if (e.operator === S.ExclamationToken) {
      this.condition(e.operand);
      return BOOLEAN;
    }
    if (e.operator === S.PlusPlusToken || e.operator === S.MinusMinusToken) return this.#step(e, e.operand);
    const type = this.infer(e.operand);
    if (type.kind === "literal") return type;
    if (type.kind !== "int" || e.operator === S.PlusToken) {
      this.#diagnostics.report(e, "KTS1022", describe(type), ts.tokenToString(e.operator) ?? "");
      return U32;
    }
    this.#operations.set(e, promote(type));
    return promote(type);
  }

  #step(e: ts.Expression, operand: ts.Expression): Type {
    const type = this.infer(operand);
    if (type.kind !== "int") {
      this.#diagnostics.report(operand, "KTS1022", describe(type), "++");
      return U32;
    }
    this.#operations.set(e, promote(type));
    return type;
  }

  /** `as` puts a brand on, and names an enum's type where tsc has narrowed it too far. */
  #as(e: ts.AsExpression): Type {
    const target = valueOf(this.#declarations.storageOfNode(e.type));
    const type = this.infer(e.expression);
    if (target.kind === "enum" && type === target) return target;
    if (target.kind === "pointer" && type.kind === "pointer" && type.to === target.to && target.nullable) return target;
    if (target.kind !== "int" || target.brand === null) this.#diagnostics.report(e, "KTS1016", describe(target));
    else if (type.kind === "literal") this.#resolve(e.expression, target);
    else if (type.kind !== "int" || intType(type.width, type.signed) !== intType(target.width, target.signed)) {
      this.#diagnostics.report(e, "KTS1017", describe(type), describe(target));
    } else if (type.brand !== null && type.brand !== target.brand) {
      this.#diagnostics.report(e, "KTS1018", type.brand, target.brand);
    }
    return target;
  }

  #call(e: ts.CallExpression): Type {
    const callee = this.calleeOf(e);
    switch (callee.kind) {
      case "function":
        return this.#arguments(e, this.#declarations.signatureOf(callee.declaration));
      case "table":
        return this.#arguments(e, callee.type);
      case "conversion":
        return this.#convert(e, callee.to);
      case "library":
        return this.#library(e, callee.name);
      default:
        for (const argument of e.arguments) this.infer(argument);
        return U32;
    }
  }

  #arguments(e: ts.CallExpression, type: FunctionType): Type {
    for (const [i, argument] of e.arguments.entries()) {
      const target = type.parameters[i];
      if (target !== undefined) this.meet(argument, target);
    }
    return type.result;
  }

  #convert(e: ts.CallExpression, to: IntType): Type {
    const operand = e.arguments[0];
    if (operand === undefined) return to;
    const type = this.infer(operand);
    if (type.kind === "literal") {
      const value = this.constantOf(operand) ?? 0n;
      const wide = intType(type === BIG_LITERAL ? 64 : 32, value < 0n);
      this.#resolve(operand, wide);
    } else if (type.kind === "int") {
      if (type.signed !== to.signed && type.width !== to.width)
        this.#diagnostics.report(e, "KTS1013", describe(type), describe(to));
    } else if (type.kind !== "boolean" && type.kind !== "enum") {
      this.#diagnostics.report(operand, "KTS1019", describe(type), describe(to));
    }
    return to;
  }

  /** Functions of the library; `context` is the type that the result flows into, for `zeroed()`. */
  #library(e: ts.CallExpression, name: string): Type {
    const args = e.arguments;
    const typeArgument = e.typeArguments?.[0];
    const storage = typeArgument === undefined ? null : this.#declarations.storageOfNode(typeArgument);
    const aggregate = storage?.kind === "pointer" && !storage.nullable ? storage.to : storage;
    const signature = LIBRARY[name];
    if (signature !== undefined) {
      const [result, ...parameters] = signature.split(" ").map((type) => NAMED[type] as Type);
      if (name === "assert" && args[0] !== undefined) this.condition(args[0]);
      return this.#arguments(e, { kind: "function", parameters: parameters as Type[], result: result as Type });
    }
    const [first, second, third] = args;
    switch (name) {
      case "local":
      case "cast":
        if (name === "cast" && first !== undefined) this.meet(first, U64);
        if (aggregate?.kind === "struct" || aggregate?.kind === "array") return pointerType(aggregate);
        if (name === "cast" && storage?.kind === "pointer") return storage;
        this.#diagnostics.report(e, "KTS1050", name);
        return U64;
      case "zeroed":
        return aggregate === null || aggregate === undefined ? NULL : valueOf(aggregate);
      case "castSlice":
        if (first !== undefined) this.meet(first, U64);
        if (second !== undefined) this.meet(second, U32);
        return storage === null ? BYTES : sliceType(storage);
      case "sliceOf":
      case "subslice": {
        const base = first === undefined ? U32 : this.#base(first);
        if (second !== undefined) this.meet(second, U32);
        if (third !== undefined) this.meet(third, U32);
        if (base.kind === "slice" && name === "subslice") return base;
        if (base.kind === "array" && name === "sliceOf") return sliceType(base.element);
        this.#diagnostics.report(e, "KTS1051", name, describe(base));
        return BYTES;
      }
      case "copyStruct":
        if (first !== undefined && second !== undefined) {
          const type = this.infer(first);
          if (type.kind !== "pointer") this.#diagnostics.report(first, "KTS1050", name);
          else this.meet(second, pointerType(type.to));
        }
        return VOID;
      case "addressOf": {
        const type = first === undefined ? U32 : this.infer(first);
        if (type.kind !== "pointer" && type.kind !== "slice") this.#diagnostics.report(e, "KTS1052", describe(type));
        return U64;
      }
      case "addressOfFunction":
        if (first !== undefined) this.infer(first);
        return U64;
      case "toEnum":
      case "isEnum":
        if (first !== undefined) this.meet(first, U32);
        if (storage?.kind !== "enum") this.#diagnostics.report(e, "KTS1053", name);
        return name === "isEnum" ? BOOLEAN : (storage ?? U32);
      case "addChecked":
      case "mulChecked": {
        if (first === undefined || second === undefined) return U32;
        const type = this.#unify(e, first, second);
        if (type.kind === "literal") return (this.#default(first), this.#default(second), this.infer(first));
        if (type.kind !== "int") return U32;
        this.#operations.set(e, promote(type));
        return promote(type);
      }
      case "unreachable":
        if (first !== undefined) this.infer(first);
        return NEVER;
      default:
        this.#diagnostics.report(e, "KTS1002");
        return U32;
    }
  }

  calleeOf(call: ts.CallExpression): CalleeKind {
    let callee = this.#callees.get(call);
    if (callee === undefined) {
      callee = this.#callee(call);
      this.#callees.set(call, callee);
    }
    return callee;
  }

  #callee(call: ts.CallExpression): CalleeKind {
    const target = call.expression;
    if (ts.isIdentifier(target)) {
      const declaration = this.#declarations.declarationOf(target);
      if (declaration !== null && ts.isFunctionDeclaration(declaration)) {
        if (!this.#declarations.isLibrary(declaration)) return { kind: "function", declaration };
        const to = INT_NAMES[target.text];
        if (to !== undefined) return { kind: "conversion", to };
        return { kind: "library", name: target.text, typeArgument: this.#typeArgument(call, target.text) };
      }
    }
    const type = ts.isIdentifier(target) ? VOID : this.infer(target);
    const table = tableOf(target, this.#declarations);
    if (type.kind === "function" && table !== null) return { kind: "table", type, table };
    this.#diagnostics.report(target, "KTS1054", target.getText());
    return { kind: "unknown" };
  }

  #typeArgument(call: ts.CallExpression, name: string): Type | null {
    const node = call.typeArguments?.[0];
    if (node !== undefined) {
      const storage = this.#declarations.storageOfNode(node);
      const isObject = name === "local" || name === "zeroed" || name === "sizeOf" || name === "cast";
      return isObject && storage.kind === "pointer" && !storage.nullable ? storage.to : storage;
    }
    const first = call.arguments[0];
    if (name !== "copyStruct" || first === undefined) return null;
    const type = this.infer(first);
    return type.kind === "pointer" ? type.to : null;
  }
}

/** Of a fraction 0: the check turns it down. */
function literalValue(e: ts.NumericLiteral | ts.BigIntLiteral): bigint {
  const text = e.getText().replace(/[_n]/g, "");
  return /^(\d+|0[xob][\da-f]+)$/i.test(text) ? BigInt(text) : 0n;
}

function exact(operator: ts.SyntaxKind, left: bigint, right: bigint): bigint | null {
  switch (operator) {
    case S.PlusToken:
      return left + right;
    case S.MinusToken:
      return left - right;
    case S.AsteriskToken:
      return left * right;
    case S.SlashToken:
      return right === 0n ? null : left / right;
    case S.PercentToken:
      return right === 0n ? null : left % right;
    case S.AmpersandToken:
      return left & right;
    case S.BarToken:
      return left | right;
    case S.CaretToken:
      return left ^ right;
    case S.LessThanLessThanToken:
      return right < 0n || right > 63n ? null : left << right;
    case S.GreaterThanGreaterThanToken:
    case S.GreaterThanGreaterThanGreaterThanToken:
      return right < 0n || right > 63n ? null : left >> right;
    case S.EqualsEqualsEqualsToken:
      return left === right ? 1n : 0n;
    case S.ExclamationEqualsEqualsToken:
      return left === right ? 0n : 1n;
    case S.LessThanToken:
      return left < right ? 1n : 0n;
    case S.LessThanEqualsToken:
      return left <= right ? 1n : 0n;
    case S.GreaterThanToken:
      return left > right ? 1n : 0n;
    case S.GreaterThanEqualsToken:
      return left >= right ? 1n : 0n;
    default:
      return null;
  }
}

/** Whether a value of `type` is one of `target` as it is, or by a widening that keeps it. */
function fits(type: Type, target: Type): boolean {
  if (type.kind === "never") return true;
  if (type.kind === "null") return target.kind === "pointer" && target.nullable;
  if (type.kind === "pointer")
    return target.kind === "pointer" && type.to === target.to && (target.nullable || !type.nullable);
  if (type.kind !== "int" || target.kind !== "int" || type.signed !== target.signed) return false;
  if (target.brand !== null && target.brand !== type.brand) return false;
  return type.width === target.width || (type.width < target.width && target.width <= 32);
}

function conversionCode(type: IntType, target: IntType): "KTS1013" | "KTS1010" | "KTS1017" {
  if (target.brand !== null && type.brand !== target.brand) return "KTS1017";
  return type.signed !== target.signed && type.width !== target.width ? "KTS1013" : "KTS1010";
}

function nonNull(type: Type): Type {
  return type.kind === "pointer" ? pointerType(type.to) : type;
}

function enumOfMember(declarations: Declarations, member: ts.EnumMember): Type {
  return declarations.enumTypeOf(member.parent);
}

/** Left side of an assignment: its declared type counts, not what it was narrowed to. */
function isAssigned(e: ts.Identifier): boolean {
  const parent = e.parent;
  return ts.isBinaryExpression(parent) && parent.left === e && parent.operatorToken.kind === S.EqualsToken;
}

export function isModuleLevel(declaration: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(declaration.parent.parent.parent);
}

export function isModuleConstant(declaration: ts.VariableDeclaration): boolean {
  return isModuleLevel(declaration) && (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
}

/** The module constant whose element or row's field is called. */
function tableOf(target: ts.Expression, declarations: Declarations): ts.VariableDeclaration | null {
  let at = target;
  while (ts.isElementAccessExpression(at) || ts.isPropertyAccessExpression(at)) at = at.expression;
  const declaration = ts.isIdentifier(at) && at !== target ? declarations.declarationOf(at) : null;
  return declaration !== null && ts.isVariableDeclaration(declaration) && isModuleConstant(declaration)
    ? declaration
    : null;
}
