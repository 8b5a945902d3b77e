import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { loadCompiler } from "../test/fuzz/back.ts";
import { generateProgram, reevaluate } from "../test/fuzz/generate.ts";
import { BACKS, type BackName, HostRunner } from "../test/fuzz/host-runner.ts";
import { printProgram } from "../test/fuzz/print.ts";
import { shrink } from "../test/fuzz/shrink.ts";
import { MIX_SOURCE } from "../test/fuzz/state.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";

/**
 * `make fuzz-compiler PROGRAMS=20000`: random programs through the compiler, and on through clang at -O0 and -O2 and through
 * Porffor, compared with the reference. `BACK=c` or `BACK=porffor` takes one way only. Programs that differ are made smaller
 * and saved below `build/fuzz/`. `SEED=n` repeats a run; `--only INDEX` one program of it. Exits 1 on a difference.
 */

const FOLDER = "build/fuzz";
/** Programs to a translation unit: more cost clang more than its start saves. */
const BATCH = 50;
/** Programs to a worker's process: the compiler keeps what it has parsed, half a megabyte a program. */
const SHARE = 1000;
/** Of more differences than these, only the first lines are printed. */
const MOST_SHRUNK = 3;
const SHRINK_LIMITS = { attempts: 1500, seconds: 120 };
const PROGRESS_SECONDS = 15;

interface Message {
  /** Programs done since the last message. */
  readonly done: number;
  readonly findings: readonly { readonly index: number; readonly kind: string; readonly detail: string }[];
}
interface Options {
  readonly seed: number;
  readonly first: number;
  readonly programs: number;
  readonly compiler: string | undefined;
  readonly backs: readonly BackName[];
  /** Stop at the first difference. */
  readonly stops: boolean;
  readonly shrinks: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      programs: { type: "string", default: "500" },
      seed: { type: "string" },
      first: { type: "string", default: "0" },
      only: { type: "string" },
      compiler: { type: "string" },
      back: { type: "string", multiple: true, default: [...BACKS] },
      stop: { type: "boolean", default: false },
      "no-shrink": { type: "boolean", default: false },
      worker: { type: "boolean", default: false },
    },
  });
  const seedText = values.seed ?? process.env.SEED ?? process.env.FUZZ_SEED;
  const options: Options = {
    seed: seedText === undefined ? randomInt(2 ** 31) : number("seed", seedText),
    first: number("first", values.only ?? values.first),
    programs: values.only === undefined ? number("programs", values.programs) : 1,
    compiler: values.compiler,
    backs: values.back.map(backName),
    stops: values.stop,
    shrinks: !values["no-shrink"],
  };
  return values.worker ? await work(options) : await lead(options);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new Failure(`--${name} ${text}: give a whole number`, EXIT_USAGE);
}

function backName(text: string): BackName {
  const name = BACKS.find((each) => each === text);
  if (name === undefined) throw new Failure(`--back ${text}: give ${BACKS.join(" or ")}`, EXIT_USAGE);
  return name;
}

// ---- the worker: one share of the programs, a message a batch ----
async function work(options: Options): Promise<number> {
  const runner = await makeRunner(options, `worker-${process.pid}`);
  const end = options.first + options.programs;
  for (let from = options.first; from < end; from += BATCH) {
    const count = Math.min(BATCH, end - from);
    const batch = Array.from({ length: count }, (_, i) => generateProgram(options.seed, from + i, { canPanic: true }));
    const found = await runner.run(batch);
    const findings = found.map(({ generated, kind, detail }) => ({ index: generated.program.index, kind, detail }));
    console.log(JSON.stringify({ done: count, findings } satisfies Message));
    if (options.stops && findings.length > 0) break;
  }
  rmSync(join(FOLDER, `worker-${process.pid}`), { recursive: true, force: true });
  return 0;
}

