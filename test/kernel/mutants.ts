import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Arch } from "../../scripts/architecture.ts";
import type { Mutation } from "../mutations/kernel.ts";
import { mutated } from "../mutations/mutated.ts";
import { buildFuzzer } from "./fuzzer.ts";

/** Kernels without one of their rules under the fuzzer, which knows nothing of it, and how long it takes to notice. */

export interface Hunt {
  readonly mutation: Mutation;
  /** The panic or the sanitizer's report; null when nothing was found in time. */
  readonly foundBy: string | null;
  /** Of processor time, since others may use the processor, too. */
  readonly seconds: number;
}

export async function hunt(arch: Arch, mutation: Mutation, seconds: number, seed: number): Promise<Hunt> {
  const out = `build/kernel-host/mutant-${arch}`;
  const program = await buildFuzzer(arch, { out, files: new Map([[mutation.file, mutated(mutation)]]), isQuick: true });
  const folder = join(out, "found");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = [
    `-artifact_prefix=${folder}/`,
    `-seed=${seed}`,
    "-max_len=3000",
    "-len_control=0",
    "-reduce_inputs=0",
    "-timeout=60",
    "-verbosity=0",
  ].join(" ");
  const command = `ulimit -t ${seconds}; time ${program} ${options}`;
  const run = await $({ nothrow: true, quiet: true })`bash -c ${command}`;
  const spent = [...run.stderr.matchAll(/^(?:user|sys)\s+(\d+)m([\d.]+)s$/gm)];
  const used = spent.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { mutation, foundBy: isOutOfTime(run.exitCode) ? null : complaintIn(run.stderr), seconds: Math.round(used) };
}

/** Its time is up by SIGXCPU, or by SIGKILL right after. */
function isOutOfTime(exitCode: number | null): boolean {
  return exitCode === 152 || exitCode === 137 || exitCode === 0;
}

function complaintIn(output: string): string {
  const panic = /^PANIC: (.*)$/m.exec(output)?.[1];
  const report = /^SUMMARY: (.*)$/m.exec(output)?.[1];
  return panic !== undefined ? `panic: ${panic}` : (report ?? "end of the program");
}
