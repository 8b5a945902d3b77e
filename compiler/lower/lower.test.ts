import { describe, expect, test } from "vitest";
import { compileProgram } from "../compile.ts";
import type { Expression, Function, Initial, Place, Program, Statement } from "../tree.ts";
import type { Type } from "../types/type.ts";

/** The program that the files make; "main.ts" is the entry. */
function lowerFiles(files: Readonly<Record<string, string>>): Program {
  const { program, diagnostics } = compileProgram({
    root: "/program",
    entries: ["main.ts"],
    files: new Map(Object.entries(files)),
  });
  expect(diagnostics).toEqual([]);
  if (program === null) throw new Error("no program");
  return program;
}

/** The body of function `f`, a line a statement, of a program with a few statics and functions around it. */
function lowered(body: string): string[] {
  const program = lowerFiles({ "main.ts": `${PRELUDE}\n${body}` });
  const found = program.functions.find(({ name }) => name === "f");
  if (!found) throw new Error("no function f");
  return found.body.flatMap((statement) => printStatement(statement, ""));
}

const PRELUDE = `
/** @storage u8 */
export const enum Color { Red, Green, Blue }
export interface Cell extends Struct<"Cell"> { value: u32; small: u8; next: Cell | null; readonly inner: Inline<Pair>; }
export interface Pair extends Struct<"Pair"> { a: u32; b: u32; }
export let total: u32 = 0;
export let narrow: u8 = 0;
export const words: FixedArray<u32, 8> = zeroed();
export const primes: FixedArray<u32, 4> = [2, 3, 5, 7];
export const cell: Cell = zeroed();
export function next(): u32 { total += 1; return total; }
export function cellAt(i: u32): Cell { total += i; return cell; }
export function half(x: u32): u32 { return x >>> 1; }
type Handler = (x: u32) => u32;
export const handlers: FixedArray<Handler, 2> = [half, half];
`;

// ---- a small printer ----
function printStatement(statement: Statement, indent: string): string[] {
  const inner = (body: readonly Statement[]): string[] => body.flatMap((each) => printStatement(each, `${indent}  `));
  switch (statement.kind) {
    case "let": {
      const initial = statement.initial ? ` = ${print(statement.initial)}` : "";
      return [`${indent}let ${statement.local.name}: ${printType(statement.local.type)}${initial}`];
    }
    case "assign":
      return [`${indent}${printPlace(statement.place)} = ${print(statement.value)}`];
    case "evaluate":
      return [indent + print(statement.expression)];
    case "if": {
      const otherwise = statement.otherwise.length > 0 ? [`${indent}else`, ...inner(statement.otherwise)] : [];
      return [`${indent}if ${print(statement.condition)}`, ...inner(statement.then), ...otherwise];
    }
    case "loop": {
      const condition = statement.condition ? print(statement.condition) : "ever";
      const setup = statement.setup.length > 0 ? [`${indent} setup`, ...inner(statement.setup)] : [];
      const step = statement.step.length > 0 ? [`${indent} step`, ...inner(statement.step)] : [];
      const head = `${indent}loop ${statement.target.name} ${statement.testsFirst ? "while" : "until not"} ${condition}`;
      return [head, ...setup, `${indent} body`, ...inner(statement.body), ...step];
    }
    case "switch":
      return [
        `${indent}switch ${statement.target.name} ${print(statement.subject)}`,
        ...statement.clauses.flatMap(({ values, isDefault, body }) => [
          `${indent} case ${[...values.map(String), ...(isDefault ? ["default"] : [])].join(", ")}`,
          ...inner(body),
        ]),
      ];
    case "block":
      return [`${indent}block${statement.target ? ` ${statement.target.name}` : ""}`, ...inner(statement.body)];
    case "break":
    case "continue":
      return [`${indent}${statement.kind} ${statement.target.name}`];
    case "return":
      return [`${indent}return${statement.value ? ` ${print(statement.value)}` : ""}`];
    case "assert":
      return [`${indent}assert ${print(statement.condition)} "${new TextDecoder().decode(statement.text)}"`];
    case "panic":
      return [`${indent}panic "${new TextDecoder().decode(statement.text)}"`];
    case "unreachable":
      return [`${indent}unreachable ${print(statement.value)}`];
  }
}

