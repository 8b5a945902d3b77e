import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { EmittedFile } from "./emit-c.ts";

/** C to objects, as many at once as there are processors; an object whose inputs have not changed stays. */

const run = promisify(execFile);

export const TARGETS = ["x86_64", "aarch64", "host"] as const;
export type Target = (typeof TARGETS)[number];

export interface ClangOptions {
  readonly target: Target;
  /** Os: O2 for functions tagged @hot, little room for the others, which is in the emitted C. */
  readonly optimization: "O0" | "O2" | "Os";
  /** Address and undefined-behaviour sanitizers, host only. */
  readonly sanitize: boolean;
  /** Flags behind all others. */
  readonly more?: readonly string[];
  /** Relative paths in `#line` and `#include` are below it. */
  readonly root: string;
  /** C files that the emitted ones include; part of the hash. */
  readonly preludes: readonly string[];
}

const COMMON =
  "-std=gnu2x -ffreestanding -fwrapv -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-stack-protector -fno-finite-loops -g " +
  "-fstack-usage -ffunction-sections -fno-asynchronous-unwind-tables -Werror -Wall -Wextra -Wno-unused-parameter " +
  "-Wno-unused-variable -Wno-unused-but-set-variable -Wno-unused-but-set-parameter -Wno-tautological-compare " +
  "-Wno-integer-overflow -Wno-array-bounds -Wno-self-assign -Wno-constant-logical-operand";

const FOR_TARGET: Readonly<Record<Target, string>> = {
  x86_64:
    "--target=x86_64-unknown-none-elf -mno-red-zone -mgeneral-regs-only -march=x86-64-v3 -mcmodel=kernel -fno-pic -fno-omit-frame-pointer",
  aarch64:
    "--target=aarch64-unknown-none-elf -mgeneral-regs-only -mcpu=cortex-a53 -mno-outline -fno-pic -fno-omit-frame-pointer",
  host: "-march=x86-64-v3 -fPIC -fno-omit-frame-pointer",
};

/**
 * Crypto units are leaves that every register serves; a panic inside still shows their callers. They are optimized in
 * every image: their steps are counted, and nobody debugs a permutation on the machine.
 */
const HOT_UNIT = "-momit-leaf-frame-pointer";

/** Functions begin where the last one ends; the emitted C aligns those tagged @hot. `minsize` alone leaves gaps between. */
const DENSE: Readonly<Record<Target, string>> = {
  x86_64: "-mllvm -align-all-functions=1",
  aarch64: "-mllvm -align-all-functions=2",
  host: "",
};

export function clangFlags(options: ClangOptions, unitOptimization: string | null): string[] {
  const whole = options.optimization === "O0" ? "O0" : "O2";
  const level = options.target === "host" && whole === "O0" ? "O0" : (unitOptimization ?? whole);
  const flags = `${COMMON} ${FOR_TARGET[options.target]} -${level}`.split(" ");
  if (unitOptimization !== null) flags.push(HOT_UNIT);
  else if (options.optimization === "Os") flags.push(...DENSE[options.target].split(" ").filter(Boolean));
  if (options.sanitize) flags.push("-fsanitize=address,undefined", "-fno-sanitize-recover=all");
  flags.push(`-fdebug-compilation-dir=${options.root}`, `-I${options.root}`, ...(options.more ?? []));
  return flags;
}

/** Writes the C files into `folder` and compiles them; answers the objects' paths. Throws what clang says. */
export async function compileC(
  files: readonly EmittedFile[],
  folder: string,
  options: ClangOptions,
): Promise<string[]> {
  const preludes = options.preludes.map((file) => readFileSync(path.join(options.root, file), "utf8")).join("\0");
  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      await compileOne(file, preludes, folder, options);
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), files.length) }, worker));
  return files.map((file) => objectOf(file, folder));
}

function objectOf(file: EmittedFile, folder: string): string {
  return path.join(folder, file.name.replace(/\.c$/, ".o"));
}

async function compileOne(file: EmittedFile, preludes: string, folder: string, options: ClangOptions): Promise<void> {
  const source = path.join(folder, file.name);
  const object = objectOf(file, folder);
  const flags = clangFlags(options, file.optimization);
  const key = createHash("sha256")
    .update(JSON.stringify([flags, file.text, preludes]))
    .digest("hex");
  const keyFile = `${object}.key`;
  if (existsSync(object) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return;
  writeFileSync(source, file.text);
  await run("clang-19", [...flags, "-c", source, "-o", object], { maxBuffer: 1 << 26 });
  writeFileSync(keyFile, key);
}
