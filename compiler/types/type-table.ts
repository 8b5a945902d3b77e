import type {
  ArrayType,
  Enum,
  EnumType,
  FunctionType,
  IntType,
  PointerType,
  SliceType,
  Struct,
  StructType,
  Type,
  UserPointerType,
  Width,
} from "./type.ts";

/** Interns types, so that two are the same exactly when they are `===`. */

const table = new Map<string, Type>();
const identities = new Map<object, number>();

function interned<T extends Type>(key: string, make: () => T): T {
  let type = table.get(key);
  if (type === undefined) {
    type = make();
    table.set(key, type);
  }
  return type as T;
}

function identity(of: object): number {
  let number = identities.get(of);
  if (number === undefined) {
    number = identities.size;
    identities.set(of, number);
  }
  return number;
}

export const BOOLEAN: Type = { kind: "boolean" };
export const VOID: Type = { kind: "void" };
export const NEVER: Type = { kind: "never" };
export const NULL: Type = { kind: "null" };
export const LITERAL: Type = { kind: "literal", big: false };
export const BIG_LITERAL: Type = { kind: "literal", big: true };

export function intType(width: Width, signed: boolean, brand: string | null = null): IntType {
  return interned(`${signed ? "i" : "u"}${width}${brand ?? ""}`, () => ({ kind: "int", width, signed, brand }));
}
export const U8 = intType(8, false);
export const U16 = intType(16, false);
export const U32 = intType(32, false);
export const U64 = intType(64, false);
export const I32 = intType(32, true);
export const INT_NAMES: Readonly<Record<string, IntType>> = {
  u8: U8,
  u16: U16,
  u32: U32,
  u64: U64,
  usize: U64,
  i8: intType(8, true),
  i16: intType(16, true),
  i32: I32,
  i64: intType(64, true),
};

export function enumType(e: Enum): EnumType {
  return interned(`enum ${identity(e)}`, () => ({ kind: "enum", enum: e }));
}
export function structType(struct: Struct): StructType {
  return interned(`struct ${identity(struct)}`, () => ({ kind: "struct", struct }));
}
export function arrayType(element: Type, length: number): ArrayType {
  return interned(`array ${identity(element)} ${length}`, () => ({ kind: "array", element, length }));
}
export function pointerType(to: StructType | ArrayType, nullable = false): PointerType {
  return interned(`pointer ${identity(to)} ${nullable}`, () => ({ kind: "pointer", to, nullable }));
}
export function sliceType(element: Type): SliceType {
  return interned(`slice ${identity(element)}`, () => ({ kind: "slice", element }));
}
export function userPointerType(to: Type): UserPointerType {
  return interned(`user ${identity(to)}`, () => ({ kind: "userPointer", to }));
}
export function functionType(parameters: readonly Type[], result: Type): FunctionType {
  const key = `function ${parameters.map(identity).join(" ")} : ${identity(result)}`;
  return interned(key, () => ({ kind: "function", parameters, result }));
}
export const BYTES = sliceType(U8);

/** What a storage type becomes as a value. */
export function valueOf(storage: Type): Type {
  return storage.kind === "struct" || storage.kind === "array" ? pointerType(storage) : storage;
}

/** The type as a programmer writes it. */
export function describe(type: Type): string {
  switch (type.kind) {
    case "int":
      return type.brand ?? `${type.signed ? "i" : "u"}${type.width}`;
    case "literal":
      return type.big ? "a bigint literal" : "a number literal";
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
      return type.element === U8 ? "Bytes" : `Slice<${describe(type.element)}>`;
    case "userPointer":
      return `UserPtr<${describe(type.to)}>`;
    case "function":
      return `(${type.parameters.map(describe).join(", ")}) => ${describe(type.result)}`;
    default:
      return type.kind;
  }
}

/** The type at which operators work on `type`: 32 or 64 bits, same sign, same brand. */
export function promote(type: IntType): IntType {
  return type.width < 32 ? intType(32, type.signed) : type;
}

export function minimum(type: IntType): bigint {
  return type.signed ? -(1n << BigInt(type.width - 1)) : 0n;
}
export function maximum(type: IntType): bigint {
  return (1n << BigInt(type.signed ? type.width - 1 : type.width)) - 1n;
}
export function wrap(type: IntType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.width, value) : BigInt.asUintN(type.width, value);
}
