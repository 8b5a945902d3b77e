import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { buildEnds, endsOf } from "../test/kernel/ends.ts";
import { buildFuzzer } from "../test/kernel/fuzzer.ts";
import { whyMissed } from "../test/kernel/gaps.ts";
import { ARCHES, type Arch } from "./architecture.ts";
import { runScript } from "./failure.ts";

/**
 * `make coverage SECONDS=60`: which lines of the kernel the fuzzer reaches, in TypeScript: the emitted C names its lines.
 * A table by file, and every line that nothing has reached, on either architecture, with what test/kernel/gaps.ts says of
 * it, go to build/coverage-kernel.txt. Exits 1 when less than 95 % of kernel/ are reached.
 */

const SOURCES = ["kernel", "arch"];
/** Of kernel/. */
const LEAST = 0.95;
const RESULT = "build/coverage-kernel.txt";

/** By file, by line: how often it ran. */
type Coverage = Map<string, Map<number, number>>;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
  });
  const coverage: Coverage = new Map();
  for (const arch of ARCHES) {
    const out = `build/kernel-host/coverage-${arch}`;
    const program = await buildFuzzer(arch, { out, sanitize: false, hasCoverage: true, isQuick: true });
    // Counts of another build cannot be added to.
    for (const name of readdirSync(out).filter((file) => file.endsWith(".gcda"))) rmSync(join(out, name));
    const corpus = join("build/fuzz-kernel", arch, "corpus");
    mkdirSync(corpus, { recursive: true });
    const options = [`-max_total_time=${values.seconds}`, `-seed=${values.seed}`, "-max_len=3000", "-len_control=0"];
    await $({ quiet: true })`${program} ${options} -verbosity=0 ${corpus}`;
    await collect(out, coverage);
    await runEnds(arch, coverage);
  }
  const text = report(coverage);
  writeFileSync(RESULT, text);
  console.log(text.split("\n\n")[0]);
  return reachedOf(coverage) < LEAST ? 1 : 0;
}

/** What ends the program, and so no input of the fuzzer may do. */
async function runEnds(arch: Arch, coverage: Coverage): Promise<void> {
  const out = `build/kernel-host/coverage-ends-${arch}`;
  const program = await buildEnds(arch, { out, sanitize: false, hasCoverage: true });
  for (const name of readdirSync(out).filter((file) => file.endsWith(".gcda"))) rmSync(join(out, name));
  for (const { number } of endsOf(arch)) await $({ nothrow: true, quiet: true })`${program} ${number}`;
  await collect(out, coverage);
}

async function collect(out: string, coverage: Coverage): Promise<void> {
  const folder = resolve(out, "lines");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Sources are read by the names that the C has for them.
  for (const name of SOURCES) symlinkSync(resolve(name), join(folder, name));
  const units = readdirSync(out).filter((name) => name.endsWith(".gcda"));
  for (const unit of units) {
    await $({ quiet: true, cwd: folder })`llvm-cov-19 gcov --preserve-paths ${resolve(out, unit)}`;
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".gcov"))) {
      add(readFileSync(join(folder, name), "utf8"), coverage);
      rmSync(join(folder, name));
    }
  }
}

function add(text: string, coverage: Coverage): void {
  const file = /^ *-: *0:Source:((?:kernel|arch)\/.*\.ts)$/m.exec(text)?.[1];
  if (file === undefined || !/^(?:kernel\/(?!invariants)|arch)/.test(file)) return;
  const lines = coverage.get(file) ?? new Map<number, number>();
  coverage.set(file, lines);
  for (const [, count, line] of text.matchAll(/^ *(\d+|#####|=====)\*?: *(\d+):/gm)) {
    const times = /^\d+$/.test(count ?? "") ? Number(count) : 0;
    lines.set(Number(line), Math.max(times, lines.get(Number(line)) ?? 0));
  }
}

interface Row {
  readonly file: string;
  readonly all: number;
  readonly missed: readonly number[];
}

function rowsOf(coverage: Coverage): readonly Row[] {
  return [...coverage]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([file, lines]) => {
      const missed = [...lines].filter(([, count]) => count === 0).map(([line]) => line);
      return { file, all: lines.size, missed: missed.sort((a, b) => a - b) };
    });
}

/** Lines of kernel/, and how many of them were missed. */
function sumOf(rows: readonly Row[]): { all: number; missed: number } {
  const kernel = rows.filter(({ file }) => file.startsWith("kernel/"));
  const all = kernel.reduce((sum, row) => sum + row.all, 0);
  return { all, missed: kernel.reduce((sum, row) => sum + row.missed.length, 0) };
}

function reachedOf(coverage: Coverage): number {
  const { all, missed } = sumOf(rowsOf(coverage));
  return (all - missed) / all;
}

function report(coverage: Coverage): string {
  const rows = rowsOf(coverage);
  const { all, missed } = sumOf(rows);
  const table = rows.map((row) => `${percent(row.all - row.missed.length, row.all)}  ${row.file}`);
  const told = rows.filter((row) => row.missed.length > 0).map((row) => ({ row, lines: quote(row.file, row.missed) }));
  const unexplained = told
    .filter(({ row }) => row.file.startsWith("kernel/"))
    .flatMap(({ lines }) => lines.filter(({ why }) => why === null));
  const total = `${percent(all - missed, all)}  kernel/, ${all - missed} of ${all} lines; of the others ${unexplained.length} are not explained`;
  const lists = told.map(({ row, lines }) => `${row.file}\n${lines.map(({ text }) => text).join("\n")}`);
  return `${[...table, total].join("\n")}\n\n${lists.join("\n\n")}\n`;
}

function percent(part: number, all: number): string {
  return `${((100 * part) / all).toFixed(1).padStart(5)} %`;
}

function quote(file: string, lines: readonly number[]): readonly { text: string; why: string | null }[] {
  const source = readFileSync(file, "utf8").split("\n");
  return lines.map((line) => {
    const why = whyMissed(file, source, line);
    return { text: `${String(line).padStart(5)}  ${source[line - 1] ?? ""}    ◂ ${why ?? "NOT EXPLAINED"}`, why };
  });
}

await runScript(main);
