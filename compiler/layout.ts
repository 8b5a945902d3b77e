import type { Program } from "./tree.ts";
import type { Field, Struct, Type } from "./types/type.ts";

/**
 * Where fields lie: natural alignment, pointers of 8 bytes, slices of 16 (data, length, padding). One declaration
 * in TypeScript serves C (checked there by `_Static_assert`), nasm and GNU as.
 */

export interface StructLayout {
  readonly offsets: ReadonlyMap<Field, number>;
  readonly size: number;
  readonly alignment: number;
}

const known = new WeakMap<Struct, StructLayout>();

export function layoutOf(struct: Struct): StructLayout {
  const before = known.get(struct);
  if (before !== undefined) return before;
  const offsets = new Map<Field, number>();
  let end = 0;
  let alignment = 1;
  for (const field of struct.fields) {
    const needed = alignmentOf(field.type);
    end = alignUp(end, needed);
    offsets.set(field, end);
    end += sizeOf(field.type);
    alignment = Math.max(alignment, needed);
  }
  const layout = { offsets, size: alignUp(end, alignment), alignment };
  known.set(struct, layout);
  return layout;
}

export function sizeOf(type: Type): number {
  switch (type.kind) {
    case "int":
      return type.width / 8;
    case "enum":
      return type.enum.storage.width / 8;
    case "boolean":
      return 1;
    case "struct":
      return layoutOf(type.struct).size;
    case "array":
      return sizeOf(type.element) * type.length;
    case "slice":
      return 16;
    default:
      return 8;
  }
}

function alignmentOf(type: Type): number {
  if (type.kind === "struct") return layoutOf(type.struct).alignment;
  if (type.kind === "array") return alignmentOf(type.element);
  return type.kind === "slice" ? 8 : sizeOf(type);
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** Names and values for assemblers: `Struct_field`, `Struct_SIZE`, `Enum_Member`, constants. */
export function layoutSymbols(program: Program): [string, bigint][] {
  const symbols: [string, bigint][] = program.layoutConstants.map(({ name, value }) => [name, value]);
  for (const struct of program.structs) {
    if (!struct.isLayout) continue;
    const { offsets, size } = layoutOf(struct);
    for (const [field, offset] of offsets) symbols.push([`${struct.name}_${field.name}`, BigInt(offset)]);
    symbols.push([`${struct.name}_SIZE`, BigInt(size)]);
  }
  return symbols;
}

export function nasmInclude(program: Program): string {
  return layoutSymbols(program)
    .map(([name, value]) => `%define ${name} 0x${value.toString(16)}\n`)
    .join("");
}

/** For GNU as through the C preprocessor. */
export function gnuInclude(program: Program): string {
  return layoutSymbols(program)
    .map(([name, value]) => `#define ${name} 0x${value.toString(16)}\n`)
    .join("");
}