function print(expression: Expression): string {
  switch (expression.kind) {
    case "constant":
      return String(expression.value);
    case "text":
      return JSON.stringify(new TextDecoder().decode(expression.bytes));
    case "read":
      return printPlace(expression.place);
    case "address":
      return `&${printPlace(expression.place)}`;
    case "length":
      return `length(${print(expression.slice)})`;
    case "arithmetic":
    case "compare":
    case "logical":
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
    case "divide":
    case "remainder": {
      const checked = expression.isChecked ? "?" : "";
      return `(${print(expression.left)} ${expression.kind}${checked} ${print(expression.right)})`;
    }
    case "shiftLeft":
    case "shiftRight":
      return `(${print(expression.value)} ${expression.kind} ${print(expression.amount)})`;
    case "select":
      return `(${print(expression.condition)} ? ${print(expression.whenTrue)} : ${print(expression.whenFalse)})`;
    case "convert":
      return `${printType(expression.type)}(${print(expression.operand)})`;
    case "call":
      return `${expression.callee.symbol}(${expression.arguments.map(print).join(", ")})`;
    case "tableCall":
      return `${print(expression.target)}(${expression.arguments.map(print).join(", ")})`;
    case "intrinsic":
      return `${expression.name}(${expression.arguments.map(print).join(", ")})`;
    case "functionAddress":
      return `&${expression.function.symbol}`;
    default:
      return `${expression.kind}(${print(expression.operand)})`;
  }
}

/** A checked index is written `a[i?]`. */
function printPlace(place: Place): string {
  switch (place.kind) {
    case "local":
      return place.local.name;
    case "static":
      return place.static.symbol;
    case "target":
      return `*${print(place.pointer)}`;
    case "field":
      return `${printPlace(place.of)}.${place.field.name}`;
    case "element":
      return `${printPlace(place.of)}[${print(place.index)}${place.bound === null ? "" : "?"}]`;
    case "sliceElement":
      return `${print(place.slice)}[${print(place.index)}?]`;
  }
}

function printType(type: Type): string {
  switch (type.kind) {
    case "int":
      return type.brand ?? `${type.signed ? "i" : "u"}${type.width}`;
    case "enum":
      return type.enum.name;
    case "struct":
      return type.struct.name;
    case "array":
      return `${printType(type.element)}[${type.length}]`;
    case "pointer":
      return `*${printType(type.to)}${type.nullable ? "?" : ""}`;
    case "slice":
      return `[${printType(type.element)}]`;
    default:
      return type.kind;
  }
}

function initialOf(program: Program, name: string): Initial | undefined {
  return program.statics.find((each) => each.name === name)?.initial;
}

