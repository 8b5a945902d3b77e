import ts from "typescript";
import { expect, describe as group, test } from "vitest";
import { compileProgram } from "../compile.ts";
import { Diagnostics } from "../diagnostic.ts";
import { loadProgram } from "../program.ts";
import { describe } from "./type-table.ts";
import type { TypedProgram } from "./typed-program.ts";
import { typeProgram } from "./types.ts";

const PRELUDE = `/** @unsafe the tests call unsafe functions too */
import { type Far, LIMIT } from "./other";
/** @storage u8 */
const enum State { Idle, Ready = 3, Blocked }
const enum Colour { Red }
type PhysAddr = u64 & Brand<"PhysAddr">;
type VirtAddr = u64 & Brand<"VirtAddr">;
type Port = u16 & Brand<"Port">;
interface Queue extends Struct<"Queue"> { head: Thread | null; length: u32 }
interface Thread extends Struct<"Thread"> {
  next: Thread | null;
  state: State;
  small: u8;
  readonly queue: Inline<Queue>;
  readonly registers: FixedArray<u64, 4>;
}
interface Row extends Struct<"Row"> { handler: (x: u32) => u32; name: Bytes }
const MASK = ~0xfffn;
const FIVE = 5;
const IS_DEBUG = false;
function twice(x: u32): u32 { return x * 2; }
function touch(t: Thread): void { t.next = null; }
function pick(): Thread | null { return current; }
const rows: FixedArray<Inline<Row>, 2> = [{ handler: twice, name: "one" }, { handler: twice, name: "two" }];
const threads: FixedArray<Inline<Thread>, 3> = zeroed();
let links: FixedArray<Thread | null, 1> = [null];
const primes: FixedArray<u32, 3> = [2, 3, 5];
let current: Thread | null = null;
`;
const PARAMETERS =
  "a8: u8, a16: u16, a32: u32, a64: u64, s8: i8, s32: i32, s64: i64, yes: boolean, state: State, thread: Thread, " +
  "other: Thread | null, phys: PhysAddr, virt: VirtAddr, port: Port, bytes: Bytes, words: FixedArray<u32, 4>, far: Far";

const ROOT = "/program";
function filesOf(text: string): Map<string, string> {
  const far =
    'export interface Far extends Struct<"Far"> { x: u16 }\nexport const LIMIT = 4;\nexport const SIZE: u32 = 6;';
  return new Map([
    ["main.ts", text],
    ["other.ts", far],
  ]);
}

function inFunction(body: string): string {
  return `${PRELUDE}export function f(${PARAMETERS}): void {\n${body}\n}`;
}

/** The codes that the types pass reports, and tsc only where it would be right. */
function codes(text: string): string[] {
  const diagnostics = new Diagnostics(ROOT);
  const program = loadProgram({ root: ROOT, entries: ["main.ts"], files: filesOf(text) }, new Diagnostics(ROOT));
  typeProgram(program, ROOT, diagnostics);
  return diagnostics.sorted().map(({ code }) => code);
}

/** Everything that the whole compiler has against a program. */
function complaints(text: string): string[] {
  const { diagnostics } = compileProgram({ root: ROOT, entries: ["main.ts"], files: filesOf(text) });
  return diagnostics.map(({ line, code, message }) => `${line}: ${code} ${message}`);
}

/** The types pass's answers about the expression in `const it = …;`. */
function ask(expression: string, parameters = PARAMETERS): { typed: TypedProgram; node: ts.Expression } {
  const text = `${PRELUDE}export function f(${parameters}): void {\nconst it = ${expression};\n}`;
  const diagnostics = new Diagnostics(ROOT);
  const program = loadProgram({ root: ROOT, entries: ["main.ts"], files: filesOf(text) }, diagnostics);
  const typed = typeProgram(program, ROOT, diagnostics);
  expect(diagnostics.sorted()).toEqual([]);
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === "it" && node.initializer)
      found.push(node.initializer);
    ts.forEachChild(node, visit);
  };
  for (const file of typed.files) visit(file);
  return { typed, node: found[0] as ts.Expression };
}

