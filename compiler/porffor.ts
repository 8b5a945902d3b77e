/**
 * TypeScript of the safe subset through Porffor, in this process, with fixed flags, and on through Binaryen:
 *
 *   source ── Porffor ──▶ functions ── guards ──▶ Wasm ── Binaryen ──▶ Wasm
 *
 * The guards hold what the subset promises: no builtin, table, tag, data or floating point comes in, and nothing is asked of the
 * outside but `machine`. Porffor keeps its settings and its state in this process's globals.
 */
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { PorfforModule } from "./emit-porffor.ts";
import { MOST_WORDS } from "./emit-porffor.ts";

/** `-d` keeps the names of functions. */
const FLAGS = "--valtype=i32 -t --module -O1 --truthy=no_nan_negative --unroll-threshold=0 -d".split(" ");
/** Instructions that Porffor's table lacks; inline Wasm finds them there. */
const INSTRUCTIONS =
  "i32_lt_u 49 i32_le_u 4d i32_clz 67 i32_ctz 68 i32_popcnt 69 i32_div_u 6e i32_rem_u 70 i32_rotl 77 i64_lt_u 54 " +
  "i64_le_u 58 i64_clz 79 i64_ctz 7a i64_popcnt 7b i64_div_u 80 i64_rem_u 82 i64_rotl 89";
const MEMORY_FILL = [0xfc, 0x0b];
/** Floating point (WebAssembly 5.4): the first and last code of each range. */
const FLOATS = "2a-2b 38-39 43-44 5b-66 8b-a6 a8-ab ae-bf".split(" ").map((range) => range.split("-").map(hex));
const FLOAT_TYPES = [0x7c, 0x7d];
const I32 = 0x7f;
const I64 = 0x7e;
/** Wasm's pages of 64 KiB. */
const PAGE = 65536;

interface Porffor {
  readonly compile: (source: string) => PorfforOutput & { wasm: Uint8Array };
  readonly opcodes: Record<string, number | number[]>;
  readonly importCount: () => number;
}

let loaded: Promise<Porffor> | null = null;
let optimizer: Worker | null = null;

/** Porffor reads its flags from the command line of the process when it is loaded, and the level with each program. */
async function load(): Promise<Porffor> {
  return await withFlags(async () => {
    Object.assign(globalThis, { file: "in.ts" });
    const { createImport, importedFuncs } = await import("porffor/compiler/builtins.js");
    // Its own tables of builtins want these four to be there.
    createImport("print", 1, 0);
    createImport("printChar", 1, 0);
    createImport("time", 0, 1);
    createImport("timeOrigin", 0, 1);
    createImport("machine", MOST_WORDS + 1, 1);
    const { Opcodes } = await import("porffor/compiler/wasmSpec.js");
    for (const [, name = "", code = ""] of INSTRUCTIONS.matchAll(/(\w+) (\w+)/g)) Opcodes[name] ??= hex(code);
    Opcodes.memory_fill ??= MEMORY_FILL;
    const { default: compile } = await import("porffor/compiler/index.js");
    return { compile: (source) => compile(source, true), opcodes: Opcodes, importCount: () => importedFuncs.length };
  });
}

async function withFlags<T>(work: () => T | Promise<T>): Promise<T> {
  const words = process.argv;
  process.argv = [...words.slice(0, 2), ...FLAGS];
  try {
    return await work();
  } finally {
    process.argv = words;
  }
}

export interface WasmOptions {
  /** How much memory the module declares, in bytes. */
  readonly memory: number;
  /** Binaryen's; 3 unless said. */
  readonly level?: number;
}

/** The module's Wasm. Throws when Porffor made something of it that must not be there. */
export async function compileWasm({ source }: PorfforModule, options: WasmOptions): Promise<Uint8Array> {
  loaded ??= load();
  const porffor = await loaded;
  const complaints: string[] = [];
  Object.assign(globalThis, {
    compileCallback: (output: PorfforOutput) => {
      exportUntyped(output, porffor, complaints);
      initialize(output, porffor, complaints);
      complaints.push(...complaintsOf(output));
    },
  });
  const { wasm } = await withFlags(() => porffor.compile(source));
  const { importFuncs = [] } = globalThis as { importFuncs?: { name: string }[] };
  for (const { name } of importFuncs) if (name !== "machine") complaints.push(`a question to the outside, ${name}`);
  if (complaints.length > 0) throw new Error(`Porffor made of the program: ${[...new Set(complaints)].join("; ")}`);
  return await optimize(Uint8Array.from(wasm), options);
}

