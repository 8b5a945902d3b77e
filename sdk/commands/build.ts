import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ProcessOutput } from "zx";
import { BuildError } from "../../compiler/build-error.ts";
import { buildProgram } from "../../scripts/build-program.ts";
import { ROOT_FOLDER } from "../../scripts/root.ts";
import { provideSystem } from "../../scripts/system.ts";
import { readElf } from "../format/elf.ts";
import { FaultError } from "../format/faults.ts";
import { MACHINES, type Machine } from "../format/types.ts";
import type { Command } from "../main.ts";
import { print, working } from "../tool/console.ts";
import { EXIT_BUILD, EXIT_NO_INPUT, Failure } from "../tool/failure.ts";
import { writeGrants } from "../tool/grants.ts";
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
  const file = await working(`building ${folder}`, () => compile(entry, machine, out));
  checkProgram(file, machine);
  return file;
}

async function compile(entry: string, machine: Machine, out: string): Promise<string> {
  try {
    return await buildProgram({ arch: machine, entry, optimization: "O2", out });
  } catch (error) {
    const isLinkers = error instanceof ProcessOutput;
    if (!isLinkers && !(error instanceof BuildError)) throw error;
    const text = isLinkers ? `${error.stdout}${error.stderr}` : error.message;
    throw new Failure(`the module does not build\n${text}`.trimEnd(), EXIT_BUILD);
  }
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
