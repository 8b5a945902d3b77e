import { readFileSync } from "node:fs";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The reader of codec/elf, called from tests. */

export const ELF_STATUSES: readonly string[] = [
  ...readFileSync(new URL("../../codec/elf/status.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+),$/gm),
].map(([, name = ""]) => name);

export interface Segment {
  readonly flags: number;
  readonly offset: bigint;
  readonly fileBytes: bigint;
  readonly address: bigint;
  readonly bytes: bigint;
}

export const ELF_ENTRIES = ["test/codec/elf-entries.kts.ts"];

export class Elf {
  readonly #read: (file: unknown, machine: number) => unknown;
  readonly #describe: (to: unknown) => unknown;

  constructor(library: NativeLibrary) {
    this.#read = library.call("read_elf", "uint64_t", ["Slice", "uint32_t"]);
    this.#describe = library.call("elf_program", "void", ["void *"]);
  }

  static async load(): Promise<Elf> {
    return new Elf(await loadNative("elf", ELF_ENTRIES));
  }

  /** "Ok", or what is wrong and at which byte. */
  read(file: Uint8Array, machine: number): string {
    const word = BigInt(this.#read(slice(file), machine) as number | bigint);
    const status = ELF_STATUSES[Number(word & 0xffff_ffffn)] ?? "?";
    return status === "Ok" ? status : `${status} at ${word >> 32n}`;
  }

  /** Of the file that was read last. */
  program(): { entry: bigint; lowest: bigint; readOnlyEnd: bigint; segments: Segment[] } {
    const words = new BigUint64Array(24);
    this.#describe(words);
    const word = (index: number): bigint => words[index] ?? 0n;
    const segments = Array.from({ length: Number(word(1)) }, (_, i) => ({
      flags: Number(word(4 + i * 5)),
      offset: word(5 + i * 5),
      fileBytes: word(6 + i * 5),
      address: word(7 + i * 5),
      bytes: word(8 + i * 5),
    }));
    return { entry: word(0), lowest: word(2), readOnlyEnd: word(3), segments };
  }
}
