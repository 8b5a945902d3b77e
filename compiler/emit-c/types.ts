import type { Program } from "../tree.ts";
import type { Enum, EnumType, IntType, Struct, Type } from "../types/type.ts";

/** How KTS types are written in C: declarators, slices by element type, constants. */

/** C's keywords, macros that clang predefines (`linux`), and what the prelude defines. */
const TAKEN =
  "alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false " +
  "float for goto i386 if inline int linux long main memcmp memcpy memmove memset nullptr register restrict return " +
  "short signed sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unix " +
  "unsigned void volatile while u8 u16 u32 u64 i8 i16 i32 i64 usize";
const RESERVED = new RegExp(`^(?:(?:${TAKEN.replaceAll(" ", "|")})_*|kts_.*)$`);

/** `name`, with one more underscore where C or the prelude has taken it; different names stay different. */
export function cName(name: string): string {
  return RESERVED.test(name) ? `${name}_` : name;
}

const tags = new WeakMap<Struct | Enum, string>();

/** Gives every struct and enum its tag in C: the name, with a number where two files use the same. */
export function nameTags(program: Program): void {
  const taken = new Set<string>();
  for (const each of [...program.structs, ...program.enums]) {
    let tag = cName(each.name);
    for (let n = 2; taken.has(tag); n++) tag = `${cName(each.name)}_${n}`;
    taken.add(tag);
    tags.set(each, tag);
  }
}

/** The tag of a struct or enum; its name alone before `nameTags`. */
export function tagOf(of: Struct | Enum): string {
  return tags.get(of) ?? cName(of.name);
}

/** The declaration of `name` as `type`: C's declarators from the inside out. */
export function declare(type: Type, name: string): string {
  const spaced = (base: string): string => (name === "" ? base : `${base} ${name}`);
  switch (type.kind) {
    case "int":
      return spaced(intName(type));
    case "boolean":
      return spaced("bool");
    case "void":
    case "never":
      return spaced("void");
    case "enum":
      return spaced(`enum ${tagOf(type.enum)}`);
    case "struct":
      return spaced(`struct ${tagOf(type.struct)}`);
    case "array":
      return declare(type.element, `${name.startsWith("*") ? `(${name})` : name}[${type.length}]`);
    case "pointer":
      return type.to.kind === "array" ? declare(type.to, `(*${name})`) : declare(type.to, `*${name}`);
    case "slice":
      return spaced(`struct ${sliceName(type.element)}`);
    case "userPointer":
      return spaced("u64");
    case "function": {
      const parameters = type.parameters.map((parameter) => declare(parameter, "")).join(", ");
      return declare(type.result, `(*${name})(${parameters === "" ? "void" : parameters})`);
    }
    case "null":
    case "literal":
      throw new Error(`a ${type.kind} type reached the emitter`);
  }
}

export function intName(type: IntType): string {
  return `${type.signed ? "i" : "u"}${type.width}`;
}

export function sliceName(element: Type): string {
  return `Slice_${mangle(element)}`;
}

function mangle(type: Type): string {
  switch (type.kind) {
    case "int":
      return intName(type);
    case "enum":
      return tagOf(type.enum);
    case "struct":
      return tagOf(type.struct);
    case "array":
      return `${mangle(type.element)}x${type.length}`;
    case "pointer":
      return `p${mangle(type.to)}`;
    case "slice":
      return `s${mangle(type.element)}`;
    default:
      return type.kind;
  }
}

/** A constant of a type, as C reads it back exactly. */
export function constant(type: Type, value: bigint): string {
  switch (type.kind) {
    case "boolean":
      return value === 0n ? "false" : "true";
    case "enum":
      return enumConstant(type, value);
    case "pointer":
      return value === 0n ? "nullptr" : `((${declare(type, "")})${hex(value)}ull)`;
    case "int":
      return integer(type, value);
    default:
      return `${hex(value)}ull`;
  }
}

function enumConstant(type: EnumType, value: bigint): string {
  const member = type.enum.members.find((each) => each.value === value);
  const name = tagOf(type.enum);
  return member === undefined ? `((enum ${name})${value})` : `${name}_${member.name}`;
}

function integer(type: IntType, value: bigint): string {
  const suffix = type.width === 64 ? (type.signed ? "ll" : "ull") : type.signed ? "" : "u";
  if (value >= 0n) return `${hex(value)}${suffix}`;
  const lowest = -(1n << BigInt(type.width - 1));
  return value === lowest && type.width >= 32 ? `(${lowest + 1n}${suffix} - 1)` : `(${value}${suffix})`;
}

function hex(value: bigint): string {
  return value > 0xffffn ? `0x${value.toString(16)}` : String(value);
}

/** Bytes as a C string literal. */
export function text(bytes: Uint8Array): string {
  let result = "";
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
    result += isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${result}"`;
}

/** All element types of slices that the program's types mention. */
export function sliceElements(program: Program, others: Iterable<Type>): Type[] {
  const found = new Map<string, Type>();
  const seen = new Set<Type>();
  const visit = (type: Type): void => {
    if (seen.has(type)) return;
    seen.add(type);
    if (type.kind === "slice") {
      found.set(sliceName(type.element), type.element);
      visit(type.element);
    } else if (type.kind === "pointer") visit(type.to);
    else if (type.kind === "array") visit(type.element);
    else if (type.kind === "struct") for (const field of type.struct.fields) visit(field.type);
    else if (type.kind === "function") for (const each of [...type.parameters, type.result]) visit(each);
  };
  for (const struct of program.structs) for (const field of struct.fields) visit(field.type);
  for (const type of others) visit(type);
  return [...found.values()];
}
