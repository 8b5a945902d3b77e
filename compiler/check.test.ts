import { describe, expect, test } from "vitest";
import { compileProgram } from "./compile.ts";

/** `line code` of every error of a program; a single text is "main.ts". */
function errorsOf(...files: readonly (string | readonly [name: string, text: string])[]): string[] {
  const named = files.map((file) => (typeof file === "string" ? (["main.ts", file] as const) : file));
  const entries = named.map(([name]) => name);
  const { diagnostics } = compileProgram({ root: "/program", entries, files: new Map(named) });
  return diagnostics.map(({ file, line, code }) => `${files.length > 1 ? `${file}:` : ""}${line} ${code}`);
}

/** A function with a prelude of one line, so that its first statement stands on line 3. */
function inFunction(...lines: readonly string[]): string {
  return [`${PRELUDE}`, "export function test(n: u32, pair: Pair): void {", ...lines, "}", ""].join("\n");
}

const PRELUDE = [
  'interface Pair extends Struct<"Pair"> { a: u32; next: Pair | null; readonly inner: Inline<Inner>; }',
  'interface Inner extends Struct<"Inner"> { readonly bytes: FixedArray<u8, 8>; whole: Bytes; }',
  'let last: Pair | null = null; let text: Bytes = ""; const pairs: FixedArray<Inline<Pair>, 4> = zeroed();',
  "function keep(pair: Pair): void { last = pair; } function use(pair: Pair): void { pair.a++; }",
  "function same(pair: Pair): Pair { return pair; } function deep(pair: Pair): void { keep(same(pair)); }",
  "type Handler = (pair: Pair) => void; const handlers: FixedArray<Handler, 2> = [use, keep];",
  "const users: FixedArray<Handler, 2> = [use, use]; function isOne(n: u32): boolean { return n === 1; }",
].join(" ");

