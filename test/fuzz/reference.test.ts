import { describe, expect, it } from "vitest";
import { arithmetic, checked, intrinsic, shift } from "./arithmetic.ts";
import {
  type Expression,
  type FunctionDeclaration,
  I32,
  I64,
  type IntType,
  intType,
  type Place,
  type Program,
  promoted,
  type Statement,
  type StaticDeclaration,
  type StructDeclaration,
  type Type,
  typeOf,
  U8,
  U32,
  U64,
  type VariableDeclaration,
} from "./program.ts";
import { PANIC, runReference, type StepResult, TooLong } from "./reference.ts";

const I8 = intType(8, true);
let nextId = 0;

function variable(type: Type = U32, isParameter = false): VariableDeclaration {
  return { declaration: "variable", id: nextId++, type, isParameter, isBorrowed: false, isFixed: false };
}

function integer(value: bigint | number, type: IntType = U32): StaticDeclaration {
  return { ...object(type), initial: { kind: "int", value: BigInt(value) }, role: "let" };
}

function object(type: Type): StaticDeclaration {
  return { declaration: "static", id: nextId++, file: 0, type, initial: { kind: "zero" }, role: "object" };
}

function define(
  body: Statement[],
  parameters: VariableDeclaration[] = [],
  result: Type | null = U32,
): FunctionDeclaration {
  const traits = { isNever: false, inlining: "free" as const, cost: 0, writes: new Set<StaticDeclaration>() };
  return { declaration: "function", id: nextId++, file: 0, parameters, result, body, ...traits };
}

const array = (element: Type, length: number): Type => ({ kind: "array", element, length, lengthName: null });
const at = (item: StaticDeclaration | VariableDeclaration): Place =>
  item.declaration === "static" ? { kind: "static", static: item } : { kind: "variable", variable: item };
const get = (place: Place): Expression => ({ kind: "read", place, isNarrowed: false });
const read = (item: StaticDeclaration | VariableDeclaration): Expression => get(at(item));
const address = (item: StaticDeclaration | VariableDeclaration): Expression => ({ kind: "address", place: at(item) });
const element = (of: Expression, index: Expression): Place => ({ kind: "element", of, index });
const literal = (value: number | bigint, type: IntType = U32): Expression => ({
  kind: "literal",
  type,
  value: BigInt(value),
  base: 10,
});
const step = (place: Place, delta: 1n | -1n = 1n, isPrefix = false): Expression => ({
  kind: "step",
  type: typeOf(get(place)) as IntType,
  place,
  delta,
  isPrefix,
});
const binary = (
  operator: "+" | "-" | "*" | "/" | "%",
  left: Expression,
  right: Expression,
  type: IntType = U32,
): Expression => ({
  kind: "arithmetic",
  operator,
  type,
  left,
  right,
});
const call = (callee: FunctionDeclaration, ...values: Expression[]): Expression & { kind: "call" } => ({
  kind: "call",
  function: callee,
  arguments: values,
});
const set = (place: Place, value: Expression, operator: "+" | "*" | "/" | null = null): Statement => ({
  kind: "assign",
  place,
  operator,
  value,
});
const answer = (value: Expression | null): Statement => ({ kind: "return", value });
const does = (expression: Expression): Statement => ({ kind: "evaluate", expression });

function run(statics: StaticDeclaration[], ...functions: FunctionDeclaration[]): StepResult[] {
  const steps = functions.map((item) => ({ call: call(item) }));
  const program: Program = {
    seed: 0,
    index: 0,
    prefix: "p0",
    fileCount: 1,
    brands: [],
    enums: [],
    structs: [],
    constants: [],
    statics,
    functions,
    steps,
  };
  return runReference(program, 1000);
}

/** What a function answers when it is all that the program does. */
function result(statics: StaticDeclaration[], body: Statement[], type: Type = U32): bigint {
  const [only] = run(statics, define(body, [], type));
  if (!only || only.panic) throw new Error("it panicked");
  return only.bits;
}

function panicOf(statics: StaticDeclaration[], body: Statement[]): unknown {
  const [only] = run(statics, define(body));
  return only?.panic && { kind: only.panic.kind, node: only.panic.node, a: only.panic.a, b: only.panic.b };
}

