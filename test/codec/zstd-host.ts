import { readFileSync } from "node:fs";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The decoder of codec/zstd, called from tests. */

/** The statuses by name, as codec/zstd/status.ts numbers them. */
export const STATUSES: readonly string[] = [
  ...readFileSync(new URL("../../codec/zstd/status.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+),$/gm),
].map(([, name = ""]) => name);

export const ZSTD_ENTRIES = ["test/codec/zstd-entries.kts.ts"];

/** What the decoder says at the end of an input. */
export interface Result {
  readonly status: string;
  readonly output: Uint8Array;
  /** Where the input is at fault; 0 if it is not. */
  readonly offset: number;
}

type Call = (...values: unknown[]) => unknown;

export class Zstd {
  readonly #library: NativeLibrary;
  readonly #decoder: Uint8Array;
  readonly #startInto: Call;
  readonly #startRing: Call;
  readonly #decompress: Call;
  readonly #finish: Call;
  readonly #ringBytes: Call;
  readonly #makeFrames: Call;
  readonly #snapshot = new BigUint64Array(4);

  constructor(library: NativeLibrary) {
    this.#library = library;
    this.#decoder = library.keep(new Uint8Array(Number(library.call("decoder_bytes", "uint64_t", [])())));
    this.#startInto = library.call("start_into", "void", ["void *", "Slice"]);
    this.#startRing = library.call("start_ring", "void", ["void *", "Slice"]);
    this.#decompress = library.call("run", "uint32_t", ["void *", "Slice", "void *"]);
    this.#finish = library.call("end", "uint32_t", ["void *", "void *"]);
    this.#ringBytes = library.call("ring_bytes", "uint32_t", ["uint32_t"]);
    this.#makeFrames = library.call("make_frames", "uint32_t", ["uint32_t", "Slice"]);
  }

  static async load(): Promise<Zstd> {
    const library = await loadNative("zstd", ZSTD_ENTRIES);
    return new Zstd(library);
  }

  /** Bytes of a ring for windows up to `windowBytes`. */
  ringBytes(windowBytes: number): number {
    return this.#ringBytes(windowBytes) as number;
  }

  /** Frames of sound structure with random contents. */
  makeFrames(seed: number): Uint8Array {
    const room = new Uint8Array(1 << 16);
    return room.slice(0, this.#makeFrames(seed, slice(room)) as number);
  }

  /** Into a region of `room` bytes, the input in pieces that end at `cuts`. */
  decodeInto(input: Uint8Array, room: number, cuts: readonly number[] = []): Result {
    const region = this.#library.keep(new Uint8Array(room));
    this.#startInto(this.#decoder, slice(region));
    const { status, offset } = this.#feed(input, cuts, () => {});
    return { status, offset, output: region.subarray(0, Number(this.#snapshot[3])) };
  }

  /** Through a ring of `ringBytes`, the input in pieces that end at `cuts`. */
  decodeThrough(input: Uint8Array, ringBytes: number, cuts: readonly number[] = []): Result {
    const ring = this.#library.keep(new Uint8Array(ringBytes));
    const output: Uint8Array[] = [];
    this.#startRing(this.#decoder, slice(ring));
    const taken = this.#feed(input, cuts, (from, to) => output.push(ring.slice(from, to)));
    return { ...taken, output: new Uint8Array(Buffer.concat(output)) };
  }

  #feed(input: Uint8Array, cuts: readonly number[], take: (from: number, to: number) => void) {
    const ends = [...cuts, input.length];
    let from = 0;
    for (const end of ends) {
      for (;;) {
        const status = this.#name(this.#decompress(this.#decoder, slice(input.subarray(from, end)), this.#snapshot));
        const [consumed = 0n, places = 0n, offset = 0n] = this.#snapshot;
        take(Number(places & 0xffff_ffffn), Number(places >> 32n));
        from += Number(consumed);
        if (status === "Flush") continue;
        if (status !== "More") return { status, offset: Number(offset) };
        break;
      }
    }
    const status = this.#name(this.#finish(this.#decoder, this.#snapshot));
    return { status, offset: Number(this.#snapshot[2]) };
  }

  #name(status: unknown): string {
    return STATUSES[status as number] ?? `status ${status}`;
  }
}
