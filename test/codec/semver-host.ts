import { readFileSync } from "node:fs";
import { loadNative, type NativeLibrary, slice } from "../native.ts";

/** The versions and ranges of codec/semver, called from tests. */

const STATUSES: readonly string[] = [
  ...readFileSync(new URL("../../codec/semver/status.ts", import.meta.url), "utf8").matchAll(/^ {2}(\w+),$/gm),
].map(([, name = ""]) => name);

export const SEMVER_ENTRIES = ["test/codec/semver-entries.kts.ts"];

export class Semver {
  readonly #parse: (bytes: unknown) => unknown;
  readonly #compare: (a: unknown, b: unknown) => unknown;
  readonly #satisfies: (range: unknown, version: unknown, includesPrereleases: boolean) => unknown;

  constructor(library: NativeLibrary) {
    this.#parse = library.call("parse_version", "uint64_t", ["Slice"]);
    this.#compare = library.call("compare_versions", "int32_t", ["Slice", "Slice"]);
    this.#satisfies = library.call("check_range", "uint64_t", ["Slice", "Slice", "bool"]);
  }

  static async load(): Promise<Semver> {
    return new Semver(await loadNative("semver", SEMVER_ENTRIES));
  }

  /** "Ok", or what is wrong and where. */
  parse(version: string): string {
    return textOf(BigInt(this.#parse(slice(Buffer.from(version))) as number | bigint));
  }

  compare(a: string, b: string): number {
    return this.#compare(slice(Buffer.from(a)), slice(Buffer.from(b))) as number;
  }

  /** Whether `version` satisfies `range`; what is wrong with the range and where. */
  satisfies(version: string, range: string, includesPrereleases = false): boolean | string {
    const verdict = this.#satisfies(slice(Buffer.from(range)), slice(Buffer.from(version)), includesPrereleases);
    const word = BigInt(verdict as number | bigint);
    const text = textOf(word & ~0x8000_0000n);
    return text === "Ok" ? (word & 0x8000_0000n) !== 0n : text;
  }
}

function textOf(word: bigint): string {
  const status = STATUSES[Number(word & 0xffff_ffffn)] ?? "?";
  return status === "Ok" ? status : `${status} at ${word >> 32n}`;
}