describe("arithmetic", () => {
  it("wraps at the operation's width", () => {
    expect(arithmetic("+", U32, 0xffff_ffffn, 2n)).toBe(1n);
    expect(arithmetic("*", I32, 0x4000_0000n, 2n)).toBe(-0x8000_0000n);
    expect(arithmetic("-", U64, 0n, 1n)).toBe(0xffff_ffff_ffff_ffffn);
  });

  it("divides towards zero, wraps MIN / -1 and has no quotient by 0", () => {
    expect(arithmetic("/", I32, -7n, 2n)).toBe(-3n);
    expect(arithmetic("%", I32, -7n, 2n)).toBe(-1n);
    expect(arithmetic("/", I64, -(1n << 63n), -1n)).toBe(-(1n << 63n));
    expect(arithmetic("%", I64, -(1n << 63n), -1n)).toBe(0n);
    expect(arithmetic("/", U32, 1n, 0n)).toBeNull();
    expect(arithmetic("%", U32, 1n, 0n)).toBeNull();
  });

  it("shifts everything out beyond the width", () => {
    expect(shift("<<", U32, 1n, 31n)).toBe(0x8000_0000n);
    expect(shift("<<", U32, 1n, 32n)).toBe(0n);
    expect(shift("<<", I32, 3n, 31n)).toBe(-0x8000_0000n);
    expect(shift(">>>", U32, 0x8000_0000n, 31n)).toBe(1n);
    expect(shift(">>>", U32, 0x8000_0000n, 0xffff_ffffn)).toBe(0n);
    expect(shift(">>", I32, -8n, 1n)).toBe(-4n);
    expect(shift(">>", I32, -8n, -1n)).toBe(-1n);
    expect(shift(">>", U64, 1n << 63n, 64n)).toBe(0n);
  });

  it("tells sums and products that do not fit", () => {
    expect(checked("addChecked", U32, 0xffff_ffffn, 0n)).toBe(0xffff_ffffn);
    expect(checked("addChecked", U32, 0xffff_ffffn, 1n)).toBeNull();
    expect(checked("mulChecked", I32, -0x8000_0000n, -1n)).toBeNull();
  });

  it("knows the intrinsics", () => {
    expect(intrinsic("rotl32", [0x8000_0001n, 1n])).toBe(3n);
    expect(intrinsic("rotl64", [1n, 127n])).toBe(1n << 63n);
    expect([0n, 1n, 0x8000_0000n].map((x) => intrinsic("clz32", [x]))).toEqual([32n, 31n, 0n]);
    expect([0n, 1n, 0x8000_0000n].map((x) => intrinsic("ctz32", [x]))).toEqual([32n, 0n, 31n]);
    expect([0n, 8n].map((x) => intrinsic("ctz64", [x]))).toEqual([64n, 3n]);
    expect([0n, 8n].map((x) => intrinsic("clz64", [x]))).toEqual([64n, 60n]);
    expect(intrinsic("popcount64", [0xff00_0000_0000_0001n])).toBe(9n);
    expect(intrinsic("byteSwap16", [0x1234n])).toBe(0x3412n);
    expect(intrinsic("byteSwap32", [0x12345678n])).toBe(0x78563412n);
    expect(intrinsic("byteSwap64", [1n])).toBe(1n << 56n);
    expect(intrinsic("mulHigh", [1n << 63n, 6n])).toBe(3n);
  });
});

