import { type Back, type Compiler, ROOT } from "./back.ts";
import { CBack } from "./c-back.ts";
import { compareSteps } from "./compare.ts";
import type { GeneratedProgram } from "./generate.ts";
import { PorfforBack } from "./porffor-back.ts";
import { type PrintedProgram, printProgram } from "./print.ts";
import { MIX_SOURCE } from "./state.ts";

/**
 * Puts programs through the compiler, many to one translation unit, and through its back ends, runs them and compares
 * each step with what the reference says.
 */

export const BACKS = ["c", "porffor"] as const;
export type BackName = (typeof BACKS)[number];

/** What is wrong with one program. */
export interface Finding {
  readonly generated: GeneratedProgram;
  /** The same for findings with the same cause, as far as one can tell: the shrinker keeps it. */
  readonly kind: string;
  readonly detail: string;
}

const MAIN_PATH = "fuzz/main.ts";
const PANIC_PATH = "fuzz/panic.ts";
export const PANIC_SOURCE = `/** @extern fuzz_panicked @noreturn */
declare function fuzzPanicked(kind: u32, text: u64, a: u64, b: u64, path: u64, line: u32): never;

/** FNV-1a. */
function hashText(text: Bytes): u64 {
  let hash = 0xcbf29ce484222325n;
  for (let i: u32 = 0; i < text.length; i++) hash = (hash ^ u64(text[i])) * 0x100000001b3n;
  return hash;
}

/** @entry kts_panic @noreturn */
export function onFailedCheck(kind: u32, text: Bytes, a: u64, b: u64, site: u32): never {
  fuzzPanicked(kind, hashText(text), a, b, hashText(siteFile(site)), siteLine(site));
}
`;

export class HostRunner {
  readonly #compiler: Compiler;
  readonly #backs: readonly Back[];

  /** `folder`: for intermediate files, made when needed; runners at work at the same time need their own. */
  constructor(compiler: Compiler, folder: string, backs: readonly BackName[]) {
    this.#compiler = compiler;
    this.#backs = backs.map((name) => (name === "c" ? new CBack(compiler, folder) : new PorfforBack(compiler)));
  }

  /** The first finding of each program that has one. */
  async run(batch: readonly GeneratedProgram[]): Promise<Finding[]> {
    if (batch.length === 0) return [];
    const printed = new Map(batch.map((generated) => [generated, printProgram(generated.program)] as const));
    const compiled = this.#compile(printed);
    if (Array.isArray(compiled)) {
      const found = new Set(compiled.map(({ generated }) => generated));
      return [...compiled, ...(await this.run(batch.filter((generated) => !found.has(generated))))];
    }
    const stepCounts = [...printed.values()].map(({ stepCount }) => stepCount);
    const findings = new Map<GeneratedProgram, Finding>();
    for (const back of this.#backs) {
      try {
        for (const [execution, observed] of await back.observe(compiled.program, stepCounts)) {
          batch.forEach((generated, index) => {
            const steps = observed[index] ?? [];
            const difference = compareSteps(generated.expected, steps, printed.get(generated) as PrintedProgram);
            if (difference === null || findings.has(generated)) return;
            const { kind, detail } = difference;
            findings.set(generated, { generated, kind, detail: `${execution}: ${detail}` });
          });
        }
      } catch (error) {
        return await this.#split(batch, `${back.name} failed`, error);
      }
    }
    return [...findings.values()];
  }

  /** The tree, or what the compiler has against some of the programs. */
  #compile(printed: ReadonlyMap<GeneratedProgram, PrintedProgram>): { program: unknown } | Finding[] {
    const files = new Map([
      ["fuzz/mix.ts", MIX_SOURCE],
      [PANIC_PATH, PANIC_SOURCE],
      [MAIN_PATH, mainSource([...printed.values()])],
    ]);
    const owners = new Map<string, GeneratedProgram>();
    for (const [generated, program] of printed) {
      for (const [name, text] of program.files) {
        files.set(name, text);
        owners.set(name, generated);
      }
    }
    try {
      const { diagnostics, program } = this.#compiler.compileProgram({
        root: ROOT,
        entries: [PANIC_PATH, MAIN_PATH],
        files,
      });
      const findings = new Map<GeneratedProgram, Finding>();
      for (const { code, file, line, message } of diagnostics) {
        const generated = owners.get(file);
        if (!generated) throw new Error(`${file}:${line} ${code} ${message}`);
        const text = (files.get(file) ?? "").split("\n")[line - 1]?.trim();
        const finding = {
          generated,
          kind: `rejected ${code}`,
          detail: `${file}:${line} ${code}: ${message}\n    ${text}`,
        };
        if (!findings.has(generated)) findings.set(generated, finding);
      }
      if (findings.size > 0) return [...findings.values()];
      return { program };
    } catch (error) {
      const batch = [...printed];
      const [only] = batch;
      if (!only || batch.length > 1) {
        const halves = [batch.slice(0, batch.length / 2), batch.slice(batch.length / 2)];
        const parts = halves.map((half) => this.#compile(new Map(half)));
        const findings = parts.flatMap((part) => (Array.isArray(part) ? part : []));
        if (findings.length > 0) return findings;
        throw error;
      }
      return [{ generated: only[0], kind: "compiler threw", detail: textOf(error) }];
    }
  }

  /** When a whole batch fails: which of its programs do? */
  async #split(batch: readonly GeneratedProgram[], kind: string, error: unknown): Promise<Finding[]> {
    const [only] = batch;
    if (only && batch.length === 1) return [{ generated: only, kind, detail: textOf(error) }];
    const middle = Math.floor(batch.length / 2);
    const findings = [...(await this.run(batch.slice(0, middle))), ...(await this.run(batch.slice(middle)))];
    // Each half is right alone: names of several programs collide.
    if (findings.length === 0 && only)
      return [{ generated: only, kind: `${kind}, only together`, detail: textOf(error) }];
    return findings;
  }
}

/** The one entry file: what the harness calls. */
export function mainSource(programs: readonly PrintedProgram[]): string {
  const imports = programs.map(({ entry, prefix }) => `import { hash_${prefix}, run_${prefix} } from "./${entry}";`);
  const cases = (call: (prefix: string) => string): string =>
    programs.map(({ prefix }, index) => `    case ${index}:\n      return ${call(prefix)};`).join("\n");
  const steps = programs.map(({ stepCount }) => stepCount);
  return `${imports.join("\n")}

const steps: FixedArray<u32, ${steps.length}> = [${steps.join(", ")}];

/** The steps of a program; 0 when there is no such program. @entry fuzz_steps */
export function stepsOf(program: u32): u32 {
  return program < steps.length ? steps[program] : 0;
}

/** @entry fuzz_run */
export function run(program: u32, step: u32): u64 {
  switch (program) {
${cases((prefix) => `run_${prefix}(step)`)}
    default:
      return 0n;
  }
}

/** @entry fuzz_hash */
export function hash(program: u32): u64 {
  switch (program) {
${cases((prefix) => `hash_${prefix}()`)}
    default:
      return 0n;
  }
}
`;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr } = error as Error & { stderr?: string };
  return stderr ? stderr.slice(0, 2000) : (error.stack ?? error.message);
}
