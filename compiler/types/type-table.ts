/** The types themselves, made once each: two are the same exactly when they are `===`. */
import type * as Kinds from "./type.ts";
import type { ArrayType, Enum, FunctionType, IntType, PointerType, Struct, StructType, Type, Width } from "./type.ts";

const derived = new WeakMap<object, Map<string, Type>>();
const numbers = new WeakMap<object, number>();
let nextNumber = 0;

/** The type that `make` gives; `key` tells it from the other types that are derived from `base`. */
function interned<T extends Type>(base: object, key: string, make: () => T): T {
  const known = derived.get(base) ?? new Map<string, Type>();
  derived.set(base, known);
  const type = known.get(key) ?? make();
  known.set(key, type);
  return type as T;
}

function numberOf(type: Type): number {
  const number = numbers.get(type) ?? nextNumber++;
  numbers.set(type, number);
  return number;
}

export const BOOLEAN: Type = { kind: "boolean" };
export const VOID: Type = { kind: "void" };
export const NEVER: Type = { kind: "never" };
export const NULL: Type = { kind: "null" };
/** Of an expression that is wrong already, or that its context types: it fits everywhere. */
export const UNKNOWN: Type = { kind: "never" };
export const LITERAL: Kinds.LiteralType = { kind: "literal", big: false };
export const BIG_LITERAL: Kinds.LiteralType = { kind: "literal", big: true };

export function intType(width: Width, signed: boolean, brand: string | null = null): IntType {
  const key = `${signed ? "i" : "u"}${width} ${brand ?? ""}`;
  return interned(interned, key, () => ({ kind: "int", width, signed, brand }));
}
export const U32 = intType(32, false);
export const U64 = intType(64, false);
export const INT_NAMES: ReadonlyMap<string, IntType> = new Map([
  ...([8, 16, 32, 64] as const).flatMap((width) => [
    [`u${width}`, intType(width, false)] as const,
    [`i${width}`, intType(width, true)] as const,
  ]),
  ["usize", U64],
]);

export function enumType(of: Enum): Kinds.EnumType {
  return interned(of, "enum", () => ({ kind: "enum", enum: of }));
}
export function structType(struct: Struct): StructType {
  return interned(struct, "struct", () => ({ kind: "struct", struct }));
}
export function arrayType(element: Type, length: number): ArrayType {
  return interned(element, `array ${length}`, () => ({ kind: "array", element, length }));
}
export function pointerType(to: StructType | ArrayType, nullable = false): PointerType {
  return interned(to, `pointer ${nullable}`, () => ({ kind: "pointer", to, nullable }));
}
export function sliceType(element: Type): Kinds.SliceType {
  return interned(element, "slice", () => ({ kind: "slice", element }));
}
export function userPointerType(to: Type): Kinds.UserPointerType {
  return interned(to, "user", () => ({ kind: "userPointer", to }));
}
export function functionType(parameters: readonly Type[], result: Type): FunctionType {
  const key = `function ${parameters.map(numberOf).join(" ")}`;
  return interned(result, key, () => ({ kind: "function", parameters, result }));
}
export const BYTES = sliceType(intType(8, false));

/** What a storage type becomes as a value: aggregates become pointers to themselves. */
export function valueOf(storage: Type): Type {
  return isAggregate(storage) ? pointerType(storage) : storage;
}

export function isAggregate(type: Type): type is StructType | ArrayType {
  return type.kind === "struct" || type.kind === "array";
}

/** The type as a programmer writes it. */
export function describe(type: Type): string {
  switch (type.kind) {
    case "int":
      return type.brand ?? `${type.signed ? "i" : "u"}${type.width}`;
    case "literal":
      return type.big ? "a literal with n" : "a literal without n";
    case "enum":
      return type.enum.name;
    case "struct":
      return `Inline<${type.struct.name}>`;
    case "array":
      return `FixedArray<${describe(type.element)}, ${type.length}>`;
    case "pointer": {
      const to = type.to.kind === "struct" ? type.to.struct.name : describe(type.to);
      return type.nullable ? `${to} | null` : to;
    }
    case "slice":
      return type === BYTES ? "Bytes" : `Slice<${describe(type.element)}>`;
    case "userPointer":
      return `UserPtr<${describe(valueOf(type.to))}>`;
    case "function":
      return `(${type.parameters.map(describe).join(", ")}) => ${describe(type.result)}`;
    default:
      return type.kind;
  }
}

/** The type at which operators work on `type`: 32 or 64 bits, same sign, same brand. */
export function promote(type: IntType): IntType {
  return type.width < 32 ? intType(32, type.signed, type.brand) : type;
}

/** The value that remains of an integer in the bits of `type`. */
export function wrap(type: IntType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.width, value) : BigInt.asUintN(type.width, value);
}
