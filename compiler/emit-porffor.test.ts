import { beforeAll, describe, expect, test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { kernelProgram } from "../scripts/build.ts";
import { complaintsAbout } from "../test/porfforSubset.ts";
import { compileToWasm, WasmInstance } from "../test/wasm.ts";
import { compileProgram } from "./compile.ts";
import { emitPorffor, type PorfforModule } from "./emit-porffor.ts";

/** Each shape that Porffor is known to get wrong, or to refuse, in a program that has it; and what the program answers. */

const MEMORY = 1 << 22;
const STACK = { start: 0x30_0000, bytes: 0x1000 };

interface Case {
  readonly text: string;
  /** Arguments of `run(x)`, and its results. */
  readonly answers: readonly (readonly [number, bigint])[];
}

const numbers = (count: number, write: (i: number) => string, between = "\n"): string =>
  Array.from({ length: count }, (_, i) => write(i)).join(between);

const CASES: Readonly<Record<string, Case>> = {
  "a default amid other clauses, that falls through": {
    text: `export function run(x: u32): u32 {
      let sum: u32 = 0;
      switch (x) {
        case 1:
          sum += 1;
          break;
        default:
          sum += 10;
        case 2:
          sum += 100;
      }
      return sum;
    }`,
    answers: [
      [1, 1n],
      [2, 100n],
      [3, 110n],
    ],
  },
  "continue and break in a switch in a loop": {
    text: `export function run(x: u32): u32 {
      let sum: u32 = 0;
      for (let i: u32 = 0; i < 10; i++) {
        switch (i & 3) {
          case 0:
            continue;
          case 1:
            break;
          case 2:
            if (i === x) return sum;
        }
        sum += i;
      }
      return sum;
    }`,
    answers: [
      [99, 33n],
      [6, 11n],
    ],
  },
  "jumps to labels of loops and blocks": {
    text: `export function run(x: u32): u32 {
      let sum: u32 = 0;
      outer: for (let i: u32 = 0; i < 5; i++) {
        inner: do {
          sum += 1;
          if (i === 1) continue outer;
          switch (i) {
            case 2:
              break inner;
            case 4:
              break outer;
          }
          if (sum > x) continue inner;
          sum += 10;
        } while (sum < 30);
        sum += 100;
      }
      block: {
        if (sum > 300) break block;
        sum += 1000;
      }
      return sum;
    }`,
    answers: [
      [0, 334n],
      [1000, 347n],
    ],
  },
  "places beyond what an offset can say": {
    text: `interface Far extends Struct<"Far"> {
      readonly room: FixedArray<u64, 40>;
      near: u32;
      pointer: Far | null;
      wide: u64;
    }
    const far: Far = zeroed();
    const others: FixedArray<Inline<Far>, 4> = zeroed();
    function set(x: u32): void {
      far.near = x;
      far.pointer = far;
    }
    export function run(x: u32): u64 {
      set(x);
      far.wide = 0x1_0000_0002n;
      far.room[15] = 7n;
      far.room[39] = 1n;
      others[3].wide = 0x10_0000_0000n;
      const itself = far.pointer;
      return u64(itself!.near) + itself!.wide + others[3].wide + far.room[15] * far.room[39] + others[2].wide;
    }`,
    answers: [[5, 0x11_0000_0000n + 5n + 2n + 7n]],
  },
  "conditions as operands": {
    text: `export function run(x: u32): u32 {
      const sum = (x > 1 ? 10 : 20) + (x > 2 ? 300 : 400);
      const isSame = (x > 1 && x < 3) === (x === 2 || x === 9);
      const isNotLess = !(x < 2);
      return sum + u32(isSame) * 1000 + u32(isNotLess) * 5000 + u32((x > 5 ? x : 1) === (x > 7 ? x : 1));
    }`,
    answers: [
      [0, 1421n],
      [2, 6411n],
      [9, 5311n],
      [6, 6310n],
    ],
  },
  "more locals than a byte counts": {
    text: `export function run(x: u32): u64 {
      ${numbers(150, (i) => `let a${i}: u64 = u64(x) + ${i}n;`)}
      ${numbers(150, (i) => `a${i} = rotl64(a${i}, ${i % 64});`)}
      return ${numbers(150, (i) => `a${i}`, " ^ ")};
    }`,
    answers: [
      [
        3,
        Array.from({ length: 150 }, (_, i) => {
          const [value, by] = [BigInt(3 + i), BigInt(i % 64)];
          return BigInt.asUintN(64, (value << by) | (value >> (64n - by)));
        }).reduce((a, b) => a ^ b),
      ],
    ],
  },
  "a switch of more cases than a branch reaches": {
    text: `export function run(x: u32): u32 {
      switch (x) {
        ${numbers(90, (i) => `case ${2 * i}:\ncase ${2 * i + 1}:\n  return ${i};`)}
        default:
          return 1000;
      }
    }`,
    answers: [
      [0, 0n],
      [179, 89n],
      [180, 1000n],
    ],
  },
  "a switch over 64 bits, and over what is negative": {
    text: `export function run(x: u32): u32 {
      const wide = (u64(x) << 32n) | 5n;
      let sum: u32 = 0;
      switch (wide) {
        case 5n:
          sum = 1;
          break;
        case 0x1_0000_0005n:
          sum = 2;
      }
      switch (i32(x) - 3) {
        case -2:
          return sum + 10;
        case -0x8000_0000:
          return sum + 20;
        default:
          return sum + 30;
      }
    }`,
    answers: [
      [0, 31n],
      [1, 12n],
      [0x8000_0003, 20n],
    ],
  },
  "upper words of calls in calls": {
    text: `let calls: u64 = 0n;
    function count(by: u64): u64 {
      calls += by;
      return calls + 0x1_0000_0000n;
    }
    function both(a: u64, b: u64): u64 {
      return a * 3n - b;
    }
    export function run(x: u32): u64 {
      return both(count(u64(x)), both(count(1n), count(count(2n)))) + count(0n);
    }`,
    // As JavaScript has it: 3 count(10) - (3 count(1) - count(count(2))), and count(0).
    answers: [[10, 0x4_0000_0031n]],
  },
  "the ends of 32 bits": {
    text: `export function run(x: u32): u64 {
      const least: i32 = -0x8000_0000;
      const sum = (u32(least) ^ 0xffff_ffff) + x;
      return (u64(sum) << 32n) | u64(u32(least / i32(x)) + u32(least % i32(x)));
    }`,
    answers: [
      [0xffff_ffff, 0x7fff_fffe_8000_0000n],
      [3, 0x8000_0002_d555_5554n],
    ],
  },
  "shifts by more than there is": {
    text: `export function run(x: u32): u64 {
      const a: i32 = -8;
      const b: u64 = 0x8000_0000_0000_0001n;
      const c: i64 = -16n;
      const n = u64(x);
      return u64(1 << x) + u64(u32(a >> x)) + (b << n) + (b >> n) + u64(c >> n);
    }`,
    answers: [
      [1, 2n + 0xffff_fffcn + 2n + 2n ** 62n + (2n ** 64n - 8n) - 2n ** 64n],
      [32, 0n + 0xffff_ffffn + 2n ** 32n + 2n ** 31n - 1n],
      [64, 0xffff_ffffn - 1n],
    ],
  },
  "narrow numbers wrap and keep their sign": {
    text: `const cells: FixedArray<i8, 2> = zeroed();
    export function run(x: u32): u32 {
      let a: u8 = u8(x);
      a += 200;
      let b: i16 = i16(i32(x) << 8);
      b++;
      cells[1] = i8(i32(x));
      cells[1] -= 1;
      return u32(a) + u32(i32(b) + i32(cells[1]));
    }`,
    answers: [
      [100, BigInt.asUintN(32, 44n + 25601n + 99n)],
      [128, BigInt.asUintN(32, 72n - 32767n + 127n)],
    ],
  },
  "functions in tables, of several shapes": {
    text: `function low(x: u32): u32 {
      return x + 1;
    }
    function twice(x: u32): u32 {
      return x * 2;
    }
    function wide(x: u64): u64 {
      return x << 33n;
    }
    const narrow: FixedArray<(x: u32) => u32, 2> = [low, twice];
    const broad: FixedArray<(x: u64) => u64, 1> = [wide];
    export function run(x: u32): u64 {
      return u64(narrow[x & 1](x)) + broad[0](u64(narrow[1](x)));
    }`,
    answers: [
      [4, 5n + (8n << 33n)],
      [5, 10n + (10n << 33n)],
    ],
  },
  "what is in the frame is new each time, and given back": {
    text: `interface Pair extends Struct<"Pair"> {
      a: u32;
      b: u64;
    }
    function once(x: u32): u32 {
      const pair = local<Pair>();
      for (;;) {
        const inner = local<FixedArray<u32, 40>>();
        inner[x & 31] += x;
        pair.b += u64(inner[x & 31]);
        if (pair.b > 20n) return u32(pair.b);
      }
    }
    export function run(x: u32): u32 {
      let sum: u32 = 0;
      for (let i: u32 = 0; i < 1000; i++) sum += once(x);
      return sum;
    }`,
    answers: [[7, 21_000n]],
  },
  "slices in memory, of text, and of parts": {
    text: `interface Named extends Struct<"Named"> {
      name: Bytes;
    }
    const names: FixedArray<Inline<Named>, 2> = [{ name: "one" }, { name: "eleven" }];
    const kept: Named = zeroed();
    export function run(x: u32): u64 {
      kept.name = subslice(names[1].name, 1, x);
      const name = kept.name;
      return (u64(name.length) << 32n) | (u64(name[0]) << 8n) | u64(names[0].name[2]) | (sizeOf<Named>() << 48n);
    }`,
    answers: [[3, (16n << 48n) | (3n << 32n) | (0x6cn << 8n) | 0x65n]],
  },
  "names that Porffor or the emitter use": {
    text: `let high: u32 = 1;
    let stack: u64 = 2n;
    function index(i32: u32, frame: u32): u32 {
      const performance = i32 + frame;
      let Math: u32 = performance;
      Math += high;
      return Math;
    }
    function fill(trap: u64): u64 {
      stack += trap;
      return stack;
    }
    export function run(x: u32): u64 {
      const t0 = index(x, x);
      return fill(u64(t0)) << 32n;
    }`,
    answers: [[4, 11n << 32n]],
  },
};

let module: PorfforModule;
let instance: WasmInstance;

beforeAll(async () => {
  const files = new Map(Object.values(CASES).map(({ text }, i) => [`case${i}.ts`, entryText(text, i)]));
  const program = { root: "/program", entries: [...files.keys()], files };
  const compiled = await compileToWasm({ program, constants: 0x1_0000, statics: 0x10_0000, memory: MEMORY });
  module = compiled.module;
  instance = new WasmInstance(compiled.wasm, module, {}, STACK);
});

function entryText(text: string, index: number): string {
  return text.replace("export function run", `/** @entry case_${index} */\nexport function run`);
}

const ROWS = Object.entries(CASES).map(([name, { answers }], index) => [name, index, answers] as const);

test.each(ROWS)("%s", (_, index, answers) => {
  for (const [argument, result] of answers) expect(instance.call(`case_${index}`, argument)).toBe(result);
});

test("addresses of 64 bits: of a window, of an image below the top, and null", async () => {
  const text = `/** @unsafe has addresses as numbers */
  interface Cell extends Struct<"Cell"> {
    next: Cell | null;
    name: Bytes;
  }
  const cell: Cell = zeroed();
  const names: FixedArray<Bytes, 1> = ["name"];
  function set(next: Cell | null): void {
    cell.next = next;
    cell.name = names[0];
  }
  /** @entry run */
  export function run(x: u32): u64 {
    if (x === 0) return addressOf(cell);
    if (x === 1) return addressOf(cast<Cell>(0xffff_ffff_8000_1000n));
    if (x === 2) return addressOf(cast<Cell>(0x1_0000_1000n));
    set(x === 3 ? cell : null);
    return x === 5 ? load64(addressOf(cell) + 8n) : load64(addressOf(cell));
  }`;
  const program = { root: "/program", entries: ["main.ts"], files: new Map([["main.ts", text]]) };
  const places = { constants: 0x1_0000, statics: 0x10_0000, windowHigh: 0xffff_8000, memory: MEMORY };
  const { wasm, module } = await compileToWasm({ program, ...places });
  const window = new WasmInstance(wasm, module, {}, STACK);
  expect(window.call("run", 0)).toBe(0xffff_8000_0010_0000n);
  expect(window.call("run", 1)).toBe(0xffff_ffff_8000_1000n);
  expect(() => window.call("run", 2)).toThrow("unreachable");
  expect(window.call("run", 3)).toBe(0xffff_8000_0010_0000n);
  expect(window.call("run", 4)).toBe(0n);
  expect(window.call("run", 5)?.toString(16)).toMatch(/^ffff80000001/);
});

describe("what is emitted is in the safe subset", () => {
  test("of these programs", () => {
    expect(complaintsAbout(module.source)).toEqual([]);
  });

  test.each(ARCHES)("of the kernel of %s", (arch) => {
    const { program } = compileProgram(kernelProgram({ arch, flavour: "release" }));
    if (program === null) throw new Error("the kernel does not compile");
    const { source } = emitPorffor(program, { constants: 0x1_0000, statics: 0x10_0000, windowHigh: 0xffff_8000 });
    expect(complaintsAbout(source)).toEqual([]);
  });
});

describe("the reader of the subset complains of", () => {
  const inFunction = (body: string): string => `const f = (a: i32): i32 => {\n${body}\nreturn a;\n};`;

  test.each([
    ["P1", "a declaration", "function f(a: i32): i32 {\nreturn a;\n}"],
    ["P1", "an early export", "export const f = (): void => {};\nconst g = (): void => {};"],
    ["P1", "a text", inFunction('g("text");')],
    ["P1", "an array", inFunction("a = [1];")],
    ["P1", "a unary operator", inFunction("a = ~a;")],
    ["P1", "continue", inFunction("while (true) {\ncontinue;\n}")],
    ["P2", "a parameter without a type", "const f = (a): i32 => {\nreturn a;\n};"],
    ["P2", "a result without a type", "const f = (a: i32) => {\nreturn a;\n};"],
    ["P2", "a local without a value", inFunction("let b: i32;")],
    ["P3", "a label of a block", inFunction("L: {\nbreak L;\n}")],
    ["P4", "an early default", inFunction("switch (a) {\ndefault:\ncase 1:\n}")],
    ["P4", "a case that is computed", inFunction("switch (a) {\ncase a:\n}")],
    ["P5", "a choice", inFunction("a = ((a == 1) ? 1 : 2);")],
    ["P5", "a conjunction", inFunction("if ((a == 1) && (a == 2)) return 1;")],
    ["P6", "a fraction", inFunction("a = 1.5;")],
    ["P6", "more than 32 bits", inFunction("a = 4294967296;")],
    ["P7", "an offset of two bytes", inFunction("a = Porffor.wasm.i32.load(a, 0, 128);")],
    ["P7", "an offset that is computed", inFunction("a = Porffor.wasm.i32.load(a, 0, a);")],
    ["P8", "strict equality", inFunction("if (a === 1) return 1;")],
  ])("%s, %s", (rule, _, source) => {
    expect(complaintsAbout(source).join("\n")).toMatch(new RegExp(`^\\d+: ${rule}`));
  });
});
