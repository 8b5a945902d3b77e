import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Arch } from "../../scripts/architecture.ts";
import { digest } from "../../sdk/format/sign.ts";
import {
  CERTIFICATE,
  certificateOf,
  makeElf,
  PUBLISHER,
  packageOf,
  ROOTS,
  TRUST,
  trustOf,
} from "../codec/package-inputs.ts";

/**
 * What the fuzzer's world has to verify: a sound package for the machine, the trust set that it is judged by, the next
 * one, and one that takes the publisher's key back. Keys and signatures are always the same, so that inputs repeat.
 */

const MACHINES: Readonly<Record<Arch, number>> = { x86_64: 62, aarch64: 183 };
/** Text from where every thread has its system call, constants, data. */
const SEGMENTS = [
  { flags: 5, address: 0x40_0000n, bytes: 0x1100 },
  { flags: 4, address: 0x40_2000n, bytes: 0x80 },
  { flags: 6, address: 0x40_4000n, bytes: 0x900 },
] as const;
/** What a process takes, and no more than the double. */
const BUDGET_BYTES = 2 ** 18;
const ONE_ROOT = { ...TRUST, threshold: 1 };
const ROOT = ROOTS.slice(0, 1);

/** Writes them into `folder` as C, which package.kts.ts reads; answers the file. */
export function writeParcels(arch: Arch, folder: string): string {
  const binary = makeElf({ machine: MACHINES[arch], segments: SEGMENTS });
  const manifest = { machine: arch, stackBytes: 4096, budgetBytes: BUDGET_BYTES, priority: 100 };
  const whole = packageOf({ chain: [certificateOf(CERTIFICATE, ROOT)], manifest, binary });
  const parts = [
    whole.subarray(0, whole.length - binary.length),
    binary,
    trustOf(ONE_ROOT, ROOT),
    trustOf({ ...ONE_ROOT, version: TRUST.version + 1 }, ROOT),
    trustOf({ ...ONE_ROOT, version: TRUST.version + 2, revoked: [digest(PUBLISHER.publicKey)] }, ROOT),
  ];
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "parcels.c");
  const arrays = parts.map((bytes, index) => `static const unsigned char part${index}[] = {${bytes.join(",")}};\n`);
  const list = (element: (index: number) => string): string => parts.map((_, index) => element(index)).join(", ");
  const starts = `unsigned long parcel_start(unsigned i) { return (const unsigned long[]){${list((i) => `(unsigned long)part${i}`)}}[i]; }\n`;
  const lengths = `unsigned parcel_length(unsigned i) { return (const unsigned[]){${list((i) => `sizeof part${i}`)}}[i]; }\n`;
  writeFileSync(file, [...arrays, starts, lengths].join(""));
  return file;
}