function typeOf(expression: string): string {
  const { typed, node } = ask(expression);
  return describe(typed.typeOf(node));
}

function valueOf(expression: string): bigint | null {
  const { typed, node } = ask(expression);
  return typed.constantOf(node);
}

type Cases = Readonly<Record<string, readonly string[]>>;

function accepts(cases: readonly string[], embed: (text: string) => string = inFunction): void {
  test.each(cases)("accepts %s", (text) => expect(complaints(embed(text))).toEqual([]));
}

function rejects(cases: Cases, embed: (text: string) => string = inFunction): void {
  const each = Object.entries(cases).flatMap(([code, texts]) => texts.map((text) => [code, text] as const));
  test.each(each)("%s rejects %s", (code, text) => expect(codes(embed(text))).toEqual([code]));
}

const inModule = (text: string): string => `${PRELUDE}${text}\nexport function f(): void {}`;

group("literals", () => {
  test.each([
    ["5", "u32"],
    ["5n", "u64"],
    ["-5", "i32"],
    ["0xffff_ffff", "u32"],
    ["true", "boolean"],
    ['"text"', "Bytes"],
    ["FIVE", "u32"],
    ["MASK & a64", "u64"],
    ["yes ? 1 : 2", "u32"],
  ])("%s is %s", (expression, type) => expect(typeOf(expression)).toBe(type));
  accepts([
    "let x: u8 = 255; x = 0; x += 300; let y: i8 = -128; y = 127; x = a8 > 100 ? 1 : 2; y = s8;",
    "let m: u64 = ~0xfffn; m = MASK; m &= ~1n; const n: i64 = -1n; const o: i32 = ~0;",
    "let w: u32 = u32(-1); w = u8(300); let v = u64(-1n); v = u64(5); const b = u8(0x1ff);",
    "let x: u32 = FIVE * 2 + 1; x = 1 << 31; const y = 1n << 63n; x = -8 / -2;",
  ]);
  rejects({
    KTS1011: [
      "const x: u8 = 256;",
      "const x: u32 = -1;",
      "const x: i8 = 128;",
      "let x = 0x1_0000_0000;",
      "const x: u32 = 1 - 2;",
      "twice(-1);",
      "thread.small = 300;",
      "const x = a32 + -1;",
      "const x: u8 = FIVE - 6;",
      "const x: u64 = 0x1_0000_0000_0000_0000n;",
      "const x: u8 = yes ? 1 : 256;",
    ],
    KTS1012: ["return 5;", "const x: u64 = yes ? 1 : 2;", "const x: u32 = 1n;", "const t: boolean = 1;"],
  });
});

