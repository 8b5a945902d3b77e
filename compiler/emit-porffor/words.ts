/**
 * Values as 32-bit words, of which Porffor's integer mode knows no other: 64 bits are two words, the lower first; a slice is
 * its pointer and its length; everything else is one word, as C would extend it.
 */
import type { IntType, Type } from "../types/type.ts";

/** A value as TypeScript text, one piece a word. */
export type Words = readonly string[];

/** How many words a value of the type has. */
export function wordsOf(type: Type): number {
  switch (type.kind) {
    case "int":
      return type.width === 64 ? 2 : 1;
    case "slice":
    case "userPointer":
    case "function":
      return 2;
    case "void":
    case "never":
      return 0;
    default:
      return 1;
  }
}

/** Whether the value is a number of 64 bits. */
export function isWide(type: Type): boolean {
  return wordsOf(type) === 2 && type.kind !== "slice";
}

/** The integer that stands for a value of one word, or of 64 bits. */
export function integerOf(type: Type): IntType {
  if (type.kind === "int") return type;
  if (type.kind === "enum") return type.enum.storage;
  const width = type.kind === "boolean" ? 8 : isWide(type) ? 64 : 32;
  return { kind: "int", width, signed: false, brand: null };
}

/** The lower 32 bits as a literal that Porffor reads right: none is negative. */
export function literal(value: bigint | number): string {
  const bits = BigInt.asUintN(32, BigInt(value));
  return bits > 0xffffn ? `0x${bits.toString(16)}` : `${bits}`;
}

export function literals(type: Type, value: bigint): Words {
  return wordsOf(type) === 2 ? [literal(value), literal(value >> 32n)] : [literal(value)];
}

/** Whether the text can stand twice: a literal, or a name that nothing assigns meanwhile. */
export function isAtom(text: string): boolean {
  return /^\w+$/.test(text);
}

/** `text`, a word, cut to a narrow type's width and extended to a word again. */
export function narrowed(text: string, { width, signed }: IntType): string {
  if (width >= 32) return text;
  if (!signed) return `(${text} & ${width === 8 ? 255 : 65535})`;
  return `((${text} << ${32 - width}) >> ${32 - width})`;
}
