/**
 * A random program: its declarations and its abstract syntax tree, as the generator builds it, the printer writes
 * it as Kernel TypeScript and the reference evaluator runs it. It owes nothing to the compiler's own tree.
 *
 * P1  Nodes form a tree: no node object is used in two places. Declarations are shared and have a `declaration`.
 * P2  Every `type` is the type by the rules of docs/language.md, so that no pass has to infer one.
 * P3  Programs stop: loops are bounded by counters that nothing else assigns, and a function calls only functions
 *     before it.
 * P4  Nodes are mutable, because the shrinker cuts pieces out and puts them back.
 */

export type Width = 8 | 16 | 32 | 64;

export interface IntType {
  readonly kind: "int";
  readonly width: Width;
  readonly signed: boolean;
  readonly brand: BrandDeclaration | null;
}
export interface EnumType {
  readonly kind: "enum";
  readonly enum: EnumDeclaration;
}
export interface PointerType {
  readonly kind: "pointer";
  readonly to: StructType | ArrayType;
  readonly nullable: boolean;
}
export interface SliceType {
  readonly kind: "slice";
  readonly element: Type;
}
export interface StructType {
  readonly kind: "struct";
  readonly struct: StructDeclaration;
}
export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  readonly length: number;
  /** The constant that the source names for the length, or null for a number. */
  readonly lengthName: ConstantDeclaration | null;
}
export interface FunctionType {
  readonly kind: "function";
  readonly parameters: readonly Type[];
  readonly result: Type | null;
}
/** `struct`, `array` and `function` are storage only: as values, places of the first two become pointers. */
export type Type =
  | IntType
  | { readonly kind: "boolean" }
  | EnumType
  | PointerType
  | SliceType
  | StructType
  | ArrayType
  | FunctionType;

export const BOOLEAN: Type = { kind: "boolean" };
const intTypes = new Map<string, IntType>();
for (const width of [8, 16, 32, 64] as const) {
  for (const signed of [false, true]) {
    intTypes.set(`${signed ? "i" : "u"}${width}`, { kind: "int", width, signed, brand: null });
  }
}

/** The integer type of that width and sign, the same object each time. */
export function intType(width: Width, signed: boolean): IntType {
  return intTypes.get(`${signed ? "i" : "u"}${width}`) as IntType;
}

export const INT_TYPES: readonly IntType[] = [...intTypes.values()];
export const U8 = intType(8, false);
export const U16 = intType(16, false);
export const U32 = intType(32, false);
export const U64 = intType(64, false);
export const I32 = intType(32, true);
export const I64 = intType(64, true);

/** The type at which operators work on `type`: 32 or 64 bits of the same sign and brand. */
export function promoted(type: IntType): IntType {
  return type.width >= 32 ? type : intType(32, type.signed);
}

export function wrap(type: IntType, value: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.width, value) : BigInt.asUintN(type.width, value);
}

export function isSameType(a: Type, b: Type): boolean {
  return a === b || typeKey(a) === typeKey(b);
}

/** A text that is the same exactly for types that are the same; also what identifies a type in a map. */
export function typeKey(type: Type): string {
  switch (type.kind) {
    case "int":
      return type.brand ? `brand ${type.brand.id}` : `${type.signed ? "i" : "u"}${type.width}`;
    case "boolean":
      return "boolean";
    case "enum":
      return `enum ${type.enum.id}`;
    case "pointer":
      return `${type.nullable ? "nullable" : "pointer"} ${typeKey(type.to)}`;
    case "slice":
      return `slice ${typeKey(type.element)}`;
    case "struct":
      return `struct ${type.struct.id}`;
    case "array":
      return `array ${type.length} ${typeKey(type.element)}`;
    case "function":
      return `function ${type.parameters.map(typeKey).join(",")}:${type.result ? typeKey(type.result) : "void"}`;
  }
}

