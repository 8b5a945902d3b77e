import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ARCHES, type Arch, isArch } from "./architecture.ts";
import { buildImage } from "./build.ts";
import { EXIT_USAGE, Failure, runScript } from "./failure.ts";
import { readProgram } from "./program.ts";
import { kernelSize } from "./sections.ts";
import { sourceFiles } from "./sources.ts";
import { formatTable, grouped } from "./table.ts";

/**
 * `make size`: what the release kernel takes, how deep its stack can be, how much of it is unsafe, and how many lines it
 * and the compiler have.
 */

const COMPILER_LIMIT = 3_500;
const SECOND_LIMIT = 1_200;
/** What only the second back end needs, from the tree to objects. */
const SECOND = /^compiler\/(?:[\w-]*porffor|wasm-to-c|bin\/optimize)/;
const KERNEL_LIMIT = 5_500;
/** Of the kernel's files: those that seal packages and make processes of them. */
const SEALING = /^kernel\/(?:boot(?:Program|Trust)|object\/(?:image|process|trust|verifier)\w*)\.ts$/;

async function main(): Promise<number> {
  const { arch } = parseArgs({ options: { arch: { type: "string" } } }).values;
  if (arch !== undefined && !isArch(arch)) throw new Failure(`there is no architecture ${arch}`, EXIT_USAGE);
  for (const each of arch === undefined ? ARCHES : [arch]) await report(each);
  const compiler = sourceFiles("compiler").filter((file) => !file.startsWith("compiler/lib/"));
  const first = countLines(compiler.filter((file) => !SECOND.test(file)));
  const second = countLines(compiler.filter((file) => SECOND.test(file)));
  console.log(`compiler: ${grouped(first)} lines of at most ${grouped(COMPILER_LIMIT)}`);
  console.log(`its way through Porffor: ${grouped(second)} lines of at most ${grouped(SECOND_LIMIT)}`);
  return 0;
}

/** Lines of KTS in the release kernel, by folder. */
function reportLines(arch: Arch, files: readonly string[]): void {
  const folders = [...new Set(files.map(folderOf))].sort();
  const row = (name: string, own: readonly string[]) => [name, ...[countLines(own), countCode(own)].map(grouped)];
  const kernel = files.filter((file) => file.startsWith("kernel/"));
  const rows = [
    ...folders.map((folder) =>
      row(
        folder,
        files.filter((file) => folderOf(file) === folder),
      ),
    ),
    row("kernel/ in all", kernel),
    row(
      "kernel/ but sealing and processes",
      kernel.filter((file) => !SEALING.test(file)),
    ),
    row(
      "all but codec/ and crypto/",
      files.filter((file) => !/^(?:codec|crypto)\//.test(file)),
    ),
  ];
  console.log(formatTable([`lines of KTS, ${arch} release`, "lines", "without comments and blank ones"], rows));
  console.log(`kernel/ but sealing and processes is planned to have at most ${grouped(KERNEL_LIMIT)}\n`);
}

/** `kernel/object/`, `arch/x86_64/`, `codec/`. */
function folderOf(file: string): string {
  const [first = "", second = "", third] = file.split("/");
  return third === undefined || !/^(?:kernel|arch)$/.test(first) ? `${first}/` : `${first}/${second}/`;
}

async function report(arch: Arch): Promise<void> {
  const folder = await buildImage({ arch, flavour: "release" });
  const size = await kernelSize(`${folder}/kernel.elf`);
  const parts = Object.entries(size).map(([part, bytes]) => [part, grouped(bytes)]);
  console.log(
    formatTable([`kernel, ${arch} release`, "bytes"], [...parts, ["text + rodata", grouped(size.text + size.rodata)]]),
  );
  console.log(`\nworst stack, bytes\n${readFileSync(`${folder}/code/stack.txt`, "utf8").trimEnd()}`);
  const { unsafe, files } = readProgram(`${folder}/code/program.json`);
  const rows = unsafe.map(({ file, lines, reason }) => [`${file} (${reason})`, String(lines)]);
  const total = unsafe.reduce((sum, { lines }) => sum + lines, 0);
  console.log(`\n${formatTable([`unsafe files: ${unsafe.length}`, "lines"], [...rows, ["all", String(total)]])}\n`);
  reportLines(arch, files);
}

function countLines(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + readFileSync(file, "utf8").split("\n").length - 1, 0);
}

/** Lines that hold more than a comment. */
function countCode(files: readonly string[]): number {
  const withoutComments = (file: string) => readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return files.reduce(
    (sum, file) =>
      sum +
      withoutComments(file)
        .split("\n")
        .filter((line) => line.trim() !== "").length,
    0,
  );
}

await runScript(main);
