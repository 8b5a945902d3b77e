import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Arch } from "./architecture.ts";
import { readProgram } from "./program.ts";

/** Builds a user program: TypeScript ── ktsc ──▶ C ── clang ──▶ objects ── link ──▶ `program.elf`. */

const KTSC = "compiler/bin/ktsc.mjs";

export interface ProgramSpec {
  readonly arch: Arch;
  /** The file with `@entry program_start`. */
  readonly entry: string;
  readonly optimization: "O0" | "O2";
  readonly out: string;
  /** A C file with instructions of its own. */
  readonly prelude?: string;
}

/** Answers the program's file. */
export async function buildProgram({ arch, entry, optimization, out, prelude }: ProgramSpec): Promise<string> {
  mkdirSync(out, { recursive: true });
  const aliases = { "@arch": `arch/${arch}`, "@build": "kernel/build/release", "@io": "user/io" };
  const options = Object.entries(aliases).flatMap(([alias, folder]) => ["--alias", `${alias}=${folder}`]);
  const target = ["--target", arch, "--optimize", optimization];
  const preludes = [`arch/${arch}/memory.c`, `user/${arch}/intrinsics.c`, ...(prelude === undefined ? [] : [prelude])];
  for (const file of preludes) target.push("--prelude", file);
  await $`node ${KTSC} build ${entry} user/panic.ts --root . ${options} ${target} --out ${out}`;
  const program = readProgram(join(out, "program.json"));
  const objects = program.units.map((unit) => join(out, unit.replace(/\.c$/, ".o")));
  return await linkProgram(objects, out);
}

/** A program of one file in freestanding C, whose entry is `program_start`; answers its file. */
export async function buildCProgram(arch: Arch, source: string, out: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  const object = join(out, "main.o");
  const language = ["-std=c11", "-ffreestanding", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror", "-O2", "-I."];
  await $`clang-19 --target=${arch}-unknown-none-elf ${language} -c -o ${object} ${source}`;
  return await linkProgram([object], out);
}

async function linkProgram(objects: readonly string[], out: string): Promise<string> {
  const file = join(out, "program.elf");
  const link = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none"];
  await $`ld.lld-19 ${link} -T user/program.ld -o ${file} ${objects}`;
  return file;
}
