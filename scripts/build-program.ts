import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import type { Arch } from "./architecture.ts";
import { readProgram } from "./program.ts";

/** Builds a user program: TypeScript ── ktsc ──▶ C ── clang ──▶ objects ── link ──▶ `program.elf`, which GRUB or QEMU loads beside the kernel. */

const KTSC = "compiler/bin/ktsc.mjs";

export interface ProgramSpec {
  readonly arch: Arch;
  /** The file with `@entry program_start`. */
  readonly entry: string;
  readonly optimization: "O0" | "O2";
  readonly out: string;
  /** Bytes that the program finds at `program_data`, behind their number as 64 bits. */
  readonly data?: Uint8Array;
  /** A C file with instructions of its own. */
  readonly prelude?: string;
}

/** Answers the program's file. */
export async function buildProgram({ arch, entry, optimization, out, data, prelude }: ProgramSpec): Promise<string> {
  mkdirSync(out, { recursive: true });
  const aliases = { "@arch": `arch/${arch}`, "@build": "kernel/build/release", "@io": "user/io" };
  const options = Object.entries(aliases).flatMap(([alias, folder]) => ["--alias", `${alias}=${folder}`]);
  const target = ["--target", arch, "--optimize", optimization];
  const preludes = [`arch/${arch}/memory.c`, `user/${arch}/intrinsics.c`, ...(prelude === undefined ? [] : [prelude])];
  for (const file of preludes) target.push("--prelude", file);
  await $`node ${KTSC} build ${entry} user/panic.ts --root . ${options} ${target} --out ${out}`;
  const program = readProgram(join(out, "program.json"));
  const objects = program.units.map((unit) => join(out, unit.replace(/\.c$/, ".o")));
  if (data !== undefined) objects.push(await buildData(arch, out, data));
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

/** An object with `data` among its constants. */
async function buildData(arch: Arch, out: string, data: Uint8Array): Promise<string> {
  const [source, object] = [join(out, "data.S"), join(out, "data.o")];
  writeFileSync(join(out, "data.bin"), data);
  const lines = [`.section .rodata`, `.balign 8`, `.globl program_data`, `program_data: .quad ${data.length}`];
  writeFileSync(source, `${[...lines, `.incbin "${join(out, "data.bin")}"`].join("\n")}\n`);
  await $`clang-19 --target=${arch}-unknown-none-elf -c -o ${object} ${source}`;
  return object;
}
