/**
 * The tree once more, for a second compiler: TypeScript in the subset in which Porffor's integer mode was never seen to be
 * wrong (top-level annotated arrow functions, every local initialised, tables as switches, 64 bits as pairs of words), and what
 * is in memory at first.
 *
 *   runtime ─ tests of enums ─ functions ─ dispatchers of tables ─ exports
 *
 * Pointers are words, and 8 bytes in memory: layouts are those of C.
 */
import type { Names } from "./emit-porffor/expressions.ts";
import { type MemoryImage, StaticMemory } from "./emit-porffor/memory.ts";
import { RUNTIME } from "./emit-porffor/runtime.ts";
import { FunctionWriter, parameterNames, signature } from "./emit-porffor/statements.ts";
import { literal, type Words, wordsOf } from "./emit-porffor/words.ts";
import type { Callee, Function, Initial, Program, Static } from "./tree.ts";
import type { Enum, FunctionType, Type } from "./types/type.ts";

export interface PorfforOptions {
  /** Where constants and statics begin in Wasm's memory. */
  readonly constants: number;
  readonly statics: number;
  /**
   * How addresses of 64 bits come of words: those with the top bit have an upper word of ones (an image below the top), the
   * others this one (a window to memory). 0: every upper word is 0.
   */
  readonly windowHigh: number;
}

export interface PorfforModule {
  readonly source: string;
  readonly constants: MemoryImage;
  readonly statics: MemoryImage;
  readonly entries: readonly Entry[];
  /** What the module asks of the outside, by the number that is the first argument of the import `machine`; 0 is the upper word. */
  readonly outside: readonly Outside[];
}

/** A function that can be called; two-word results leave their upper word in what `high` answers. */
export interface Entry {
  readonly symbol: string;
  /** Name of the export. */
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** What it and all that it calls take from the stack: nothing calls itself. */
  readonly stackBytes: number;
}

export type Outside =
  | { readonly kind: "function"; readonly name: string; readonly type: FunctionType | null }
  /** Answers where the static is. */
  | { readonly kind: "static"; readonly name: string; readonly static: Static };

/** Of the import `machine`, besides the number: what is not used is 0. */
export const MOST_WORDS = 10;
/** Besides its entries a module exports `highWord`, and where its stack is: `setStack(end, start)`, `stackWord`, `stackEndWord`. */
const STACK_ENTRY = "setStack";

export function emitPorffor(program: Program, options: PorfforOptions): PorfforModule {
  return new ModuleWriter(program, options).write();
}

class ModuleWriter implements Names {
  readonly #windowHigh: number;
  readonly #program: Program;
  readonly #memory: StaticMemory;
  readonly #ids = new Map<Callee, number>();
  readonly #outside: Outside[] = [{ kind: "function", name: "high", type: null }];
  readonly #tests = new Map<Enum, string>();
  readonly #dispatchers = new Map<string, string>();
  /** By name: what a function takes from the stack itself, and whom it calls. */
  readonly #frames = new Map<string, number>();
  readonly #calls = new Map<string, Set<string>>();
  #current = "";

  constructor(program: Program, { constants, statics, windowHigh }: PorfforOptions) {
    this.#program = program;
    this.#windowHigh = windowHigh;
    this.#memory = new StaticMemory(constants, statics, windowHigh, (callee) => this.idOf(callee));
  }

