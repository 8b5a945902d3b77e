import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { $, ProcessOutput } from "zx";
import type { Facts } from "../compiler/facts.ts";
import { formatBound, proveStack as stackReport } from "../compiler/stack.ts";
import type { SigningKeys } from "../sdk/tool/keys.ts";
import type { Arch } from "./architecture.ts";
import type { ArchiveFile } from "./archive.ts";
import { packModule, packProgram, signingKeys, writeArchive } from "./build-package.ts";
import { buildProgram } from "./build-program.ts";
import { EXIT_BUILD, Failure } from "./failure.ts";
import {
  BOOT_ARCHIVE,
  type ImageSpec,
  MODULES,
  PRODUCTION_ARCHIVE,
  programsOf,
  servicesOf,
  sourcesOf,
} from "./image.ts";
import { addressOf, encodeLines, lineRows, type TextSymbol, textSymbols } from "./lines.ts";
import { withLock } from "./lock.ts";
import { PLACE_OPTIONS, PORFFOR_PLACES } from "./porfforKernel.ts";
import { ROOT_FOLDER } from "./root.ts";
import { sourceFiles } from "./sources.ts";

/**
 * Builds a bootable image:
 *
 *   TypeScript ── ktsc ──▶ C ── clang ──▶ objects ─┐
 *   assembly ──── nasm or clang ─────────▶ objects ─┼─▶ link ──▶ line table ──▶ link again ──▶ kernel.elf
 *   kernel.ld ──────────────────────────────────────┘                        aarch64: objcopy ──▶ kernel.img
 *
 *   services, modules ─── build-program.ts ──▶ programs ─── build-package.ts ──▶ packages ──▶ boot.cpio
 *
 * The second link adds only the table, which comes after the text: that no text has moved is checked. The build
 * fails when the stack can grow beyond its bound. A finished image keeps the hash of everything it was made
 * from, so that nothing is done twice.
 */

const SOURCE_FOLDERS = ["kernel", "boot", "drivers", "crypto", "codec", "compiler"];
const SERVICE_FOLDERS = ["services", "user", "protocol", "modules", "sdk"];
const BUILD_FILES = ["build", "build-program", "build-package", "archive", "lines", "image", "sources"].map(
  (name) => `scripts/${name}.ts`,
);

/** Builds what is not up to date; answers the image's folder, whose boot archive is signed with the development keys. */
export async function buildImage(spec: ImageSpec): Promise<string> {
  const out = await buildKernel(spec);
  const keys = signingKeys();
  const sources = hashSources([...kernelFolders(spec), ...SERVICE_FOLDERS], [keys.certificate, keys.trust]);
  const archive = join(programsOf(spec), BOOT_ARCHIVE);
  await buildOnce(programsOf(spec), "key", sources, async () => {
    await Promise.all(servicesOf(spec.arch).map((name) => buildService(spec, `services/${name}`)));
    await Promise.all(MODULES.map((name) => buildService(spec, `modules/${name}`)));
    await packServices(spec, keys, archive);
  });
  await buildOnce(out, "services.key", sources, async () => copyFileSync(archive, join(out, BOOT_ARCHIVE)));
  return out;
}

/** A boot archive signed with the keys in `folder`, which also has the trust set; answers its file. */
export async function buildArchive(spec: ImageSpec, folder: string): Promise<string> {
  const keys = signingKeys(folder);
  return await packServices(spec, keys, join(await buildImage(spec), PRODUCTION_ARCHIVE));
}

/** The kernel alone, without a boot archive: for machines that get another one. */
export async function buildKernel(spec: ImageSpec): Promise<string> {
  const { out } = sourcesOf(spec);
  await buildOnce(out, "key", hashSources(kernelFolders(spec)), () => build(spec));
  return out;
}

function kernelFolders({ arch }: ImageSpec): string[] {
  return [...SOURCE_FOLDERS, `arch/${arch}`];
}

/** Runs `make` unless what it makes in `out` was made from the sources with this hash, which `file` keeps. */
async function buildOnce(out: string, file: string, key: string, make: () => Promise<void>): Promise<void> {
  const path = join(out, file);
  if (isBuilt(path, key)) return;
  await withLock(`${out}.lock`, async () => {
    if (isBuilt(path, key)) return;
    if (file === "key") console.log(`building ${out}`);
    await make().catch(refuse);
    writeFileSync(path, key);
  });
}

/** The program of a service or module, from `main.ts` in its folder. */
async function buildService(spec: ImageSpec, folder: string): Promise<void> {
  const optimization = sourcesOf(spec).optimization === "O0" ? "O0" : "O2";
  const instructions = `${folder}/instructions.${spec.arch}.c`;
  const prelude = existsSync(instructions) ? { prelude: instructions } : {};
  const entry = `${folder}/main.ts`;
  await buildProgram({ arch: spec.arch, entry, optimization, out: join(programsOf(spec), folder), ...prelude });
}

/** The first services' packages, the repository's modules, and the trust set; answers the archive. */
async function packServices(spec: ImageSpec, keys: SigningKeys, file: string): Promise<string> {
  const modules = MODULES.map((name) => packModule(`modules/${name}`, spec.arch, elfOf(spec, `modules/${name}`), keys));
  return writeArchive(file, [...(await servicePackages(spec, keys)), ...(await Promise.all(modules))], keys);
}

/** The packages of an image's services, init's the first. */
export async function buildServicePackages(spec: ImageSpec): Promise<ArchiveFile[]> {
  await buildImage(spec);
  return await servicePackages(spec, signingKeys());
}

