import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { $ } from "zx";
import { ROOT_FOLDER } from "./root.ts";

/**
 * The EFI application for aarch64, of boot/efi:
 *
 *   TypeScript ── ktsc ──▶ C ── clang ──▶ objects ─┬─▶ link ──▶ loader.elf ── objcopy ──▶ BOOTAA64.EFI
 *   start.S ────────────────── clang ────▶ object ──┘
 */

const FOLDER = "boot/efi";

export function loaderProgram() {
  return {
    root: ROOT_FOLDER,
    entries: [`${FOLDER}/loader.ts`],
    preludes: ["arch/aarch64/memory.c", `${FOLDER}/intrinsics.c`],
  };
}

/** Builds it in `out`; answers its file. */
export async function buildEfiLoader(out: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  const { buildObjects } = await import("../compiler/build.ts");
  // The firmware loads it anywhere, and keeps X18 for itself (UEFI 2.10, 2.3.6).
  const options = { target: "aarch64", optimization: "Os", sanitize: false, more: ["-fpie", "-ffixed-x18"] } as const;
  const { units } = await buildObjects({ ...loaderProgram(), ...options, out });
  const start = join(out, "start.o");
  await $`clang-19 --target=aarch64-unknown-none-elf -Werror -g -c -o ${start} ${FOLDER}/start.S`;
  const objects = [start, ...units.map((unit) => join(out, unit.replace(/\.c$/, ".o")))];
  const elf = join(out, "loader.elf");
  const link = ["-pie", "--no-dynamic-linker", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none"];
  await $`ld.lld-19 ${link} -T ${FOLDER}/loader.ld -o ${elf} ${objects}`;
  const file = join(out, "BOOTAA64.EFI");
  await $`llvm-objcopy-19 -O binary ${elf} ${file}`;
  return file;
}
