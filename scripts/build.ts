import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { $, ProcessOutput } from "zx";
import type { Arch } from "./architecture.ts";
import { EXIT_BUILD, Failure } from "./failure.ts";
import { type ImageSpec, sourcesOf } from "./image.ts";
import { addressOf, encodeLines, lineRows, type TextSymbol, textSymbols } from "./lines.ts";
import { withLock } from "./lock.ts";
import { readProgram } from "./program.ts";

/**
 * Builds a bootable image:
 *
 *   TypeScript ── ktsc ──▶ C ── clang ──▶ objects ─┐
 *   assembly ──── nasm or clang ─────────▶ objects ─┼─▶ link ──▶ line table ──▶ link again ──▶ kernel.elf
 *   kernel.ld ──────────────────────────────────────┘                        aarch64: objcopy ──▶ kernel.img
 *
 * The second link adds only the table, which comes after the text: that no text has moved is checked. The build
 * fails when the stack can grow beyond its bound. A finished image keeps the hash of everything it was made
 * from, so that nothing is done twice.
 */

const SOURCE_FOLDERS = ["kernel", "boot", "drivers", "crypto", "codec", "bench/kernel", "compiler"];
const SOURCE_FILE = /(?<!\.test)\.(?:ts|mjs|c|h|S|asm|ld)$/;
const BUILD_FILES = ["package-lock.json", "scripts/build.ts", "scripts/lines.ts", "scripts/image.ts"];
const KTSC = "compiler/bin/ktsc.mjs";

/** Builds what is not up to date; answers the image's folder. */
export async function buildImage(spec: ImageSpec): Promise<string> {
  const { out, image } = sourcesOf(spec);
  const key = hashSources([...SOURCE_FOLDERS, `arch/${spec.arch}`, image]);
  if (isBuilt(out, key)) return out;
  await withLock(`${out}.lock`, async () => {
    if (isBuilt(out, key)) return;
    console.log(`building ${out}`);
    await build(spec).catch(refuse);
    writeFileSync(join(out, "key"), key);
  });
  return out;
}

/** A tool's complaint is what the user has to see, and no more. */
function refuse(error: unknown): never {
  throw error instanceof ProcessOutput ? new Failure(`${error.stdout}${error.stderr}`.trimEnd(), EXIT_BUILD) : error;
}

function isBuilt(out: string, key: string): boolean {
  const file = join(out, "key");
  return existsSync(file) && readFileSync(file, "utf8") === key;
}