// ---- declarations ----
interface Declaration {
  /** Unique in the program. */
  readonly id: number;
  /** Which of the program's files declares it. */
  readonly file: number;
}
export interface BrandDeclaration extends Declaration {
  readonly declaration: "brand";
  readonly base: IntType;
}
export interface EnumDeclaration extends Declaration {
  readonly declaration: "enum";
  /** The `@storage` tag's type; null for the default, u32. */
  readonly storage: IntType | null;
  readonly members: readonly EnumMember[];
}
export interface EnumMember {
  readonly name: string;
  readonly value: bigint;
  /** Written with `= value`. */
  readonly isExplicit: boolean;
}
export interface StructDeclaration extends Declaration {
  readonly declaration: "struct";
  /** The first, `id`, tells the objects of a pool apart in the hash of the state. */
  readonly fields: FieldDeclaration[];
  /** A row of a constant table: there are no other objects of it. */
  readonly isRow: boolean;
}
export interface FieldDeclaration {
  readonly declaration: "field";
  readonly name: string;
  readonly index: number;
  readonly type: Type;
}
/** `const N = 4` (untyped) or `const N: u16 = 4`. */
export interface ConstantDeclaration extends Declaration {
  readonly declaration: "constant";
  readonly type: IntType;
  readonly value: bigint;
  readonly isAnnotated: boolean;
}
export interface StaticDeclaration extends Declaration {
  readonly declaration: "static";
  readonly type: Type;
  readonly initial: Initial;
  /** `let`: an assignable scalar, pointer or slice. `object`: a const aggregate in memory. `table`: read-only. */
  readonly role: "let" | "object" | "table";
}
export interface FunctionDeclaration extends Declaration {
  readonly declaration: "function";
  readonly parameters: VariableDeclaration[];
  readonly result: Type | null;
  /** The result type is `never`. */
  readonly isNever: boolean;
  readonly inlining: "inline" | "noinline" | "free";
  body: Statement[];
  /** Estimate of the evaluator's steps for a call. */
  cost: number;
  /** Statics that a call may change. */
  readonly writes: Set<StaticDeclaration>;
}
export interface VariableDeclaration {
  readonly declaration: "variable";
  readonly id: number;
  /** A struct or array here is stack storage, `local<T>()`. */
  readonly type: Type;
  readonly isParameter: boolean;
  /** May hold, or be, the address of stack storage: never stored or returned. */
  readonly isBorrowed: boolean;
  /** Never assigned after its declaration, or assigned only by its own loop. */
  readonly isFixed: boolean;
}

export type Initial =
  | { readonly kind: "zero" }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "member"; readonly member: EnumMember }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "null" }
  | { readonly kind: "function"; readonly function: FunctionDeclaration }
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<FieldDeclaration, Initial> }
  | { readonly kind: "array"; readonly elements: readonly Initial[] };

// ---- expressions ----
/** In which a literal is written. */
export type Base = 2 | 10 | 16;
export type Arithmetic = "+" | "-" | "*" | "&" | "|" | "^" | "/" | "%";
export type Shift = "<<" | ">>" | ">>>";
export type Comparison = "===" | "!==" | "<" | "<=" | ">" | ">=";

export type Expression =
  /** `formula`: an expression of literals that has this value, to be written instead. */
  | {
      readonly kind: "literal";
      readonly type: IntType;
      readonly value: bigint;
      readonly base: Base;
      readonly formula?: string;
    }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "member"; readonly type: EnumType; readonly member: EnumMember }
  | { readonly kind: "null"; readonly type: PointerType }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "constant"; readonly type: IntType; readonly constant: ConstantDeclaration }
  | Read
  /** A struct or array place as a value. */
  | { readonly kind: "address"; place: Place }
  | { readonly kind: "unary"; readonly operator: "-" | "~"; readonly type: IntType; operand: Expression }
  | { readonly kind: "not"; operand: Expression }
  /** `type` is the type at which it works. */
  | {
      readonly kind: "arithmetic";
      readonly operator: Arithmetic;
      readonly type: IntType;
      left: Expression;
      right: Expression;
    }
  | { readonly kind: "shift"; readonly operator: Shift; readonly type: IntType; left: Expression; right: Expression }
  | { readonly kind: "compare"; readonly operator: Comparison; left: Expression; right: Expression }
  | { readonly kind: "logical"; readonly operator: "&&" | "||"; left: Expression; right: Expression }
  | {
      readonly kind: "conditional";
      readonly type: Type;
      condition: Expression;
      whenTrue: Expression;
      whenFalse: Expression;
    }
  /** `x++`, `--x`; `type` is the place's own. */
  | {
      readonly kind: "step";
      readonly type: IntType;
      place: Place;
      readonly delta: 1n | -1n;
      readonly isPrefix: boolean;
    }
  | { readonly kind: "convert"; readonly type: IntType; operand: Expression }
  /** `as Brand`. */
  | { readonly kind: "brand"; readonly type: IntType; operand: Expression }
  | { readonly kind: "call"; readonly function: FunctionDeclaration; arguments: Expression[] }
  | { readonly kind: "tableCall"; readonly type: FunctionType; callee: Place; arguments: Expression[] }
  | { readonly kind: "intrinsic"; readonly name: Intrinsic; readonly type: IntType; arguments: Expression[] }
  | {
      readonly kind: "checked";
      readonly operator: "addChecked" | "mulChecked";
      readonly type: IntType;
      left: Expression;
      right: Expression;
    }
  | { readonly kind: "toEnum"; readonly type: EnumType; operand: Expression }
  | { readonly kind: "isEnum"; readonly enum: EnumDeclaration; operand: Expression }
  | { readonly kind: "nonNull"; operand: Expression }
  /** `of` is a slice or a pointer to an array. */
  | { readonly kind: "length"; of: Expression }
  | {
      readonly kind: "sliceOf" | "subslice";
      readonly type: SliceType;
      of: Expression;
      from: Expression;
      count: Expression;
    }
  | { readonly kind: "sizeOf"; readonly type: Type };

