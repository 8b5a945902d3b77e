import { readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import { ARCHES, type Arch } from "../scripts/architecture.ts";
import { type ArchiveFile, packArchive } from "../scripts/archive.ts";
import { buildImage } from "../scripts/build.ts";
import { buildProgram } from "../scripts/build-program.ts";
import type { Flavour } from "../scripts/image.ts";
import { Machine } from "../scripts/machine.ts";
import type { TrustBody } from "../sdk/format/types.ts";
import { trustOf } from "../test/codec/package-inputs.ts";
import { type CaseRecord, encodeCases } from "./caseFile.ts";
import { firstTaskOf } from "./processInputs.ts";

/** Runs the programs of test-qemu/process/, each the first task of a machine. */

/** Where all of them run: with the checker of the invariants, and optimized. */
export const KERNELS = ARCHES.flatMap((arch) => [
  { arch, flavour: "debug" as const },
  { arch, flavour: "bench" as const },
]);
const STEP_BOUND = 20_000;

/** No step of a verification is longer. Optimized kernels alone are counted. */
export function checkSteps(output: string, flavour: Flavour): void {
  const [line, longest] = /^longest step (\d+): .*$/m.exec(output) ?? [];
  if (flavour === "bench") expect(Number(longest), line).toBeLessThanOrEqual(STEP_BOUND);
}

export interface ProcessRun {
  readonly arch: Arch;
  readonly flavour: Flavour;
  /** The program's name in test-qemu/process/; what it reads is `cases`. */
  readonly program: string;
  readonly cases: readonly CaseRecord[];
  /** The boot image's trust set. */
  readonly trust: TrustBody;
  /** Further modules of the archive. */
  readonly modules?: readonly ArchiveFile[];
  readonly words?: readonly string[];
  readonly timeoutSeconds?: number;
}

/** Runs a program of test-qemu/process/ as the first task; all of its checks have to pass. Answers the console's text. */
export async function runProcessProgram(run: ProcessRun): Promise<string> {
  const { arch, flavour, program, cases, trust, modules = [], words = [], timeoutSeconds = 300 } = run;
  const out = `build/${arch}/process-${program}-${flavour}`;
  const entry = `test-qemu/process/${program}.ts`;
  const init = readFileSync(await buildProgram({ arch, entry, optimization: "O2", out }));
  const initrd = `${out}/archive.cpio`;
  const files = [firstTaskOf(arch, init), encodeCases(cases), ...modules, { name: "trust", contents: trustOf(trust) }];
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