function hashSources(folders: readonly string[]): string {
  const hash = createHash("sha256");
  const files = new Set([...folders.flatMap(sourceFiles), ...BUILD_FILES]);
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

export function sourceFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function build(spec: ImageSpec): Promise<void> {
  const { arch } = spec;
  const { out } = sourcesOf(spec);
  const code = join(out, "code");
  mkdirSync(code, { recursive: true });
  await compile(spec, code);
  const program = readProgram(join(code, "program.json"));
  const compiled = program.units.map((unit) => join(code, unit.replace(/\.c$/, ".o")));
  const objects = [...compiled, ...(await assemble(arch, code, out))];
  await Promise.all([proveStack(arch, code, objects), link(spec, objects, program.files)]);
  if (arch === "aarch64") await $`llvm-objcopy-19 -O binary ${out}/kernel.elf ${out}/kernel.img`;
}

async function compile(spec: ImageSpec, code: string): Promise<void> {
  const target = ["--target", spec.arch, "--optimize", sourcesOf(spec).optimization];
  const { stdout } = await $`node ${KTSC} build ${compilerOptions(spec)} ${target} --out ${code}`;
  process.stdout.write(stdout);
}

/** What `ktsc build` and `ktsc check` need to know of an image. */
export function compilerOptions(spec: ImageSpec): string[] {
  const { config, image } = sourcesOf(spec);
  const options = [
    `arch/${spec.arch}/start.ts`,
    "kernel/syscall/syscall.ts",
    "kernel/trace/tracedCall.ts",
    "--root",
    ".",
  ];
  const aliases = { "@arch": `arch/${spec.arch}`, "@build": config, "@image": image };
  for (const [alias, folder] of Object.entries(aliases)) options.push("--alias", `${alias}=${folder}`);
  const preludes = [`arch/${spec.arch}/memory.c`, `arch/${spec.arch}/intrinsics.c`, `${image}/intrinsics.c`];
  for (const prelude of preludes.filter((file) => existsSync(file))) options.push("--prelude", prelude);
  return options;
}

/**
 * The kernel stack must hold the deepest chain from any way into the kernel with a trap on top of it, and a trap's own stack the
 * deepest chain of a trap.
 */
async function proveStack(arch: Arch, code: string, objects: readonly string[]): Promise<void> {
  const layout = readFileSync(join(code, "layout.h"), "utf8");
  const limit = (name: string): number => {
    const value = new RegExp(`^#define ${name} (\\w+)$`, "m").exec(layout)?.[1];
    if (value === undefined) throw new Failure(`arch/${arch}/layout.ts: ${name} needs @layout`, EXIT_BUILD);
    return Number(value);
  };
  const { stdout } = await $`node ${KTSC} stack --program ${code}/program.json --objects ${objects}`;
  writeFileSync(join(code, "stack.txt"), stdout);
  const bound = (entry: string): number => Number(new RegExp(`^ *(\\d+) {2}${entry}:`, "m").exec(stdout)?.[1]);
  const trap = bound("handle_trap") + limit("TrapFrame_SIZE");
  const kernel = Math.max(
    ...[
      "arch_start",
      "handle_call",
      "handle_reply_recv",
      "handle_syscall",
      "handle_traced",
      "handle_unknown",
      "handle_user_trap",
    ].map(bound),
  );
  const needs = { KERNEL_STACK_SIZE: kernel + trap, TRAP_STACK_SIZE: trap };
  for (const [name, bytes] of Object.entries(needs)) {
    if (bytes <= limit(name)) continue;
    throw new Failure(
      `${name} of arch/${arch} is ${limit(name)}, and ${bytes} bytes are needed: see stack.txt`,
      EXIT_BUILD,
    );
  }
}

async function assemble(arch: Arch, code: string, out: string): Promise<string[]> {
  const folder = join(out, "assembly");
  mkdirSync(folder, { recursive: true });
  const sources = sourceFiles(`arch/${arch}`).filter((file) => /\.(?:asm|S)$/.test(file));
  return await Promise.all(
    sources.map(async (source) => {
      const object = join(folder, `${basename(source)}.o`);
      if (source.endsWith(".asm")) await $`nasm -f elf64 -g -F dwarf -w+error -I ${code}/ -o ${object} ${source}`;
      else await assembleGnu(arch, source, object, ["-g", `-I${code}`]);
      return object;
    }),
  );
}

async function assembleGnu(arch: Arch, source: string, object: string, options: readonly string[]): Promise<void> {
  await $`clang-19 --target=${arch}-unknown-none-elf -Werror ${options} -c -o ${object} ${source}`;
}

async function link(spec: ImageSpec, objects: readonly string[], files: readonly string[]): Promise<void> {
  const { out } = sourcesOf(spec);
  const first = join(out, "without-lines.elf");
  await linkOnce(spec.arch, objects, first);
  writeFileSync(join(out, "lines.bin"), encodeLines(await lineRows(first, files)));
  const table = `.section .lines, "a", %progbits\n.balign 4\n.incbin "${out}/lines.bin"\n`;
  writeFileSync(join(out, "lines.S"), table);
  await assembleGnu(spec.arch, join(out, "lines.S"), join(out, "lines.o"), []);
  await linkOnce(spec.arch, [...objects, join(out, "lines.o")], join(out, "kernel.elf"));
  checkUnmoved(await textSymbols(first), await textSymbols(join(out, "kernel.elf")));
}

async function linkOnce(arch: Arch, objects: readonly string[], to: string): Promise<void> {
  const options = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none"];
  await $`ld.lld-19 ${options} -T arch/${arch}/kernel.ld -o ${to} ${objects}`;
}

function checkUnmoved(before: readonly TextSymbol[], after: readonly TextSymbol[]): void {
  const end = addressOf(before, "kernel_text_end");
  const names = new Set(after.map(({ name }) => name));
  // Several units may each have a function of one name.
  const places = new Set(after.map(({ name, address }) => `${name} ${address}`));
  for (const { name, address } of before) {
    if (address <= end && names.has(name) && !places.has(`${name} ${address}`)) {
      throw new Failure(`${name} moved when the line table was linked in: the table must come after it`, EXIT_BUILD);
    }
  }
}
