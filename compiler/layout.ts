/**
 * Sizes and offsets, and what the assemblers learn of them from the declarations tagged `@layout`:
 *
 *   struct S { f }          S_f (offset in bytes), S_SIZE
 *   const N = 4096n         N
 *   const enum E { A }      E_A
 *
 * Every machine has 8-byte pointers and natural alignment; C checks the offsets again.
 */
import type { Program } from "./tree.ts";
import type { Struct, Type } from "./types/type.ts";

export interface Extent {
  readonly size: number;
  readonly alignment: number;
}

/** Bytes of a storage type. */
export function extentOf(type: Type): Extent {
  switch (type.kind) {
    case "int":
      return { size: type.width / 8, alignment: type.width / 8 };
    case "enum":
      return extentOf(type.enum.storage);
    case "boolean":
      return { size: 1, alignment: 1 };
    case "slice":
      return { size: 16, alignment: 8 };
    case "array": {
      const { size, alignment } = extentOf(type.element);
      return { size: size * type.length, alignment };
    }
    case "struct": {
      const { size, alignment } = structLayout(type.struct);
      return { size, alignment };
    }
    default:
      return { size: 8, alignment: 8 };
  }
}

/** Offsets in the order of the fields. */
export function structLayout(struct: Struct): Extent & { readonly offsets: readonly number[] } {
  let end = 0;
  let most = 1;
  const offsets = struct.fields.map(({ type }) => {
    const { size, alignment } = extentOf(type);
    const offset = align(end, alignment);
    end = offset + size;
    most = Math.max(most, alignment);
    return offset;
  });
  return { offsets, size: align(end, most), alignment: most };
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** The constants for nasm (`layout.inc`) and for the C preprocessor, ahead of C or GNU as (`layout.h`). */
export function assemblerIncludes(program: Program): { readonly nasm: string; readonly gnu: string } {
  const rows = program.layoutConstants.map(({ name, value }) => [name, `0x${BigInt.asUintN(64, value).toString(16)}`]);
  for (const struct of program.structs.filter(({ isLayout }) => isLayout)) {
    const { offsets, size } = structLayout(struct);
    for (const [index, { name }] of struct.fields.entries()) rows.push([`${struct.name}_${name}`, `${offsets[index]}`]);
    rows.push([`${struct.name}_SIZE`, `${size}`]);
  }
  const write = (prefix: string): string => rows.map(([name, value]) => `${prefix}define ${name} ${value}\n`).join("");
  return { nasm: write("%"), gnu: write("#") };
}
