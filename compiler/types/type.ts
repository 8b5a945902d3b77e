/**
 * The types of Kernel TypeScript.
 *
 * A *value* type is what an expression, a parameter or a local can have. A *storage* type is what a place
 * (a field, an element, a static, a local aggregate) is made of: every value type, and besides them the
 * aggregates `struct` and `array` in place. Taking an aggregate place as a value gives a `pointer` to it.
 *
 *   TypeScript                       as a value                 as storage
 *   u8 … i64, u64 & Brand<"B">       int                        int
 *   boolean, const enum              boolean, enum              the same
 *   Thread, Thread | null            pointer to struct          pointer to struct
 *   Inline<Thread>                   pointer to struct          struct
 *   FixedArray<T, N>                 pointer to array           array
 *   Slice<T>, Bytes                  slice                      slice
 *   UserPtr<T>                       userPointer                userPointer
 *   (a: A) => R                      function (tables only)     function
 *
 * Types are interned by `TypeTable`, so that two types are the same exactly when they are `===`.
 */

export type Width = 8 | 16 | 32 | 64;

export interface IntType {
  readonly kind: "int";
  readonly width: Width;
  readonly signed: boolean;
  /** `PhysAddr` of `u64 & Brand<"PhysAddr">`, or null. */
  readonly brand: string | null;
}
/** An integer constant that has not met a type; it never reaches the tree. `big`: written with `n`. */
export interface LiteralType {
  readonly kind: "literal";
  readonly big: boolean;
}
export interface EnumType {
  readonly kind: "enum";
  readonly enum: Enum;
}
export interface StructType {
  readonly kind: "struct";
  readonly struct: Struct;
}
export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly length: number;
}
export interface PointerType {
  readonly kind: "pointer";
  readonly to: StructType | ArrayType;
  readonly nullable: boolean;
}
export interface SliceType {
  readonly kind: "slice";
  readonly element: Type;
}
export interface UserPointerType {
  readonly kind: "userPointer";
  readonly to: Type;
}
export interface FunctionType {
  readonly kind: "function";
  readonly parameters: readonly Type[];
  readonly result: Type;
}
export interface SimpleType {
  readonly kind: "boolean" | "void" | "never" | "null";
}
export type Type =
  | IntType
  | LiteralType
  | EnumType
  | StructType
  | ArrayType
  | PointerType
  | SliceType
  | UserPointerType
  | FunctionType
  | SimpleType;

/** A const enum. Its storage is a plain integer type; members are in the order of the source. */
export interface Enum {
  readonly name: string;
  readonly storage: IntType;
  readonly members: readonly { readonly name: string; readonly value: bigint }[];
  /** Also emitted for the assemblers. */
  readonly isLayout: boolean;
}

/** An interface that extends `Struct<"Name">`. `fields` is filled in after all structs are known. */
export interface Struct {
  readonly name: string;
  readonly fields: readonly Field[];
  /** Tagged `@layout`: offsets and size are also emitted for the assemblers. */
  readonly isLayout: boolean;
  /** File (relative to the root, with forward slashes) and 1-based line of the declaration. */
  readonly file: string;
  readonly line: number;
}

export interface Field {
  readonly name: string;
  /** Storage type. */
  readonly type: Type;
}