async function servicePackages(spec: ImageSpec, keys: SigningKeys): Promise<ArchiveFile[]> {
  const folders = servicesOf(spec.arch).map((name) => `services/${name}`);
  return await Promise.all(folders.map((each) => packProgram(each, spec.arch, elfOf(spec, each), keys)));
}

function elfOf(spec: ImageSpec, folder: string): string {
  return join(programsOf(spec), folder, "program.elf");
}

/** A tool's complaint is what the user has to see, and no more. */
function refuse(error: unknown): never {
  throw error instanceof ProcessOutput ? new Failure(`${error.stdout}${error.stderr}`.trimEnd(), EXIT_BUILD) : error;
}

function isBuilt(file: string, key: string): boolean {
  return existsSync(file) && readFileSync(file, "utf8") === key;
}

function hashSources(folders: readonly string[], others: readonly string[] = []): string {
  const hash = createHash("sha256");
  const files = new Set([...folders.flatMap(sourceFiles), ...BUILD_FILES, ...others, "package-lock.json"]);
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

async function build(spec: ImageSpec): Promise<void> {
  const { arch } = spec;
  const { out } = sourcesOf(spec);
  const code = join(out, "code");
  mkdirSync(code, { recursive: true });
  const program = await compile(spec, code);
  const compiled = program.units.map((unit) => join(code, unit.replace(/\.c$/, ".o")));
  const objects = [...compiled, ...(await assemble(spec, code, out))];
  await Promise.all([proveStack(arch, code, objects, program), link(spec, objects, program.files)]);
  if (arch === "aarch64") await $`llvm-objcopy-19 -O binary ${out}/kernel.elf ${out}/kernel.img`;
}

async function compile(spec: ImageSpec, out: string): Promise<Facts> {
  if (spec.compiler === "porffor") return await compileByPorffor(spec, out);
  const { buildObjects } = await import("../compiler/build.ts");
  const { optimization } = sourcesOf(spec);
  return await buildObjects({ ...kernelProgram(spec), target: spec.arch, optimization, sanitize: false, out });
}

/** Optimized in every flavour: what wasm2c writes is not for debuggers. */
async function compileByPorffor(spec: ImageSpec, out: string): Promise<Facts> {
  const { buildPorfforObjects } = await import("../compiler/build-porffor.ts");
  const options = { target: spec.arch, optimization: "Os", sanitize: false, out } as const;
  return await buildPorfforObjects({ ...kernelProgram(spec), ...options, ...PORFFOR_PLACES });
}

/** The kernel's entries, what its aliases mean, and the C before it. */
export function kernelProgram(spec: ImageSpec) {
  const { arch } = spec;
  return {
    root: ROOT_FOLDER,
    entries: [`arch/${arch}/start.ts`, "kernel/syscall/syscall.ts", "kernel/trace/tracedCall.ts"],
    aliases: { "@arch": `arch/${arch}`, "@build": sourcesOf(spec).config, "@io": `arch/${arch}` },
    preludes: ["memory", "intrinsics"].map((name) => `arch/${arch}/${name}.c`),
  };
}

/**
 * The kernel stack must hold the deepest chain from any way into the kernel with a trap on top of it, and a trap's own stack the
 * deepest chain of a trap.
 */
async function proveStack(arch: Arch, code: string, objects: readonly string[], facts: Facts): Promise<void> {
  const layout = readFileSync(join(code, "layout.h"), "utf8");
  const limit = (name: string): number => {
    const value = new RegExp(`^#define ${name} (\\w+)$`, "m").exec(layout)?.[1];
    if (value === undefined) throw new Failure(`arch/${arch}/layout.ts: ${name} needs @layout`, EXIT_BUILD);
    return Number(value);
  };
  const { bounds, errors } = await stackReport(objects, facts);
  writeFileSync(join(code, "stack.txt"), `${bounds.map(formatBound).join("\n")}\n`);
  if (errors.length > 0) throw new Failure(errors.join("\n"), EXIT_BUILD);
  const bound = (entry: string): number => bounds.find((each) => each.entry === entry)?.bytes ?? Number.NaN;
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

async function assemble({ arch, compiler }: ImageSpec, code: string, out: string): Promise<string[]> {
  const folder = join(out, "assembly");
  mkdirSync(folder, { recursive: true });
  const sources = sourceFiles(`arch/${arch}`).filter((file) => /\.(?:asm|S)$/.test(file));
  if (compiler === "porffor") sources.push(join(code, "images.S"));
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
  await linkOnce(spec, objects, first);
  writeFileSync(join(out, "lines.bin"), encodeLines(await lineRows(first, files)));
  const table = `.section .lines, "a", %progbits\n.balign 4\n.incbin "${out}/lines.bin"\n`;
  writeFileSync(join(out, "lines.S"), table);
  await assembleGnu(spec.arch, join(out, "lines.S"), join(out, "lines.o"), []);
  await linkOnce(spec, [...objects, join(out, "lines.o")], join(out, "kernel.elf"));
  checkUnmoved(await textSymbols(first), await textSymbols(join(out, "kernel.elf")));
}

async function linkOnce(spec: ImageSpec, objects: readonly string[], to: string): Promise<void> {
  const { arch, compiler } = spec;
  const places = compiler === "porffor" ? PLACE_OPTIONS : [];
  const options = ["-static", "--fatal-warnings", "-z", "max-page-size=4096", "--build-id=none", ...places];
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
