import type ts from "typescript";
import { check } from "./check/check.ts";
import { type Diagnostic, Diagnostics } from "./diagnostic.ts";
import { lower } from "./lower/lower.ts";
import { loadProgram, type ProgramOptions } from "./program.ts";
import type { Program } from "./tree.ts";
import type { TypedProgram } from "./types/typed-program.ts";
import { typeProgram } from "./types/types.ts";

/** The passes in their order. Lowering runs only when nothing is wrong. */

export interface CompileResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly typed: TypedProgram;
  /** Null when there are errors. */
  readonly program: Program | null;
}

export function compileProgram(options: ProgramOptions): CompileResult {
  const diagnostics = new Diagnostics(options.root);
  const loaded: ts.Program = loadProgram(options, diagnostics);
  const typed = typeProgram(loaded, options.root, diagnostics);
  check(typed, diagnostics);
  const program = diagnostics.hasErrors() ? null : lower(typed, diagnostics);
  return { diagnostics: diagnostics.sorted(), typed, program: diagnostics.hasErrors() ? null : program };
}
