import type { ArchiveFile } from "../scripts/archive.ts";

/** Writes the cases that test-qemu/codecs/main.ts runs, as its cases.ts reads them. */

/** In the order of test-qemu/codecs/kind.ts. */
export const KINDS = [
  "pure",
  "internal",
  "mu",
  "sha512",
  "sha384",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "shake128",
  "shake256",
  "zstd",
  "cbor",
  "cose",
  "elf",
  "semver",
  "permute",
  "longestStep",
  "chain",
] as const;

const MEASURED = 0x8000_0000;

export interface TargetCase {
  readonly kind: (typeof KINDS)[number];
  readonly name: string;
  readonly parts: readonly Uint8Array[];
  readonly expected: number;
  /** Purpose, machine, whether prereleases are included, kind of a chain's hash. */
  readonly parameter?: number;
  /** The program prints `cost NAME N`. */
  readonly isMeasured?: boolean;
}

export function caseModule(cases: readonly TargetCase[]): ArchiveFile {
  return encodeCases(
    cases.map(({ kind, name, parts, expected, parameter = 0, isMeasured = false }) => ({
      ...{ name, parts, expected },
      kind: KINDS.indexOf(kind),
      parameter: (parameter | (isMeasured ? MEASURED : 0)) >>> 0,
    })),
  );
}

export interface CaseRecord {
  readonly kind: number;
  readonly name: string;
  readonly parts: readonly Uint8Array[];
  readonly expected: number;
  readonly parameter: number;
}

/** A boot module, as test-qemu/codecs/cases.ts reads it. */
export function encodeCases(cases: readonly CaseRecord[]): ArchiveFile {
  const words = (...values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
  const chunks = [words(cases.length, 0)];
  for (const { kind, name, parts, expected, parameter } of cases) {
    const all = [Buffer.from(name), ...parts];
    chunks.push(words(kind, parameter, expected, all.length));
    for (const part of all) chunks.push(words(part.length, 0), Buffer.from(part), Buffer.alloc(-part.length & 7));
  }
  return { name: "cases", contents: Uint8Array.from(Buffer.concat(chunks)) };
}