  write(): PorfforModule {
    const { functions } = this.#program;
    const files = this.#program.files;
    const written = functions.map((each) => {
      const writer = new FunctionWriter(this, each);
      this.#current = nameOf(each);
      this.#frames.set(this.#current, writer.frameBytes);
      return `// ${files[each.site.file]}:${each.site.line}\n${writer.write(this.#current)}`;
    });
    const entries = functions.filter(({ isEntry }) => isEntry);
    const source = [
      "let high: i32 = 0;",
      "let stack: i32 = 0;",
      "let stackEnd: i32 = 0;",
      ...RUNTIME,
      ...this.#failures(),
      this.#siteFile(),
      ...this.#tests.values(),
      ...written,
      ...this.#dispatchers.values(),
      ...entries.map(exported),
      `export const ${STACK_ENTRY} = ${signature(["end", "start"], 0)} => {\nstackEnd = end;\nstack = start;\n};`,
      ...["high", "stack", "stackEnd"].map((name) => `export const ${name}Word = (): i32 => {\nreturn ${name};\n};`),
    ].join("\n");
    const { constants, statics } = this.#memory.finish();
    const stackBytes = (each: Function): number => this.#stackOf(nameOf(each), new Map());
    const rows = entries.map((each) => ({ ...entryOf(each), stackBytes: stackBytes(each) }));
    return { source, constants, statics, entries: rows, outside: this.#outside };
  }

  // ---- what expressions ask ----

  call(callee: Callee, args: Words): { readonly text: string; readonly high: string } {
    if (callee.kind === "function") {
      this.#noteCall(nameOf(callee));
      return { text: `${nameOf(callee)}(${args.join(", ")})`, high: "high" };
    }
    return this.#ask({ kind: "function", name: callee.symbol, type: callee.type }, args);
  }

  outside(name: string, args: Words): { readonly text: string; readonly high: string } {
    return this.#ask({ kind: "function", name, type: null }, args);
  }

  dispatcherOf(table: Static, type: Type): string {
    const { parameters, result } = type as FunctionType;
    const counts = parameters.map(wordsOf);
    const count = counts.reduce((sum, each) => sum + each, 0);
    const name = `call_${table.symbol}_${counts.join("")}_${wordsOf(result)}`.replaceAll(/\W/g, "_");
    this.#noteCall(name);
    if (this.#dispatchers.has(name)) return name;
    this.#dispatchers.set(name, "");
    const caller = this.#current;
    this.#current = name;
    const args = Array.from({ length: count }, (_, i) => `a${i}`);
    const targets = [...new Set(functionsIn(table.initial))].filter(
      (each) => shapeOf(each) === `${counts} ${wordsOf(result)}`,
    );
    const cases = targets.map((each) => {
      const { text } = this.call(each, args);
      return `case ${this.idOf(each)}:\n${wordsOf(result) === 0 ? `${text};\nreturn;` : `return ${text};`}`;
    });
    this.#current = caller;
    const body = ["switch (id) {", ...cases, "}", "trap();", ...(wordsOf(result) === 0 ? [] : ["return 0;"])];
    this.#dispatchers.set(
      name,
      `const ${name} = ${signature(["id", ...args], wordsOf(result))} => {\n${body.join("\n")}\n};`,
    );
    return name;
  }

  enumTest(type: Type): string {
    if (type.kind !== "enum") throw new Error(`a ${type.kind} type is no enum`);
    const known = this.#tests.get(type.enum);
    const name = /^const (\w+)/.exec(known ?? "")?.[1] ?? `is_${this.#tests.size}_${type.enum.name}`;
    if (known === undefined) {
      const tests = type.enum.members.map(({ value }) => `if (x == ${literal(value)}) return true;`);
      this.#tests.set(type.enum, `const ${name} = (x: i32): boolean => {\n${tests.join("\n")}\nreturn false;\n};`);
    }
    return name;
  }

  idOf(callee: Callee): number {
    const id = this.#ids.get(callee) ?? this.#ids.size + 1;
    this.#ids.set(callee, id);
    return id;
  }

  addressOf(of: Static): string {
    if (of.initial.kind !== "extern" && of.section === null) return literal(this.#memory.addressOf(of));
    return this.#ask({ kind: "static", name: of.symbol, static: of }, []).text;
  }

  upper(pointer: string): string {
    return this.#windowHigh === 0 ? "0" : `upper(${pointer})`;
  }

  pointer(low: string, high: string): string {
    return `pointer(${low}, ${high})`;
  }

  addressOfText(bytes: Uint8Array): number {
    return this.#memory.addressOfText(bytes);
  }

  #noteCall(name: string): void {
    const calls = this.#calls.get(this.#current) ?? new Set();
    this.#calls.set(this.#current, calls.add(name));
  }

  #stackOf(name: string, known: Map<string, number>): number {
    const before = known.get(name);
    if (before !== undefined) return before;
    const below = [...(this.#calls.get(name) ?? [])].map((callee) => this.#stackOf(callee, known));
    const bytes = (this.#frames.get(name) ?? 0) + Math.max(0, ...below);
    known.set(name, bytes);
    return bytes;
  }

  #ask(what: Outside, args: Words): { readonly text: string; readonly high: string } {
    const known = this.#outside.findIndex(({ kind, name }) => kind === what.kind && name === what.name);
    const number = known === -1 ? this.#outside.push(what) - 1 : known;
    if (args.length > MOST_WORDS)
      throw new Error(`${what.name} takes ${args.length} words, and ${MOST_WORDS} is the most`);
    const say = (op: number, words: Words): string =>
      `machine(${[op, ...words, ...Array(MOST_WORDS - words.length).fill("0")].join(", ")})`;
    return { text: say(number, args), high: say(0, []) };
  }

  // ---- the rest of the runtime ----

  /** Failed checks leave the module: whoever runs it has the program's panic entry called, or has one. */
  #failures(): string[] {
    const write = (name: string, parameters: string, args: string): string => {
      const { text } = this.outside("kts_panic", args.split(" "));
      return `const ${name} = ${signature(parameters.split(" "), 0)} => {\n${text};\ntrap();\n};`;
    };
    const upper = this.#windowHigh === 0 ? "0" : `((pointer >> 31) | ${literal(this.#windowHigh)})`;
    return [
      write("fail", "kind al ah bl bh site", "kind 0 0 al ah bl bh site"),
      write("failText", "kind text length site", "kind text length 0 0 0 0 site"),
      `const upper = (pointer: i32): i32 => {\nif (pointer == 0) return 0;\nreturn ${upper};\n};`,
      "const pointer = (low: i32, high: i32): i32 => {\nif (upper(low) != high) trap();\nreturn low;\n};",
      "const enter = (bytes: i32): i32 => {\nstack = (stack - bytes);\nif (less_u32(stack, stackEnd)) trap();\nreturn stack;\n};",
    ];
  }

  #siteFile(): string {
    const { files } = this.#program;
    const table = `(${literal(this.#memory.addressOfFiles(this.#program))} + ((site >>> 16) << 4))`;
    const unknown = literal(this.#memory.addressOfText(Buffer.from("?")));
    return [
      "const siteFile = (site: i32): i32 => {",
      "high = 1;",
      `if (!less_u32((site >>> 16), ${files.length})) return ${unknown};`,
      `high = Porffor.wasm.i32.load(${table}, 0, 8);`,
      `return Porffor.wasm.i32.load(${table}, 0, 0);`,
      "};",
    ].join("\n");
  }
}

function nameOf({ symbol }: Function): string {
  return `k_${symbol.replaceAll(/\W/g, "_")}`;
}

function entryOf({ symbol, parameters, result }: Function): Omit<Entry, "stackBytes"> {
  return { symbol, name: `x_${symbol.replaceAll(/\W/g, "_")}`, parameters: parameters.map(({ type }) => type), result };
}

function exported(of: Function): string {
  const words = parameterNames(of.parameters);
  const count = wordsOf(of.result);
  const call = `${nameOf(of)}(${words.join(", ")})`;
  return `export const ${entryOf(of).name} = ${signature(words, count)} => {\n${count === 0 ? "" : "return "}${call};\n};`;
}

/** What two functions have in common that can be called alike. */
function shapeOf(callee: Callee): string {
  const parameters = callee.kind === "extern" ? callee.type.parameters : callee.parameters.map(({ type }) => type);
  const result = callee.kind === "extern" ? callee.type.result : callee.result;
  return `${parameters.map(wordsOf)} ${wordsOf(result)}`;
}

function functionsIn(initial: Initial): Callee[] {
  if (initial.kind === "function") return [initial.function];
  if (initial.kind === "array") return initial.elements.flatMap(functionsIn);
  return initial.kind === "struct" ? [...initial.fields.values()].flatMap(functionsIn) : [];
}