group("promotion and widening", () => {
  test.each([
    ["a8 + a8", "u32"],
    ["a8 + 1", "u32"],
    ["~a8", "u32"],
    ["-s8", "i32"],
    ["s8 * s8", "i32"],
    ["a16 & 0xff", "u32"],
    ["a64 - 1n", "u64"],
    ["s64 >> 3n", "i64"],
    ["a8 << 3", "u32"],
    ["1 << a32", "u32"],
    ["1n << a64", "u64"],
    ["yes ? a8 : a8", "u8"],
    ["yes ? a8 : 7", "u8"],
    ["yes ? a8 : a16", "u16"],
    ["yes ? s8 : 128", "i32"],
    ["yes ? a8 : yes ? 1 : 256", "u32"],
    ["yes ? a8 : (yes ? 1 : 2)", "u8"],
    ["yes ? 1 : a64 === 1n ? a16 : a8", "u16"],
    ["a8 === a32", "boolean"],
    ["a8++", "u8"],
    ["addChecked(a8, 1)", "u32"],
    ["mulChecked(2n, 3n)", "u64"],
    ["words.length", "u32"],
    ["clz64(a64)", "u32"],
  ])("%s is %s", (expression, type) => expect(typeOf(expression)).toBe(type));
  accepts([
    "let x: u32 = a8; x = a16; const y: i32 = s8; x = a8 + a16; x += a8; let z: u16 = a8; z += a32; z++;",
    "let x: u8 = a8; x += a32; x <<= 1; x -= 1; x ^= 0xff; x--; x >>>= 1; x *= a16;",
    "if (a8 < 300 || a8 === a16 || s8 < s32) {} const x = yes ? a8 : a32;",
  ]);
  rejects({
    KTS1010: [
      "const x: u8 = a32;",
      "const x: u8 = a8 + 1;",
      "let x: u8 = a8; x = x + x;",
      "const x: u32 = s32;",
      "const x: u8 = s8;",
      "const x: i64 = a64;",
      "thread.small = a32;",
      "touch(a32);",
      "const x: Slice<u32> = bytes;",
      'const x: Slice<u16> = "text";',
      "return a32;",
      "const x: u32 = yes;",
    ],
    KTS1013: ["const x: u32 = s64;", "const x: u64 = s32;"],
    KTS1014: [
      "const x = a32 + s32;",
      "const x = a64 * s64;",
      "const b = a32 < s32;",
      "const b = a32 < a64;",
      "let x: u8 = a8; x += s8;",
      "const x = yes ? a32 : s32;",
      "const x = addChecked(a32, s32);",
    ],
    KTS1021: ["const x = yes ? thread : far;", "const x = yes ? yes : a32;", "const b = thread === far;"],
    KTS1022: [
      "const x = yes + 1;",
      "const x = -yes;",
      "const x = state + 1;",
      "let x: State = State.Idle; x += 1;",
      "let x: State = State.Idle; x++;",
      "const x = bytes + 1;",
      "const x = thread << 1;",
    ],
    KTS1003: ["const x = a32 ** 2;", "const x = +a32;"],
  });
});

group("conversions", () => {
  accepts([
    "const x = u8(a32) + u16(a64); const y = u64(u32(s32)); const z = i64(i32(a32)); const w = u32(yes) + u32(state);",
    "const x = u64(a8) + u64(state) + u64(yes); const p = u64(phys) + u64(virt); const e = toEnum<State>(a32);",
    "const y = isEnum<State>(a8) && u8(state) === 0; const s = i8(s64) + i32(s64);",
  ]);
  rejects({
    KTS1013: ["const x = u64(s32);", "const x = i64(a32);", "const x = u8(s32);", "const x = i64(a8);"],
    KTS1019: ["const x = u64(thread);", "const x = u32(bytes);", "const x = u32(null);"],
    KTS1053: ["const x = toEnum<u32>(1);", "const x = isEnum<Thread>(1);"],
    KTS1010: ["const x = toEnum<State>(a64);"],
  });
});

group("comparisons and conditions", () => {
  accepts([
    "if (yes && !yes || a32 !== 0) {} while (yes) {} do {} while (a8 > 3); for (let i = 0; i < 4; i++) {}",
    "const b = state === State.Idle || thread === other || other !== null || yes === true || phys >= phys;",
    "const b = phys === 0n || port !== 4 || 1 < 2;",
  ]);
  rejects({
    KTS1020: [
      "if (a32) {}",
      "while (other) {}",
      "do {} while (state);",
      "for (; a8; ) {}",
      "const x = a32 ? 1 : 2;",
      "const x = !other;",
      "const x = !a32;",
      "const x = yes && a32 > 1 && a8;",
      "const x = a32 || yes;",
      'assert(a32, "x");',
    ],
    KTS1023: [
      "const x = state === Colour.Red;",
      "const x = state === 1;",
      "const x = a32 === yes;",
      "const x = bytes === bytes;",
      "const x = a32 === null;",
    ],
    KTS1024: ["const x = yes < yes;", "const x = state < State.Blocked;", "const x = thread < thread;"],
  });
});