describe("the subset", () => {
  test("takes what the language has", () => {
    const program = inFunction(
      "outer: for (let i: u32 = 0, j: u32 = 3; i < j; i++) {",
      "  while (n > 3) { if (isOne(i)) continue outer; else break; }",
      "  do { pairs[i & 3].a = i++; } while (i < 2 || n === 2);",
      "}",
      "const local1 = local<Pair>();",
      "local1.a = n > 2 ? 1 : 2; use(local1); users[n & 1](local1);",
      "copyStruct(pairs[0], local1);",
      "let p: Pair | null = pair; if (p !== null) p = p.next;",
      "switch (n) { case 1: case 2: n = 3; default: n = 4; }",
      "block: { if (n === 2) break block; n <<= 1; }",
    );
    expect(errorsOf(program)).toEqual([]);
  });

  test.each<[string, string]>([
    ["n += n = 1;", "KTS3011"],
    ["if (isOne(n = 1)) return;", "KTS3011"],
    ["while ((n = 1) === 1) n++;", "KTS3011"],
    ["n;", "KTS3023"],
    ["n === 1 && isOne(n);", "KTS3023"],
    ["const f = isOne;", "KTS3022"],
    ["const f = handlers[0];", "KTS3022"],
    ["for (const key in pairs) n++;", "KTS3007"],
    ["const x = `n`;", "KTS3009"],
    ["const x = /n/;", "KTS3009"],
    ["const list = [1, 2];", "KTS3028"],
    ["const o = { a: 1 };", "KTS3028"],
    ["const f = (): void => {};", "KTS3004"],
    ["const x = 1e3;", "KTS3027"],
    ["try { n++; } catch {}", "KTS3003"],
    ["const x = pair?.a;", "KTS3001"],
    ["void n;", "KTS3001"],
    ["debugger;", "KTS3001"],
    ["const x = undefined;", "KTS3001"],
    ["n = arguments;", "KTS3001"],
    ["n = n ?? 1;", "KTS3001"],
    ["pair.inner = pairs[0].inner;", "KTS2101"],
    ["pairs[0].inner.bytes = pair.inner.bytes;", "KTS2101"],
    ["const x: Pair = zeroed();", "KTS2104"],
    ["let x = local<Pair>();", "KTS2103"],
    ["last = local<Pair>();", "KTS2103"],
    ["store32(0n, n);", "KTS2105"],
    ["memoryBarrier();", "KTS2105"],
  ])("turns down %s", (statement, code) => {
    expect(errorsOf(inFunction(statement))).toEqual([`3 ${code}`]);
  });

  test.each<[string, string]>([
    ["export const x: u32 = 1; if (x === 1) {}", "KTS3020"],
    ["export type Box<T> = T;", "KTS3014"],
    ["export function f(...rest: Slice<u32>): void {}", "KTS3013"],
    ["export function f(x?: u32): void {}", "KTS3013"],
    ["export const t: FixedArray<() => void, 2> = zeroed();", "KTS3024"],
    ["export function f(x: boolean | u32): void {}", "KTS3016"],
    ["export function f(x: unknown): void {}", "KTS3015"],
    ["export function f(g: () => void): void {}", "KTS3022"],
    ["function f(): void {} export let g: () => void = f;", "KTS3022"],
    ["export * from './main';", "KTS3019"],
    ["export declare const linkerSymbol: u32;", "KTS3032"],
    ["export namespace N {}", "KTS3001"],
    ["/** @inline @noinline */ export function f(): void {}", "KTS3031"],
    ["/** @extern f */ export function f(): void {}", "KTS3031"],
    ["/** @layout */ export function f(): void {}", "KTS3030"],
    ["/** @unit O1 */ export function f(): void {}", "KTS3031"],
    ["/** @unsafe */ export function f(): void {}", "KTS3031"],
  ])("turns down %s", (text, code) => {
    expect(errorsOf(text)).toEqual([`1 ${code}`]);
  });

  test("lets files tagged @unsafe use what is unsafe", () => {
    expect(errorsOf("/** @unsafe a test */\nexport function f(): u64 {\n  return load64(8n);\n}\n")).toEqual([]);
  });

  test("takes tags where they belong, of the file and of its first declaration in one comment", () => {
    const text = "/** @unsafe a test @hot @param x any */\nexport function f(x: u64): u64 {\n  return load64(x);\n}\n";
    expect(errorsOf(text)).toEqual([]);
  });

  test("reports everything at once, in order, in a program with errors of every kind", () => {
    const lines = ["var x = n;", "x == 1;", "missing();", "const y: u8 = n;", "throw y;", "return 1;"];
    const codes = ["KTS3005", "KTS3006", "KTS9001", "KTS1010", "KTS3003"];
    const found = errorsOf(inFunction(...lines));
    expect(found.filter((error) => codes.some((code) => error.endsWith(code)))).toEqual(
      codes.map((code, index) => `${index + 3} ${code}`),
    );
    expect(found.at(-1)?.slice(0, 1)).toBe("8");
  });
});

describe("a switch over an enum", () => {
  const enumerate = (clauses: string): string =>
    `const enum E { A, B }\nexport function f(e: E): u32 {\n  switch (e) { ${clauses} }\n  return 0;\n}\n`;

  test.each([
    ["case E.A: return 1; case E.B: return 2; default: unreachable(e);", []],
    ["default: { unreachable(e); } case E.A: case E.B: return 2;", []],
    ["case E.A: return 1; case E.B: return 2;", []],
    ["case E.A: return 1;", ["3 KTS3025"]],
    ["case E.A: return 1; default: unreachable(e);", ["3 KTS3025"]],
    ["case E.A: return 1; case E.B: default: return 2;", ["3 KTS3026"]],
  ])("%s", (clauses, expected) => {
    expect(errorsOf(enumerate(clauses))).toEqual(expected);
  });
});

