import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BuildError } from "./build-error.ts";
import { type ClangOptions, compileC } from "./clang.ts";
import { compileProgram } from "./compile.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import { emitC } from "./emit-c.ts";
import { type Facts, factsOf } from "./facts.ts";
import { assemblerIncludes } from "./layout.ts";
import type { ProgramOptions } from "./program.ts";
import type { Program } from "./tree.ts";

/** A whole program to C, facts and objects in a folder: what `ktsc build` does, for scripts that build many. */

export interface BuildOptions extends Omit<ClangOptions, "root">, ProgramOptions {
  /** Put before the symbol of every entry. */
  readonly prefix?: string;
  readonly out: string;
  /** Writes the C, and compiles none of it. */
  readonly isEmittedOnly?: boolean;
}

/** Answers what tools need to know of the program. Throws a BuildError. */
export async function buildObjects(options: BuildOptions): Promise<Facts> {
  const { out, prefix = "", preludes } = options;
  const { diagnostics, typed, program } = compileProgram(options);
  if (program === null) throw new BuildError(listOf(diagnostics));
  mkdirSync(out, { recursive: true });
  const files = emitC(program, { preludes, prefix, isSmall: options.optimization === "Os" });
  const facts = factsOf(program, typed, files, prefix);
  writeFacts(out, program, facts);
  if (options.isEmittedOnly === true) {
    for (const { name, text } of files) writeFileSync(path.join(out, name), text);
    return facts;
  }
  try {
    await compileC(files, out, options);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    if (stderr === undefined) throw error;
    throw new BuildError(`clang rejected the emitted C, which is an error of ktsc or of a prelude:\n${stderr}`);
  }
  return facts;
}

/** Every error, and how many there are. */
export function listOf(diagnostics: readonly Diagnostic[]): string {
  const count = `${diagnostics.length} error${diagnostics.length === 1 ? "" : "s"}`;
  return [...diagnostics.map(formatDiagnostic), count].join("\n");
}

export function writeFacts(folder: string, program: Program, facts: Facts): void {
  writeFileSync(path.join(folder, "program.json"), `${JSON.stringify(facts, null, 1)}\n`);
  writeFileSync(path.join(folder, "layout.inc"), assemblerIncludes(program).nasm);
  writeFileSync(path.join(folder, "layout.h"), assemblerIncludes(program).gnu);
}
