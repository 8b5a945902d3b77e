import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { provideSystem } from "../../scripts/system.ts";
import { readElf } from "../format/elf.ts";
import { FaultError } from "../format/faults.ts";
import { MACHINES, type Machine } from "../format/types.ts";
import type { Command } from "../main.ts";
import { print, working } from "../tool/console.ts";
import { EXIT_BUILD, EXIT_NO_INPUT, EXIT_UNAVAILABLE, Failure } from "../tool/failure.ts";
import { writeGrants } from "../tool/grants.ts";
import { ROOT_FOLDER } from "../tool/keys.ts";
import { outputFolder, readModule } from "../tool/module.ts";
import { explain, machineOf } from "../tool/verdict.ts";

const ENTRY = "main.ts";

export const build: Command = {
  summary: "compiles a KTS module to a static program",
  help: `
  sila build [DIR] [--arch x86_64|aarch64] [--out DIR]

  DIR            the module's folder, with main.ts (default: .)
  --arch A       which machine (default: x86_64)
  --out DIR      where program.elf goes (default: DIR/build/M)

Examples:
  sila build
  sila build hello --arch aarch64
`,
  options: { arch: "string", out: "string" },
  mostArguments: 1,
  async run(given) {
    const folder = given.positionals[0] ?? ".";
    const machine = machineOf(given.text("arch") ?? "x86_64");
    print(await buildFolder(folder, machine, given.text("out")));
    return 0;
  },
};

/** Builds the module in a folder; answers its program's file. */
export async function buildFolder(folder: string, machine: Machine, into?: string): Promise<string> {
  const entry = join(folder, ENTRY);
  if (!existsSync(entry)) {
    throw new Failure(`${entry}: there is no such file. sila init NAME makes a module with one`, EXIT_NO_INPUT);
  }
  await provideSystem(ROOT_FOLDER);
  writeGrants(folder, readModule(folder).wanted);
  const out = resolve(into ?? outputFolder(folder, machine));
  mkdirSync(out, { recursive: true });
  const file = join(out, "program.elf");
  await working(`building ${folder}`, () => compile(resolve(entry), machine, out, file));
  checkProgram(file, machine);
  return file;
}

/** What the target would not load is no program. */
function checkProgram(file: string, machine: Machine): void {
  try {
    readElf(Uint8Array.from(readFileSync(file)), MACHINES[machine]);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new Failure(`${file}: ${error.message}. ${explain(error.fault)}`, EXIT_BUILD);
  }
}

/** TypeScript ── ktsc ──▶ C ── clang ──▶ objects ── ld.lld ──▶ program.elf */
function compile(entry: string, machine: Machine, out: string, file: string): void {
  const aliases = {
    "@user": "user",
    "@kernel": "kernel",
    "@io": "user/io",
    "@arch": `arch/${machine}`,
    "@build": "kernel/build/release",
  };
  const options = Object.entries(aliases).flatMap(([alias, folder]) => ["--alias", `${alias}=${folder}`]);
  for (const prelude of [`arch/${machine}/memory.c`, `user/${machine}/intrinsics.c`])
    options.push("--prelude", prelude);
  run(process.execPath, [
    "compiler/bin/ktsc.mjs",
    "build",
    relative(ROOT_FOLDER, entry),
    "user/panic.ts",
    "--root",
    ".",
    ...options,
    "--target",
    machine,
    "--out",
    out,
  ]);
  const { units } = JSON.parse(readFileSync(join(out, "program.json"), "utf8")) as { units: readonly string[] };
  const objects = units.map((unit) => join(out, unit.replace(/\.c$/, ".o")));
  const link = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none", "-T", "user/program.ld"];
  run("ld.lld-19", [...link, "-o", file, ...objects]);
}

function run(command: string, words: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd: ROOT_FOLDER, encoding: "utf8" });
  if (error !== undefined)
    throw new Failure(`${command}: ${error.message}. make setup in ${ROOT_FOLDER} installs it`, EXIT_UNAVAILABLE);
  if (status !== 0) throw new Failure(`the module does not build\n${stdout}${stderr}`.trimEnd(), EXIT_BUILD);
}