/** Exports take a type beside each value, which no one outside needs to know. */
function exportUntyped({ funcs }: PorfforOutput, { opcodes, importCount }: Porffor, complaints: string[]): void {
  const { local_get: get, i32_const: constant, call } = opcodes as Record<string, number>;
  for (const typed of funcs.filter((each) => each.export === true && each.name !== "#main")) {
    typed.export = false;
    const count = typed.params.length / 2;
    const names = Array.from({ length: count }, (_, i) => `a${i}`);
    if (typed.returns.length > 1) complaints.push(`${typed.name} answers a type`);
    const { name } = typed;
    typed.name = `${name} with types`;
    funcs.push({
      name,
      index: importCount() + funcs.length,
      params: names.map(() => I32),
      returns: [...typed.returns],
      locals: Object.fromEntries(names.map((name, idx) => [name, { idx, type: I32 }])),
      localInd: count,
      wasm: [
        ...names.flatMap(
          (_, i) =>
            [
              [get, i],
              [constant, 1],
            ] as number[][],
        ),
        [call, typed.index] as number[],
      ],
      export: true,
      ...(typed.usesImports === undefined ? {} : { usesImports: typed.usesImports }),
    });
  }
}

/** The values of module variables become those of globals: then nothing has to run first. */
function initialize({ funcs, globals }: PorfforOutput, { opcodes }: Porffor, complaints: string[]): void {
  const main = funcs.find(({ name }) => name === "#main");
  if (main === undefined) return;
  const byIndex = new Map(Object.values(globals).map((global) => [global.idx, global]));
  const { wasm } = main;
  for (let i = 0; i < wasm.length; i++) {
    const [[code, value] = [], [next, index] = []] = wasm.slice(i, i + 2);
    const global = next === opcodes.global_set ? byIndex.get(Number(index)) : undefined;
    if (code === opcodes.i32_const && global !== undefined) {
      global.init = Number(value) | 0;
      i++;
    } else if (code !== undefined && code !== opcodes.i32_const && code !== opcodes.drop) {
      complaints.push("a module variable without a constant");
    }
  }
  Object.assign(main, { wasm: [], returns: [], export: false, locals: {} });
}

function complaintsOf({ funcs, tags, pages, data }: PorfforOutput): string[] {
  const complaints: string[] = [];
  for (const { name, internal, params, returns, locals, wasm } of funcs) {
    if (wasm.some(isFloating)) complaints.push(`floating point in ${name}`);
    if (internal === true) complaints.push(`the builtin ${name}`);
    if (returns.length > 1) complaints.push(`${name} answers a type`);
    if ([...params, ...returns].some((type) => type !== I32)) complaints.push(`${name} takes or answers no words`);
    if (Object.values(locals).some(({ type }) => type !== I32 && type !== I64))
      complaints.push(`${name} has other locals`);
  }
  if (funcs.table === true) complaints.push("a table");
  if (tags.length > 0) complaints.push("an exception's tag");
  if (data.length > 0) complaints.push("data");
  if (pages.size > 0) complaints.push(`memory of its own: ${[...pages.keys()].join(", ")}`);
  return complaints;
}

function isFloating([code, type]: (number | string)[]): boolean {
  const number = Number(code);
  const isBlock = number >= 2 && number <= 4;
  return isBlock
    ? FLOAT_TYPES.includes(Number(type))
    : FLOATS.some(([first = 0, last = 0]) => number >= first && number <= last);
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

async function optimize(wasm: Uint8Array, { memory, level = 3 }: WasmOptions): Promise<Uint8Array> {
  optimizer ??= new Worker(new URL("bin/optimize.mjs", import.meta.url), { execArgv: [] });
  optimizer.unref();
  const { port1, port2 } = new MessageChannel();
  optimizer.postMessage({ wasm, pages: memory / PAGE, level, port: port2 }, [port2]);
  const [answer] = (await once(port1, "message")) as [{ wasm: Uint8Array } | { error: string }];
  port1.close();
  if ("error" in answer) throw new Error(answer.error);
  return answer.wasm;
}
