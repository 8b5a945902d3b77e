import { readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import type { Arch } from "../scripts/architecture.ts";
import { type ArchiveFile, packArchive } from "../scripts/archive.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import type { Flavour } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import { encodePackage } from "../sdk/format/encode.ts";
import { makeParts } from "../sdk/format/pack.ts";
import type { CertificateBody, Manifest } from "../sdk/format/types.ts";
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
import { type CaseRecord, encodeCases } from "./caseFile.ts";

/** What the tests of packages and processes share: a module, the trust set of the boot image, and the way onto the machine. */

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
function firstTaskOf(arch: Arch, binary: Uint8Array): ArchiveFile {
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

export interface ProcessRun {
  readonly arch: Arch;
  readonly flavour: Flavour;
  /** The program's name in test-qemu/process/; what it reads is `cases`. */
  readonly program: string;
  readonly cases: readonly CaseRecord[];
  /** The boot image's trust set. */
  readonly trust: Uint8Array;
  readonly words?: readonly string[];
  readonly timeoutSeconds?: number;
}

/** Runs a program of test-qemu/process/ as the first task; all of its checks have to pass. Answers the console's text. */
export async function runProcessProgram(run: ProcessRun): Promise<string> {
  const { arch, flavour, program, cases, trust, words = [], timeoutSeconds = 300 } = run;
  const out = `build/${arch}/process-${program}-${flavour}`;
  const entry = `test-qemu/process/${program}.ts`;
  const init = readFileSync(await buildProgram({ arch, entry, optimization: "O2", out }));
  const initrd = `${out}/archive.cpio`;
  const files = [firstTaskOf(arch, init), encodeCases(cases), { name: "trust", contents: trust }];
  writeFileSync(initrd, packArchive(files));
  const folder = await buildImage({ arch, flavour });
  const machine = new Machine({ arch, folder, initrd, icount: true, timeoutSeconds, words });
  onTestFinished(() => machine.stop());
  const [, passed, failed] = await machine.expect(/(\d+) passed, (\d+) failed/);
  expect(machine.output).not.toMatch(/^FAILED|PANIC/m);
  expect(Number(failed)).toBe(0);
  expect(Number(passed)).toBeGreaterThan(cases.length);
  expect((await machine.exited).status).toBe(0);
  return machine.output;
}
