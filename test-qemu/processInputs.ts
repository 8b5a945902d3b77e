import { readFileSync } from "node:fs";
import type { Arch } from "../scripts/architecture.ts";
import type { ArchiveFile } from "../scripts/archive.ts";
import { buildProgram } from "../scripts/build-program.ts";
import { encodePackage } from "../sdk/format/encode.ts";
import { makeParts } from "../sdk/format/pack.ts";
import type { Ceiling, CertificateBody, Manifest } from "../sdk/format/types.ts";
import {
  CEILING,
  CERTIFICATE,
  certificateOf,
  packageOf,
  ROOTS,
  requestOf,
  TRUST,
  WIDEST,
  type World,
} from "../test/codec/package-inputs.ts";
import type { CaseRecord } from "./caseFile.ts";

/** What the tests of packages and processes share: modules, and the trust set of the boot image. */

/** One root has to sign, so that a verification takes as little as it can. */
export const ONE_ROOT = { ...TRUST, threshold: 1 };
export const FIRST_ROOT = ROOTS.slice(0, 1);

/** Certified for what the test modules want. */
export const MODULE: CertificateBody = {
  ...CERTIFICATE,
  ceiling: { ...CEILING, kinds: { ...CEILING.kinds, Notification: ["write"] } },
};

/** The module of test-qemu/process/child.ts; `roots` certify its publisher. */
export function childOf(arch: Arch, binary: Uint8Array, roots = ROOTS.slice(0, 2)): World {
  const wanted: Manifest["wanted"] = {
    signal: { kind: "Notification", rights: ["write"], required: true },
    crash: { kind: "Notification", rights: ["write"], required: false },
  };
  return {
    chain: [certificateOf(MODULE, roots)],
    binary,
    manifest: { machine: arch, entry: entryOf(binary), wanted, offers: {}, dependencies: {}, contract: null },
  };
}

/** Of an ELF program. */
export function entryOf(binary: Uint8Array): bigint {
  return new DataView(binary.buffer, binary.byteOffset).getBigUint64(24, true);
}

/** The first task, signed like everything else for these trust sets. */
export function firstTaskOf(arch: Arch, binary: Uint8Array): ArchiveFile {
  const chain = [certificateOf({ ...CERTIFICATE, ceiling: WIDEST })];
  const plain = { wanted: {}, offers: {}, dependencies: {}, contract: null, stackBytes: 32_768, priority: 200 };
  const manifest = { ...plain, name: "test.process", machine: arch, entry: entryOf(binary) };
  return { name: "test.process", contents: packageOf({ chain, binary, manifest }) };
}

/** All of a package before its payload. */
export function headersOf(world: World): Uint8Array {
  const request = requestOf(world);
  return encodePackage(makeParts(request)).slice(0, -request.packed.bytes.length);
}

/** The binary of test-qemu/process/child.ts. */
export async function buildChild(arch: Arch): Promise<Uint8Array> {
  const entry = "test-qemu/process/child.ts";
  return readFileSync(await buildProgram({ arch, entry, optimization: "O2", out: `build/${arch}/process-child` }));
}

/**
 * The package of that module, which test-qemu/process/making.ts makes processes of; for ONE_ROOT. It may have an endpoint
 * besides, to which it hands its thread.
 */
export async function childCase(arch: Arch, parameter = 0): Promise<CaseRecord> {
  const binary = await buildChild(arch);
  const child = childOf(arch, binary);
  const kinds: Ceiling["kinds"] = { ...MODULE.ceiling.kinds, Endpoint: ["write", "pass"] };
  const chain = [certificateOf({ ...MODULE, ceiling: { ...MODULE.ceiling, kinds } }, FIRST_ROOT)];
  const heir = { kind: "Endpoint", rights: ["write", "pass"], required: false } as const;
  const manifest = { ...child.manifest, wanted: { ...child.manifest?.wanted, threadHeir: heir } };
  const headers = headersOf({ ...child, chain, manifest });
  return { kind: 0, name: "child", parts: [headers, binary], expected: 0, parameter };
}
