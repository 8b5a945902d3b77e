/**
 * Wasm that Porffor made of a kernel, on to C that clang compiles: wabt's wasm2c with the machine's memory as Wasm's, and around
 * it what C cannot get from Wasm.
 *
 *   entry of assembly ──▶ entry here: a stack for aggregates ──▶ w2c_x_… ──▶ machine(number, words) ──▶ inline assembly
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { wordsOf } from "./emit-porffor/words.ts";
import type { Outside, PorfforModule } from "./emit-porffor.ts";
import { MOST_WORDS } from "./emit-porffor.ts";
import { extentOf } from "./layout.ts";
import type { Function, Program, Static } from "./tree.ts";
import type { Type } from "./types/type.ts";

export interface WasmToC {
  readonly program: Program;
  readonly module: PorfforModule;
  readonly wasm: Uint8Array;
  /** C files with what is tagged `@extern`, relative to the root. */
  readonly preludes: readonly string[];
  readonly root: string;
  readonly folder: string;
}

const LIBRARY = new URL("./lib/", import.meta.url);
const TYPES =
  "typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long u64;\n" +
  "typedef signed char i8; typedef signed short i16; typedef signed int i32; typedef signed long i64;\n" +
  "struct Bytes { u8 *data; u32 length; };";

/** Of C's own runtime: its second piece says how these functions are, the others are those. */
const BARRIERS = readFileSync(new URL("runtime.c", LIBRARY), "utf8")
  .split("\n\n")
  .filter((piece) => /^#define KTS_INLINE|Barrier\(void\)/.test(piece));

/** One C file; its functions keep the names that they have in TypeScript. */
export function wasmToC(spec: WasmToC): string {
  const preludes = spec.preludes.map((file) => readFileSync(path.join(spec.root, file), "utf8")).join("\n");
  const { outside } = spec.module;
  const entries = spec.program.functions.filter(({ isEntry }) => isEntry);
  return [
    TYPES,
    '#include "layout.h"',
    ...spec.preludes.map((file) => `#include "${file}"`),
    readFileSync(new URL("wasm-memory.c", LIBRARY), "utf8"),
    ...BARRIERS,
    ...entries.map((each) => `${headOf(each)};`),
    ...outside.map((each) => declarationOf(each, preludes)),
    machineFunction(outside, entries),
    translated(spec),
    ...entries.map((each, i) => entryFunction(each, spec.module.entries[i]?.stackBytes ?? 0)),
    "",
  ].join("\n\n");
}

/** What wasm2c makes of the module's functions, with Wasm's memory and globals as C's own. */
function translated({ wasm, folder }: WasmToC): string {
  mkdirSync(folder, { recursive: true });
  const [input, output] = [path.join(folder, "module.wasm"), path.join(folder, "module.c")];
  writeFileSync(input, wasm);
  execFileSync("wasm2c", [input, "-n", "module", "-o", output]);
  const text = readFileSync(output, "utf8");
  const start = text.search(/^static \w+ w2c_\w+\(Z_module_instance_t\*/m);
  const end = text.indexOf("\n/* export:");
  if (start < 0 || end < start) throw new Error("wasm2c's C is not as this was written for");
  const globals = [...new Set(text.match(/(?<=instance->)w2c_(?!_)\w+/g))];
  const code = text
    .slice(start, end)
    .replace(/^static void init_\w+\(.*?^}\n/gms, "")
    .replaceAll(/(?:&instance->w2c__, )+/g, "")
    .replaceAll(/\(\*Z_Z_\w+\)\(instance->\w+, /g, "machine(")
    .replaceAll(/\bZ_module_instance_t\*(?: instance)?, /g, "")
    .replaceAll(/\(Z_module_instance_t\*(?: instance)?\)/g, "(void)")
    .replaceAll(/\(instance, /g, "(")
    .replaceAll("(instance)", "()")
    .replaceAll("instance->", "");
  return `${globals.map((name) => `static u32 ${name};`).join("\n")}\n\n${code}`;
}

// ---- the world outside ----

/** Assembly's functions and marks; inline ones are in the preludes. */
function declarationOf(each: Outside, preludes: string): string {
  if (each.kind === "static") return `${staticOf(each.static)};`;
  if (each.type === null || new RegExp(`\\b${each.name}\\(`).test(preludes)) return "";
  const parameters = each.type.parameters.map(cType).join(", ") || "void";
  return `${cType(each.type.result)} ${each.name}(${parameters});`;
}

function staticOf({ symbol, type, section, initial }: Static): string {
  if (initial.kind === "extern") return `extern u8 ${symbol}[]`;
  return `static __attribute__((used, section("${section}"), aligned(16))) u8 ${symbol}[${extentOf(type).size}]`;
}

function machineFunction(outside: readonly Outside[], entries: readonly Function[]): string {
  const words = Array.from({ length: MOST_WORDS }, (_, i) => `a${i}`);
  const cases = outside.slice(1).map((each, i) => `  case ${i + 1}: ${answerOf(each, entries)}`);
  return [
    "static u32 upperWord;",
    "INLINE u32 answer(u64 value) {\n  upperWord = (u32)(value >> 32);\n  return (u32)value;\n}",
    "INLINE u64 pair(u32 low, u32 high) { return (u64)high << 32 | low; }",
    `INLINE u32 machine(u32 number, ${words.map((word) => `u32 ${word}`).join(", ")}) {`,
    "  switch (number) {",
    "  case 0: return upperWord;",
    ...cases,
    "  default: UNREACHABLE; return 0;",
    "  }",
    "}",
  ].join("\n");
}

function answerOf(each: Outside, entries: readonly Function[]): string {
  if (each.kind === "static") return `return answer((u64)${each.name});`;
  const panic = entries.find(({ symbol }) => symbol === each.name);
  const parameters = each.type?.parameters ?? panic?.parameters.map(({ type }) => type);
  if (parameters === undefined) return accessOf(each.name);
  const call = `${each.name}(${argumentsOf(parameters).join(", ")})`;
  const result = each.type?.result ?? panic?.result;
  if (result === undefined || wordsOf(result) === 0) return `${call}; return 0;`;
  return `return answer((u64)${result.kind === "int" && result.signed ? "(i64)" : ""}${call});`;
}

/** The parameters of a C function from words a0, a1, … */
function argumentsOf(parameters: readonly Type[]): string[] {
  let next = 0;
  return parameters.map((type) => {
    const first = next;
    next += wordsOf(type);
    if (type.kind === "slice") return `(struct Bytes){at(a${first}), a${first + 1}}`;
    if (type.kind === "pointer") return `at(a${first})`;
    return wordsOf(type) === 2 ? `pair(a${first}, a${first + 1})` : `(${cType(type)})a${first}`;
  });
}

/** Accesses to devices and barriers, which have no declaration: as in lib/runtime.c. */
function accessOf(name: string): string {
  const [, kind, width] = /^(volatileLoad|volatileStore|atomicLoad|atomicStore)(\d+)$/.exec(name) ?? [];
  const target = `(${kind?.startsWith("volatile") ? "volatile " : ""}u${width} *)pair(a0, a1)`;
  const value = width === "64" ? "pair(a2, a3)" : `(u${width})a2`;
  switch (kind) {
    case "volatileLoad":
      return `return answer(*${target});`;
    case "volatileStore":
      return `*${target} = ${value}; return 0;`;
    case "atomicLoad":
      return `return answer(__atomic_load_n(${target}, __ATOMIC_SEQ_CST));`;
    case "atomicStore":
      return `__atomic_store_n(${target}, ${value}, __ATOMIC_SEQ_CST); return 0;`;
    default:
      return `kts_${name}(); return 0;`;
  }
}

// ---- entries ----

function headOf({ symbol, parameters, result, keepsNothing, isNoReturn }: Function): string {
  const words = [...(keepsNothing ? ["preserve_none"] : []), ...(isNoReturn ? ["noreturn"] : [])];
  const attributes = words.length === 0 ? "" : `__attribute__((${words.join(", ")})) `;
  const list = parameters.map(({ type }, i) => `${cType(type)} p${i}`).join(", ") || "void";
  return `${attributes}${cType(result)} ${symbol}(${list})`;
}

function entryFunction(each: Function, stackBytes: number): string {
  const args = each.parameters.flatMap(({ type }, i) => {
    if (type.kind === "slice") return [`(u32)(u64)p${i}.data`, `p${i}.length`];
    if (type.kind === "pointer") return [`(u32)(u64)p${i}`];
    return wordsOf(type) === 2 ? [`(u32)p${i}`, `(u32)(p${i} >> 32)`] : [`(u32)p${i}`];
  });
  const call = `w2c_x_${each.symbol}(${args.join(", ")})`;
  const count = wordsOf(each.result);
  const low = count === 0 ? `  ${call};` : `  u32 low = ${call};`;
  const before = [
    `  __attribute__((aligned(16))) u8 aggregates[${stackBytes}];`,
    "  u32 end = w2c_stackEndWord(), start = w2c_stackWord();",
    `  w2c_setStack((u32)(u64)aggregates, (u32)(u64)aggregates + ${stackBytes});`,
  ];
  return [
    `${headOf(each)} {`,
    ...(stackBytes === 0 ? [low] : [...before, low, "  w2c_setStack(end, start);"]),
    ...(each.isNoReturn ? ["  UNREACHABLE;"] : []),
    ...(count === 0 ? [] : [count === 1 ? "  return low;" : "  return pair(low, w2c_highWord());"]),
    "}",
  ].join("\n");
}

function cType(type: Type): string {
  switch (type.kind) {
    case "int":
      return `${type.signed ? "i" : "u"}${type.width}`;
    case "enum":
      return cType(type.enum.storage);
    case "boolean":
      return "bool";
    case "slice":
      return "struct Bytes";
    case "pointer":
      return "void *";
    default:
      return wordsOf(type) === 0 ? "void" : "u64";
  }
}