group("brands", () => {
  test.each([
    ["phys + 4096n", "PhysAddr"],
    ["phys & MASK", "PhysAddr"],
    ["phys + a64", "PhysAddr"],
    ["a64 + phys", "PhysAddr"],
    ["phys - phys", "u64"],
    ["u64(phys)", "u64"],
    ["(a64 & MASK) as PhysAddr", "PhysAddr"],
    ["0n as PhysAddr", "PhysAddr"],
    ["u64(phys) as VirtAddr", "VirtAddr"],
    ["u16(port + 1) as Port", "Port"],
  ])("%s is %s", (expression, type) => expect(typeOf(expression)).toBe(type));
  accepts(["let x: PhysAddr = phys; x += 4096n; x = x & ~0xfffn; x += a64; let y: u64 = x; y -= phys; y = phys;"]);
  rejects({
    KTS1015: [
      "const x = phys + virt;",
      "const b = phys === virt;",
      "let x: PhysAddr = phys; x = virt;",
      "const b = phys < virt;",
      "const x = yes ? phys : virt;",
    ],
    KTS1017: [
      "const x: PhysAddr = a64;",
      "let x: PhysAddr = phys; x -= phys;",
      "const x = a32 as PhysAddr;",
      "const x = a32 as Port;",
    ],
    KTS1018: ["const x = virt as PhysAddr;"],
    KTS1016: ["const x = s32 as u32;", "const x = a32 as State;", "const x = other as Thread;"],
    KTS1012: ["const x = 0 as PhysAddr;"],
  });
});

group("shifts and division", () => {
  accepts([
    "let x = a32 >>> 3; x = a8 >>> 7; x = 1 << 31; let y = s32 >> 31; const z = a64 >> 63n; y = s8 >> s32; x <<= a8;",
    "const x = a64 << a64; const y = s64 >> a64; const z = 0xf0 >> 4; const w = a32 / 3 % FIVE;",
  ]);
  rejects({
    KTS1034: ["const x = a32 >> 1;", "const x = s32 >>> 1;", "const x = a8 >> 1;", "let x = a16; x >>= 1;"],
    KTS1035: [
      "const x = a32 << 32;",
      "const x = a8 << 32;",
      "const x = a64 >> 64n;",
      "const x = a32 << -1;",
      "const x = 1 << 32;",
      "const x = 1n << 64n;",
      "let x = a32; x <<= 32;",
      "const x = a32 << (FIVE + 27);",
    ],
    KTS1036: ["const x = u64(1n) << a32;"],
    KTS1033: [
      "const x = a32 / 0;",
      "const x = a64 % 0n;",
      "let x = a32; x /= 0;",
      "const x = a32 / (FIVE - 5);",
      "const x = 1 / 0;",
      "const x = a32 % u32(0);",
    ],
  });
});

group("constants", () => {
  test.each([
    ["FIVE * 4 - 1", 19n],
    ["MASK & 0xffffn", 0xf000n],
    ["u8(300)", 44n],
    ["u32(-1)", 0xffff_ffffn],
    ["i8(200)", -56n],
    ["u32(0xffff_ffff) + 1", 0n],
    ["~u8(1)", 0xffff_fffen],
    ["u64(1n) << 63n", 1n << 63n],
    ["i32(-2147483648) / -1", -2147483648n],
    ["i32(-7) % 4", -3n],
    ["-7 / 2", -3n],
    ["u32(State.Blocked)", 4n],
    ["State.Ready", 3n],
    ["words.length", 4n],
    ["thread.registers.length * 2", 8n],
    ["LIMIT", 4n],
    ["!IS_DEBUG", 1n],
    ["IS_DEBUG && yes", 0n],
    ["FIVE > 4", 1n],
    ["IS_DEBUG ? 1 : 2", 2n],
    ["(u32(0xf0) & 0x3c) >>> 2", 0xcn],
    ["a32", null],
    ["a32 * 0", null],
    ["bytes.length", null],
    ["yes ? 1 : 2", null],
  ])("%s folds to %s", (expression, value) => expect(valueOf(expression)).toBe(value));
  test("a constant may be declared after its use, and takes its declared type with it", () => {
    const text = "export function f(): u32 { return LATE & 0xffff; }\nconst LATE: u32 = ~0xfff;\n";
    expect(complaints(text)).toEqual([]);
  });
  rejects({ KTS1032: ["words[4] = 1;", "const x = words[FIVE];", "const x = thread.registers[u32(4)];"] });
  rejects(
    { KTS1002: ["const x = registersOf().length;"] },
    (body) => `declare function registersOf(): FixedArray<u32, 3>;\nexport function f(): void { ${body} }`,
  );
});

