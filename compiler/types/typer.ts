/**
 * Types of expressions, bottom-up from the declared types of what they name. A constant without a type stays a
 * `literal` until it meets one; `meet` is where a value flows into a place, an argument or a result.
 */
import ts from "typescript";
import type { Code, Diagnostics } from "../diagnostic.ts";
import { constantInitial, isModuleLevel } from "../nodes.ts";
import { calleeOf, typeCall } from "./calls.ts";
import { exactValue, fold } from "./constants.ts";
import type { Declarations } from "./declarations.ts";
import { isNarrowed } from "./nulls.ts";
import { typeBinary, typeConditional, typePrefix, typeStep } from "./operators.ts";
import type { IntType, Type } from "./type.ts";
import * as table from "./type-table.ts";
import type { CalleeKind } from "./typed-program.ts";

const { SyntaxKind: S } = ts;
const SIMPLE: ReadonlyMap<ts.SyntaxKind, Type> = new Map<ts.SyntaxKind, Type>([
  [S.NumericLiteral, table.LITERAL],
  [S.BigIntLiteral, table.BIG_LITERAL],
  [S.StringLiteral, table.BYTES],
  [S.TrueKeyword, table.BOOLEAN],
  [S.FalseKeyword, table.BOOLEAN],
  [S.NullKeyword, table.NULL],
]);

export class Typer {
  readonly checker: ts.TypeChecker;
  readonly declarations: Declarations;
  /** The type at which an operator works. */
  readonly operations = new Map<ts.Expression, Type>();
  readonly #diagnostics: Diagnostics;
  readonly #types = new Map<ts.Expression, Type>();
  readonly #constants = new Map<ts.Expression, bigint | null>();
  readonly #variables = new Map<ts.VariableDeclaration, Type>();
  readonly #callees = new Map<ts.CallExpression, CalleeKind>();

  constructor(checker: ts.TypeChecker, declarations: Declarations, diagnostics: Diagnostics) {
    this.checker = checker;
    this.declarations = declarations;
    this.#diagnostics = diagnostics;
  }

  report(node: ts.Node, code: Code, ...values: readonly (string | Type)[]): void {
    const texts = values.map((value) => (typeof value === "string" ? value : table.describe(value)));
    if (!values.includes(table.UNKNOWN)) this.#diagnostics.report(node, code, ...texts);
  }

  /** The type of an expression; of an untyped constant that has met none, `literal`. */
  infer(e: ts.Expression): Type {
    const type = this.#types.get(e) ?? this.#infer(e);
    this.#types.set(e, type);
    return type;
  }

  /** The same; what is still a literal becomes u32 or u64, or signed when it is negative. */
  typeOf(e: ts.Expression): Type {
    const type = this.infer(e);
    if (type.kind !== "literal") return type;
    const value = exactValue(this, e, null);
    this.resolve(e, table.intType(type.big ? 64 : 32, value !== null && value < 0n));
    return this.infer(e);
  }

  /** Gives an untyped constant its type. */
  resolve(e: ts.Expression, target: Type): void {
    const type = this.infer(e);
    if (type.kind !== "literal") return;
    if (target.kind !== "int" || (target.width === 64) !== type.big) {
      this.report(e, target.kind === "enum" ? "KTS1007" : "KTS1012", type, target);
      this.#give(e, type.big ? table.U64 : table.U32, null);
      return;
    }
    const value = exactValue(this, e, target);
    const wrapped = value === null ? null : table.wrap(target, value);
    if (wrapped !== value) this.report(e, "KTS1011", String(value), target);
    this.#give(e, target, wrapped);
  }

