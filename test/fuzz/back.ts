import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PorfforModule, PorfforOptions } from "../../compiler/emit-porffor.ts";
import type { WasmOptions } from "../../compiler/porffor.ts";
import type { ObservedStep } from "./compare.ts";

/** What a back end is to the fuzzer, and the compiler that has them. */

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** One way on from the tree. */
export interface Back {
  readonly name: string;
  /** By the name of each execution, what each program did. `stepCounts`: of each program. */
  observe(program: unknown, stepCounts: readonly number[]): Promise<ReadonlyMap<string, ObservedStep[][]>>;
}

/** The parts of the compiler that the runner uses; a mutated copy has the same. */
export interface Compiler {
  readonly compileProgram: (options: {
    root: string;
    entries: readonly string[];
    files: ReadonlyMap<string, string>;
  }) => { diagnostics: readonly { code: string; file: string; line: number; message: string }[]; program: unknown };
  readonly emitC: (program: unknown) => readonly { name: string; text: string }[];
  readonly clangFlags: (options: object, unitOptimization: string | null) => string[];
  readonly emitPorffor: (program: unknown, options: PorfforOptions) => PorfforModule;
  readonly compileWasm: (module: PorfforModule, options: WasmOptions) => Promise<Uint8Array>;
}

const COMPILER_FILES = ["compile.ts", "emit-c.ts", "clang.ts", "emit-porffor.ts", "porffor.ts"];

export async function loadCompiler(folder: string = path.join(ROOT, "compiler")): Promise<Compiler> {
  const load = async (file: string): Promise<Partial<Compiler>> =>
    (await import(pathToFileURL(path.join(folder, file)).href)) as Partial<Compiler>;
  return Object.assign({}, ...(await Promise.all(COMPILER_FILES.map(load)))) as Compiler;
}
