import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { $ as shell } from "zx";
import type { Arch } from "./architecture.ts";
import { readProgram } from "./program.ts";
import { ROOT_FOLDER } from "./root.ts";
import { sourceFiles } from "./sources.ts";

/**
 * Builds a user program: TypeScript ── ktsc ──▶ C ── clang ──▶ objects ── link ──▶ `program.elf`. A finished program keeps
 * the hash of the files that it was made from, and so another program's change leaves it alone.
 */

/** What the tools are given are paths from the project's folder; an entry may lie outside of it. */
const $ = shell({ cwd: ROOT_FOLDER });
const LINKER_SCRIPT = "user/program.ld";

export interface ProgramSpec {
  readonly arch: Arch;
  /** The file with `@entry program_start`. */
  readonly entry: string;
  readonly optimization: "O0" | "O2";
  readonly out: string;
  /** A C file with instructions of its own. */
  readonly prelude?: string;
}

/** The folders that a program's imports name so, wherever it lies. */
export function aliasesOf(arch: Arch): Readonly<Record<string, string>> {
  return {
    "@user": "user",
    "@kernel": "kernel",
    "@protocol": "protocol",
    "@services": "services",
    "@modules": "modules",
    "@io": "user/io",
    "@arch": `arch/${arch}`,
    "@build": "kernel/build/release",
  };
}

/** Answers the program's file. */
export async function buildProgram({ arch, optimization, prelude, ...spec }: ProgramSpec): Promise<string> {
  const entry = relative(ROOT_FOLDER, resolve(spec.entry));
  const out = resolve(spec.out);
  mkdirSync(out, { recursive: true });
  const preludes = [`arch/${arch}/memory.c`, `user/${arch}/intrinsics.c`, ...(prelude === undefined ? [] : [prelude])];
  const entries = [entry, "user/panic.ts"];
  const options = {
    root: ROOT_FOLDER,
    entries,
    aliases: aliasesOf(arch),
    target: arch,
    optimization,
    sanitize: false,
    preludes,
    out,
  };
  const others = [...sourceFiles(join(ROOT_FOLDER, "compiler")), ...[...preludes, LINKER_SCRIPT].map(inProject)];
  const elf = join(out, "program.elf");
  const keyFile = join(out, "program.key");
  if (existsSync(elf) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === programKey(options, others))
    return elf;
  // tsc takes its time to load, and most calls find all built.
  const { buildObjects } = await import("../compiler/build.ts");
  const { units } = await buildObjects(options);
  await linkProgram(
    units.map((unit) => join(out, unit.replace(/\.c$/, ".o"))),
    out,
  );
  writeFileSync(keyFile, programKey(options, others));
  return elf;
}

/** Of what the program in `out` was made from last: the compiler has written which files these were. */
function programKey(options: { readonly out: string }, others: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(options));
  for (const file of [...readProgram(join(options.out, "program.json")).files.map(inProject), ...others]) {
    hash.update(`${file}\0`).update(existsSync(file) ? readFileSync(file) : "");
  }
  return hash.digest("hex");
}

const inProject = (file: string): string => resolve(ROOT_FOLDER, file);

/** A program of one file in freestanding C, whose entry is `program_start`; answers its file. */
export async function buildCProgram(arch: Arch, source: string, into: string): Promise<string> {
  const out = resolve(into);
  mkdirSync(out, { recursive: true });
  const object = join(out, "main.o");
  const language = ["-std=c11", "-ffreestanding", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror", "-O2", "-I."];
  await $`clang-19 --target=${arch}-unknown-none-elf ${language} -c -o ${object} ${resolve(source)}`;
  return await linkProgram([object], out);
}

async function linkProgram(objects: readonly string[], out: string): Promise<string> {
  const file = join(out, "program.elf");
  const link = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none"];
  await $`ld.lld-19 ${link} -T ${LINKER_SCRIPT} -o ${file} ${objects}`;
  return file;
}
