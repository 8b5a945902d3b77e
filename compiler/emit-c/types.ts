/**
 * How types, names and constants are written in C. A C file defines the types that it writes: structs and enums
 * under tags that are unique in the program, and a struct for each kind of slice.
 */
import type { Program } from "../tree.ts";
import type { Enum, SliceType, Struct, Type } from "../types/type.ts";

/** C's keywords, the runtime's types, and macros that clang predefines (`linux`). */
const WORDS =
  "alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false " +
  "float for goto i386 if inline int linux long nullptr register restrict return short signed sizeof static " +
  "static_assert struct switch thread_local true typedef typeof typeof_unqual union unix unsigned void volatile while " +
  "u8 u16 u32 u64 i8 i16 i32 i64 usize";
/** What only an entry may be called: clang calls them, or the world outside does. */
const CALLED = "main memcmp memcpy memmove memset";
const [WORD, RESERVED] = [`(?:${WORDS})_*`, `(?:${WORDS} ${CALLED})_*|(?:kts_|KTS_|__|Slice_).*`].map(
  (words) => new RegExp(`^(?:${words.replaceAll(" ", "|")})$`),
) as [RegExp, RegExp];

/** `name`, with one more underscore where C or the runtime has taken it; different names stay different. */
export function cName(name: string): string {
  return RESERVED.test(name) ? `${name}_` : name;
}

/** The same for a name that the world outside knows. */
export function entryName(name: string): string {
  return WORD.test(name) ? `${name}_` : name;
}

/** The tags of a program's structs and enums: the name, with a number where two files use the same. */
export function tagsOf(program: Program): ReadonlyMap<Struct | Enum, string> {
  const tags = new Map<Struct | Enum, string>();
  const taken = new Set<string>();
  for (const each of [...program.structs, ...program.enums]) {
    let tag = cName(each.name);
    for (let n = 2; taken.has(tag); n++) tag = `${cName(each.name)}_${n}`;
    taken.add(tag);
    tags.set(each, tag);
  }
  return tags;
}

/** Writes types, and defines what was written. */
export class TypeWriter {
  readonly #tags: ReadonlyMap<Struct | Enum, string>;
  readonly #enumerators = new Set<string>();
  readonly #written = new Map<string, Type>();

  constructor(tags: ReadonlyMap<Struct | Enum, string>) {
    this.#tags = tags;
    for (const [each, tag] of tags) {
      if ("members" in each) for (const { name } of each.members) this.#enumerators.add(`${tag}_${name}`);
    }
  }

  /** A local's name, which must not hide an enum's member. */
  local(name: string): string {
    const plain = cName(name);
    return this.#enumerators.has(plain.replace(/_+$/, "")) ? `${plain}_` : plain;
  }

  tag(of: Struct | Enum): string {
    return this.#tags.get(of) ?? cName(of.name);
  }

  /** The declaration of `name` as `type`, C's declarators from the inside out; without a name the type alone. */
  declare(type: Type, name = ""): string {
    switch (type.kind) {
      case "array":
        return this.declare(type.element, `${name.startsWith("*") ? `(${name})` : name}[${type.length}]`);
      case "pointer":
        return this.declare(type.to.kind === "array" ? type.to.element : type.to, `*${name}`);
      case "function": {
        const parameters = type.parameters.map((parameter) => this.declare(parameter));
        return this.declare(type.result, `(*${name})(${parameters.join(", ") || "void"})`);
      }
      default:
        return `${this.#base(type)}${name && " "}${name}`;
    }
  }

  sliceTag(type: SliceType): string {
    return `Slice_${this.mangle(type.element)}`;
  }

  /** A type as a part of a name. */
  mangle(type: Type): string {
    switch (type.kind) {
      case "struct":
        return this.tag(type.struct);
      case "enum":
        return this.tag(type.enum);
      case "array":
        return `${this.mangle(type.element)}_x${type.length}`;
      case "pointer":
        return `${this.mangle(type.to)}_ptr`;
      case "slice":
        return this.sliceTag(type);
      case "function":
        return ["f", ...type.parameters.map((each) => this.mangle(each)), this.mangle(type.result)].join("_");
      default:
        return this.#base(type);
    }
  }

  /** Definitions of everything that was written, and of what that needs. */
  definitions(): string[] {
    const enums: string[] = [];
    const structs: string[] = [];
    const done = new Set<string>();
    const define = (type: Type): void => {
      if (type.kind === "array") define(type.element);
      if (type.kind !== "struct" && type.kind !== "slice" && type.kind !== "enum") return;
      const name = this.#base(type);
      if (done.has(name)) return;
      done.add(name);
      if (type.kind === "enum") {
        enums.push(this.#defineEnum(type.enum));
      } else if (type.kind === "slice") {
        if (type.element.kind === "array") define(type.element);
        structs.push(`${name} {\n  ${this.declare(type.element, "*data")};\n  u32 length;\n};`);
      } else {
        const fields = type.struct.fields.map((field) => `  ${this.declare(field.type, cName(field.name))};\n`);
        for (const field of type.struct.fields) define(field.type);
        structs.push(`${name} {\n${fields.join("")}};`);
      }
    };
    for (const type of this.#written.values()) define(type);
    const tags = [...done].filter((name) => name.startsWith("struct")).map((name) => `${name};`);
    return [...enums, tags.join("\n"), ...structs];
  }

  #base(type: Type): string {
    const name = this.#baseName(type);
    if (name.includes(" ")) this.#written.set(name, type);
    return name;
  }

  #baseName(type: Type): string {
    switch (type.kind) {
      case "int":
        return `${type.signed ? "i" : "u"}${type.width}`;
      case "boolean":
        return "bool";
      case "userPointer":
        return "u64";
      case "enum":
        return `enum ${this.tag(type.enum)}`;
      case "struct":
        return `struct ${this.tag(type.struct)}`;
      case "slice":
        return `struct ${this.sliceTag(type)}`;
      case "void":
      case "never":
        return "void";
      default:
        throw new Error(`a ${type.kind} type has no name in C`);
    }
  }

  #defineEnum(each: Enum): string {
    const members = each.members.map(({ name, value }) => `${this.tag(each)}_${name} = ${value}`);
    return `enum ${this.tag(each)} : ${this.declare(each.storage)} { ${members.join(", ")} };`;
  }

  /**
   * A constant. `isPlain`: its place gives it the right type whatever C makes of the bare number. `isBits`: in
   * hexadecimal.
   */
  constant(type: Type, value: bigint, isPlain: boolean, isBits = false): string {
    if (type.kind === "boolean") return value === 0n ? "false" : "true";
    if (type.kind === "enum") {
      const member = type.enum.members.find((each) => each.value === value);
      const name = this.declare(type);
      return member ? `${this.tag(type.enum)}_${member.name}` : `(${name})${value}`;
    }
    if (type.kind === "pointer") return value === 0n ? "nullptr" : `(${this.declare(type)})0x${value.toString(16)}`;
    if (type.kind !== "int") return `${value}`;
    if (type.signed && type.width >= 32 && value === -(1n << BigInt(type.width - 1))) {
      return `(${this.constant(type, value + 1n, false)} - 1)`;
    }
    const digits = (isBits && value > 9n) || value > 0xffffn ? `0x${value.toString(16)}` : `${value}`;
    return isPlain ? digits : `${digits}${type.signed ? "" : "u"}${type.width === 64 ? "l" : ""}`;
  }
}

/** Bytes as a C string literal. */
export function text(bytes: Uint8Array): string {
  const characters = [...bytes].map((byte) => {
    if (byte === 0x0a) return "\\n";
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${characters.join("")}"`;
}
