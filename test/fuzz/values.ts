import type { ArrayType, FunctionDeclaration, StructType, Type } from "./program.ts";

/**
 * What the reference evaluator computes with. Integers and enum members are bigints within their type's range;
 * aggregates are objects, and a pointer to one is the object itself.
 */
export type Value = bigint | boolean | null | StructValue | ArrayValue | SliceValue | FunctionDeclaration;

export class StructValue {
  /** By the fields' index. */
  readonly items: Value[];

  constructor(items: Value[]) {
    this.items = items;
  }
}

export class ArrayValue {
  readonly items: Value[];

  constructor(items: Value[]) {
    this.items = items;
  }
}

/** `length` elements of `array` from `from`; a zeroed slice has no array. */
export class SliceValue {
  readonly array: ArrayValue | null;
  readonly from: number;
  readonly length: number;

  constructor(array: ArrayValue | null, from: number, length: number) {
    this.array = array;
    this.from = from;
    this.length = length;
  }

  /** `index` lies within the slice. */
  at(index: number): Value {
    return this.array?.items[this.from + index] as Value;
  }
}

/** A zeroed place of the type. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case "int":
    case "enum":
      return 0n;
    case "boolean":
      return false;
    case "pointer":
    case "function":
      return null;
    case "slice":
      return new SliceValue(null, 0, 0);
    case "struct":
      return new StructValue(type.struct.fields.map((field) => zeroOf(field.type)));
    case "array":
      return new ArrayValue(Array.from({ length: type.length }, () => zeroOf(type.element)));
  }
}

/** A string literal: its UTF-8. */
export function textValue(text: string): SliceValue {
  const bytes = new TextEncoder().encode(text);
  return new SliceValue(new ArrayValue(Array.from(bytes, (byte) => BigInt(byte))), 0, bytes.length);
}

/** Overwrites all of the aggregate `to` with `from`; aggregates in place keep their identity. */
export function copyInto(type: StructType | ArrayType, to: Value, from: Value): void {
  const target = (to as StructValue | ArrayValue).items;
  const source = (from as StructValue | ArrayValue).items;
  source.forEach((item, index) => {
    const part = type.kind === "struct" ? type.struct.fields[index]?.type : type.element;
    if (part?.kind === "struct" || part?.kind === "array") copyInto(part, target[index] as Value, item);
    else target[index] = item;
  });
}
