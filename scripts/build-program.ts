import { mkdirSync } from "node:fs";
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
}

/** Answers the program's file. */
export async function buildProgram({ arch, entry, optimization, out }: ProgramSpec): Promise<string> {
  mkdirSync(out, { recursive: true });
  const aliases = { "@arch": `arch/${arch}`, "@build": "kernel/build/release", "@image": "kernel/image/default" };
  const options = Object.entries(aliases).flatMap(([alias, folder]) => ["--alias", `${alias}=${folder}`]);
  const target = ["--target", arch, "--optimize", optimization, "--prelude", `user/${arch}/intrinsics.c`];
  await $`node ${KTSC} build ${entry} user/panic.ts --root . ${options} ${target} --out ${out}`;
  const program = readProgram(join(out, "program.json"));
  const objects = program.units.map((unit) => join(out, unit.replace(/\.c$/, ".o")));
  const file = join(out, "program.elf");
  const link = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none"];
  await $`ld.lld-19 ${link} -T user/program.ld -o ${file} ${objects}`;
  return file;
}
