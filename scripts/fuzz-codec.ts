import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { compileC } from "../compiler/clang.ts";
import { compileProgram } from "../compiler/compile.ts";
import { formatDiagnostic } from "../compiler/diagnostic.ts";
import { emitC } from "../compiler/emit-c.ts";
import type { ProgramOptions } from "../compiler/program.ts";
import { SEALER_OPTIONS } from "../test/codec/sealer-options.ts";
import { writeSoundPackage } from "../test/codec/sound-package.ts";
import { EXIT_BUILD, EXIT_USAGE, Failure, runScript } from "./failure.ts";

/**
 * `make fuzz-codec TARGET=zstd RUNS=1000000`: parsers of untrusted bytes under libFuzzer with the address and the
 * undefined-behaviour sanitizer. A target is test/fuzz/codec/NAME.kts.ts, with the entry LLVMFuzzerTestOneInput and, if
 * it knows the format, LLVMFuzzerCustomMutator; its corpus is in test/fuzz/codec/corpus/NAME. A finding is saved below
 * build/fuzz-codec/NAME, and `--input FILE` repeats it. Exits 1 on a finding.
 */

interface FuzzTarget {
  readonly name: string;
  /** The longest input that is tried. */
  readonly maxBytes: number;
  readonly options?: Pick<ProgramOptions, "aliases" | "files">;
  /** Makes what the target wants to find in its folder; answers where inputs to begin with are. */
  readonly prepare?: (folder: string) => string;
}

const TARGETS: readonly FuzzTarget[] = [
  { name: "zstd", maxBytes: 4096 },
  { name: "cbor", maxBytes: 2048 },
  { name: "elf", maxBytes: 1024 },
  { name: "semver", maxBytes: 300 },
  { name: "cose", maxBytes: 6144 },
  { name: "package", maxBytes: 40_960, options: SEALER_OPTIONS, prepare: writeSoundPackage },
];

const ROOT = resolve(import.meta.dirname, "..");
const SOURCES = "test/fuzz/codec";
const FOLDER = "build/fuzz-codec";
/** Within it every input has to be done. */
const SECONDS_AN_INPUT = 10;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: "0" },
      input: { type: "string" },
    },
  });
  const targets = TARGETS.filter(({ name }) => values.target === undefined || values.target === name);
  if (targets.length === 0) {
    throw new Failure(`no target ${values.target}: there is ${TARGETS.map(({ name }) => name).join(", ")}`, EXIT_USAGE);
  }
  let status = 0;
  for (const target of targets) {
    const program = await buildTarget(target);
    if (values.input === undefined) status = Math.max(status, await fuzz(target, program, values.runs, values.seed));
    else
      status = Math.max(
        status,
        (await $({ nothrow: true, stdio: "inherit" })`${program} ${values.input}`).exitCode ?? 1,
      );
  }
  return status === 0 ? 0 : 1;
}

/** Compiles and links a target; answers the program's path. */
async function buildTarget({ name, options: aliases }: FuzzTarget): Promise<string> {
  const folder = join(FOLDER, name);
  mkdirSync(folder, { recursive: true });
  const { diagnostics, program } = compileProgram({
    root: ROOT,
    entries: [`${SOURCES}/panic.kts.ts`, `${SOURCES}/${name}.kts.ts`],
    ...aliases,
  });
  if (program === null) throw new Failure(diagnostics.map(formatDiagnostic).join("\n"), EXIT_BUILD);
  const more = ["-fsanitize=fuzzer-no-link", "-fasynchronous-unwind-tables"];
  const options = { target: "host", optimization: "O2", sanitize: true, root: ROOT, preludes: [], more } as const;
  const objects = await compileC(emitC(program), folder, options);
  const binary = join(folder, "fuzz");
  await $`clang-19 -fsanitize=fuzzer,address,undefined -o ${binary} ${objects}`;
  return binary;
}

/** libFuzzer's own report goes to the console; its exit status is the answer. */
async function fuzz(
  { name, maxBytes, prepare }: FuzzTarget,
  program: string,
  runs: string,
  seed: string,
): Promise<number> {
  const folder = join(FOLDER, name);
  const found = join(folder, "corpus");
  mkdirSync(found, { recursive: true });
  const kept = join(SOURCES, "corpus", name);
  const options = [
    `-runs=${runs}`,
    `-seed=${seed}`,
    `-max_len=${maxBytes}`,
    `-timeout=${SECONDS_AN_INPUT}`,
    `-artifact_prefix=${folder}/`,
    "-print_final_stats=1",
    "-verbosity=1",
  ];
  const made = prepare === undefined ? [] : [prepare(folder)];
  const corpora = [found, ...made, ...(existsSync(kept) ? [kept] : [])];
  const { exitCode } = await $({ nothrow: true, stdio: "inherit" })`${program} ${options} ${corpora}`;
  return exitCode ?? 1;
}

await runScript(main);
