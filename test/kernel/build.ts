import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { $ } from "zx";
import { compileC } from "../../compiler/clang.ts";
import { compileProgram } from "../../compiler/compile.ts";
import { formatDiagnostic } from "../../compiler/diagnostic.ts";
import { type EmittedFile, emitC } from "../../compiler/emit-c.ts";
import type { ProgramOptions } from "../../compiler/program.ts";
import type { Arch } from "../../scripts/architecture.ts";
import { EXIT_BUILD, Failure } from "../../scripts/failure.ts";

/**
 * The kernel as a program of the host: its sources and an architecture's, as they are, over the simulated machine of
 * test/kernel/machine. Only where things lie differs: the window to physical memory is where the host has room.
 *
 *   kernel, arch/A ─┐
 *   machine/A      ─┼─ ktsc ──▶ C ── clang, sanitizers ──▶ objects ── link with machine/host.c ──▶ program
 *   the harness    ─┘
 */

export interface HostKernel {
  readonly arch: Arch;
  /** KTS files of the harness, from the project's root. */
  readonly entries: readonly string[];
  /** Address and undefined-behaviour sanitizers. */
  readonly sanitize: boolean;
  /** libFuzzer drives it; otherwise `main` is host C of its own. */
  readonly isFuzzer: boolean;
  /** Built fast rather than run fast. */
  readonly isQuick?: boolean;
  /** Counts lines. */
  readonly hasCoverage?: boolean;
  /** Files by their paths that stand before those on the disk. */
  readonly files?: ReadonlyMap<string, string>;
  /** C or objects to link besides. */
  readonly more?: readonly string[];
  readonly out: string;
}

export const ROOT = resolve(import.meta.dirname, "../..");
const HARNESS = "test/kernel";
/** Where the simulated machine's memory is, and where its kernel pretends to be. */
const WINDOW = "0x2000_0000_0000n";
/** Of the checker, what lies in the kernel's own unit: here it is apart, so that its variables are not the kernel's. */
const CHECKER = ["kernel/invariants/invariants.ts", "kernel/invariants/breakage.ts"];
/** Units that are not on trial: the harness's own, and the checker of the invariants. */
const JUDGES = /^(?:test_kernel|kernel_invariants)_/;
/** What the kernel clears and copies goes through these, and is counted (I13). */
const COUNTED = ["__asan_memset", "__asan_memcpy", "__asan_memmove"];
/** The kernel's variables in sections of their own, so that they can be kept and restored as a whole. */
const SECTIONS = `#pragma clang section bss="kernel_bss" data="kernel_data"\n`;

/** The kernel of an architecture on the host with what begins at `entries`, to be compiled; `files` as in HostKernel. */
export function hostKernelProgram(
  arch: Arch,
  entries: readonly string[],
  files: ReadonlyMap<string, string> = new Map(),
): ProgramOptions {
  const layout = `arch/${arch}/layout.ts`;
  return {
    root: ROOT,
    entries: [
      "kernel/syscall/syscall.ts",
      "kernel/trace/tracedCall.ts",
      `${HARNESS}/machine/${arch}/processor.kts.ts`,
      `${HARNESS}/calls.kts.ts`,
      ...entries,
    ],
    aliases: {
      "@arch": `arch/${arch}`,
      "@build": `${HARNESS}/watched`,
      "@io": `${HARNESS}/machine/io`,
      "@machine": `${HARNESS}/machine/${arch}`,
    },
    files: new Map([
      [layout, moved(readFileSync(join(ROOT, layout), "utf8"))],
      ...CHECKER.map((file): [string, string] => [file, inUnit(readFileSync(join(ROOT, file), "utf8"))]),
      ...files,
    ]),
  };
}

/** Answers the program's path. */
export async function buildHostKernel(spec: HostKernel): Promise<string> {
  mkdirSync(spec.out, { recursive: true });
  const { diagnostics, program } = compileProgram(hostKernelProgram(spec.arch, spec.entries, spec.files));
  if (program === null) throw new Failure(diagnostics.map(formatDiagnostic).join("\n"), EXIT_BUILD);
  const more = [
    "-fasynchronous-unwind-tables",
    ...(spec.isFuzzer ? ["-fsanitize=fuzzer-no-link"] : []),
    ...(spec.hasCoverage === true ? ["--coverage"] : []),
    ...(spec.isQuick === true ? ["-O1"] : []),
  ];
  const options = { target: "host", optimization: "O2", root: ROOT, preludes: [] } as const;
  const sources = emitC(program).map(withSections);
  const isJudge = ({ name }: EmittedFile): boolean => JUDGES.test(name);
  const judges = sources.filter(isJudge);
  const judged = sources.filter((file) => !isJudge(file));
  const objects = [
    ...(await compileC(judged, spec.out, { ...options, sanitize: spec.sanitize, more })),
    ...(await compileC(judges, spec.out, { ...options, sanitize: false, more: ["-fasynchronous-unwind-tables"] })),
  ];
  const binary = join(spec.out, "program");
  const sanitizers = [...(spec.sanitize ? ["address", "undefined"] : []), ...(spec.isFuzzer ? ["fuzzer"] : [])];
  const link = [
    ...(sanitizers.length > 0 ? [`-fsanitize=${sanitizers.join(",")}`] : []),
    ...(spec.hasCoverage === true ? ["--coverage"] : []),
  ];
  const mark = ["-fuse-ld=lld", "-Wl,--defsym,kernel_end=0xffffffff80200000"];
  const host = join(spec.out, "host.o");
  await $`clang-19 -O3 -march=x86-64-v3 -fno-builtin -g -std=gnu2x -Wall -Wextra -Werror -c -o ${host} ${HARNESS}/machine/host.c`;
  const counted = spec.sanitize ? [...COUNTED.map((name) => `-Wl,--wrap=${name}`), `${HARNESS}/machine/written.c`] : [];
  await $`clang-19 -O1 -g -std=gnu2x ${link} ${mark} -o ${binary} ${host} ${counted} ${spec.more ?? []} ${objects}`;
  return binary;
}

/** The layout with the window where the host has room. */
function moved(text: string): string {
  const result = text.replace(/(WINDOW_BASE = )0x[0-9a-f_]+n/, `$1${WINDOW}`);
  if (result === text) throw new Failure("arch/*/layout.ts says no more where the window is", EXIT_BUILD);
  return result;
}

function inUnit(text: string): string {
  const result = text.replace(/^\/\*\* @unsafe (.*) \*\/\n/, "/**\n * @unit O2\n * @unsafe $1\n */\n");
  if (result === text) throw new Failure("a file of the checker does not begin with @unsafe", EXIT_BUILD);
  return result;
}

/** Those of the kernel and the drivers are in the unit without a level of its own. */
function withSections(file: EmittedFile): EmittedFile {
  return file.optimization === null ? { ...file, text: SECTIONS + file.text } : file;
}