group("indices", () => {
  accepts([
    "let x = words[a8]; x = words[a16] + words[a32] + words[3]; bytes[0] = 1; const y = threads[a8].registers[2];",
  ]);
  rejects({
    KTS1031: ["const x = words[s32];", "const x = words[a64];", "const x = bytes[state];", "const x = bytes[yes];"],
    KTS1011: ["const x = words[-1];"],
  });
});

group("enums", () => {
  accepts([
    "let s: State = State.Idle; s = thread.state; if (s === State.Ready) {} s = yes ? s : State.Idle;",
    "switch (state) { case State.Idle: break; case State.Ready: case State.Blocked: break; default: unreachable(state); }",
    "switch (a8) { case 1: break; case FIVE: case 0xff: break; default: } switch (a64) { case 1n: break; }",
  ]);
  rejects({
    KTS1007: ["let s: State = State.Idle; s = a32;", "thread.state = 3;", "const s: State = Colour.Red;"],
    KTS1010: ["const x: u32 = state;"],
    KTS1025: ["switch (yes) { case true: }", "switch (other) { case null: }"],
    KTS1026: ["switch (a32) { case a8: }"],
    KTS1027: ["switch (a32) { case 5: break; case FIVE: }", "switch (state) { case State.Idle: case State.Idle: }"],
    KTS1011: ["switch (a8) { case 256: }"],
  });
  rejects(
    {
      KTS1044: ["/** @storage u64 */ const enum E { A }"],
      KTS1045: ["const enum E { A = 1.5 }", 'const enum E { A = "a" }'],
      KTS1046: ["/** @storage u8 */ const enum E { A = 256 }", "const enum E { A = -1 }"],
    },
    inModule,
  );
});

group("null", () => {
  accepts([
    "if (other !== null) { other.small = 1; touch(other); }",
    "const t = current; if (t !== null) { touch(t); t.small = 1; }",
    "for (let t = current; t !== null; t = t.next) touch(t);",
    "current = thread; current = null; thread.next = other; thread.next = thread; const t = thread.next!;",
    'let t = pick(); if (t === null) t = thread; touch(t); assert(other !== null, "x"); touch(other);',
    "const t: Thread | null = yes ? thread : null; const u = yes ? other : thread;",
    "const t = thread.queue.head; const n = t === null ? null : t.next;",
    "if (current !== null) { current = current; thread.next = current; }",
  ]);
  rejects({
    KTS2001: [
      "if (current !== null) current.small = 1;",
      "if (thread.next !== null) { touch(thread); thread.next.small = 1; }",
      "other.small = 1;",
      "const x = pick().small;",
      "if (thread.next!.next !== null) thread.next!.next.small = 1;",
    ],
    KTS2002: [
      "if (current !== null) touch(current);",
      "touch(other);",
      "const t: Thread = pick();",
      "const t: Thread = null;",
      "const t: Thread = yes ? thread : null;",
      "let t = thread; t = other;",
    ],
    KTS2003: [
      "if (current !== null) { touch(thread); const t = current; }",
      "if (thread.next !== null) { touch(thread); const t: Thread | null = thread.next; }",
      "let t = other; if (current !== null) { touch(thread); t = current; }",
      "if (current !== null) { touch(thread); if (other === current) {} }",
    ],
  });
  test("a stale test does not reach a local through its first value", () => {
    const body = "if (thread.next !== null) { touch(thread); const t = thread.next; t.small = 1; }";
    expect(codes(inFunction(body))).toContain("KTS2003");
  });
});

