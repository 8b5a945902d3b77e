import { readFileSync } from "node:fs";
import { loadNative, type NativeLibrary, slice } from "../native.ts";
import { SEALER_OPTIONS } from "./sealer-options.ts";

/** Packages and trust sets: codec/package as tests call it. */

function members(file: string, name: string, folder = "codec/package"): Map<number, string> {
  const source = readFileSync(new URL(`../../${folder}/${file}`, import.meta.url), "utf8");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const found = new Map<number, string>();
  let next = 0;
  for (const [, member = "", value] of body.matchAll(/^ {2}(\w+)(?: = (\w+))?,$/gm)) {
    next = value === undefined ? next : Number(value);
    found.set(next, member);
    next++;
  }
  return found;
}

export const FAULTS: ReadonlyMap<number, string> = members("fault.ts", "PackageFault");
export const STATUSES: ReadonlyMap<number, string> = members("status.ts", "PackageStatus");
export const OUTCOMES: ReadonlyMap<number, string> = members("outcome.ts", "Outcome", "kernel/object");
export const PARTS: ReadonlyMap<number, string> = members("container.ts", "Part");

export interface Verdict {
  readonly status: string;
  readonly fault: string;
  readonly part: string;
  readonly at: number;
}

export interface Check {
  readonly bytes: Uint8Array;
  /** The uncompressed binary; without it the payload is stored. */
  readonly binary?: Uint8Array;
  readonly machine?: number;
  /** Where the payload begins; found in a sound file when it is not given. */
  readonly headerBytes?: number;
  /** Which of the two trust sets. */
  readonly trust?: number;
  readonly pieceBytes?: number;
}

const X86_64 = 62;
/** Bytes that edits may add. */
const EDIT_ROOM = 4096;

export class Packages {
  readonly #readTrust: (...values: unknown[]) => unknown;
  readonly #headers: (...values: unknown[]) => unknown;
  readonly #payload: (...values: unknown[]) => unknown;
  readonly #binary: (...values: unknown[]) => unknown;
  readonly #find: (...values: unknown[]) => unknown;
  readonly #steps: (...values: unknown[]) => unknown;
  readonly #grant: (...values: unknown[]) => unknown;
  readonly #grantCount: (...values: unknown[]) => unknown;
  readonly #sizes: (...values: unknown[]) => unknown;
  readonly #hold: (...values: unknown[]) => unknown;
  readonly #kernelTrust: (...values: unknown[]) => unknown;
  readonly #seal: (...values: unknown[]) => unknown;
  readonly #edit: (...values: unknown[]) => unknown;
  /** koffi does not keep what it passed. */
  readonly #kept: Uint8Array[] = [];
  #bytes: Uint8Array = new Uint8Array();

  private constructor(library: NativeLibrary) {
    this.#readTrust = library.call("read_trust", "uint64_t", ["Slice", "uint32_t", "uint32_t"]);
    this.#headers = library.call("verify_headers", "uint64_t", ["Slice", "uint32_t"]);
    this.#payload = library.call("verify_payload", "uint64_t", ["Slice", "uint32_t"]);
    this.#binary = library.call("verify_binary", "uint64_t", ["Slice", "uint32_t", "uint32_t"]);
    this.#find = library.call("find_payload", "uint32_t", ["Slice"]);
    this.#steps = library.call("header_steps", "uint32_t", []);
    this.#grant = library.call("grant_fault", "uint32_t", ["uint32_t", "uint32_t", "uint32_t"]);
    this.#grantCount = library.call("grant_count_fault", "uint32_t", ["uint32_t"]);
    this.#hold = library.call("hold_signatures", "void", ["uint32_t"]);
    this.#kernelTrust = library.call("load_kernel_trust", "uint32_t", ["Slice"]);
    this.#seal = library.call("seal_package", "uint64_t", ["Slice", "Slice"]);
    this.#edit = library.call("edit_package", "uint32_t", ["Slice", "uint32_t", "uint32_t"]);
    this.#sizes = library.call("package_sizes", "void", ["void *"]);
  }

  static async load(): Promise<Packages> {
    return new Packages(await loadNative("package", ["test/codec/package-entries.kts.ts"], SEALER_OPTIONS));
  }

