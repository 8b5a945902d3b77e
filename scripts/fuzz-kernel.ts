import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { buildFuzzer } from "../test/kernel/fuzzer.ts";
import { scriptOfFile } from "../test/kernel/script.ts";
import { startScripts } from "../test-qemu/scriptRun.ts";
import { ARCHES, type Arch, isArch } from "./architecture.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";

/**
 * `make fuzz SECONDS=1800`: the kernels of both architectures as programs of the host (test/kernel), under libFuzzer with
 * the address and the undefined-behaviour sanitizer, both at once. A finding is shrunk, told call by call, and
 * kept below build/fuzz-kernel; `--input FILE` repeats it, and with `--machine` the system calls of it are made in QEMU, too,
 * with the invariants checked after each. Counters go to build/fuzz-kernel.json, and with `--keep NAME`
 * to bench/results. Exits 1 on a finding.
 */

export interface Counters {
  readonly inputs: number;
  readonly calls: number;
  readonly restarts: number;
  readonly failures: number;
  readonly compared: number;
  readonly faults: number;
  readonly interrupts: number;
  /** Packages and trust sets that were found sound. */
  readonly sealed: number;
  readonly adopted: number;
  /** How many different operations have gone through. */
  readonly operations: number;
  readonly served: readonly number[];
}

const FOLDER = "build/fuzz-kernel";
const RESULTS = "build/fuzz-kernel.json";
const KEPT = "bench/results";
const MAX_INPUT_BYTES = 3000;
const SECONDS_AN_INPUT = 60;
const SHRINKING_SECONDS = 60;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      arch: { type: "string" },
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(randomInt(1, 2 ** 31)) },
      input: { type: "string" },
      machine: { type: "boolean", default: false },
      keep: { type: "string" },
    },
  });
  if (values.arch !== undefined && !isArch(values.arch)) {
    throw new Failure(`there is no architecture ${values.arch}`, EXIT_USAGE);
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Failure(`SECONDS=${values.seconds}: a number of seconds`, EXIT_USAGE);
  const arches = ARCHES.filter((arch) => values.arch === undefined || arch === values.arch);
  if (values.input !== undefined) {
    return values.machine ? await repeatOnMachine(arches, values.input) : await repeat(arches, values.input);
  }
  console.log(`seed ${values.seed}`);
  const programs = new Map<Arch, string>();
  for (const arch of arches) programs.set(arch, await buildFuzzer(arch));
  const fuzzed = [...programs].map(([arch, program]) => fuzz(arch, program, seconds, values.seed));
  const runs: Record<string, Counters> = {};
  for (const [index, counters] of (await Promise.all(fuzzed)).entries()) {
    const arch = arches[index];
    if (counters === null || arch === undefined) return 1;
    runs[arch] = counters;
  }
  const record = { seed: Number(values.seed), seconds, processor: cpus()[0]?.model ?? "unknown", runs };
  writeFileSync(RESULTS, `${JSON.stringify(record)}\n`);
  if (values.keep !== undefined) {
    const kept = JSON.stringify(record, (key, value) => (key === "served" ? undefined : value), 2);
    writeFileSync(join(KEPT, `fuzz-kernel-${values.keep}.json`), `${kept}\n`);
  }
  return 0;
}

async function repeat(arches: readonly Arch[], input: string): Promise<number> {
  let status = 0;
  for (const arch of arches) {
    const program = await buildFuzzer(arch);
    const { exitCode } = await $({
      nothrow: true,
      stdio: "inherit",
      env: { ...process.env, TALK: "1" },
    })`${program} ${input}`;
    status = Math.max(status, exitCode ?? 1);
  }
  return status === 0 ? 0 : 1;
}

/** How it ends on the machines, which is what their consoles tell. */
async function repeatOnMachine(arches: readonly Arch[], input: string): Promise<number> {
  let status = 0;
  for (const arch of arches) {
    const script = await scriptOfFile(await buildFuzzer(arch), input);
    const machine = await startScripts(arch, "debug", [script], ["invariants=1"]);
    const end = await machine.exited;
    console.log(machine.output);
    if (end.status !== 0) status = 1;
  }
  return status;
}

/** What was done, or null after a finding, which has been told then. */
async function fuzz(arch: Arch, program: string, seconds: number, seed: string): Promise<Counters | null> {
  const folder = join(FOLDER, arch);
  const corpus = join(folder, "corpus");
  mkdirSync(corpus, { recursive: true });
  const options = [
    `-max_total_time=${seconds}`,
    `-seed=${seed}`,
    `-max_len=${MAX_INPUT_BYTES}`,
    "-len_control=0",
    "-reduce_inputs=0",
    `-timeout=${SECONDS_AN_INPUT}`,
    `-artifact_prefix=${folder}/`,
    "-verbosity=0",
  ];
  const run = await $({ nothrow: true, quiet: true })`${program} ${options} ${corpus}`;
  const counters = /^counters (\{.*\})$/m.exec(run.stderr)?.[1];
  if (run.exitCode === 0 && counters !== undefined) {
    const result = JSON.parse(counters) as Counters;
    console.log(
      `${arch}: ${result.calls} calls, ${result.compared} compared, ${result.operations} operations, no finding`,
    );
    return result;
  }
  console.log(reportIn(run.stderr));
  const found = [...run.stderr.matchAll(/Test unit written to (\S+)/g)].at(-1)?.[1];
  if (found !== undefined) await shrink(program, found);
  return null;
}

/** Without libFuzzer's statistics. */
function reportIn(output: string): string {
  return output
    .split("\n")
    .filter((line) => /PANIC|ERROR|SUMMARY|: 0x[0-9a-f]+ became|\.ts:\d+/.test(line))
    .join("\n");
}

/** The shortest input that is found to do the same, and what happens in it. */
async function shrink(program: string, input: string): Promise<void> {
  const to = `${input}.short`;
  const options = ["-minimize_crash=1", `-max_total_time=${SHRINKING_SECONDS}`, `-exact_artifact_path=${to}`];
  await $({ nothrow: true, quiet: true })`${program} ${options} ${input}`;
  const told = await $({ nothrow: true, quiet: true, env: { ...process.env, TALK: "1" } })`${program} ${to}`;
  console.log(
    told.stderr
      .split("\n")
      .filter((line) => line.startsWith("call "))
      .join("\n"),
  );
  console.log(`kept as ${to}; --input ${to} repeats it, with --machine in QEMU`);
}

await runScript(main);
