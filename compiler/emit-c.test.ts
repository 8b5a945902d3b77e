import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileC, type Target } from "./clang.ts";
import { compileProgram } from "./compile.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { type EmitOptions, type EmittedFile, emitC } from "./emit-c.ts";

/** What the C looks like where a reader depends on it, and what it does where only running it can tell. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ktsc-emit-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function emit(
  files: Readonly<Record<string, string>>,
  entries = Object.keys(files),
  options: EmitOptions = {},
): EmittedFile[] {
  const map = new Map(Object.entries(files));
  const { diagnostics, program } = compileProgram({ root: "/program", entries, files: map });
  if (program === null) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return emitC(program, options);
}

function mainOf(text: string): string {
  return emit({ "main.ts": text })[0]?.text ?? "";
}

const HARNESS = `
#include <stdio.h>
#include <stdlib.h>
struct Slice { unsigned char *data; unsigned length; };
void kts_panic(unsigned kind, struct Slice text, unsigned long a, unsigned long b, unsigned site) {
  printf("panic %u %.*s %lu %lu %u:%u\\n", kind, (int)text.length, text.data, a, b, site >> 16, site & 0xffff);
  exit(0);
}
unsigned long run(unsigned);
int main(int count, char **words) { printf("%lu\\n", run(count > 1 ? (unsigned)atoi(words[1]) : 0)); }
`;

function run(text: string, argument = 0): Promise<string> {
  return runFiles({ "main.ts": text }, ["main.ts"], argument);
}

/** Compiles a program whose `run(x: u32): u64` is called, at both levels; answers what it prints. */
async function runFiles(files: Readonly<Record<string, string>>, entries: string[], argument: number): Promise<string> {
  const outputs: string[] = [];
  for (const optimization of ["O0", "O2"] as const) {
    const out = mkdtempSync(path.join(folder, "run-"));
    const options = { target: "host", optimization, sanitize: false, root: out, preludes: [] } as const;
    const objects = await compileC(emit(files, entries), out, options);
    writeFileSync(path.join(out, "harness.c"), HARNESS);
    execFileSync("clang-19", ["-o", path.join(out, "program"), path.join(out, "harness.c"), ...objects]);
    outputs.push(execFileSync(path.join(out, "program"), [String(argument)], { encoding: "utf8" }).trim());
  }
  expect(outputs[0]).toBe(outputs[1]);
  return outputs[0] ?? "";
}