describe("evaluation", () => {
  it("goes from left to right: x + x++ * 2 + x of 5 is 21", () => {
    const x = integer(5);
    const sum = binary("+", binary("+", read(x), binary("*", step(at(x)), literal(2))), read(x));
    expect(result([x], [answer(sum)])).toBe(21n);
  });

  it("reads before the call that modifies", () => {
    const x = integer(10);
    const bump = define([set(at(x), literal(3), "*"), answer(literal(1))]);
    expect(result([x], [answer(binary("-", read(x), call(bump)))])).toBe(9n);
    expect(result([integer(0)], [answer(literal(7))])).toBe(7n);
  });

  it("w[i++] += i + f(): index, old value, right side, in this order", () => {
    const w = object(array(U32, 4));
    const i = integer(1);
    // f changes w[1] after it was read.
    const f = define([set(element(address(w), literal(1)), literal(100)), answer(literal(1000))]);
    const body = [
      set(element(address(w), literal(1)), literal(7)),
      set(element(address(w), step(at(i))), binary("+", read(i), call(f)), "+"),
      answer(get(element(address(w), literal(1)))),
    ];
    expect(result([w, i], body)).toBe(7n + 2n + 1000n);
  });

  it("evaluates the value of an assignment before it checks the last index", () => {
    const w = object(array(U32, 2));
    const seen = integer(0);
    const f = define([set(at(seen), literal(1)), answer(literal(5))]);
    const assignment = set(element(address(w), literal(2)), call(f));
    const [only] = run([w, seen], define([assignment], [], null));
    expect(only?.panic).toMatchObject({ kind: PANIC.index, node: assignment, a: 2n, b: 2n });
    const [undisturbed] = run([w, integer(1)], define([], [], null));
    expect(only?.hash).toBe(undisturbed?.hash);
  });

  it("wraps compound assignment and steps at the place's own width", () => {
    const byte = integer(250, U8);
    expect(result([byte], [set(at(byte), literal(10), "+"), answer(read(byte))], U8)).toBe(4n);
    const small = integer(127, I8);
    expect(result([small], [does(step(at(small))), answer(read(small))], I8)).toBe(BigInt.asUintN(64, -128n));
    const other = integer(-100, I8);
    expect(result([other], [set(at(other), literal(3, I32), "*"), answer(read(other))], I8)).toBe(
      BigInt.asUintN(64, -44n),
    );
    expect(promoted(I8)).toBe(I32);
  });

  it("answers the old value of x++ and the new one of ++x", () => {
    const byte = integer(255, U8);
    expect(result([byte], [answer(step(at(byte)))], U8)).toBe(255n);
    expect(result([byte], [answer(step(at(byte), 1n, true))], U8)).toBe(0n);
  });

  it("leaves out the right side of && and || when the left one decides", () => {
    const x = integer(0);
    const touched: Expression = { kind: "compare", operator: "===", left: step(at(x)), right: literal(0) };
    const short = (operator: "&&" | "||", value: boolean): Expression => ({
      kind: "logical",
      operator,
      left: { kind: "boolean", value },
      right: touched,
    });
    const body = [does(short("&&", false)), does(short("||", true)), does(short("&&", true)), answer(read(x))];
    expect(result([x], body)).toBe(1n);
  });

  it("converts by the source's sign", () => {
    const x = integer(-1, I8);
    const widened: Expression = { kind: "convert", type: I64, operand: read(x) };
    expect(result([x], [answer({ kind: "convert", type: U64, operand: widened })], U64)).toBe(0xffff_ffff_ffff_ffffn);
  });
});

describe("statements", () => {
  const countTo = (x: StaticDeclaration, limit: number): Expression => ({
    kind: "compare",
    operator: "<",
    left: step(at(x)),
    right: literal(limit),
  });

  it("falls through, also out of a default in the middle", () => {
    const run = (subject: number): bigint => {
      const [x, sum] = [integer(subject), integer(0)];
      const clause = (add: number, leaves: boolean): Statement[] => [
        set(at(sum), literal(add), "+"),
        ...(leaves ? [{ kind: "break" as const, target: selection, isLabelled: false }] : []),
      ];
      const selection: Statement & { kind: "switch" } = { kind: "switch", subject: read(x), clauses: [] };
      const rows = [
        [[1], false, 1, false],
        [[2], true, 10, false],
        [[3], false, 100, true],
        [[4], false, 1000, false],
      ] as const;
      selection.clauses = rows.map(([values, isDefault, add, leaves]) => ({
        kind: "clause",
        values: values.map((value) => literal(value)),
        isDefault,
        hasBraces: false,
        body: clause(add, leaves),
      }));
      return result([x, sum], [selection, answer(read(sum))]);
    };
    expect([1, 2, 3, 4, 5].map(run)).toEqual([111n, 110n, 100n, 1000n, 110n]);
  });

  it("continues the outer loop from a switch in the inner one", () => {
    const [i, j, sum] = [integer(0), integer(0), integer(0)];
    const outer: Statement & { kind: "loop" } = loop("while", countTo(i, 3));
    const inner = loop("for", null);
    inner.body = [
      {
        kind: "switch",
        subject: step(at(j)),
        clauses: [
          { kind: "clause", values: [], isDefault: true, hasBraces: false, body: [set(at(sum), literal(1), "+")] },
          {
            kind: "clause",
            values: [literal(4)],
            isDefault: false,
            hasBraces: false,
            body: [{ kind: "continue", target: outer, isLabelled: true }],
          },
        ],
      },
    ];
    // Falls from the default into the clause of 4, so the inner loop takes one turn each time.
    outer.body = [inner];
    expect(result([i, j, sum], [outer, answer(read(sum))])).toBe(3n);
  });

  it("runs the step of a for after continue, and the body of a do before its condition", () => {
    const [i, turns] = [integer(0), integer(0)];
    const counting = loop("for", { kind: "compare", operator: "<", left: read(i), right: literal(4) });
    counting.step = does(step(at(i)));
    counting.body = [set(at(turns), literal(1), "+"), { kind: "continue", target: counting, isLabelled: false }];
    const once = loop("do", { kind: "boolean", value: false });
    once.body = [set(at(turns), literal(10), "+")];
    expect(result([i, turns], [counting, once, answer(read(turns))])).toBe(14n);
  });

  it("leaves a labelled block", () => {
    const x = integer(0);
    const outside: Statement & { kind: "block" } = { kind: "block", body: [] };
    outside.body = [{ kind: "break", target: outside, isLabelled: true }, set(at(x), literal(1))];
    expect(result([x], [outside, answer(read(x))])).toBe(0n);
  });

  it("zeroes stack storage each time", () => {
    const [i, sum] = [integer(0), integer(0)];
    const words = variable(array(U32, 2));
    const around = loop("while", countTo(i, 3));
    around.body = [
      { kind: "let", variable: words, initial: null, isConst: true, isAnnotated: false },
      set(at(sum), get(element(address(words), literal(1))), "+"),
      set(element(address(words), literal(1)), literal(5)),
    ];
    expect(result([i, sum], [around, answer(read(sum))])).toBe(0n);
  });

  function loop(form: "while" | "do" | "for", condition: Expression | null): Statement & { kind: "loop" } {
    return { kind: "loop", form, head: null, condition, step: null, body: [], bound: 1 };
  }

  it("stops programs that take too long", () => {
    const forever = loop("for", null);
    expect(() => result([], [forever])).toThrow(TooLong);
  });
});