describe("order", () => {
  test("an operand that a later one changes is read first", () => {
    expect(lowered("export function f(): u32 { return total + next(); }")).toEqual([
      "let _t1: u32 = total",
      "return (_t1 add next())",
    ]);
  });
  test("locals that nothing assigns stay in place", () => {
    expect(lowered("export function f(x: u32): u32 { return x + next(); }")).toEqual(["return (x add next())"]);
  });
  test("of two calls the first goes into a temporary", () => {
    expect(lowered("export function f(): u32 { return next() - next() * next(); }")).toEqual([
      "let _t2: u32 = next()",
      "let _t1: u32 = next()",
      "return (_t2 subtract (_t1 multiply next()))",
    ]);
  });
  test("a local is read before a later operand increments it", () => {
    expect(lowered("export function f(x: u32): u32 { return x + x++ * 2 + x; }")).toEqual([
      "let _t2: u32 = x",
      "let _t1: u32 = x",
      "x = (_t1 add 1)",
      "return ((_t2 add (_t1 multiply 2)) add x)",
    ]);
  });
  test("arguments are evaluated from left to right", () => {
    expect(
      lowered("function g(a: u32, b: u32): void { total = a - b; }\nexport function f(): void { g(total, next()); }"),
    ).toEqual(["let _t1: u32 = total", "g(_t1, next())"]);
  });
  test("an assignment evaluates its place before the right side and checks it after", () => {
    expect(lowered("export function f(i: u32): void { words[i++] = half(i); }")).toEqual([
      "let _t1: u32 = i",
      "i = (_t1 add 1)",
      "let _t2: u32 = half(i)",
      "words[_t1?] = _t2",
    ]);
  });
  test("a compound assignment evaluates its place once and reads it before the right side", () => {
    expect(lowered("export function f(i: u32): void { words[i++] += i + next(); }")).toEqual([
      "let _t1: u32 = i",
      "i = (_t1 add 1)",
      "let _t2: u32 = words[_t1?]",
      "words[_t1] = (_t2 add (i add next()))",
    ]);
  });
  test("a place found through a call is found once", () => {
    expect(lowered("export function f(): void { cellAt(1).value += 2; cellAt(2).value = next(); }")).toEqual([
      "let _t1: *Cell = cellAt(1)",
      "*_t1.value = (*_t1.value add 2)",
      "let _t2: *Cell = cellAt(2)",
      "*_t2.value = next()",
    ]);
  });
  test("`x = x op call()` reads x first", () => {
    expect(lowered("export function f(): void { total = total * next(); total -= next(); }")).toEqual([
      "let _t1: u32 = total",
      "total = (_t1 multiply next())",
      "let _t2: u32 = total",
      "total = (_t2 subtract next())",
    ]);
  });
  test("a panic does not move across an effect", () => {
    expect(lowered("export function f(x: u32, y: u32): u32 { return x / y + next(); }")).toEqual([
      "let _t1: u32 = (x divide? y)",
      "return (_t1 add next())",
    ]);
    expect(lowered("export function f(c: Cell | null): u32 { return next() + c!.value; }")).toEqual([
      "let _t1: u32 = next()",
      "return (_t1 add *nonNull(c).value)",
    ]);
  });
  test("panics of one line stay unordered, those of two lines do not", () => {
    expect(lowered("export function f(x: u32, y: u32): u32 { return x / y + words[x]; }")).toHaveLength(1);
    expect(lowered("export function f(x: u32, y: u32): u32 { return x / y +\n words[x]; }")).toEqual([
      "let _t1: u32 = (x divide? y)",
      "return (_t1 add words[x?])",
    ]);
  });
  test("the function of a table call is looked up before the arguments", () => {
    expect(lowered("export function f(i: u32): u32 { return handlers[i](next()); }")).toEqual([
      "let _t1: function = handlers[i?]",
      "return _t1(next())",
    ]);
    expect(lowered("export function f(i: u32): u32 { return handlers[i](i); }")).toEqual(["return handlers[i?](i)"]);
  });
});

describe("conditions", () => {
  test("short circuit stays an expression while its right side is one", () => {
    expect(lowered("export function f(x: u32): boolean { return x > 1 && next() > x || x === 7; }")).toEqual([
      "return (((x greater 1) and (next() greater x)) or (x equal 7))",
    ]);
  });
  test("a right side that needs statements is guarded", () => {
    expect(lowered("export function f(x: u32): boolean { return x > 1 && x++ < 5; }")).toEqual([
      "let _t2: boolean",
      "if (x greater 1)",
      "  let _t1: u32 = x",
      "  x = (_t1 add 1)",
      "  _t2 = (_t1 less 5)",
      "else",
      "  _t2 = 0",
      "return _t2",
    ]);
  });
  test("so is an arm of ?:", () => {
    expect(lowered("export function f(x: u32): u32 { return x > 1 ? x++ : next(); }")).toEqual([
      "let _t2: u32",
      "if (x greater 1)",
      "  let _t1: u32 = x",
      "  x = (_t1 add 1)",
      "  _t2 = _t1",
      "else",
      "  _t2 = next()",
      "return _t2",
    ]);
  });
  test("a loop's condition is set up before every test", () => {
    expect(lowered("export function f(): void { while (total < next()) narrow++; }")).toEqual([
      "loop _loop while (_t1 less next())",
      " setup",
      "  let _t1: u32 = total",
      " body",
      "  narrow = u8((u32(narrow) add 1))",
    ]);
  });
  test("a branch that a constant rules out is dropped", () => {
    expect(lowered("const LOUD = false;\nexport function f(): void { if (LOUD) next(); else total = 1; }")).toEqual([
      "block",
      "  total = 1",
    ]);
  });
});

