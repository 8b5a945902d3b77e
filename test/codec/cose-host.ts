import { readFileSync } from "node:fs";
import { encode, rfc8949EncodeOptions } from "cborg";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** COSE_Sign1: codec/cose as tests call it, and a builder of messages. */

const STATUSES: readonly string[] = [
  ...readFileSync(new URL("../../codec/cose/status.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+),$/gm),
].map(([, name = ""]) => name);
const VALID = 0x100;
const INVALID = 0x200;

export interface Sign1 {
  readonly header: Uint8Array;
  readonly payload: Uint8Array | null;
  readonly signature: Uint8Array;
}

interface VerifyOptions {
  readonly externalAad?: Uint8Array;
  readonly detached?: Uint8Array;
  /** Bytes of the scratch. */
  readonly room?: number;
}

export const encodeCbor = (value: unknown): Uint8Array => Uint8Array.from(encode(value, rfc8949EncodeOptions));

export function makeHeader(keyId: Uint8Array, purpose: number, algorithm = -50): Uint8Array {
  return encodeCbor(
    new Map<number, unknown>([
      [1, algorithm],
      [4, keyId],
      [-65537, purpose],
    ]),
  );
}

/** RFC 9052, section 4.4. */
export function sigStructure(header: Uint8Array, externalAad: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(["Signature1", header, externalAad, payload]);
}

export function encodeSign1({ header, payload, signature }: Sign1): Uint8Array {
  return Uint8Array.from([0xd2, ...encodeCbor([header, new Map(), payload, signature])]);
}

export const COSE_ENTRIES = ["test/codec/cose-entries.kts.ts"];

export class Cose {
  readonly #library: NativeLibrary;
  readonly #parse: (bytes: unknown) => unknown;
  readonly #describe: (keyId: unknown, payload: unknown, lengths: unknown) => unknown;
  readonly #verify: (...values: unknown[]) => unknown;
  /** koffi does not keep what it passed. */
  #bytes: Uint8Array = new Uint8Array();

  constructor(library: NativeLibrary) {
    this.#library = library;
    this.#parse = library.call("parse_sign1", "uint64_t", ["Slice"]);
    this.#describe = library.call("describe_sign1", "void", ["void *", "void *", "void *"]);
    this.#verify = library.call("verify_sign1", "uint32_t", ["Slice", "uint64_t", "Slice", "Slice", "Slice"]);
  }

  static async load(): Promise<Cose> {
    return new Cose(await loadNative("cose", COSE_ENTRIES));
  }

  /** "Ok", or what is wrong and where. */
  parse(bytes: Uint8Array): string {
    this.#bytes = this.#library.keep(bytes);
    const word = BigInt(this.#parse(slice(this.#bytes)) as number | bigint);
    const status = STATUSES[Number(word & 0xffff_ffffn)] ?? "?";
    return status === "Ok" ? status : `${status} at ${word >> 32n}`;
  }

  /** Of what was parsed last. */
  describe(): { keyId: Uint8Array; payload: Uint8Array | null; purpose: number } {
    const [keyId, payload, lengths] = [new Uint8Array(64), new Uint8Array(4096), new Uint32Array(4)];
    this.#describe(keyId, payload, lengths);
    const [keyBytes, payloadBytes, purpose = 0, isDetached] = lengths;
    return {
      keyId: keyId.subarray(0, keyBytes),
      payload: isDetached === 1 ? null : payload.subarray(0, payloadBytes),
      purpose,
    };
  }

  /** Verifies what was parsed last: true, false, or why it cannot be verified. */
  verify(
    key: Uint8Array,
    purpose: number,
    { externalAad = new Uint8Array(), detached = new Uint8Array(), room = 8192 }: VerifyOptions = {},
  ): boolean | string {
    const scratch = new Uint8Array(room);
    const answer = this.#verify(slice(key), purpose, slice(externalAad), slice(detached), slice(scratch)) as number;
    if (answer === VALID || answer === INVALID) return answer === VALID;
    return STATUSES[answer] ?? "?";
  }
}