export interface Read {
  readonly kind: "read";
  readonly place: Place;
  /** A nullable variable that the code around has compared with null. */
  readonly isNarrowed: boolean;
}

export type Intrinsic =
  | "rotl32"
  | "rotl64"
  | "clz32"
  | "clz64"
  | "ctz32"
  | "ctz64"
  | "popcount32"
  | "popcount64"
  | "byteSwap16"
  | "byteSwap32"
  | "byteSwap64"
  | "mulHigh"
  | "valueBarrier32"
  | "valueBarrier64";

export const INTRINSICS: Readonly<
  Record<Intrinsic, { readonly parameters: readonly IntType[]; readonly result: IntType }>
> = {
  rotl32: { parameters: [U32, U32], result: U32 },
  rotl64: { parameters: [U64, U32], result: U64 },
  clz32: { parameters: [U32], result: U32 },
  clz64: { parameters: [U64], result: U32 },
  ctz32: { parameters: [U32], result: U32 },
  ctz64: { parameters: [U64], result: U32 },
  popcount32: { parameters: [U32], result: U32 },
  popcount64: { parameters: [U64], result: U32 },
  byteSwap16: { parameters: [U16], result: U16 },
  byteSwap32: { parameters: [U32], result: U32 },
  byteSwap64: { parameters: [U64], result: U64 },
  mulHigh: { parameters: [U64, U64], result: U64 },
  valueBarrier32: { parameters: [U32], result: U32 },
  valueBarrier64: { parameters: [U64], result: U64 },
};

export type Place =
  | { readonly kind: "variable"; readonly variable: VariableDeclaration }
  | { readonly kind: "static"; readonly static: StaticDeclaration }
  /** `of` is a non-null pointer to a struct. */
  | { readonly kind: "field"; of: Expression; readonly field: FieldDeclaration }
  /** `of` is a slice or a pointer to an array. */
  | { readonly kind: "element"; of: Expression; index: Expression };

/** The storage type of a place. */
export function placeType(place: Place): Type {
  switch (place.kind) {
    case "variable":
      return place.variable.type;
    case "static":
      return place.static.type;
    case "field":
      return place.field.type;
    case "element": {
      const of = typeOf(place.of);
      if (of?.kind === "slice") return of.element;
      if (of?.kind === "pointer" && of.to.kind === "array") return of.to.element;
      throw new Error("an element of neither an array nor a slice");
    }
  }
}

/** The expression's own type; null for the call of a function without a result. */
export function typeOf(expression: Expression): Type | null {
  switch (expression.kind) {
    case "boolean":
    case "not":
    case "compare":
    case "logical":
    case "isEnum":
      return BOOLEAN;
    case "text":
      return { kind: "slice", element: U8 };
    case "read": {
      const type = placeType(expression.place);
      return expression.isNarrowed && type.kind === "pointer" ? { ...type, nullable: false } : type;
    }
    case "address": {
      const type = placeType(expression.place);
      if (type.kind !== "struct" && type.kind !== "array") throw new Error("the address of no aggregate");
      return { kind: "pointer", to: type, nullable: false };
    }
    case "call":
      return expression.function.result;
    case "tableCall":
      return expression.type.result;
    case "nonNull": {
      const type = typeOf(expression.operand);
      if (type?.kind !== "pointer") throw new Error("`!` on no pointer");
      return { ...type, nullable: false };
    }
    case "length":
      return U32;
    case "sizeOf":
      return U64;
    default:
      return expression.type;
  }
}

