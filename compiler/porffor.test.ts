import { expect, test } from "vitest";
import type { PorfforModule } from "./emit-porffor.ts";
import { compileWasm } from "./porffor.ts";

/** What Porffor must not make of a program, and a text of which it does. */

const NOTHING = { address: 0, bytes: new Uint8Array() };

function moduleOf(source: string): PorfforModule {
  return { source, constants: NOTHING, statics: NOTHING, entries: [], outside: [] };
}

async function compile(source: string): Promise<Uint8Array> {
  return await compileWasm(moduleOf(source), { memory: 1 << 16, level: 1 });
}

test("a program of the subset passes, and asks for nothing", async () => {
  const source =
    "let count: i32 = 7;\nexport const next = (by: i32): i32 => {\ncount = (count + by);\nreturn count;\n};";
  const wasm = new WebAssembly.Module(await compile(source));
  expect(WebAssembly.Module.imports(wasm)).toEqual([]);
  const { exports } = new WebAssembly.Instance(wasm, {});
  const next = exports.next as (by: number) => number;
  expect([next(1), next(-3)]).toEqual([8, 5]);
});

const BAD: readonly [string, string, RegExp][] = [
  ["a builtin", "export const f = (a: i32): i32 => {\nreturn (~(a < 3));\n};", /the builtin/],
  ["a library", "export const f = (a: i32): i32 => {\nreturn Math.max(a, 3) as i32;\n};", /floating point/],
  [
    "a table",
    "export const f = (g: i32): i32 => {\nreturn later(g);\n};\nconst later = (a: i32): i32 => {\nreturn a;\n};",
    /table/,
  ],
  ["an exception", "export const f = (a: i32): i32 => {\nif (a == 0) throw 1;\nreturn a;\n};", /tag/],
  ["a text", 'export const f = (a: i32): i32 => {\nconst s: i32 = "text";\nreturn s;\n};', /data/],
  ["an array", "const a: i32 = [1, 2];\nexport const f = (): i32 => {\nreturn a;\n};", /constant; the builtin/],
  [
    "uncast conditionals",
    "export const f = (a: i32): i32 => {\nreturn ((a ? 1 : 2) + (a ? 3 : 4));\n};",
    /the builtin/,
  ],
  ["a result without a type", "export const f = (a: i32) => {\nreturn a;\n};", /answers a type/],
  [
    "64 bits that are answered",
    "export const f = (a: i32): i32 => Porffor.wasm`\nreturns i64\nlocal.get 0\ni64.extend_i32_u`;",
    /words/,
  ],
  ["a local of floats", "export const f = (a: i32): i32 => Porffor.wasm`\nlocal b f64\nlocal.get 0`;", /other locals/],
  [
    "an instruction of floats",
    "export const f = (a: i32): i32 => Porffor.wasm`\nlocal.get 0\nf64.convert_i32_s\ni32.trunc_sat_f64_s`;",
    /floating point/,
  ],
  ["another import", "export const f = (a: i32): void => {\nprint(a);\n};", /outside, print/],
  [
    "a module variable that is computed",
    "const g = (): i32 => {\nreturn 3;\n};\nlet x: i32 = g();\nexport const f = (): i32 => {\nreturn x;\n};",
    /constant/,
  ],
  ["Wasm that is not valid", "export const f = (a: i32): i32 => Porffor.wasm`\ni32.add`;", /parsing wasm binary/],
  ["a function that is declared", "export function f(a: i32): i32 {\nreturn a;\n}", /the builtin/],
];

test.each(BAD)("%s is refused", async (_, source, complaint) => {
  await expect(compile(source)).rejects.toThrow(complaint);
});
