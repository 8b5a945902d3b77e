import { cName } from "./emit-c/types.ts";
import type { Callee, Function, Program } from "./tree.ts";
import type { TypedProgram } from "./types/typed-program.ts";
import { functionsIn, walk } from "./walk.ts";

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

export function factsOf(program: Program, typed: TypedProgram, units: readonly string[], prefix: string): Facts {
  const nameOf = (callee: Callee): string => {
    if (callee.kind === "extern" || callee.symbol === "kts_panic") return callee.symbol;
    return callee.isEntry ? `${prefix}${callee.symbol}` : cName(callee.symbol);
  };
  const edges = program.functions.map((each) => [nameOf(each), edgesOf(each, nameOf)] as const);
  return {
    units,
    files: program.files,
    functions: Object.fromEntries(
      program.functions.map((each) => [
        nameOf(each),
        { file: program.files[each.site.file] ?? "", line: each.site.line },
      ]),
    ),
    entries: program.functions.filter(({ isEntry }) => isEntry).map(nameOf),
    calls: Object.fromEntries(edges.map(([name, { calls }]) => [name, calls])),
    tableCalls: Object.fromEntries(
      edges.filter(([, { tables }]) => tables.length > 0).map(([name, { tables }]) => [name, tables]),
    ),
    tables: Object.fromEntries(
      program.statics.map(({ symbol, initial }) => [symbol, functionsIn(initial).map(nameOf)]),
    ),
    unsafe: unsafeFiles(typed),
  };
}

function edgesOf(of: Function, nameOf: (callee: Callee) => string): { calls: string[]; tables: string[] } {
  const calls = new Set<string>();
  const tables = new Set<string>();
  walk(of.body, (node) => {
    if (node.kind === "call") calls.add(nameOf(node.callee));
    else if (node.kind === "tableCall") tables.add(node.table.symbol);
  });
  return { calls: [...calls], tables: [...tables] };
}

function unsafeFiles(typed: TypedProgram): Facts["unsafe"] {
  return typed.files.flatMap((file) => {
    const reason = typed.tagsOf(file).get("unsafe");
    return reason === undefined ? [] : [{ file: typed.pathOf(file), reason, lines: file.text.split("\n").length - 1 }];
  });
}
