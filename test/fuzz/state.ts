import type { StructDeclaration, Type } from "./program.ts";
import { type ArrayValue, SliceValue, StructValue, type Value } from "./values.ts";

/**
 * What a program leaves behind: a hash over all its statics. It is written twice, as Kernel TypeScript that the
 * compiler under test compiles, and as the reference's own computation; both walk the state in the same order.
 */

const MULTIPLIER = 0x9e3779b97f4a7c15n;
const MASK = 0xffff_ffff_ffff_ffffn;

/** Also the text of `mix` in the programs' runtime file, see `MIX_SOURCE`. */
export function mix(hash: bigint, value: bigint): bigint {
  const product = ((hash ^ value) * MULTIPLIER) & MASK;
  return ((product << 29n) | (product >> 35n)) & MASK;
}

export const MIX_SOURCE = `/** Mixes \`value\` into \`hash\`. @noinline */
export function mix(hash: u64, value: u64): u64 {
  return rotl64((hash ^ value) * 0x9e3779b97f4a7c15n, 29);
}
`;

/** A value as the u64 that is mixed: numbers extend by their sign, objects are their `id`, slices their length. */
export function bitsOf(value: Value): bigint {
  if (typeof value === "bigint") return value & MASK;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (value instanceof StructValue) return value.items[0] as bigint;
  if (value instanceof SliceValue) return BigInt(value.length);
  return 0n;
}

/** Mixes a place of type `type` that holds `value`: all of it, but of an object behind a pointer only its `id`. */
export function hashValue(hash: bigint, type: Type, value: Value): bigint {
  switch (type.kind) {
    case "struct":
      return type.struct.fields.reduce(
        (sum, field) => hashValue(sum, field.type, (value as StructValue).items[field.index] as Value),
        hash,
      );
    case "array":
      return (value as ArrayValue).items.reduce((sum: bigint, item) => hashValue(sum, type.element, item), hash);
    case "slice": {
      const slice = value as SliceValue;
      let sum = mix(hash, BigInt(slice.length));
      if (type.element.kind === "struct" || type.element.kind === "array") return sum;
      for (let i = 0; i < slice.length; i++) sum = hashValue(sum, type.element, slice.at(i));
      return sum;
    }
    case "function":
      return hash;
    default:
      return mix(hash, bitsOf(value));
  }
}

/** Text of the expression that gives a value's `bitsOf`. A pointer's text must be a name that can be narrowed. */
export function bitsText(type: Type, text: string): string {
  switch (type.kind) {
    case "int":
      return type.signed ? `u64(i64(${text}))` : `u64(${text})`;
    case "boolean":
      return `u64(${text})`;
    case "enum":
      return `u64(u32(${text}))`;
    case "pointer":
      if (type.to.kind !== "struct") return "0n";
      return type.nullable ? `${text} === null ? 0n : u64(${text}.id)` : `u64(${text}.id)`;
    case "slice":
      return `u64(${text}.length)`;
    default:
      return "0n";
  }
}

/** The lines of a function `hash_S` for each struct and of the entry that hashes every static. */
export function hashSource(
  prefix: string,
  nameOf: (declaration: StructDeclaration) => string,
  statics: readonly (readonly [name: string, type: Type])[],
): string[] {
  const lines: string[] = [];
  const hashStruct = (struct: StructDeclaration): string => `hash_${nameOf(struct)}`;
  const write = (type: Type, text: string, indent: string, depth: number): void => {
    const item = `item${depth}`;
    const at = `at${depth}`;
    switch (type.kind) {
      case "struct":
        lines.push(`${indent}hash0 = ${hashStruct(type.struct)}(hash0, ${text});`);
        break;
      case "array":
        lines.push(`${indent}for (let ${at}: u32 = 0; ${at} < ${type.length}; ${at}++) {`);
        write(type.element, `${text}[${at}]`, `${indent}  `, depth + 1);
        lines.push(`${indent}}`);
        break;
      case "slice":
        lines.push(`${indent}{`, `${indent}  const ${item} = ${text};`);
        lines.push(`${indent}  hash0 = mix(hash0, u64(${item}.length));`);
        if (type.element.kind !== "struct" && type.element.kind !== "array") {
          lines.push(`${indent}  for (let ${at}: u32 = 0; ${at} < ${item}.length; ${at}++) {`);
          write(type.element, `${item}[${at}]`, `${indent}    `, depth + 1);
          lines.push(`${indent}  }`);
        }
        lines.push(`${indent}}`);
        break;
      case "pointer":
        lines.push(`${indent}{`, `${indent}  const ${item} = ${text};`);
        lines.push(`${indent}  hash0 = mix(hash0, ${bitsText(type, item)});`, `${indent}}`);
        break;
      case "function":
        break;
      default:
        lines.push(`${indent}hash0 = mix(hash0, ${bitsText(type, text)});`);
    }
  };
  const embedded = new Set<StructDeclaration>();
  const embed = (type: Type): void => {
    if (type.kind === "array") embed(type.element);
    if (type.kind !== "struct") return;
    embedded.add(type.struct);
    for (const field of type.struct.fields) embed(field.type);
  };
  for (const [, type] of statics) embed(type);
  for (const struct of embedded) {
    lines.push(`function ${hashStruct(struct)}(start: u64, object: ${nameOf(struct)}): u64 {`, "  let hash0 = start;");
    for (const field of struct.fields) write(field.type, `object.${field.name}`, "  ", 1);
    lines.push("  return hash0;", "}");
  }
  lines.push(`export function hash_${prefix}(): u64 {`);
  lines.push("  let hash0: u64 = 0n;");
  for (const [name, type] of statics) write(type, name, "  ", 1);
  lines.push("  return hash0;", "}");
  return lines;
}