describe("the text", () => {
  test("has one C function a function, with the source's parameter names and lines", () => {
    const text = mainOf("export function twice(value: u32): u32 {\n  return value * 2;\n}\n");
    expect(text).toContain('#line 1 "main.ts"\nu32 twice(u32 value) {\n  return value * 2;\n}\n');
  });

  test("is in TypeScript's lines, with a #line only where they jump", () => {
    const source = "export function f(x: u32): u32 {\n  let y = x;\n\n  while (y > 9) y -= 3;\n  return y;\n}\n";
    const c = "u32 f(u32 x) {\n  u32 y = x;\n\n  while (y > 9) y -= 3;\n  return y;\n}\n";
    expect(mainOf(source)).toContain(`#line 1 "main.ts"\n${c}`);
  });

  test("has the source's loops, branches and switches", () => {
    const source = `const enum E { A, B, C }
export function f(e: E, n: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    if (i === 3) continue;
    sum += i;
  }
  if (n > 8) {
    sum = 1;
  } else if (n > 4) {
    sum = 2;
  }
  switch (e) {
    case E.A:
      return sum;
    case E.B:
    case E.C:
      return ~sum & 0xff00;
    default:
      unreachable(e);
  }
}
`;
    expect(mainOf(source)).toContain(`#line 2 "main.ts"
u32 f(enum E e, u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < n; i++) {
    if (i == 3) continue;
    sum += i;
  }
  if (n > 8) {
    sum = 1;
  } else if (n > 4) {
    sum = 2;
  }
  switch (e) {
  case E_A:
    return sum;

  case E_B: case E_C:
    return ~sum & 0xff00;
  default:
    kts_fail(5, (u64)e, 0, 0x14);
  }
}
`);
  });

  test("holds only what the functions use", () => {
    const text = mainOf(`interface Used extends Struct<"Used"> { x: u32; }
      interface Unused extends Struct<"Unused"> { x: u32; }
      export const unused: Unused = zeroed();
      export function f(used: Used): u32 { return rotl32(used.x, 3); }`);
    expect(text).toContain("u32 kts_rotl_u32(u32 value, u32 amount) {");
    expect(text).not.toMatch(/Unused|kts_(?:rotl_u64|index|fail|divide)|\bT\b/);
  });

  test("has structs, enums with their storage, and tables in read-only memory", () => {
    const text = mainOf(`
      /** @storage u8 */
      const enum Colour { Red, Blue = 7 }
      interface Row extends Struct<"Row"> { colour: Colour; next: Row | null; readonly cells: FixedArray<u16, 3>; }
      const rows: FixedArray<Inline<Row>, 1> = [{ colour: Colour.Blue, next: null, cells: [1, 2, 3] }];
      export function colour(i: u32): Colour { return rows[i].colour; }
    `);
    expect(text).toContain("enum Colour : u8 { Colour_Red = 0, Colour_Blue = 7 };");
    expect(text).toContain("struct Row {\n  enum Colour colour;\n  struct Row *next;\n  u16 cells[3];\n};");
    expect(text).toMatch(/^static .*struct Row const rows\[1\] = /m);
  });

  test("renames what C, clang or the prelude has taken", () => {
    const text = mainOf(
      "export function f(register: u32, linux: u32): u32 { const int = register; return int + linux; }",
    );
    expect(text).toContain("u32 f(u32 register_, u32 linux_) {");
  });

  test("gives structs of one name in two files two tags", () => {
    const [main] = emit({
      "a.ts":
        'interface Pair extends Struct<"Pair"> { x: u8; }\nexport const a: Pair = zeroed();\nexport function inA(): u8 { return a.x; }',
      "b.ts":
        'interface Pair extends Struct<"Pair"> { y: u64; }\nexport const b: Pair = zeroed();\nexport function inB(): u64 { return b.y; }',
    });
    expect(main?.text).toContain("struct Pair {");
    expect(main?.text).toContain("struct Pair_2 {");
  });

  test("asks for little room where nothing says otherwise, and for free registers where @scratch does", () => {
    const main = [
      'import { far } from "./unit";',
      "export function plain(a: u32): u32 { return far(a) + warm(a); }",
      "/** @hot @noinline */",
      "function warm(a: u32): u32 { return a; }",
      "/** @entry handle @scratch */",
      "export function bare(a: u32): u32 { return plain(a); }",
    ].join("\n");
    const unit = "/** @unit O3 */\nexport function far(a: u32): u32 { return a; }";
    const [small, large] = [true, false].map(
      (isSmall) => emit({ "main.ts": main, "unit.ts": unit }, ["main.ts"], { isSmall })[0]?.text ?? "",
    );
    expect(small).toContain("__attribute__((minsize)) u32 plain(u32);");
    expect(small).toContain("static __attribute__((noinline, hot, aligned(16))) u32 warm(u32);");
    expect(small).toContain("__attribute__((minsize, preserve_none)) u32 handle(u32);");
    expect(small).toContain('__attribute__((visibility("hidden"))) u32 far(u32);');
    expect(large).not.toContain("minsize");
    expect(large).toContain("__attribute__((preserve_none)) u32 handle(u32);");
  });

  test("puts a file tagged @unit into a C file of its own, and inlined functions into both", () => {
    const files = emit(
      {
        "fast.ts":
          '/** @unit O3 */\nimport { half } from "./small";\nexport function sum(a: u32, b: u32): u32 { return half(a) + b; }',
        "main.ts":
          'import { sum } from "./fast";\nimport { half } from "./small";\nexport function f(a: u32): u32 { return sum(a, half(a)); }',
        "small.ts": "/** @inline */\nexport function half(x: u32): u32 { return x >>> 1; }",
      },
      ["main.ts"],
    );
    expect(files.map(({ name, optimization }) => [name, optimization])).toEqual([
      ["main.c", null],
      ["fast.c", "O3"],
    ]);
    for (const { text } of files) {
      expect(text).toContain("static inline __attribute__((always_inline)) u32 half(u32);");
      expect(text).toContain("u32 half(u32 x) { return x >> 1; }");
      expect(text).toContain('__attribute__((visibility("hidden"))) u32 sum(u32, u32);');
    }
    expect(files[0]?.text).not.toContain("u32 sum(u32 a");
  });
});