// ---- statements ----
export type Target = LoopStatement | SwitchStatement | BlockStatement;

export interface LetStatement {
  readonly kind: "let";
  readonly variable: VariableDeclaration;
  /** null: `local<T>()`. */
  initial: Expression | null;
  readonly isConst: boolean;
  readonly isAnnotated: boolean;
}
export interface LoopStatement {
  readonly kind: "loop";
  readonly form: "while" | "do" | "for";
  /** Of a `for`: a `let` or an assignment, or nothing. */
  head: Statement | null;
  condition: Expression | null;
  /** Of a `for`: an assignment, a step or a call, or nothing. */
  step: Statement | null;
  body: Statement[];
  /** The most turns that it takes. */
  readonly bound: number;
}
export interface SwitchStatement {
  readonly kind: "switch";
  subject: Expression;
  clauses: Clause[];
}
export interface Clause {
  readonly kind: "clause";
  /** Literals, constants or enum members. */
  values: Expression[];
  readonly isDefault: boolean;
  readonly hasBraces: boolean;
  body: Statement[];
}
export interface BlockStatement {
  readonly kind: "block";
  body: Statement[];
}
export type Statement =
  | LetStatement
  | LoopStatement
  | SwitchStatement
  | BlockStatement
  | { readonly kind: "assign"; place: Place; readonly operator: Arithmetic | Shift | null; value: Expression }
  | { readonly kind: "evaluate"; expression: Expression }
  | { readonly kind: "if"; condition: Expression; body: Statement[]; otherwise: Statement[] | null }
  | { readonly kind: "break" | "continue"; readonly target: Target; readonly isLabelled: boolean }
  | { readonly kind: "return"; value: Expression | null }
  | { readonly kind: "assert"; condition: Expression; readonly text: string }
  | { readonly kind: "panic"; readonly text: string }
  | { readonly kind: "unreachable"; readonly operand: Expression }
  | { readonly kind: "copy"; to: Expression; from: Expression };

/** One call of the program from outside; the state is hashed after each. */
export interface Step {
  call: Expression & { readonly kind: "call" };
}

export interface Program {
  readonly seed: number;
  readonly index: number;
  /** Starts every name that the whole build sees: `p12`. */
  readonly prefix: string;
  readonly fileCount: number;
  readonly brands: BrandDeclaration[];
  readonly enums: EnumDeclaration[];
  readonly structs: StructDeclaration[];
  readonly constants: ConstantDeclaration[];
  readonly statics: StaticDeclaration[];
  /** Each after those that it calls. */
  readonly functions: FunctionDeclaration[];
  steps: Step[];
}

/** The members whose storage value `value` is. */
export function memberOf(declaration: EnumDeclaration, value: bigint): EnumMember | undefined {
  return declaration.members.find((member) => member.value === value);
}

/** Bytes and alignment of a type in memory: both targets and the host are 64-bit and align naturally. */
export function layoutOf(type: Type): { size: number; alignment: number } {
  switch (type.kind) {
    case "int":
      return { size: type.width / 8, alignment: type.width / 8 };
    case "boolean":
      return { size: 1, alignment: 1 };
    case "enum":
      return layoutOf(type.enum.storage ?? U32);
    case "pointer":
    case "function":
      return { size: 8, alignment: 8 };
    case "slice":
      return { size: 16, alignment: 8 };
    case "array": {
      const { size, alignment } = layoutOf(type.element);
      return { size: size * type.length, alignment };
    }
    case "struct": {
      let size = 0;
      let alignment = 1;
      for (const field of type.struct.fields) {
        const layout = layoutOf(field.type);
        size = Math.ceil(size / layout.alignment) * layout.alignment + layout.size;
        alignment = Math.max(alignment, layout.alignment);
      }
      return { size: Math.ceil(size / alignment) * alignment, alignment };
    }
  }
}
