import { type NativeLibrary, ROOT } from "./native.ts";
import { compileToWasm, WasmInstance } from "./wasm.ts";

/**
 * KTS code through Porffor, loaded into this process and called like the library that C makes of it. Bytes that are passed
 * are in Wasm's memory during the call; those that are kept stay there.
 *
 *   constants ── statics ── stack ── bytes of a call ── bytes that are kept
 */

const MEMORY = 0x1000_0000;
const CONSTANTS = 0x1_0000;
const STATICS = 0x40_0000;
const STACK = { start: 0x400_0000, bytes: 0x10_0000 };
const CALL = 0x500_0000;
const KEPT = 0x800_0000;
const ALIGNMENT = 16;

/** Compiles `entries` (paths from the root of the project); what they tag `@entry` can be called. */
export async function loadWasm(entries: readonly string[]): Promise<NativeLibrary> {
  const program = { root: ROOT, entries };
  const { wasm, module } = await compileToWasm({ program, constants: CONSTANTS, statics: STATICS, memory: MEMORY });
  return new WasmLibrary(new WasmInstance(wasm, module, { kts_panic: panicked }, STACK));
}

function panicked(kind = 0, _text = 0, _length = 0, al = 0, _ah = 0, bl = 0, _bh = 0, site = 0): never {
  throw new Error(`KTS panic ${kind} at file ${site >>> 16} line ${site & 0xffff}: ${al} ${bl}`);
}

class WasmLibrary implements NativeLibrary {
  readonly #instance: WasmInstance;
  #nextKept = KEPT;

  constructor(instance: WasmInstance) {
    this.#instance = instance;
  }

  keep(bytes: Uint8Array): Uint8Array {
    const at = this.#nextKept;
    this.#nextKept = aligned(at + bytes.length);
    if (this.#nextKept > MEMORY) throw new Error("this library can keep no more");
    const kept = new Uint8Array(this.#instance.memory.buffer, at, bytes.length);
    kept.set(bytes);
    return kept;
  }

  call(name: string, result: string): (...values: unknown[]) => unknown {
    return (...values) => {
      const passed = new Passed(this.#instance.memory.buffer as ArrayBuffer);
      const answer = this.#instance.call(name, ...values.flatMap((value) => passed.wordsOf(value)));
      passed.takeBack();
      if (result === "bool") return answer !== 0n;
      return result.endsWith("64_t") ? answer : Number(answer);
    };
  }
}

/** What one call passes. */
class Passed {
  readonly #memory: Uint8Array;
  readonly #copies: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #end = CALL;

  constructor(memory: ArrayBuffer) {
    this.#memory = new Uint8Array(memory);
  }

  /** A number, a pointer to bytes, or a slice (`slice` in native.ts) as a pointer and a length. */
  wordsOf(value: unknown): (number | bigint)[] {
    if (ArrayBuffer.isView(value)) return [this.#place(value)];
    if (typeof value !== "object" || value === null) return [typeof value === "bigint" ? value : Number(value)];
    const { data, length } = value as { data: Uint8Array; length: number };
    return [this.#place(data), length];
  }

  #place({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    if (buffer === this.#memory.buffer) return byteOffset;
    const at = this.#end;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#memory.set(bytes, at);
    this.#copies.push({ at, bytes });
    this.#end = aligned(at + byteLength);
    return at;
  }

  /** What the call has written. */
  takeBack(): void {
    for (const { at, bytes } of this.#copies) bytes.set(this.#memory.subarray(at, at + bytes.length));
  }
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