describe("what runs", () => {
  test.each([
    [
      "index",
      "const a: FixedArray<u32, 4> = zeroed();\nexport function run(x: u32): u64 {\n  return u64(a[x]);\n}",
      9,
      "panic 2  9 4 0:3",
    ],
    ["divide", "export function run(x: u32): u64 {\n  return u64(5 / x);\n}", 0, "panic 3  0 0 0:2"],
    [
      "assert",
      'export function run(x: u32): u64 {\n  assert(x > 0, "positive");\n  return 1n;\n}',
      0,
      "panic 1 positive 0 0 0:2",
    ],
    [
      "panic",
      'export function run(x: u32): u64 {\n  if (x === 0) panic("no");\n  return 1n;\n}',
      0,
      "panic 0 no 0 0 0:2",
    ],
    [
      "slice",
      "const a: FixedArray<u8, 4> = zeroed();\nexport function run(x: u32): u64 {\n  return u64(sliceOf(a, 2, x).length);\n}",
      3,
      "panic 7  5 4 0:3",
    ],
    [
      "overflow",
      "export function run(x: u32): u64 {\n  return u64(addChecked(x, u32(0xffff_fff0)));\n}",
      16,
      "panic 8  0 0 0:2",
    ],
    [
      "enum",
      "const enum E { A, B }\nexport function run(x: u32): u64 {\n  return u64(toEnum<E>(x));\n}",
      2,
      "panic 6  2 0 0:3",
    ],
    [
      "null",
      'interface N extends Struct<"N"> { next: N | null; value: u64; }\nconst n: N = zeroed();\nexport function run(x: u32): u64 {\n  const next = n.next;\n  return next!.value;\n}',
      0,
      "panic 4  0 0 0:5",
    ],
  ])("a failed check of kind %s tells file and line", async (_kind, text, argument, expected) => {
    expect(await run(text, argument)).toBe(expected);
  });

  test.each([
    ["divides the least number by -1", "return u64(u32((i32(x) - 2147483647 - 1) / (i32(x) - 1)));", 0, 2147483648n],
    ["leaves nothing of a shift by the width", "return 1n << u64(x);", 64, 0n],
    ["keeps the sign of a shift by more than the width", "return u64(u32((-8 as i32) >> i32(x)));", 99, 4294967295n],
    ["wraps narrow compound assignment", "let b: u8 = 250; b += x; return u64(b);", 10, 4n],
  ])("%s", async (_what, body, argument, expected) => {
    const text = `export function run(x: u32): u64 { ${body.replace("(-8 as i32)", "i32(-8)")} }`;
    expect(await run(text, argument)).toBe(String(expected));
  });

  test("falls through, jumps out of a switch in a loop, and continues with the step", async () => {
    const text = `export function run(x: u32): u64 {
      let sum: u64 = 0n;
      outer: for (let i: u32 = 0; i < 10; i++) {
        switch (i) {
          default: sum += 1n; break;
          case 3: sum += 10n;
          case 4: sum += 100n; break;
          case 5: continue;
          case 8: break outer;
        }
        sum += 1000n;
      }
      return sum;
    }`;
    expect(await run(text)).toBe(String(5 + 10 + 200 + 7 * 1000));
  });

  test("continues an outer loop from an inner one, with and without a step of its own", async () => {
    const text = `export function run(x: u32): u64 {
      let sum: u64 = 0n;
      outer: for (let i: u32 = 0; i < 4; i++) {
        let j: u32 = 0;
        again: do {
          j++;
          for (;;) {
            if (j === i) continue outer;
            sum += 1n;
            if (j < 3) continue again;
            break;
          }
        } while (j < 5);
        sum += 100n;
      }
      return sum;
    }`;
    expect(await run(text)).toBe(String(5 + 100 + 0 + 1 + 2));
  });

  test("an enum's member is not hidden by a local of its name in C", async () => {
    const text = `const enum E { A = 1, B = 7 }
      let e: E = E.A;
      export function run(x: u32): u64 { const E_B = x; e = E.B; return u64(u32(e)) + u64(E_B); }`;
    expect(await run(text, 100)).toBe("107");
  });

  test("negates twice, and subtracts what is negative", async () => {
    const text = "export function run(x: u32): u64 { const a = -i32(x); return u64(u32(-(-a) - -5 - (-a - 1))); }";
    expect(await run(text, 9)).toBe(String(2 ** 32 - 9 + 5 - 8));
  });

  test("units share statics, tables and functions", async () => {
    const files = {
      "fast.ts":
        '/** @unit O3 */\nimport { counter, bump, table } from "./small";\nexport function twice(x: u32): u32 { bump(); bump(); return table[x] + counter.n; }',
      "main.ts":
        'import { twice } from "./fast";\nimport { counter, bump } from "./small";\nexport function run(x: u32): u64 { bump(); return u64(twice(x)) * 10n + u64(counter.n); }',
      "small.ts": `interface Counter extends Struct<"Counter"> { n: u32; }
        export const counter: Counter = zeroed();
        export const table: FixedArray<u32, 2> = [100, 200];
        export function bump(): void { counter.n++; }`,
    };
    expect(await runFiles(files, ["main.ts"], 1)).toBe("2033");
  });

  test("calls through constant tables", async () => {
    const text = `
      function one(x: u32): u64 { return u64(x) + 1n; }
      function two(x: u32): u64 { return u64(x) + 2n; }
      type Handler = (x: u32) => u64;
      const handlers: FixedArray<Handler, 2> = [one, two];
      export function run(x: u32): u64 { return handlers[1](x); }`;
    expect(await run(text, 5)).toBe("7");
  });
});

