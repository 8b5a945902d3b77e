/**
 * What the `types` pass hands to `check` and `lower`: every question about names, types and constants that a
 * later pass may ask. Answers are only meaningful for programs without errors; on a bad program they are still
 * total (the pass has reported the error and answers with some type), so that no pass ever throws.
 */
import type ts from "typescript";
import type { Enum, Field, FunctionType, IntType, Struct, Type, Width } from "./type.ts";

export interface TypedProgram {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** The KTS files (not the library), in a fixed order: imports before importers, entries last. */
  readonly files: readonly ts.SourceFile[];
  /** Path of a file relative to the root, with forward slashes. */
  pathOf(file: ts.SourceFile): string;
  /** Each struct after those that it embeds; enums in the order of the source. */
  readonly structs: readonly Struct[];
  readonly enums: readonly Enum[];

  /**
   * The expression's own value type, before its context adapts it (an assignment, argument or operator may still
   * widen it). Untyped constants have the type that they met; never `literal`, `struct` or `array`.
   */
  typeOf(expression: ts.Expression): Type;
  /** The storage type of the place that an lvalue-like expression names (an Inline field is a `struct` here). */
  placeTypeOf(expression: ts.Expression): Type;
  /**
   * The type at which an operator works: both operands of an arithmetic, bitwise or comparison operator and both
   * arms of `?:` are converted to it; for `x op= y` and `x++` the promoted type at which the operation runs
   * before it wraps to x's own.
   */
  operationType(
    expression: ts.BinaryExpression | ts.PrefixUnaryExpression | ts.PostfixUnaryExpression | ts.ConditionalExpression,
  ): Type;
  /** The folded value of a constant expression in its type's range (booleans 0, 1; enum members; `a.length`), else null. */
  constantOf(expression: ts.Expression): bigint | null;
  /** What a type node means as storage. */
  storageOfNode(node: ts.TypeNode): Type;
  /** The storage type of a variable, parameter or property. */
  storageOf(declaration: ts.VariableDeclaration | ts.ParameterDeclaration | ts.PropertySignature): Type;
  /** What a storage type becomes as a value: aggregates become pointers to themselves. */
  valueOf(storage: Type): Type;
  /** The unbranded integer type of this width and sign. */
  intType(width: Width, signed: boolean): IntType;
  signatureOf(declaration: ts.FunctionDeclaration): FunctionType;
  /** The field that a property access names. */
  fieldOf(access: ts.PropertyAccessExpression): Field;
  /** The declaration that a name means, imports followed; null for the library's own and for unresolved names. */
  declarationOf(name: ts.Identifier): ts.Declaration | null;
  /** What a call calls. */
  calleeOf(call: ts.CallExpression): CalleeKind;
  /** JSDoc tags of a declaration or of a file's first comment: `{ storage: "u8", inline: "" }`. */
  tagsOf(declaration: ts.Node): ReadonlyMap<string, string>;
}

export type CalleeKind =
  /** A KTS function, or a `declare function` with `@extern`. */
  | { readonly kind: "function"; readonly declaration: ts.FunctionDeclaration }
  /** An element of a constant table of functions. */
  | { readonly kind: "table"; readonly type: FunctionType; readonly table: ts.VariableDeclaration }
  /** `u8(x)` … `usize(x)`. */
  | { readonly kind: "conversion"; readonly to: IntType }
  /** Any other function of the library, by name, with its type argument as storage (explicit or inferred). */
  | { readonly kind: "library"; readonly name: string; readonly typeArgument: Type | null }
  /** Reported as an error. */
  | { readonly kind: "unknown" };
