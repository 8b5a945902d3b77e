import { readFileSync } from "node:fs";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The reader of codec/cbor, called from tests. */

const STATUSES: readonly string[] = [
  ...readFileSync(new URL("../../codec/cbor/status.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+),$/gm),
].map(([, name = ""]) => name);

/** Reads, as test/codec/cbor-entries.kts.ts numbers them. */
export const READS = {
  uint: 0,
  int: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  boolean: 7,
  null: 8,
  uintUpTo: 9,
  item: 10,
  major: 11,
  isAtEnd: 12,
} as const;

export const CBOR_ENTRIES = ["test/codec/cbor-entries.kts.ts"];

export class Cbor {
  readonly #library: NativeLibrary;
  readonly #open: (bytes: unknown) => unknown;
  readonly #read: (what: number, most: bigint, value: unknown) => unknown;
  readonly #start: (bytes: unknown) => unknown;
  readonly #resume: () => unknown;
  /** koffi does not keep what it passed. */
  #bytes: Uint8Array = new Uint8Array();

  constructor(library: NativeLibrary) {
    this.#library = library;
    this.#open = library.call("open_cbor", "uint64_t", ["Slice"]);
    this.#read = library.call("read_cbor", "uint64_t", ["uint32_t", "uint64_t", "void *"]);
    this.#start = library.call("start_cbor", "void", ["Slice"]);
    this.#resume = library.call("resume_cbor", "void", []);
  }

  static async load(): Promise<Cbor> {
    return new Cbor(await loadNative("cbor", CBOR_ENTRIES));
  }

  /** "Ok", or what is wrong and where. */
  open(bytes: Uint8Array): string {
    this.#bytes = this.#library.keep(bytes);
    return textOf(this.#open(slice(this.#bytes)));
  }

  /** Begins with bytes that nobody has validated. */
  start(bytes: Uint8Array): void {
    this.#bytes = this.#library.keep(bytes);
    this.#start(slice(this.#bytes));
  }

  read(what: keyof typeof READS, most = 0n): { verdict: string; value: bigint; length: number } {
    const value = new BigUint64Array(2);
    const verdict = textOf(this.#read(READS[what], most, value));
    return { verdict, value: value[0] ?? 0n, length: Number(value[1]) };
  }

  /** Reads on behind an error. */
  resume(): void {
    this.#resume();
  }

  /** The contents of a byte or text string, or a whole item. */
  readString(what: "bytes" | "text" | "item"): Uint8Array {
    const { value, length } = this.read(what);
    return Uint8Array.from(this.#bytes.subarray(Number(value) - length, Number(value)));
  }

  /** The next item as a value of JavaScript; maps as arrays of pairs. Floats as their bytes. */
  readValue(): unknown {
    switch (Number(this.read("major").value)) {
      case 0:
        return this.read("uint").value;
      case 1:
        return BigInt.asIntN(64, this.read("int").value);
      case 2:
        return this.readString("bytes");
      case 3:
        return new TextDecoder().decode(this.readString("text"));
      case 4:
        return Array.from({ length: Number(this.read("array").value) }, () => this.readValue());
      case 5:
        return new Map(
          Array.from({ length: Number(this.read("map").value) }, () => [this.readValue(), this.readValue()]),
        );
      case 6:
        return { tag: this.read("tag").value, content: this.readValue() };
      default:
        return this.#readSimple();
    }
  }

  #readSimple(): unknown {
    if (this.read("null").value === 1n) return null;
    const item = this.readString("item");
    if (item[0] === 0xf4 || item[0] === 0xf5) return item[0] === 0xf5;
    return item[0] === 0xf7 ? undefined : { float: Buffer.from(item).toString("hex") };
  }
}

function textOf(verdict: unknown): string {
  const word = BigInt(verdict as number | bigint);
  const status = STATUSES[Number(word & 0xffff_ffffn)] ?? "?";
  return status === "Ok" ? status : `${status} at ${word >> 32n}`;
}