test("a loop that may never end is not dropped", async () => {
  const out = mkdtempSync(path.join(folder, "endless-"));
  const text = "export function run(x: u32): void {\n  let y = x;\n  while (y !== 0) y += 2;\n}\n";
  const options = { target: "host", optimization: "O2", sanitize: false, root: out, preludes: [] } as const;
  const [object = ""] = await compileC(emit({ "main.ts": text }), out, options);
  expect(execFileSync("llvm-objdump-19", ["-d", "--no-show-raw-insn", object], { encoding: "utf8" })).toMatch(
    /\bj\w+\b/,
  );
});

describe.each(["x86_64", "aarch64", "host"] satisfies Target[])("for %s", (target) => {
  test("clang accepts every function of the library", async () => {
    const text = `/** @unsafe tries all */
      interface Pair extends Struct<"Pair"> { a: u64; b: u64; }
      const pair: Pair = zeroed();
      export function all(x: u32, y: u64): u64 {
        const p = addressOf(pair);
        store8(p, u8(x)); store16(p, u16(x)); store32(p, x); store64(p, y);
        volatileStore8(p, u8(x)); volatileStore16(p, u16(x)); volatileStore32(p, x); volatileStore64(p, y);
        atomicStore32(p, x); atomicStore64(p, y); fillMemory(p, 0, 8n); copyMemory(p, p + 8n, 8n);
        compilerBarrier(); memoryBarrier(); deviceBarrier(); dmaBarrier();
        const other = local<Pair>(); copyStruct(other, pair);
        let sum = u64(load8(p)) + u64(load16(p)) + u64(load32(p)) + load64(p) + other.a;
        sum += u64(volatileLoad8(p)) + u64(volatileLoad16(p)) + u64(volatileLoad32(p)) + volatileLoad64(p);
        sum += u64(atomicLoad32(p)) + atomicLoad64(p) + u64(atomicAdd32(p, x)) + atomicAdd64(p, y);
        sum += u64(atomicExchange32(p, x)) + atomicExchange64(p, y) + u64(atomicCompareExchange32(p, x, 1));
        sum += atomicCompareExchange64(p, y, 1n) + cast<Pair>(p).b + u64(castSlice<u8>(p, 4)[x]) + sizeOf<Pair>();
        sum += u64(rotl32(x, 3)) + rotl64(y, x) + u64(clz32(x) + clz64(y) + ctz32(x) + ctz64(y));
        sum += u64(popcount32(x) + popcount64(y) + byteSwap32(x)) + u64(byteSwap16(u16(x))) + byteSwap64(y);
        return sum + mulHigh(y, sum) + u64(valueBarrier32(x)) + valueBarrier64(y) + mulChecked(y, 2n) + addressOfFunction(all);
      }`;
    const out = path.join(folder, `library-${target}`);
    mkdirSync(out);
    const options = { target, optimization: "O2", sanitize: false, root: out, preludes: [] } as const;
    await compileC(emit({ "main.ts": text }), out, options);
  });
});