async function makeRunner({ compiler, backs }: Options, name: string): Promise<HostRunner> {
  return new HostRunner(await loadCompiler(compiler), join(FOLDER, name), backs);
}

// ---- the leader: shares out, sums up, makes small ----
async function lead(options: Options): Promise<number> {
  const { seed, programs } = options;
  console.log(`fuzz-compiler: seed ${seed}, ${programs} programs`);
  const start = performance.now();
  const findings: Message["findings"][number][] = [];
  let done = 0;
  let reported = start;
  const receive = (message: Message): void => {
    done += message.done;
    findings.push(...message.findings);
    for (const { index, kind, detail } of message.findings) console.log(`program ${index}: ${kind}\n  ${detail}`);
    if (performance.now() - reported < PROGRESS_SECONDS * 1000) return;
    reported = performance.now();
    console.log(`${done} of ${programs} programs, ${findings.length} differences`);
  };
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.ceil(programs / BATCH)));
  const size = Math.min(SHARE, Math.ceil(programs / jobs));
  const shares = Array.from({ length: Math.ceil(programs / size) }, (_, index) => {
    const from = size * index;
    return { ...options, first: options.first + from, programs: Math.min(size, programs - from) };
  });
  const next = (): Options | undefined => (options.stops && findings.length > 0 ? undefined : shares.shift());
  const runShares = async (): Promise<void> => {
    for (let share = next(); share !== undefined; share = next()) await runWorker(share, receive);
  };
  await Promise.all(Array.from({ length: jobs }, runShares));
  const seconds = (performance.now() - start) / 1000;
  const kinds = new Set<string>();
  for (const finding of findings) {
    if (!options.shrinks || kinds.has(finding.kind) || kinds.size >= MOST_SHRUNK) continue;
    kinds.add(finding.kind);
    await reduce(options, finding);
  }
  console.log(`seed ${seed}: ${done} programs, ${findings.length} differences, ${seconds.toFixed(0)} s`);
  return findings.length === 0 ? 0 : 1;
}

async function runWorker(share: Options, receive: (message: Message) => void): Promise<void> {
  const words = ["--worker", "--seed", `${share.seed}`, "--first", `${share.first}`, "--programs", `${share.programs}`];
  if (share.compiler !== undefined) words.push("--compiler", share.compiler);
  for (const back of share.backs) words.push("--back", back);
  if (share.stops) words.push("--stop");
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  for await (const line of createInterface({ input: child.stdout })) receive(JSON.parse(line) as Message);
  const status = await ended;
  if (status !== 0) throw new Failure(`a worker of the fuzzer ended with status ${status}`);
}

/** Shrinks the program of a finding and saves what is left. */
async function reduce(options: Options, finding: Message["findings"][number]): Promise<void> {
  const runner = await makeRunner(options, "shrink");
  const { program } = generateProgram(options.seed, finding.index, { canPanic: true });
  let detail = finding.detail;
  const stillFails = async (): Promise<boolean> => {
    const generated = reevaluate(program);
    if (generated === null) return false;
    const [found] = await runner.run([generated]).catch(() => []);
    if (found?.kind !== finding.kind) return false;
    detail = found.detail;
    return true;
  };
  const attempts = await shrink(program, stillFails, SHRINK_LIMITS);
  const folder = join(FOLDER, `${options.seed}-${finding.index}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "fuzz"), { recursive: true });
  for (const [name, text] of printProgram(program).files) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "fuzz/mix.ts"), MIX_SOURCE);
  const again = `tsx scripts/fuzz-compiler.ts --seed ${options.seed} --only ${finding.index}`;
  const note = `seed ${options.seed}, program ${finding.index}: ${finding.kind}\n${detail}\nagain, as it was made: ${again}\n`;
  writeFileSync(join(folder, "difference.txt"), note);
  const lines = [...printProgram(program).files.values()].join("").split("\n").length;
  console.log(`${folder}: ${lines} lines after ${attempts} attempts\n${note}`);
}

await runScript(main);
