/**
 * Where the program's statics, constants and texts lie in Wasm's memory, and what is in it at first. Porffor sees addresses
 * only: whoever runs the module puts the two images into its memory.
 *
 *   constants ── tables, texts, names of files       statics ── what starts zeroed or with a value
 */
import { extentOf, structLayout } from "../layout.ts";
import type { Callee, Initial, Program, Static } from "../tree.ts";
import type { Field, Struct, Type } from "../types/type.ts";

/** Bytes for a place in memory. */
export interface MemoryImage {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const ALIGNMENT = 16;

export class StaticMemory {
  readonly #constants: ImageBuilder;
  readonly #statics: ImageBuilder;
  readonly #windowHigh: number;
  readonly #idOf: (callee: Callee) => number;
  readonly #addresses = new Map<Static, number>();
  readonly #texts = new Map<string, number>();

  /** `windowHigh` as in PorfforOptions. `idOf`: what stands in tables for a function. */
  constructor(constants: number, statics: number, windowHigh: number, idOf: (callee: Callee) => number) {
    this.#constants = new ImageBuilder(constants);
    this.#statics = new ImageBuilder(statics);
    this.#windowHigh = windowHigh;
    this.#idOf = idOf;
  }

  addressOf(each: Static): number {
    const known = this.#addresses.get(each);
    if (known !== undefined) return known;
    const { size, alignment } = extentOf(each.type);
    const builder = each.isConstant ? this.#constants : this.#statics;
    const address = builder.take(size, Math.max(alignment, ALIGNMENT));
    this.#addresses.set(each, address);
    this.#write(builder, address, each.type, each.initial);
    return address;
  }

  addressOfText(bytes: Uint8Array): number {
    const key = Buffer.from(bytes).toString("latin1");
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const address = this.#constants.take(bytes.length, 1);
    this.#constants.put(address, bytes);
    this.#texts.set(key, address);
    return address;
  }

  /** The table that `siteFile` reads: of each file a slice. */
  addressOfFiles(program: Program): number {
    const address = this.#constants.take(16 * program.files.length, 8);
    for (const [index, file] of program.files.entries()) {
      this.#putSlice(this.#constants, address + 16 * index, new TextEncoder().encode(file));
    }
    return address;
  }

  finish(): { readonly constants: MemoryImage; readonly statics: MemoryImage } {
    return { constants: this.#constants.image(), statics: this.#statics.image() };
  }

  #write(builder: ImageBuilder, address: number, type: Type, initial: Initial): void {
    switch (initial.kind) {
      case "constant":
        builder.putNumber(address, extentOf(type).size, initial.value);
        break;
      case "text":
        this.#putSlice(builder, address, initial.bytes);
        break;
      case "function":
        builder.putNumber(address, 8, BigInt(this.#idOf(initial.function)));
        break;
      case "struct": {
        const { struct } = type as { struct: Struct };
        for (const [field, each] of initial.fields)
          this.#write(builder, address + offsetOf(struct, field), field.type, each);
        break;
      }
      case "array": {
        const { element } = type as { element: Type };
        const { size } = extentOf(element);
        for (const [index, each] of initial.elements.entries())
          this.#write(builder, address + size * index, element, each);
        break;
      }
      default:
    }
  }

  #putSlice(builder: ImageBuilder, address: number, bytes: Uint8Array): void {
    const pointer = this.addressOfText(bytes);
    builder.putNumber(address, 4, BigInt(pointer));
    builder.putNumber(address + 4, 4, BigInt(upperWord(pointer, this.#windowHigh)));
    builder.putNumber(address + 8, 4, BigInt(bytes.length));
  }
}

/** Of a pointer in memory; see PorfforOptions. */
export function upperWord(pointer: number, windowHigh: number): number {
  if (pointer === 0 || windowHigh === 0) return 0;
  return ((pointer >> 31) | windowHigh) >>> 0;
}

/** Of a field in its struct. */
export function offsetOf(struct: Struct, field: Field): number {
  const offset = structLayout(struct).offsets[struct.fields.indexOf(field)];
  if (offset === undefined) throw new Error(`${struct.name} has no field ${field.name}`);
  return offset;
}

class ImageBuilder {
  readonly #start: number;
  #bytes = new Uint8Array(1 << 16);
  #end = 0;

  constructor(start: number) {
    this.#start = start;
  }

  /** Zeroed. */
  take(size: number, alignment: number): number {
    const offset = Math.ceil(this.#end / alignment) * alignment;
    this.#end = offset + size;
    while (this.#end > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#start + offset;
  }

  put(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address - this.#start);
  }

  putNumber(address: number, size: number, value: bigint): void {
    for (let i = 0; i < size; i++) this.#bytes[address - this.#start + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  image(): MemoryImage {
    return { address: this.#start, bytes: this.#bytes.subarray(0, this.#end) };
  }
}
