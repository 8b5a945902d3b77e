import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { type Back, type Compiler, ROOT } from "./back.ts";
import { NO_PANIC, type ObservedStep } from "./compare.ts";

/** Programs as C through clang, run on the host under the undefined-behaviour sanitizer. */

const run = promisify(execFile);
const HARNESS = path.join(ROOT, "test/fuzz/harness.c");
const CLANG = "clang-19";
const SANITIZE = ["-fsanitize=undefined", "-fsanitize-trap=undefined", "-g0"];
const OPTIMIZATIONS = ["O0", "O2"] as const;

export class CBack implements Back {
  readonly name = "C";
  readonly #compiler: Compiler;
  readonly #folder: string;

  /** `folder`: for intermediate files, made when needed; runners at work at the same time need their own. */
  constructor(compiler: Compiler, folder: string) {
    this.#compiler = compiler;
    this.#folder = folder;
  }

  async observe(program: unknown, stepCounts: readonly number[]): Promise<Map<string, ObservedStep[][]>> {
    const [main, ...others] = this.#compiler.emitC(program);
    if (!main || others.length > 0) throw new Error("expected one C file");
    const observed = new Map<string, ObservedStep[][]>();
    for (const optimization of OPTIMIZATIONS) {
      observed.set(optimization, parse(await this.#execute(main.text, optimization), stepCounts.length));
    }
    return observed;
  }

  async #execute(text: string, optimization: (typeof OPTIMIZATIONS)[number]): Promise<string> {
    const folder = path.join(this.#folder, optimization);
    mkdirSync(folder, { recursive: true });
    const at = (name: string): string => path.join(folder, name);
    writeFileSync(at("programs.c"), text);
    const options = { target: "host", optimization, sanitize: false, root: ROOT, preludes: [] };
    const flags = [...this.#compiler.clangFlags(options, null), ...SANITIZE];
    await run(CLANG, [...flags, "-c", at("programs.c"), "-o", at("programs.o")], { maxBuffer: 1 << 26 });
    await run(CLANG, ["-std=gnu2x", "-O1", HARNESS, at("programs.o"), "-o", at("programs")]);
    const { stdout } = await run(at("programs"), [], { maxBuffer: 1 << 26 });
    return stdout;
  }
}

function parse(output: string, count: number): ObservedStep[][] {
  const programs: ObservedStep[][] = Array.from({ length: count }, () => []);
  for (const row of output.trim().split("\n")) {
    const [program, , kind, line, a, b, text, file, bits, hash] = row.split(" ").map((field) => BigInt(`0x${field}`));
    const fields = { a, b, text, file, bits, hash } as Record<"a" | "b" | "text" | "file" | "bits" | "hash", bigint>;
    programs[Number(program)]?.push({ kind: Number(kind ?? NO_PANIC), line: Number(line), ...fields });
  }
  return programs;
}