describe("the address of stack storage", () => {
  test.each<[string, ...string[]]>([
    ["is passed down", "const p = local<Pair>(); use(p); use(same(p)); use(p.next === null ? p : pair);"],
    [
      "lends parts of itself",
      "const p = local<Pair>(); const s = sliceOf(p.inner.bytes, 0, n); s[0] = 1; p.a = p.inner.bytes[1];",
    ],
    [
      "may be held by a variable of its own block",
      "while (n > 0) { n--; const p = local<Pair>(); let q = pair; q = p; }",
    ],
    ["may be held by a variable further in", "const p = local<Pair>(); if (n > 0) { let q = pair; q = p; } pair = p;"],
    ["does not taint what its fields point to", "const p = local<Pair>(); last = p.next; text = p.inner.whole;"],
  ])("%s", (_, ...lines) => {
    expect(errorsOf(inFunction(...lines))).toEqual([]);
  });

  test.each<[string, ...string[]]>([
    ["is not stored in a static", "const p = local<Pair>();", "last = p;"],
    ["nor in a field", "const p = local<Pair>();", "pair.next = p;"],
    ["nor in a field of other stack storage", "const p = local<Pair>(); const q = local<Pair>();", "q.next = p;"],
    ["nor as a slice", "const p = local<Pair>();", "text = subslice(sliceOf(p.inner.bytes, 0, 8), 1, 2);"],
    ["nor through another variable", "const p = local<Pair>(); let q: Pair | null = null; q = p;", "last = q;"],
    ["nor by a condition", "const p = local<Pair>();", "last = n === 1 ? p : null;"],
    [
      "nor by a loop that carries it round",
      "const p = local<Pair>(); let q = pair; let r = pair; while (n > 1) { n--; if (n === 3) {",
      "last = r;",
      "} r = q; q = p; }",
    ],
    ["nor by a function that it is passed to", "const p = local<Pair>();", "keep(p);"],
    ["nor by a function deeper down", "const p = local<Pair>();", "deep(p);"],
    ["nor by a function that answers it", "const p = local<Pair>();", "last = same(p);"],
    ["nor by a function in a table", "const p = local<Pair>();", "handlers[n & 1](p);"],
  ])("%s", (_, ...lines) => {
    expect(errorsOf(inFunction(...lines))).toEqual(["4 KTS2102"]);
  });

  test.each<[string, ...string[]]>([
    ["is not held by a variable of an outer block", "let q = pair; if (n > 0) { const p = local<Pair>();", "q = p; }"],
    ["nor by a parameter", "{ const p = local<Pair>(); const q = same(p);", "pair = q; }"],
    ["nor as a slice", 'let s: Bytes = ""; { const p = local<Inner>();', "s = sliceOf(p.bytes, 0, 2); }"],
    ["nor by a loop's head", "for (let q = pair; n > 0; n--) { const p = local<Pair>();", "q = p; }"],
    [
      "nor by another clause",
      "let q = pair; switch (n) { case 1: const p = local<Pair>();",
      "q = p; break; default: }",
    ],
  ])("%s", (_, ...lines) => {
    expect(errorsOf(inFunction(...lines))).toEqual(["4 KTS2106"]);
  });

  test("is not returned", () => {
    const text = `${PRELUDE}\nexport function f(): Inner {\n  const p = local<Pair>();\n  return same(p).inner;\n}\n`;
    expect(errorsOf(text)).toEqual(["4 KTS2102"]);
  });
});