describe("jumps", () => {
  test("continue inside a switch inside labelled loops", () => {
    const source = `export function f(n: u32): u32 {
      let sum: u32 = 0;
      outer: for (let i: u32 = 0; i < n; i++) {
        for (let j: u32 = 0; ; j++) {
          switch (j) {
            case 0: continue;
            case 1: continue outer;
            case 2: break;
            default: break outer;
          }
          sum += j;
        }
      }
      return sum;
    }`;
    expect(lowered(source)).toEqual([
      "let sum: u32 = 0",
      "block",
      "  let i: u32 = 0",
      "  loop outer while (i less n)",
      "   body",
      "    block",
      "      let j: u32 = 0",
      "      loop _loop while ever",
      "       body",
      "        switch _switch j",
      "         case 0",
      "          continue _loop",
      "         case 1",
      "          continue outer",
      "         case 2",
      "          break _switch",
      "         case default",
      "          break outer",
      "        sum = (sum add j)",
      "       step",
      "        j = (j add 1)",
      "   step",
      "    i = (i add 1)",
      "return sum",
    ]);
  });
  test("clauses fall through, share values, and have their default anywhere", () => {
    const source = `export function f(x: u32): u32 {
      switch (x) {
        case 7:
        default:
        case 2: total = 1;
        case 1: return 2;
      }
    }`;
    expect(lowered(source)).toEqual([
      "switch _switch x",
      " case 7, 2, default",
      "  total = 1",
      " case 1",
      "  return 2",
    ]);
  });
  test("clauses share one scope", () => {
    const source = `export function f(x: u32): u32 {
      switch (x) {
        case 0: let y = x + 1; total = y;
        default: y = 3; return y;
      }
    }`;
    expect(lowered(source)).toEqual([
      "block",
      "  let y: u32",
      "  switch _switch x",
      "   case 0",
      "    y = (x add 1)",
      "    total = y",
      "   case default",
      "    y = 3",
      "    return y",
    ]);
  });
  test("an enum without a member's value does not run off the end", () => {
    const source = `export function f(color: Color): u32 {
      switch (color) { case Color.Red: return 1; case Color.Green: return 2; case Color.Blue: return 3; }
    }`;
    expect(lowered(source).at(-1)).toBe("unreachable 0");
  });
  test("a labelled block and a loop that tests last", () => {
    expect(
      lowered("export function f(x: u32): void { done: { if (x === 0) break done; do { x--; } while (x > 3); } }"),
    ).toEqual([
      "block done",
      "  if (x equal 0)",
      "    break done",
      "  loop _loop until not (x greater 3)",
      "   body",
      "    x = (x subtract 1)",
    ]);
  });
});

describe("conversions", () => {
  test("compound assignment on narrow places wraps at their width", () => {
    expect(lowered("export function f(x: u8): void { cell.small += x; cell.small <<= 1; narrow--; }")).toEqual([
      "cell.small = u8((u32(cell.small) add u32(x)))",
      "cell.small = u8((u32(cell.small) shiftLeft 1))",
      "narrow = u8((u32(narrow) subtract 1))",
    ]);
  });
  test("++ as a value", () => {
    expect(lowered("export function f(): u32 { return u32(narrow++) + u32(++narrow); }")).toEqual([
      "let _t1: u8 = narrow",
      "narrow = u8((u32(_t1) add 1))",
      "let _t2: u8 = u8((u32(narrow) add 1))",
      "narrow = _t2",
      "return (u32(_t1) add u32(_t2))",
    ]);
  });
  test("pointers to and from their nullable types, null, and brands", () => {
    const source =
      "export function f(c: Cell | null): u32 { if (c === null) return 0; c.next = cell; c.next = null; return c.value; }";
    expect(lowered(source)).toEqual([
      "if (c equal 0)",
      "  return 0",
      "**Cell(c).next = *Cell?(&cell)",
      "**Cell(c).next = 0",
      "return **Cell(c).value",
    ]);
  });
});

describe("checks", () => {
  test("indices that cannot be out of range are not checked", () => {
    const source = `export function f(x: u32, b: u8, bytes: Bytes): u32 {
      return words[7] + words[x & 7] + words[x & 8] + words[b >>> 5] + words[x % 8] + bytes[0];
    }`;
    expect(lowered(source)).toEqual([
      "return (((((words[7] add words[(x and 7)]) add words[(x and 8)?]) add words[(u32(b) shiftRight 5)]) add " +
        "words[(x remainder 8)]) add u32(bytes[0?]))",
    ]);
  });
  test("constant divisors are not checked", () => {
    expect(lowered("export function f(x: u32): u32 { return x / 3 % x; }")).toEqual([
      "return ((x divide 3) remainder? x)",
    ]);
  });
  test("assert, panic, unreachable and !", () => {
    const source = `export function f(c: Color, p: Cell | null): u32 {
      assert(total < 9, "small");
      switch (c) {
        case Color.Red: return p!.value;
        case Color.Green: panic("green");
        case Color.Blue: return 1;
        default: unreachable(c);
      }
    }`;
    expect(lowered(source)).toEqual([
      'assert (total less 9) "small"',
      "switch _switch c",
      " case 0",
      "  return *nonNull(p).value",
      " case 1",
      '  panic "green"',
      " case 2",
      "  return 1",
      " case default",
      "  unreachable c",
    ]);
  });
});

