import { readFileSync } from "node:fs";

/** What the compiler tells of a program beside its code (`program.json`). */
export interface ProgramFacts {
  /** The emitted C files. */
  readonly units: readonly string[];
  /** Paths from the root of the project, in the order of the panic sites' file indices. */
  readonly files: readonly string[];
  readonly unsafe: readonly { readonly file: string; readonly reason: string; readonly lines: number }[];
}

export function readProgram(path: string): ProgramFacts {
  return JSON.parse(readFileSync(path, "utf8")) as ProgramFacts;
}