  #give(e: ts.Expression, type: IntType, value: bigint | null): void {
    this.#types.set(e, type);
    this.#constants.set(e, value);
    if (ts.isParenthesizedExpression(e)) this.#give(e.expression, type, value);
    if (!ts.isConditionalExpression(e)) return;
    this.operations.set(e, type);
    this.resolve(e.whenTrue, type);
    this.resolve(e.whenFalse, type);
  }

  /** The folded value in the range of the expression's type, or null. */
  constantOf(e: ts.Expression): bigint | null {
    const known = this.#constants.get(e);
    if (known !== undefined) return known;
    this.#constants.set(e, null);
    const value = fold(this, e);
    this.#constants.set(e, value);
    return value;
  }

  /** Storage type of a variable; that of an untyped module constant is `literal`. */
  variableType(declaration: ts.VariableDeclaration): Type {
    const known = this.#variables.get(declaration);
    if (known) return known;
    // tsc reports a variable that is its own initial value.
    this.#variables.set(declaration, table.UNKNOWN);
    const type = declaration.type ? this.declarations.storageOfNode(declaration.type) : this.#initialType(declaration);
    this.#variables.set(declaration, type);
    return type;
  }

  #initialType(declaration: ts.VariableDeclaration): Type {
    const { initializer } = declaration;
    if (!initializer) return table.UNKNOWN;
    const type = constantInitial(declaration) ? this.infer(initializer) : this.typeOf(initializer);
    const callee = ts.isCallExpression(initializer) ? this.calleeOf(initializer) : null;
    const isStorage = callee?.kind === "library" && (callee.name === "local" || callee.name === "zeroed");
    return isStorage && type.kind === "pointer" && !type.nullable ? type.to : type;
  }

  calleeOf(call: ts.CallExpression): CalleeKind {
    const callee = this.#callees.get(call) ?? calleeOf(this, call);
    this.#callees.set(call, callee);
    return callee;
  }

  #infer(e: ts.Expression): Type {
    const simple = SIMPLE.get(e.kind);
    if (simple) return simple;
    if (ts.isParenthesizedExpression(e)) return this.infer(e.expression);
    if (ts.isIdentifier(e)) return this.#name(e);
    if (ts.isPropertyAccessExpression(e)) return this.#property(e);
    if (ts.isElementAccessExpression(e)) return this.#element(e);
    if (ts.isCallExpression(e)) return typeCall(this, e);
    if (ts.isBinaryExpression(e)) return typeBinary(this, e);
    if (ts.isPrefixUnaryExpression(e)) return typePrefix(this, e);
    if (ts.isPostfixUnaryExpression(e)) return typeStep(this, e);
    if (ts.isConditionalExpression(e)) return typeConditional(this, e);
    if (ts.isAsExpression(e)) return this.#as(e);
    if (ts.isNonNullExpression(e)) return nonNull(this.infer(e.expression));
    // The check pass reports what is not in the language.
    return table.UNKNOWN;
  }

  #name(e: ts.Identifier): Type {
    const declaration = this.declarations.declarationOf(e);
    if (declaration && this.declarations.isLibrary(declaration)) return table.UNKNOWN;
    if (declaration && ts.isFunctionDeclaration(declaration)) return this.declarations.signatureOf(declaration);
    const isVariable = declaration && ts.isVariableDeclaration(declaration);
    if (isVariable) {
      const type = table.valueOf(this.variableType(declaration));
      return !isModuleLevel(declaration) && isNarrowed(this, e, type) ? nonNull(type) : type;
    }
    if (!declaration || !ts.isParameter(declaration) || !declaration.type) return table.UNKNOWN;
    const type = table.valueOf(this.declarations.storageOfNode(declaration.type));
    return isNarrowed(this, e, type) ? nonNull(type) : type;
  }

  /** The struct, array or slice that a member is taken of. */
  base(e: ts.Expression): Type {
    const type = this.infer(e);
    if (type.kind === "pointer" && type.nullable) this.report(e, "KTS2001", e.getText());
    return type.kind === "pointer" ? type.to : type;
  }

  #property(e: ts.PropertyAccessExpression): Type {
    const declaration = this.declarations.declarationOf(e.name);
    if (declaration && ts.isEnumMember(declaration))
      return table.enumType(this.declarations.enumOf(declaration.parent));
    const base = this.base(e.expression);
    if (e.name.text !== "length" || (base.kind !== "array" && base.kind !== "slice")) {
      return table.valueOf(this.placeTypeOf(e));
    }
    if (base.kind === "array" && hasCall(e.expression)) this.report(e, "KTS1002", e.getText());
    return table.U32;
  }

  #element(e: ts.ElementAccessExpression): Type {
    const place = this.placeTypeOf(e);
    const index = e.argumentExpression;
    this.resolve(index, table.U32);
    const type = this.infer(index);
    if (type.kind !== "int" || type.signed || type.width === 64) this.report(index, "KTS1031", type);
    const base = this.base(e.expression);
    const value = this.constantOf(index);
    if (base.kind === "array" && value !== null && value >= base.length) {
      this.report(index, "KTS1032", String(value), String(base.length));
    }
    return table.valueOf(place);
  }

  /** The storage type of the place that an expression names, or else its value's type. */
  placeTypeOf(e: ts.Expression): Type {
    if (ts.isParenthesizedExpression(e)) return this.placeTypeOf(e.expression);
    if (ts.isPropertyAccessExpression(e)) return this.declarations.fieldOf(e)?.type ?? table.UNKNOWN;
    if (ts.isElementAccessExpression(e)) {
      const base = this.base(e.expression);
      return base.kind === "array" || base.kind === "slice" ? base.element : table.UNKNOWN;
    }
    const declaration = ts.isIdentifier(e) ? this.declarations.declarationOf(e) : null;
    return declaration && ts.isVariableDeclaration(declaration) ? this.variableType(declaration) : this.typeOf(e);
  }

  /** The value of `e` flows into something of type `target`. */
  meet(e: ts.Expression, target: Type): void {
    this.resolve(e, target);
    const type = this.infer(e);
    // Whether a parameter of type never may take a value is for tsc to say.
    const isImpossible = target.kind === "never" && (type.kind === "int" || type.kind === "enum");
    if (type.kind === "never" || target === table.UNKNOWN || type === target || isImpossible) return;
    if (type.kind === "pointer" && target.kind === "pointer" && type.to === target.to) {
      if (type.nullable && !target.nullable) this.report(e, "KTS2002", target);
    } else if (type.kind === "int" && target.kind === "int") {
      const code = conversionError(type, target);
      if (code) this.report(e, code, type, target);
    } else if (type !== table.NULL || target.kind !== "pointer") {
      this.report(e, target.kind === "enum" ? "KTS1007" : "KTS1010", type, target);
    } else if (!target.nullable) this.report(e, "KTS2002", target);
  }

  /** `e` decides a branch. */
  condition(e: ts.Expression): void {
    const type = this.infer(e);
    if (type.kind !== "boolean") this.report(e, "KTS1020", type);
  }

  /** `as` puts a brand on, and names a type that tsc has narrowed too far. */
  #as(e: ts.AsExpression): Type {
    const target = table.valueOf(this.declarations.storageOfNode(e.type));
    const type = this.infer(e.expression);
    const isPointer = type.kind === "pointer" && target.kind === "pointer" && target.nullable;
    if (type === target || (isPointer && type.to === target.to)) return target;
    if (target.kind !== "int" || target.brand === null) this.report(e, "KTS1016", target);
    else if (type.kind === "literal") this.resolve(e.expression, target);
    else if (type.kind !== "int" || type.width !== target.width || type.signed !== target.signed) {
      this.report(e, "KTS1017", type, target);
    } else if (type.brand !== null) this.report(e, "KTS1018", type, target);
    return target;
  }
}

/** Widening keeps the value inside one signedness up to 32 bits, or takes a brand off. */
function conversionError(type: IntType, target: IntType): Code | null {
  if (target.brand !== null && type.brand !== target.brand) return type.brand === null ? "KTS1017" : "KTS1015";
  if (type.signed !== target.signed && type.width !== target.width) return "KTS1013";
  const isKept = type.width === target.width || (type.width < target.width && target.width <= 32);
  return type.signed === target.signed && isKept ? null : "KTS1010";
}

function nonNull(type: Type): Type {
  return type.kind === "pointer" ? table.pointerType(type.to) : type;
}

function hasCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) || ts.forEachChild(node, hasCall) === true;
}