describe("program", () => {
  test("only what the entries reach is in it", () => {
    const program = lowerFiles({
      "main.ts": 'import { used } from "./other";\nexport function main(): u32 { return used(); }',
      "other.ts": `let count: u32 = 3;\nlet other: u32 = 4;
        export function used(): u32 { return count; }\nexport function unused(): u32 { return other; }`,
    });
    expect(program.functions.map(({ symbol }) => symbol)).toEqual(["used", "main"]);
    expect(program.statics.map(({ symbol }) => symbol)).toEqual(["count"]);
  });
  test("functions that share a name get their files' names", () => {
    const program = lowerFiles({
      "main.ts": `import { run as runA } from "./a";\nimport { run as runB } from "./b";
        export function main(run: u32): u32 { return runA() + runB() + run; }`,
      "a.ts": "export function run(): u32 { return 1; }",
      "b.ts": "export function run(): u32 { return 2; }",
    });
    expect(program.functions.map(({ symbol }) => symbol).sort()).toEqual(["a_run", "b_run", "main"]);
    const main = program.functions.find(({ name }) => name === "main") as Function;
    expect(main.parameters.map(({ name }) => name)).toEqual(["run_2"]);
  });
  test("locals that hide others get names of their own; loops side by side share one", () => {
    const source = `export function f(x: u32): void {
      if (x > 1) { const x: u32 = 2; total = x; }
      for (let i: u32 = 0; i < x; i++) total += i;
      for (let i: u32 = 0; i < x; i++) total -= i;
    }`;
    const text = lowered(source).join("\n");
    expect(text).toContain("let x_2: u32 = 2\n  total = x_2");
    expect(text).not.toContain("i_2");
  });
  test("statics, tables and their initial values", () => {
    const program = lowerFiles({
      "main.ts": `${PRELUDE}
        const pair: Pair = { a: 1, b: 2 + 3 };
        let title: Bytes = "hé";
        export function main(): u32 { title = "x"; return primes[1] + pair.b + words[0] + handlers[0](1) + title.length; }`,
    });
    const isConstant = new Map(program.statics.map((each) => [each.name, each.isConstant]));
    expect(Object.fromEntries(isConstant)).toMatchObject({ primes: true, handlers: true, pair: false, words: false });
    expect(initialOf(program, "words")).toEqual({ kind: "zero" });
    expect(initialOf(program, "title")).toEqual({ kind: "text", bytes: new TextEncoder().encode("hé") });
    expect(initialOf(program, "primes")).toMatchObject({ kind: "array", elements: [{ value: 2n }, {}, {}, {}] });
    const pair = initialOf(program, "pair");
    expect(pair?.kind === "struct" && [...pair.fields].map(([{ name }, value]) => [name, value])).toEqual([
      ["a", { kind: "constant", value: 1n }],
      ["b", { kind: "constant", value: 5n }],
    ]);
    const half = program.functions.find(({ name }) => name === "half");
    expect(initialOf(program, "handlers")).toMatchObject({ elements: [{ function: half }, { function: half }] });
  });
  test("constants disappear, those for the assemblers are listed", () => {
    const program = lowerFiles({
      "main.ts": `const A = 5;\n/** @layout */\nexport const BASE = 0x1000n;
        /** @layout */ const enum Kind { One = 1, Two }
        export function main(): u64 { return BASE + u64(u32(A)) + u64(u32(Kind.Two)); }`,
    });
    expect(program.statics).toEqual([]);
    expect(program.layoutConstants).toEqual([
      { name: "BASE", value: 0x1000n },
      { name: "Kind_One", value: 1n },
      { name: "Kind_Two", value: 2n },
    ]);
  });
  test("stack storage is its own local, and a slice's element is found after its index", () => {
    const source = `export function f(bytes: Bytes): void {
      const room = local<FixedArray<u8, 4>>();
      room[0] = bytes[next()];
      fill(room);
    }
    function fill(room: FixedArray<u8, 4>): void { room[1] = 1; }`;
    expect(lowered(source)).toEqual(["let room: u8[4]", "room[0] = bytes[next()?]", "fill(&room)"]);
  });
});