group("structs", () => {
  test("each stands after those that it embeds, whatever the order of the source", () => {
    const text = `interface A extends Struct<"A"> { readonly b: FixedArray<Inline<B>, 2>; next: C | null }
      interface B extends Struct<"B"> { a: A | null; readonly c: Inline<C> }
      interface C extends Struct<"C"> { readonly a: A }
      export function f(): void {}`;
    expect(complaints(text)).toEqual([]);
    const program = loadProgram({ root: ROOT, entries: ["main.ts"], files: filesOf(text) }, new Diagnostics(ROOT));
    const { structs } = typeProgram(program, ROOT, new Diagnostics(ROOT));
    expect(structs.map(({ name }) => name)).toEqual(["C", "B", "A"]);
    expect(structs[2]?.fields.map(({ type }) => describe(type))).toEqual(["FixedArray<Inline<B>, 2>", "C | null"]);
  });
  test("a place has its storage type, its value a pointer to it", () => {
    const { typed, node } = ask("thread.queue");
    expect(describe(typed.placeTypeOf(node))).toBe("Inline<Queue>");
    expect(describe(typed.typeOf(node))).toBe("Queue");
    expect(describe(ask("threads[1]").typed.typeOf(ask("threads[1]").node))).toBe("Thread");
  });
  rejects(
    {
      KTS1040: ["interface A { x: u32 }"],
      KTS1041: ['interface A extends Struct<"B"> { x: u32 }'],
      KTS1042: ['interface A extends Struct<"A"> { x?: u32 }', 'interface A extends Struct<"A"> { x(): u32 }'],
      KTS1043: [
        'interface A extends Struct<"A"> { readonly a: Inline<A> }',
        'interface A extends Struct<"A"> { readonly a: FixedArray<Inline<A>, 2> }',
      ],
      KTS1001: [
        'interface A extends Struct<"A"> { x: number }',
        "type T = string;",
        "type T = Array<u32>;",
        'interface A extends Struct<"A"> { x: void }',
        "function g(x: u32[]): void {}",
        "type T = u32 & u8;",
      ],
      KTS3016: ["type T = u32 | null;", "type T = Thread | Queue;", "type T = State | null;"],
      KTS1047: [
        "type T = FixedArray<u32, 0>;",
        "type T = FixedArray<u32, number>;",
        "type T = FixedArray<u32, typeof current>;",
      ],
      KTS1056: ["function g() {}"],
    },
    inModule,
  );
  test("two structs that contain each other are told of, and nothing hangs", () => {
    const text = `interface A extends Struct<"A"> { readonly b: Inline<B> }
      interface B extends Struct<"B"> { readonly a: Inline<A> }
      interface C extends Struct<"C"> { readonly a: Inline<A> }`;
    expect(codes(text)).toEqual(["KTS1043"]);
  });
});

group("statics", () => {
  accepts(
    [
      "const SIZE = FIVE * 2; const t: FixedArray<u8, typeof SIZE> = zeroed(); let n: u8 = SIZE - 1; let m: u64 = MASK;",
      "let q: Queue = { head: null, length: 3 }; let far: Far = zeroed(); const TITLE: Bytes = 'x'; const s: Bytes = TITLE;",
      "const t: FixedArray<(x: u32) => u32, 2> = [twice, twice]; let b: boolean = FIVE > 4; let e: State = State.Ready;",
      "const t: FixedArray<FixedArray<i8, 2>, typeof LIMIT> = [[1, 2], [-1, -2], [i8(200), 0], [0, 0]];",
      "let p: PhysAddr = 0n as PhysAddr; let w: UserPtr<Thread> = zeroed();\n/** @extern symbol */ declare const x: Thread;",
      "const enum Limit { N = 3 } const t: FixedArray<Bytes, Limit.N> = ['a', 'b', 'c'];",
    ],
    inModule,
  );
  rejects(
    {
      KTS1048: ["const t: FixedArray<u32, 3> = [1, 2];", "const t: FixedArray<u32, typeof LIMIT> = [1, 2, 3, 4, 5];"],
      KTS1049: ["let n: u32 = twice(2);", "let n: u32 = m; let m: u32 = 5;", "let t: Thread | null = threads[0];"],
      KTS1011: ["const t: FixedArray<u8, 2> = [1, 256];", "let q: Queue = { head: null, length: -1 };"],
      KTS1010: [
        "const t: FixedArray<(x: u32) => u32, 1> = [touch];",
        "let q: u32 = [1];",
        "let n: u8 = u32(5);",
        "let q: u32 = { x: 1 };",
      ],
      KTS1055: ["let n: u32;"],
      KTS1058: ["let n = null;"],
      KTS1059: ["const t: FixedArray<Row, 1> = [{ handler: twice, name: '' }];"],
    },
    inModule,
  );
  rejects({ KTS1055: ["let n: u32;"], KTS1058: ["const n = null;", "const n = touch(thread);"] });
});

