/**
 * The lowered program: a typed, sequenced tree with symbolic fields. The one input of every emitter.
 *
 * T1  Every expression is order-free: its operands may be evaluated in any order with the same outcome (of two
 *     panics on one line either may come first). What JavaScript orders and this rule forbids has been moved
 *     into statements before, through temporaries. An expression may hold calls, but at most one operand of
 *     any operator then depends on or causes an effect.
 * T2  Every operand has exactly the type that its operator names: promotion, widening and narrowing are
 *     explicit `convert` nodes, literals are `constant`s of a concrete type.
 * T3  Fields are symbolic: no node knows an offset or a size; layout is applied by the emitter.
 * T4  Constant operands are folded at the operation's width; `bound: null` marks a check that is not needed.
 */
import type { Enum, Field, FunctionType, IntType, Struct, Type } from "./types/type.ts";

/** Where a node comes from; `file` indexes `Program.files`, `line` is 1-based. */
export interface Site {
  readonly file: number;
  readonly line: number;
}

export interface Program {
  /** Paths relative to the root, with forward slashes; a panic's site number is `file << 16 | line`. */
  readonly files: readonly string[];
  /** Each struct after those that it embeds. */
  readonly structs: readonly Struct[];
  readonly enums: readonly Enum[];
  /** Module constants (`NAME`) and enum members (`Enum_Member`) tagged `@layout`, for the assemblers. */
  readonly layoutConstants: readonly { readonly name: string; readonly value: bigint }[];
  readonly statics: readonly Static[];
  readonly externs: readonly Extern[];
  /** In the order of the source. */
  readonly functions: readonly Function[];
  /** Units of compilation besides the main one (null): the files tagged `@unit O3`. */
  readonly units: readonly Unit[];
}

/** A TypeScript file that is compiled as a C file of its own. */
export interface Unit {
  /** Index into `Program.files`. */
  readonly file: number;
  readonly optimization: "O2" | "O3" | "Os";
}

export interface Static {
  /** Unique in the program: `name`, or `file_name` where two files use the same. */
  readonly symbol: string;
  readonly name: string;
  /** Storage type. */
  readonly type: Type;
  readonly initial: Initial;
  /** A constant table: read-only memory. */
  readonly isConstant: boolean;
  /** `@section name`, or null. */
  readonly section: string | null;
  /** `@extern name` (defined elsewhere) has `initial: { kind: "extern" }` and this symbol verbatim. */
  readonly unit: Unit | null;
  readonly site: Site;
}

export type Initial =
  | { readonly kind: "zero" }
  | { readonly kind: "extern" }
  | { readonly kind: "constant"; readonly value: bigint }
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  | { readonly kind: "function"; readonly function: Callee }
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<Field, Initial> }
  | { readonly kind: "array"; readonly elements: readonly Initial[] };

export interface Local {
  /**
   * Unique among the locals in scope where it is declared, and no symbol that the function uses; scopes side by
   * side (two loops over `i`) may share a name. Temporaries start with an underscore.
   */
  readonly name: string;
  /** Storage type: a `struct` or `array` here is stack storage (`local<T>()`), zeroed by its `let`. */
  readonly type: Type;
}

export interface Function {
  readonly kind: "function";
  /** Unique in the program; the symbol of an `@entry` function, verbatim. */
  readonly symbol: string;
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly result: Type;
  readonly body: readonly Statement[];
  readonly unit: Unit | null;
  /** Callable from outside the program: `@entry`, `@entry name`, and what an entry file exports. */
  readonly isEntry: boolean;
  readonly inlining: "inline" | "noinline" | "free";
  /** `@noreturn`, or result type never. */
  readonly isNoReturn: boolean;
  readonly isHot: boolean;
  /** `@scratch`: may change every register but the stack's. */
  readonly keepsNothing: boolean;
  readonly section: string | null;
  readonly site: Site;
  /** Line of the closing brace. */
  readonly endLine: number;
}

/** A function that assembly or the C prelude defines: `declare function` tagged `@extern name`. */
export interface Extern {
  readonly kind: "extern";
  readonly symbol: string;
  readonly type: FunctionType;
  readonly isNoReturn: boolean;
}

export type Callee = Function | Extern;