  /** Reads a boot image's trust set into place 0 or 1, or the successor of the one in place `present`. */
  readTrust(bytes: Uint8Array, into = 0, present?: number): Verdict {
    const copy = Uint8Array.from(bytes);
    this.#kept[into] = copy;
    return verdictOf(this.#readTrust(slice(copy), into, present ?? 2));
  }

  /** Where the payload of a file begins; the file's length when its headers are damaged. */
  findPayload(bytes: Uint8Array): number {
    this.#bytes = Uint8Array.from(bytes);
    return this.#find(slice(this.#bytes)) as number;
  }

  /** The verdict on a whole file, as a module manager and a kernel find it together. */
  verify({ bytes, binary, machine = X86_64, headerBytes, trust = 0, pieceBytes = 512 }: Check): Verdict {
    const length = headerBytes ?? this.findPayload(bytes);
    this.#bytes = Uint8Array.from(bytes);
    const headers = verdictOf(this.#headers(slice(this.#bytes.subarray(0, length)), trust));
    if (headers.fault !== "None") return headers;
    const payload = this.#bytes.subarray(length);
    const packed = verdictOf(this.#payload(slice(payload), pieceBytes));
    if (packed.fault !== "None") return packed;
    return verdictOf(this.#binary(slice(binary ?? payload), pieceBytes, machine));
  }

  /** As the kernel does: headers and binary alone. */
  seal(headers: Uint8Array, binary: Uint8Array, machine = X86_64, trust = 0): Verdict {
    this.#bytes = Uint8Array.from(headers);
    const verdict = verdictOf(this.#headers(slice(this.#bytes), trust));
    return verdict.fault === "None" ? verdictOf(this.#binary(slice(binary), 512, machine)) : verdict;
  }

  /** From now on every signature is taken for valid, or none is. */
  holdSignatures(on: boolean): void {
    this.#hold(on ? 1 : 0);
  }

  /** Gives the kernel's Verifier a boot image's trust set; whether it is sound. */
  loadKernelTrust(bytes: Uint8Array): boolean {
    this.#bytes = Uint8Array.from(bytes);
    return this.#kernelTrust(slice(this.#bytes)) === 1;
  }

  /** What the kernel's own Verifier does with a package whose payload is stored. */
  sealInKernel(bytes: Uint8Array, headerBytes: number): Verdict & { readonly outcome: string } {
    this.#bytes = Uint8Array.from(bytes);
    const word = BigInt(
      this.#seal(slice(this.#bytes.subarray(0, headerBytes)), slice(this.#bytes.subarray(headerBytes))) as number,
    );
    return { outcome: OUTCOMES.get(Number((word >> 24n) & 0xffn)) ?? "?", ...verdictOf(word) };
  }

  /** Changes `bytes` as their structure allows it (test/fuzz/codec/package-edits.kts.ts). */
  edit(bytes: Uint8Array, seed: number): Uint8Array {
    const room = new Uint8Array(bytes.length + EDIT_ROOM);
    room.set(bytes);
    this.#bytes = room;
    return room.subarray(0, this.#edit(slice(room), bytes.length, seed) as number);
  }

  /** Of the last headers. */
  steps(): number {
    return this.#steps() as number;
  }

  grantFault(index: number, kind: number, rights: number): string {
    return FAULTS.get(Number(this.#grant(index, kind, rights))) ?? "?";
  }

  grantCountFault(count: number): string {
    return FAULTS.get(Number(this.#grantCount(count))) ?? "?";
  }

  /** Bench, verification, reading of a trust set, trust set. */
  sizes(): readonly number[] {
    const to = new Uint32Array(4);
    this.#sizes(to);
    return [...to];
  }
}

function verdictOf(word: unknown): Verdict {
  const value = BigInt(word as number | bigint);
  const [fault, part, status] = [0n, 8n, 16n].map((shift) => Number((value >> shift) & 0xffn)) as [
    number,
    number,
    number,
  ];
  return {
    status: STATUSES.get(status) ?? "?",
    fault: FAULTS.get(fault) ?? "?",
    part: PARTS.get(part) ?? "?",
    at: Number(value >> 32n),
  };
}
