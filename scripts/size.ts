import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ARCHES, type Arch, isArch } from "./architecture.ts";
import { buildImage, sourceFiles } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { readProgram } from "./program.ts";
import { kernelSize } from "./sections.ts";
import { formatTable, grouped } from "./table.ts";

/** `make size`: what the release kernel takes, how deep its stack can be, and how much of it is unsafe. */

const COMPILER_LIMIT = 3_500;

async function main(): Promise<number> {
  const { arch } = parseArgs({ options: { arch: { type: "string" } } }).values;
  if (arch !== undefined && !isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  for (const each of arch === undefined ? ARCHES : [arch]) await report(each);
  const lines = countLines(sourceFiles("compiler").filter((file) => !file.startsWith("compiler/lib/")));
  console.log(`compiler: ${grouped(lines)} lines of at most ${grouped(COMPILER_LIMIT)}`);
  return 0;
}

async function report(arch: Arch): Promise<void> {
  const folder = await buildImage({ arch, flavour: "release" });
  const size = await kernelSize(`${folder}/kernel.elf`);
  const parts = Object.entries(size).map(([part, bytes]) => [part, grouped(bytes)]);
  console.log(
    formatTable([`kernel, ${arch} release`, "bytes"], [...parts, ["text + rodata", grouped(size.text + size.rodata)]]),
  );
  console.log(`\nworst stack, bytes\n${readFileSync(`${folder}/code/stack.txt`, "utf8").trimEnd()}`);
  const { unsafe } = readProgram(`${folder}/code/program.json`);
  const rows = unsafe.map(({ file, lines, reason }) => [`${file} (${reason})`, String(lines)]);
  const total = unsafe.reduce((sum, { lines }) => sum + lines, 0);
  console.log(`\n${formatTable([`unsafe files: ${unsafe.length}`, "lines"], [...rows, ["all", String(total)]])}\n`);
}

function countLines(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + readFileSync(file, "utf8").split("\n").length - 1, 0);
}

await runScript(main);
