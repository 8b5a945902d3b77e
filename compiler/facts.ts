import { type EmittedFile, symbolOf } from "./emit-c.ts";
import type { Callee, Initial, Program } from "./tree.ts";
import type { TypedProgram } from "./types/typed-program.ts";

/** What tools need to know of a program besides its code: `program.json`. */

export interface Facts {
  /** The emitted C files, and with the ending `.o` the objects. */
  readonly units: readonly string[];
  /** By file index of panic sites. */
  readonly files: readonly string[];
  /** C symbol → where the function stands. */
  readonly functions: Readonly<Record<string, { readonly file: string; readonly line: number }>>;
  readonly entries: readonly string[];
  /** Direct calls by C symbol. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Tables of functions that a function calls through. */
  readonly tableCalls: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly unsafe: readonly { readonly file: string; readonly reason: string; readonly lines: number }[];
}

export function factsOf(program: Program, typed: TypedProgram, emitted: readonly EmittedFile[], prefix: string): Facts {
  const nameOf = (callee: Callee): string => symbolOf(callee, prefix);
  const calls = emitted.flatMap((file) => [...file.calls]);
  const places = program.functions.map((each) => {
    return [nameOf(each), { file: program.files[each.site.file] ?? "", line: each.site.line }] as const;
  });
  return {
    units: emitted.map(({ name }) => name),
    files: program.files,
    functions: Object.fromEntries(places),
    entries: program.functions.filter(({ isEntry }) => isEntry).map(nameOf),
    calls: Object.fromEntries(calls.map(([name, { functions }]) => [name, [...functions]])),
    tableCalls: Object.fromEntries(calls.map(([name, { tables }]) => [name, [...tables]])),
    tables: Object.fromEntries(
      program.statics.map(({ symbol, initial }) => [symbol, functionsIn(initial).map(nameOf)]),
    ),
    unsafe: unsafeFiles(typed),
  };
}

function functionsIn(initial: Initial): Callee[] {
  if (initial.kind === "function") return [initial.function];
  if (initial.kind === "array") return initial.elements.flatMap(functionsIn);
  return initial.kind === "struct" ? [...initial.fields.values()].flatMap(functionsIn) : [];
}

function unsafeFiles(typed: TypedProgram): Facts["unsafe"] {
  return typed.files.flatMap((file) => {
    const reason = typed.tagsOf(file).get("unsafe");
    return reason === undefined ? [] : [{ file: typed.pathOf(file), reason, lines: file.text.split("\n").length - 1 }];
  });
}
