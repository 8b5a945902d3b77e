import { MAX_CAPS, MAX_WORDS } from "../../scripts/protocol/model.ts";
import { readEnum } from "../../scripts/syscalls/model.ts";
import { loadNative, type NativeLibrary } from "../native.ts";

/** The marshalling of protocol/marshal, called from tests. */

export interface TestMessage {
  readonly label: number;
  readonly words: readonly bigint[];
  readonly caps: number;
}

/** What came out: the fault, or the message that was made of the record. */
export type Passed = { readonly fault: string } | { readonly message: TestMessage; readonly sent: readonly bigint[] };

/** Capability `index` of a message arrives in this slot. */
export const FIRST_ARRIVAL = 100;
const FAULTS = readEnum("protocol/error.ts", "MessageFault");

export class Marshal {
  readonly #set: (...values: unknown[]) => unknown;
  readonly #pass: (...values: unknown[]) => unknown;
  readonly #get: (...values: unknown[]) => unknown;

  private constructor(library: NativeLibrary) {
    this.#set = library.call("set_message", "void", ["uint64_t", "Slice"]);
    this.#pass = library.call("pass_on", "uint32_t", ["uint32_t"]);
    this.#get = library.call("get_message", "void", ["Slice"]);
  }

  static async load(): Promise<Marshal> {
    return new Marshal(await loadNative("marshal", ["test/protocol/marshal-entries.kts.ts"]));
  }

  /** Decodes a message as the record with label `as`, and encodes that. */
  passOn({ label, words, caps }: TestMessage, as = label): Passed {
    const bytes = new BigUint64Array(MAX_WORDS);
    bytes.set(words.slice(0, MAX_WORDS));
    this.#set((BigInt(label) << 16n) | (BigInt(caps) << 8n) | BigInt(words.length), sliceOf(bytes));
    const fault = FAULTS[this.#pass(as) as number]?.name ?? "?";
    if (fault !== "None") return { fault };
    const out = new BigUint64Array(MAX_WORDS + 1 + MAX_CAPS);
    this.#get(sliceOf(out));
    const info = out[MAX_WORDS] ?? 0n;
    const [length, count] = [Number(info & 0xffn), Number((info >> 8n) & 0xffn)];
    const message = { label: Number((info >> 16n) & 0xffffn), words: [...out.subarray(0, length)], caps: count };
    return { message, sent: [...out.subarray(MAX_WORDS + 1, MAX_WORDS + 1 + count)] };
  }
}

function sliceOf(words: BigUint64Array): { data: Uint8Array; length: number } {
  return { data: new Uint8Array(words.buffer), length: words.length };
}
