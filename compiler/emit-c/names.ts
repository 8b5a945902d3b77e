/**
 * How types and names are written in C. Tags (structs, enums, slices) are unique in the program; a type is
 * defined in every C file that writes it, which `Speller` remembers.
 */
import type { Program } from "../tree.ts";
import type { Enum, SliceType, Struct, Type } from "../types/type.ts";

/** C's keywords, functions and macros that clang predefines (`linux`), and what the emitted prelude defines. */
const KEYWORDS =
  "alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false " +
  "float for goto i386 if inline int linux long main memcmp memcpy memmove memset nullptr register restrict return short signed " +
  "sizeof static static_assert struct switch thread_local true typedef typeof typeof_unqual union unix unsigned void " +
  "volatile while i8 i16 i32 i64 u8 u16 u32 u64 usize";
const RESERVED = new RegExp(`^(?:(?:${KEYWORDS.replaceAll(" ", "|")})_*|(?:kts_|__|_[A-Z]|Slice_).*)$`, "i");

/** A name of the source as a C identifier; different names stay different. */
export function identifier(name: string): string {
  const plain = name.replaceAll("$", "_S");
  return RESERVED.test(plain) ? `${plain}_` : plain;
}

export function integerName(width: number, signed: boolean): string {
  return `${signed ? "i" : "u"}${width}`;
}

export class Tags {
  readonly #tags = new Map<Struct | Enum, string>();
  /** Names of enum members share C's scope with functions and variables. */
  readonly enumerators: ReadonlySet<string>;

  constructor(program: Program) {
    const taken = new Set<string>();
    for (const each of [...program.structs, ...program.enums]) {
      let tag = identifier(each.name);
      for (let suffix = 2; taken.has(tag); suffix++) tag = `${identifier(each.name)}_${suffix}`;
      taken.add(tag);
      this.#tags.set(each, tag);
    }
    this.enumerators = new Set(program.enums.flatMap((each) => each.members.map(({ name }) => this.member(each, name))));
  }

  of(each: Struct | Enum): string {
    return this.#tags.get(each) ?? identifier(each.name);
  }

  member(each: Enum, name: string): string {
    return `${this.of(each)}_${name}`;
  }
}

/** Writes types, and defines those that were written. */
export class Speller {
  readonly tags: Tags;
  readonly #written = new Map<string, Type>();

  constructor(tags: Tags) {
    this.tags = tags;
  }

  /** A declaration of `inner` (a name, or "" for the type alone). */
  spell(type: Type, inner = ""): string {
    switch (type.kind) {
      case "int":
        return join(integerName(type.width, type.signed), inner);
      case "userPointer":
        return join("u64", inner);
      case "boolean":
        return join("bool", inner);
      case "enum":
        return join(this.#tagged(`enum ${this.tags.of(type.enum)}`, type), inner);
      case "struct":
        return join(this.#tagged(`struct ${this.tags.of(type.struct)}`, type), inner);
      case "slice":
        return join(this.#tagged(`struct ${this.sliceTag(type)}`, type), inner);
      case "array":
        return this.spell(type.element, `${inner.startsWith("*") ? `(${inner})` : inner}[${type.length}]`);
      case "pointer":
        return this.spell(type.to.kind === "array" ? type.to.element : type.to, `*${inner}`);
      case "function": {
        const parameters = type.parameters.map((parameter) => this.spell(parameterOf(parameter)));
        return this.spell(type.result, `(*${inner})(${parameters.join(", ") || "void"})`);
      }
      case "null":
        return `void *${inner}`;
      default:
        return join("void", inner);
    }
  }

  sliceTag(type: SliceType): string {
    return `Slice_${this.mangle(type.element)}`;
  }

  mangle(type: Type): string {
    switch (type.kind) {
      case "struct":
        return this.tags.of(type.struct);
      case "enum":
        return this.tags.of(type.enum);
      case "array":
        return `${this.mangle(type.element)}_x${type.length}`;
      case "pointer":
        return `${this.mangle(type.to)}_ptr`;
      case "slice":
        return this.sliceTag(type);
      case "function":
        return ["f", ...[...type.parameters, type.result].map((each) => this.mangle(each))].join("_");
      default:
        return this.spell(type);
    }
  }

  /** What was written, and what that needs, in an order that C accepts. */
  definitions(): string[] {
    const enums: string[] = [];
    const structs: string[] = [];
    const done = new Set<string>();
    const define = (type: Type): void => {
      if (type.kind === "array") define(type.element);
      if (type.kind !== "struct" && type.kind !== "slice" && type.kind !== "enum") return;
      const name = this.spell(type);
      if (done.has(name)) return;
      done.add(name);
      if (type.kind === "enum") {
        enums.push(this.#enum(type.enum));
      } else if (type.kind === "slice") {
        if (type.element.kind === "array") define(type.element);
        structs.push(`${name} {\n  ${this.spell(type.element, type.element.kind === "array" ? "(*data)" : "*data")};\n  u32 length;\n};`);
      } else {
        for (const field of type.struct.fields) define(field.type);
        const fields = type.struct.fields.map((field) => `  ${this.spell(field.type, identifier(field.name))};\n`);
        structs.push(`${name} {\n${fields.join("")}};`);
      }
    };
    for (const type of this.#written.values()) define(type);
    const forward = [...done].filter((name) => name.startsWith("struct ")).map((name) => `${name};`);
    return [...enums, forward.join("\n"), ...structs];
  }

  #tagged(name: string, type: Type): string {
    this.#written.set(name, type);
    return name;
  }

  #enum(each: Enum): string {
    const members = each.members.map(({ name, value }) => `  ${this.tags.member(each, name)} = ${value},\n`);
    return `enum ${this.tags.of(each)} : ${this.spell(each.storage)} {\n${members.join("")}};`;
  }
}

/** What a parameter of a storage type is passed as; `never` takes any integer. */
function parameterOf(type: Type): Type {
  if (type.kind === "struct" || type.kind === "array") return { kind: "pointer", to: type, nullable: false };
  return type.kind === "never" ? { kind: "int", width: 32, signed: false, brand: null } : type;
}

function join(base: string, inner: string): string {
  return inner === "" ? base : `${base} ${inner}`;
}