// ---- places: what can be read, assigned and pointed to ----
export type Place =
  | { readonly kind: "local"; readonly local: Local; readonly type: Type }
  | { readonly kind: "static"; readonly static: Static; readonly type: Type }
  /** What a pointer points to. `type` is the struct or array. */
  | { readonly kind: "target"; readonly pointer: Expression; readonly type: Type }
  | { readonly kind: "field"; readonly of: Place; readonly field: Field; readonly type: Type }
  /** An element of an array place; `bound` is the length to check against, or null. */
  | {
      readonly kind: "element";
      readonly of: Place;
      readonly index: Expression;
      readonly bound: number | null;
      readonly type: Type;
      readonly site: Site;
    }
  /** An element of a slice, always checked. `index` is u32. */
  | {
      readonly kind: "sliceElement";
      readonly slice: Expression;
      readonly index: Expression;
      readonly type: Type;
      readonly site: Site;
    };

// ---- expressions ----
export type Arithmetic = "add" | "subtract" | "multiply" | "and" | "or" | "xor";
export type Comparison = "equal" | "notEqual" | "less" | "lessOrEqual" | "greater" | "greaterOrEqual";

export type Expression =
  /** Integers, booleans (0, 1), enums, and the null pointer (0) or a fixed address of a pointer type. */
  | { readonly kind: "constant"; readonly type: Type; readonly value: bigint }
  /** A string literal as `Bytes`, UTF-8. */
  | { readonly kind: "text"; readonly type: Type; readonly bytes: Uint8Array }
  | { readonly kind: "read"; readonly type: Type; readonly place: Place }
  /** Pointer to an aggregate place. */
  | { readonly kind: "address"; readonly type: Type; readonly place: Place }
  | { readonly kind: "length"; readonly type: IntType; readonly slice: Expression }
  /** Wraps at `type`'s width; 32 or 64 bits. */
  | {
      readonly kind: "arithmetic";
      readonly operator: Arithmetic;
      readonly type: IntType;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "negate" | "complement"; readonly type: IntType; readonly operand: Expression }
  /** `isChecked`: panics when the divisor is 0. `MIN / -1` wraps, `MIN % -1` is 0. */
  | {
      readonly kind: "divide" | "remainder";
      readonly type: IntType;
      readonly left: Expression;
      readonly right: Expression;
      readonly isChecked: boolean;
      readonly site: Site;
    }
  /**
   * Right shifts are logical for unsigned and arithmetic for signed types. `amount` is a constant within the
   * width, or an unsigned or signed expression of `type`'s width for which every amount outside 0 … width-1
   * (a negative one too) gives 0, or all sign bits for a signed right shift.
   */
  | {
      readonly kind: "shiftLeft" | "shiftRight";
      readonly type: IntType;
      readonly value: Expression;
      readonly amount: Expression;
    }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly type: Type;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "not"; readonly type: Type; readonly operand: Expression }
  /** Short circuit; the right side is evaluated only when the left side does not decide. */
  | {
      readonly kind: "logical";
      readonly operator: "and" | "or";
      readonly type: Type;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "select";
      readonly type: Type;
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  /**
   * Between integers (by the source's sign), from boolean or enum to an integer, or between a pointer type and its
   * nullable type (from nullable without a check: the type checker has narrowed it).
   */
  | { readonly kind: "convert"; readonly type: Type; readonly operand: Expression }
  /** `toEnum<E>(x)`: panics when `operand` (u32) is no member's value. */
  | { readonly kind: "toEnum"; readonly type: Type; readonly operand: Expression; readonly site: Site }
  | { readonly kind: "isEnum"; readonly type: Type; readonly enum: Enum; readonly operand: Expression }
  /** `x!`: panics when null. */
  | { readonly kind: "nonNull"; readonly type: Type; readonly operand: Expression; readonly site: Site }
  | {
      readonly kind: "call";
      readonly type: Type;
      readonly callee: Callee;
      readonly arguments: readonly Expression[];
      readonly site: Site;
    }
  /** `table[i](…)`: `target` reads a place of a function type in a constant static, or a temporary that holds it. */
  | {
      readonly kind: "tableCall";
      readonly type: Type;
      readonly target: Expression;
      readonly table: Static;
      readonly arguments: readonly Expression[];
      readonly site: Site;
    }
  /** One of the library's functions that the emitter knows by name: see `INTRINSICS`. */
  | {
      readonly kind: "intrinsic";
      readonly type: Type;
      readonly name: string;
      readonly typeArgument: Type | null;
      readonly arguments: readonly Expression[];
      readonly site: Site;
    }
  /** `addressOfFunction(f)`. */
  | { readonly kind: "functionAddress"; readonly type: Type; readonly function: Callee };

// ---- statements ----
/** The target of `break` and `continue`: a loop, a switch or a labelled block. */
export interface Target {
  readonly name: string;
}

export type Statement = { readonly site: Site } & (
  | { readonly kind: "let"; readonly local: Local /** null: zeroed. */; readonly initial: Expression | null }
  | { readonly kind: "assign"; readonly place: Place; readonly value: Expression }
  | { readonly kind: "evaluate"; readonly expression: Expression }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  /**
   * `testsFirst`: setup; if (!condition) break; body; step; again. Otherwise: body; step; setup; test.
   * `continue` goes to `step` (and, in a loop that tests last, on to the test). `condition: null` loops for ever.
   */
  | {
      readonly kind: "loop";
      readonly target: Target;
      readonly testsFirst: boolean;
      readonly setup: readonly Statement[];
      readonly condition: Expression | null;
      readonly body: readonly Statement[];
      readonly step: readonly Statement[];
    }
  /** Clauses fall through and are scopes of their own; the default may stand anywhere. */
  | {
      readonly kind: "switch";
      readonly target: Target;
      readonly subject: Expression;
      readonly clauses: readonly Clause[];
    }
  | {
      readonly kind: "block" /** null: only a scope. */;
      readonly target: Target | null;
      readonly body: readonly Statement[];
    }
  | { readonly kind: "break" | "continue"; readonly target: Target }
  | { readonly kind: "return"; readonly value: Expression | null }
  /** Panics with the text when the condition is false. */
  | { readonly kind: "assert"; readonly condition: Expression; readonly text: Uint8Array }
  | { readonly kind: "panic"; readonly text: Uint8Array }
  /** The `default` of an exhaustive switch: a panic. */
  | { readonly kind: "unreachable"; readonly value: Expression }
);

export interface Clause {
  /** Constants of the subject's type, each once in a switch. A clause without any is only fallen into. */
  readonly values: readonly bigint[];
  readonly isDefault: boolean;
  readonly body: readonly Statement[];
  readonly site: Site;
}

/** Library functions that lowering hands on as `intrinsic` nodes, with what T1 must know of them. */
export const INTRINSICS: Readonly<Record<string, "pure" | "reads" | "effect">> = {
  addChecked: "pure",
  mulChecked: "pure",
  rotl32: "pure",
  rotl64: "pure",
  clz32: "pure",
  clz64: "pure",
  ctz32: "pure",
  ctz64: "pure",
  popcount32: "pure",
  popcount64: "pure",
  byteSwap16: "pure",
  byteSwap32: "pure",
  byteSwap64: "pure",
  mulHigh: "pure",
  valueBarrier32: "pure",
  valueBarrier64: "pure",
  /** `typeArgument` is the type whose size is asked. */
  sizeOf: "pure",
  siteFile: "pure",
  siteLine: "pure",
  /** Arguments: the array's pointer or the slice, from, count. */
  sliceOf: "pure",
  subslice: "pure",
  /** `type` is the pointer or slice that comes out. */
  cast: "pure",
  castSlice: "pure",
  addressOf: "pure",
  load8: "reads",
  load16: "reads",
  load32: "reads",
  load64: "reads",
  copyStruct: "effect",
  store8: "effect",
  store16: "effect",
  store32: "effect",
  store64: "effect",
  volatileLoad8: "effect",
  volatileLoad16: "effect",
  volatileLoad32: "effect",
  volatileLoad64: "effect",
  volatileStore8: "effect",
  volatileStore16: "effect",
  volatileStore32: "effect",
  volatileStore64: "effect",
  atomicLoad32: "effect",
  atomicLoad64: "effect",
  atomicStore32: "effect",
  atomicStore64: "effect",
  atomicAdd32: "effect",
  atomicAdd64: "effect",
  atomicExchange32: "effect",
  atomicExchange64: "effect",
  atomicCompareExchange32: "effect",
  atomicCompareExchange64: "effect",
  fillMemory: "effect",
  copyMemory: "effect",
  compilerBarrier: "effect",
  memoryBarrier: "effect",
  deviceBarrier: "effect",
  dmaBarrier: "effect",
};