group("constant tables", () => {
  accepts(["const r = rows[0]; const x = r.name[0]; threads[0].small = 1; words[1] += 1; links[0]!.small++;"]);
});

group("calls", () => {
  accepts([
    "let x = twice(a8) + rows[a8].handler(a32); const row = rows[1]; x = row.handler(2);",
    "const e = local<Thread>(); touch(e); const p = cast<Thread>(a64); const q = cast<Thread | null>(0n);",
    "copyStruct(thread, threads[0]); const a = addressOf(thread) + addressOf(bytes) + addressOf(words) + sizeOf<Thread>();",
    "const s = sliceOf(words, 1, a8); const t = subslice(bytes, 0, 2); const v = castSlice<u16>(a64, 3); v[0] = s[1] > 2 ? 1 : 0;",
    "store64(u64(phys), 1n); const x = rotl64(a64, 3) + u64(load8(a64)); const y = addressOfFunction(twice);",
  ]);
  test.each([
    ["local<Thread>()", "Thread"],
    ["local<FixedArray<u8, 3>>()", "FixedArray<u8, 3>"],
    ["cast<Thread | null>(a64)", "Thread | null"],
    ["sliceOf(words, 0, 1)", "Slice<u32>"],
    ["rows[0].name", "Bytes"],
    ["sizeOf<Thread>()", "u64"],
  ])("%s is %s", (expression, type) => expect(typeOf(expression)).toBe(type));
  rejects({
    KTS1010: ["twice(yes);", "rows[0].handler(yes);", "store8(a64, a32);", "const s = sliceOf(words, 0, a64);"],
    KTS1050: ["const x = local<u32>();", "const x = cast<u64>(a64);", "copyStruct(bytes, bytes);"],
    KTS1051: ["const x = sliceOf(bytes, 0, 1);", "const x = subslice(words, 0, 1);"],
    KTS1052: ["const x = addressOf(a32);"],
    KTS1054: ["yes();"],
    KTS1057: ["panic(bytes);", "assert(yes, bytes);"],
  });
  test("a call through a row names the table", () => {
    const { typed, node } = ask("rows[a8].handler(1)");
    const callee = typed.calleeOf(node as ts.CallExpression);
    expect(callee.kind === "table" ? callee.table.name.getText() : callee.kind).toBe("rows");
  });
});

group("answers for later passes", () => {
  test("a parameter of type never takes what tsc has ruled out", () => {
    const text = "function impossible(x: never): never { panic('x'); }\nexport function f(s: Two): void ";
    const body = "{ switch (s) { case Two.A: case Two.B: return; default: impossible(s); } }\nconst enum Two { A, B }";
    expect(codes(text + body)).toEqual([]);
  });
  test("an operator's type is that of both sides", () => {
    const { typed, node } = ask("a8 < a16");
    expect(describe(typed.operationType(node as ts.BinaryExpression))).toBe("u32");
  });
  test("tags belong to the declaration below them, or to the file", () => {
    const { typed } = ask("a32");
    const file = typed.files.find(({ fileName }) => fileName.endsWith("main.ts")) as ts.SourceFile;
    const state = file.statements.find((node) => ts.isEnumDeclaration(node)) as ts.EnumDeclaration;
    expect([...typed.tagsOf(state)]).toEqual([["storage", "u8"]]);
    expect(typed.tagsOf(file).get("unsafe")).toBe("the tests call unsafe functions too");
  });
  test("a broken program gets answers too", () => {
    const broken =
      "const A = B; const B = A; export function f(x: Missing): u32 { return x.y[A].length + missing(1.5, 1e400); }";
    expect(() => complaints(broken)).not.toThrow();
  });
});