describe("constants", () => {
  const TABLES = [
    'interface Row extends Struct<"Row"> { name: Bytes; count: u32; } type Names = FixedArray<Bytes, 2>;',
    'const rows: FixedArray<Inline<Row>, 2> = [{ name: "a", count: 1 }, { name: "b", count: 2 }];',
    'const primes: FixedArray<u32, 2> = [2, 3]; const names: Names = ["c", "d"]; const TITLE: Bytes = "e";',
    "let said: Bytes = TITLE; let words: Names = zeroed(); let room: FixedArray<u8, 4> = zeroed();",
    "function read(text: Bytes): u32 { return text.length + text[0]; } function fill(text: Bytes): void { text[0] = 1; }",
    "function pass(text: Bytes): void { fill(subslice(text, 0, 1)); } function step(row: Row): void { row.count++; }",
    "function first(list: Names): Bytes { return list[0]; } function grow(list: FixedArray<u32, 2>): void { list[0] += 1; }",
    "function rename(row: Row, name: Bytes): void { row.name = name; } const steps: FixedArray<(row: Row) => void, 1> = [step];",
    "function zap(list: Names): void { list[1][0] = 1; } function clear(row: Row): void { copyStruct(row, rows[0]); }",
  ].join(" ");
  const test1 = (...lines: readonly string[]): string[] =>
    errorsOf([TABLES, "export function test(n: u32): void {", ...lines, "}", ""].join("\n"));

  test.each<[string, ...string[]]>([
    ["are read", "read(rows[n].name); read(names[n]); read(TITLE); said = names[0]; words[0] = said; n = primes[n];"],
    ["are copied", "const row = local<Row>(); copyStruct(row, rows[0]); step(row); steps[0](row); rename(row, TITLE);"],
    [
      "leave what is not one alone",
      "fill(sliceOf(room, 0, 2)); said = first(names); const n2 = local<Names>(); n2[0] = TITLE;",
    ],
  ])("%s", (_, ...lines) => {
    expect(test1(...lines)).toEqual([]);
  });

  test.each<[string, ...string[]]>([
    ["an element", "primes[1] = 3;"],
    ["an element in a step", "primes[n]++;"],
    ["an element by an operator", "(primes[0]) <<= 1;"],
    ["a field", 'rows[0].name = "x";'],
    ["a whole struct", "copyStruct(rows[0], rows[1]);"],
    ["a field through a variable", "const row = rows[n]; row.count = 1;"],
    ["a text", "TITLE[0] = 1;"],
    ["a text of a table, through a function", "const text = first(names); text[0] = 1;"],
  ])("are not written: %s", (_, ...lines) => {
    expect(test1(...lines)).toEqual(["3 KTS1060"]);
  });

  test.each<[string, ...string[]]>([
    ["by a function", "grow(primes);"],
    ["by a function in a table", "steps[0](rows[n]);"],
    ["by a function deeper down", "pass(n > 1 ? TITLE : sliceOf(room, 0, 1));"],
    ["as a literal", 'fill("text");'],
    ["as a whole struct", "clear(rows[1]);"],
    ["through a list of them", "zap(names);"],
    ["through what they are part of", "fill(first(names));"],
    ["through stack storage that holds them", "const list = local<Names>(); list[0] = TITLE;", "zap(list);"],
  ])("are not passed on to be written: %s", (_, ...lines) => {
    expect(test1(...lines)).toEqual(["3 KTS2107"]);
  });

  test("are not written through a static or a field that holds them, whoever does", () => {
    const text = (place: string) => `${TABLES}\nexport function test(row: Row): void {\n${place}[0] = 1;\n}\n`;
    expect(errorsOf(text("said"))).toEqual(["1 KTS2107"]);
    expect(errorsOf(text("row.name"))).toEqual(["1 KTS2107", "1 KTS2107"]);
  });
});

describe("recursion", () => {
  test("is found through several functions and through tables, at the call that closes the circle", () => {
    const text = [
      "type Handler = (n: u32) => void;",
      "const rows: FixedArray<Handler, 2> = [leaf, again];",
      "function leaf(n: u32): void {}",
      "function again(n: u32): void {",
      "  start(n);",
      "}",
      "export function start(n: u32): void {",
      "  rows[n & 1](n);",
      "}",
    ].join("\n");
    expect(errorsOf(text)).toEqual(["8 KTS4002"]);
  });

  test("is not seen where two functions call a third", () => {
    const text = "function a(): void {} function b(): void { a(); }\nexport function c(): void { a(); b(); a(); }\n";
    expect(errorsOf(text)).toEqual([]);
  });
});

describe("folders", () => {
  const log = ["kernel/log.ts", "export const level: u32 = 1;\n"] as const;

  test("may not import values in a circle", () => {
    const hash = [
      "crypto/hash.ts",
      'import { level } from "../kernel/log";\nexport const size: u32 = level;\n',
    ] as const;
    const user = [
      "kernel/user.ts",
      'import { size } from "../crypto/hash";\nexport const twice: u32 = size;\n',
    ] as const;
    expect(errorsOf(log, hash)).toEqual([]);
    expect(errorsOf(log, hash, user).map((error) => error.split(" ")[1])).toEqual(["KTS4001"]);
  });

  test("may import types in a circle, and each other's files inside a folder", () => {
    const hash = [
      "crypto/hash.ts",
      'import { level } from "../kernel/log";\nexport interface Hash extends Struct<"Hash"> { size: u32; }\nexport const a: u32 = level;\n',
    ] as const;
    const user = [
      "kernel/user.ts",
      'import type { Hash } from "../crypto/hash";\nimport { b } from "./other";\nexport const d: u32 = 3;\nexport function f(hash: Hash): u32 { return hash.size + b; }\n',
    ] as const;
    const other = [
      "kernel/other.ts",
      'import { d } from "./user";\nexport const b: u32 = 1;\nexport const c: u32 = d;\n',
    ] as const;
    expect(errorsOf(log, hash, user, other)).toEqual([]);
  });
});