describe("aggregates", () => {
  const struct: StructDeclaration = { declaration: "struct", id: 900, file: 0, fields: [], isRow: false };
  const type: Type = { kind: "struct", struct };
  const nullable: Type = { kind: "pointer", to: type, nullable: true };
  struct.fields.push(
    { declaration: "field", name: "id", index: 0, type: U32 },
    { declaration: "field", name: "words", index: 1, type: array(U8, 2) },
    { declaration: "field", name: "next", index: 2, type: nullable },
  );
  const field = (of: Expression, name: string): Place => {
    const found = struct.fields.find((item) => item.name === name);
    if (!found) throw new Error(name);
    return { kind: "field", of, field: found };
  };

  it("copies what is in place and shares what is pointed to", () => {
    const [a, b] = [object(type), object(type)];
    const words = (of: StaticDeclaration): Expression => ({ kind: "address", place: field(address(of), "words") });
    const next: Expression = { kind: "nonNull", operand: get(field(address(b), "next")) };
    const body = [
      set(field(address(a), "next"), address(a)),
      set(element(words(a), literal(1)), literal(9)),
      { kind: "copy", to: address(b), from: address(a) } as const,
      set(element(words(a), literal(1)), literal(1)),
      set(field(next, "id"), literal(50)),
      answer(binary("+", get(element(words(b), literal(1))), get(field(address(a), "id")))),
    ];
    expect(result([a, b], body)).toBe(59n);
  });

  it("reads and writes an array through its slice", () => {
    const words = object(array(U8, 6));
    const part: Expression = {
      kind: "sliceOf",
      type: { kind: "slice", element: U8 },
      of: address(words),
      from: literal(2),
      count: literal(3),
    };
    const body = [set(element(part, literal(1)), literal(8)), answer(get(element(address(words), literal(3))))];
    expect(result([words], body)).toBe(8n);
  });

  it("panics outside bounds, on null, on 0, and keeps what was done before", () => {
    const words = object(array(U8, 6));
    const object1 = object(type);
    const index = get(element(address(words), literal(6)));
    expect(panicOf([words], [answer(index)])).toEqual({ kind: PANIC.index, node: index, a: 6n, b: 6n });
    const range: Expression = {
      kind: "sliceOf",
      type: { kind: "slice", element: U8 },
      of: address(words),
      from: literal(4),
      count: literal(3),
    };
    expect(panicOf([words], [does(range)])).toEqual({ kind: PANIC.range, node: range, a: 7n, b: 6n });
    const none: Expression = { kind: "nonNull", operand: get(field(address(object1), "next")) };
    expect(panicOf([object1], [does(none)])).toMatchObject({ kind: PANIC.null, node: none });
    const x = integer(0);
    const quotient = binary("/", literal(1), read(x));
    expect(panicOf([x], [answer(quotient)])).toMatchObject({ kind: PANIC.divide, node: quotient });
    const compound = set(at(x), read(x), "/");
    expect(panicOf([x], [compound])).toMatchObject({ kind: PANIC.divide, node: compound });
    const failing = define([set(at(x), literal(4)), { kind: "panic", text: "no" }], [], null);
    const [first, second] = run([x], failing, define([answer(read(x))]));
    expect(first?.panic).toMatchObject({ kind: PANIC.panic, text: "no" });
    expect(second?.bits).toBe(4n);
  });
});
