/**
 * Expressions and places as TypeScript in Porffor's safe subset. What needs a statement of its own (the upper word of a
 * result, a choice between pairs, a side that is evaluated only sometimes) is written ahead of the statement in work: the
 * tree's expressions are order-free (T1).
 */
import { extentOf } from "../layout.ts";
import type { Callee, Expression, Local, Place, Site, Static } from "../tree.ts";
import type { SliceType, Struct, Type } from "../types/type.ts";
import { offsetOf } from "./memory.ts";
import { integerOf, isAtom, isWide, literal, literals, narrowed, type Words, wordsOf } from "./words.ts";

/** What an expression asks of the module that it is written into. */
export interface Names {
  /** A call of the program's function, or of one outside; where the upper word of its result then is. */
  call(callee: Callee, args: Words): { readonly text: string; readonly high: string };
  /** The same of something outside that has no declaration: an access to a device, a barrier. */
  outside(name: string, args: Words): { readonly text: string; readonly high: string };
  /** The function that calls through a table; its first argument is what the table holds. */
  dispatcherOf(table: Static, type: Type): string;
  /** The function that tests a number for an enum. */
  enumTest(type: Type): string;
  /** What stands for a function in tables. */
  idOf(callee: Callee): number;
  addressOf(of: Static): string;
  addressOfText(bytes: Uint8Array): number;
  /** The upper word of a pointer, and the pointer to an address of two words. */
  upper(pointer: string): string;
  pointer(low: string, high: string): string;
}

/** Where statements go. */
export interface Sink {
  /** A line at the current depth. */
  line(text: string): void;
  /** The name of a constant that has the text's value. */
  keep(text: string): string;
  /** A variable with a value. */
  variable(text: string): string;
  /** What `write` writes, held back. */
  capture<T>(write: () => T): { readonly result: T; readonly lines: readonly string[] };
  block(head: string, lines: readonly string[]): void;
}

/** A place in memory: so many bytes behind an address. */
interface Address {
  readonly base: string;
  readonly offset: number;
}

type Of<Kind extends Expression["kind"]> = Extract<Expression, { readonly kind: Kind }>;

const SIGNS = { add: "+", subtract: "-", multiply: "*", and: "&", or: "|", xor: "^" } as const;
const ORDER = { less: "<", lessOrEqual: "<=", greater: ">", greaterOrEqual: ">=" } as const;
const MIRRORED = { greater: "less", greaterOrEqual: "lessOrEqual" } as const;
/** Porffor writes the offset of an access as one byte of LEB128. */
const MOST_OFFSET = 127;
/** What the outside does: devices, other processors, barriers. */
const OUTSIDE = /^(?:volatile|atomic)|Barrier$/;

export function siteNumber(site: Site): string {
  return literal((site.file << 16) | site.line);
}

/** A local's word: the lower or only one, and the upper one. */
export function localWord(name: string, word: number): string {
  return `${word === 0 ? "v" : "w"}_${name}`;
}

export class ExpressionWriter {
  readonly #names: Names;
  readonly #out: Sink;
  /** Of a local in memory, how far behind `frame` it is. */
  readonly #inFrame: ReadonlyMap<Local, number>;

  constructor(names: Names, out: Sink, inFrame: ReadonlyMap<Local, number>) {
    this.#names = names;
    this.#out = out;
    this.#inFrame = inFrame;
  }

  word(e: Expression): string {
    const [word] = this.words(e);
    if (word === undefined) throw new Error(`a ${e.kind} without a value`);
    return word;
  }

  /** A condition, of type boolean. */
  test(e: Expression): string {
    switch (e.kind) {
      case "compare":
        return this.#compare(e);
      case "not":
        return `(!${this.test(e.operand)})`;
      case "logical":
        return this.#logical(e);
      case "isEnum":
        return `${this.#names.enumTest({ kind: "enum", enum: e.enum })}(${this.word(e.operand)})`;
      default:
        return `(${this.word(e)} != 0)`;
    }
  }

  /** The words of a value, each of which is to stand once, before memory changes. */
  words(e: Expression): Words {
    switch (e.kind) {
      case "constant":
        return literals(e.type, e.value);
      case "text":
        return [literal(this.#names.addressOfText(e.bytes)), literal(e.bytes.length)];
      case "read":
        return this.#read(e.place);
      case "address":
        return [this.pointerTo(e.place)];
      case "length":
        return this.words(e.slice).slice(1);
      case "arithmetic":
        return this.#arithmetic(e);
      case "negate":
        if (isWide(e.type)) return this.#pair("subtract64", ["0", "0", ...this.words(e.operand)]);
        return [`(0 - ${this.word(e.operand)})`];
      case "complement":
        return this.words(e.operand).map((word) => `(${word} ^ 0xffffffff)`);
      case "divide":
      case "remainder":
        return this.#divide(e);
      case "shiftLeft":
      case "shiftRight":
        return e.amount.kind === "constant" ? this.#shift(e, Number(e.amount.value)) : this.#shiftByAny(e);
      case "compare":
      case "not":
      case "logical":
      case "isEnum":
        return [`(${this.test(e)} as i32)`];
      case "select":
        return this.#select(e);
      case "convert":
        return this.#convert(e.type, e.operand);
      case "toEnum": {
        const number = this.#atom(this.word(e.operand));
        this.#out.line(
          `if (!${this.#names.enumTest(e.type)}(${number})) fail(6, ${number}, 0, 0, 0, ${siteNumber(e.site)});`,
        );
        return [number];
      }
      case "nonNull":
        return [`nonNull(${this.word(e.operand)}, ${siteNumber(e.site)})`];
      case "call":
        return this.#result(this.#names.call(e.callee, this.#all(e.arguments)), e.type);
      case "tableCall": {
        const name = this.#names.dispatcherOf(e.table, e.target.type);
        const [id = "0"] = this.words(e.target);
        return this.#result({ text: `${name}(${[id, ...this.#all(e.arguments)].join(", ")})`, high: "high" }, e.type);
      }
      case "intrinsic":
        return this.#intrinsic(e);
      case "functionAddress":
        return [literal(this.#names.idOf(e.function)), "0"];
    }
  }

  /** Writes the assignment of a value to a local or to memory. */
  assign(place: Place, value: Expression): void {
    if (place.kind === "local" && !this.#inFrame.has(place.local)) {
      const names = [0, 1].map((word) => localWord(place.local.name, word)) as [string, string];
      const [low = "0", high] = this.words(value);
      // The lower word is assigned first.
      const later = high?.includes(names[0]) ? this.#out.keep(high) : high;
      this.#out.line(`${names[0]} = ${low};`);
      if (later !== undefined) this.#out.line(`${names[1]} = ${later};`);
      return;
    }
    const { base, offset } = this.#address(place);
    const words = this.words(value);
    if (wordsOf(place.type) === 2) this.#storePair(place.type, this.#atom(base), offset, words);
    else this.#store(place.type, base, offset, words[0] ?? "0");
  }

  /** The address of an aggregate. */
  pointerTo(place: Place): string {
    const { base, offset } = this.#address(place);
    if (offset === 0) return base;
    return /^(?:0x[\da-f]+|\d+)$/.test(base) ? literal(Number(base) + offset) : `(${base} + ${offset})`;
  }

  #all(es: readonly Expression[]): Words {
    return es.flatMap((each) => this.words(each));
  }

  #atom(text: string): string {
    return isAtom(text) ? text : this.#out.keep(text);
  }

  #atoms(words: Words): Words {
    return words.map((word) => this.#atom(word));
  }

  /** A call whose result is a pair. */
  #pair(name: string, args: Words): Words {
    return this.#result(
      { text: `${name}(${args.join(", ")})`, high: "high" },
      { kind: "slice", element: { kind: "boolean" } },
    );
  }

  #result({ text, high }: { readonly text: string; readonly high: string }, type: Type): Words {
    const count = wordsOf(type);
    if (count === 1) return [text];
    if (count === 2) return [this.#out.keep(text), this.#out.keep(high)];
    this.#out.line(`${text};`);
    return [];
  }

  // ---- places ----

  #address(place: Place): Address {
    switch (place.kind) {
      case "local": {
        const offset = this.#inFrame.get(place.local);
        if (offset === undefined) throw new Error(`the local ${place.local.name} is in no memory`);
        return { base: "frame", offset };
      }
      case "static":
        return { base: this.#names.addressOf(place.static), offset: 0 };
      case "target":
        return { base: this.word(place.pointer), offset: 0 };
      case "field": {
        const { base, offset } = this.#address(place.of);
        return { base, offset: offset + offsetOf((place.of.type as { struct: Struct }).struct, place.field) };
      }
      case "element": {
        const { base, offset } = this.#address(place.of);
        const { size } = extentOf(place.type);
        if (place.index.kind === "constant" && place.bound === null) {
          return { base, offset: offset + size * Number(place.index.value) };
        }
        const index = this.word(place.index);
        const checked = place.bound === null ? index : this.#index(index, literal(place.bound), place.site);
        return { base: `(${base} + ${times(checked, size)})`, offset };
      }
      case "sliceElement": {
        const [data, length = "0"] = this.words(place.slice);
        const index = this.#index(this.word(place.index), length, place.site);
        return { base: `(${data} + ${times(index, extentOf(place.type).size)})`, offset: 0 };
      }
    }
  }

  #index(index: string, length: string, site: Site): string {
    return `index(${index}, ${length}, ${siteNumber(site)})`;
  }

  #read(place: Place): Words {
    if (place.kind === "local" && !this.#inFrame.has(place.local)) {
      return [0, 1].slice(0, wordsOf(place.type)).map((word) => localWord(place.local.name, word));
    }
    const { base, offset } = this.#address(place);
    if (wordsOf(place.type) === 1) return [this.#load(place.type, base, offset)];
    const start = this.#atom(base);
    const second = offset + (place.type.kind === "slice" ? 8 : 4);
    return [access("load", start, offset), access("load", start, second)];
  }

  #load(type: Type, base: string, offset: number): string {
    if (type.kind === "pointer") return access("load", base, offset);
    const { width, signed } = integerOf(type);
    const load = access(width === 32 ? "load" : width === 16 ? "load16_u" : "load8_u", base, offset);
    return signed ? narrowed(load, { kind: "int", width, signed, brand: null }) : load;
  }

  #store(type: Type, base: string, offset: number, word: string): void {
    if (type.kind === "pointer") {
      this.#storePair(type, this.#atom(base), offset, [word]);
      return;
    }
    const { width } = integerOf(type);
    this.#out.line(`${access(width === 32 ? "store" : `store${width}`, base, offset, word)};`);
  }

  /** A pointer, a slice or 64 bits at a simple address. */
  #storePair(type: Type, base: string, offset: number, [low = "0", second = "0"]: Words): void {
    const first = this.#atom(low);
    const later = this.#atom(second);
    const high = isWide(type) ? later : this.#names.upper(first);
    this.#out.line(`${access("store", base, offset, first)};`);
    this.#out.line(`${access("store", base, offset + 4, high)};`);
    if (type.kind === "slice") this.#out.line(`${access("store", base, offset + 8, later)};`);
  }

  // ---- operators ----

  #arithmetic(e: Of<"arithmetic">): Words {
    const [a, b] = [this.words(e.left), this.words(e.right)];
    const isBits = e.operator === "and" || e.operator === "or" || e.operator === "xor";
    if (isWide(e.type) && !isBits) return this.#pair(`${e.operator}64`, [...a, ...b]);
    return a.map((word, i) => `(${word} ${SIGNS[e.operator]} ${b[i]})`);
  }

  #divide(e: Of<"divide" | "remainder">): Words {
    const { width, signed } = e.type;
    const name = `${e.kind}_${signed ? "i" : "u"}${Math.max(width, 32)}`;
    const left = this.words(e.left);
    if (isWide(e.type)) {
      const right = this.#atoms(this.words(e.right));
      if (e.isChecked) this.#out.line(`divisor64(${[...right, siteNumber(e.site)].join(", ")});`);
      return this.#pair(name, [...left, ...right]);
    }
    const right = this.word(e.right);
    return [`${name}(${left[0]}, ${e.isChecked ? `divisor(${right}, ${siteNumber(e.site)})` : right})`];
  }

  /** By a constant within the width. */
  #shift({ kind, type, value }: Of<"shiftLeft" | "shiftRight">, n: number): Words {
    const sign = kind === "shiftLeft" ? "<<" : type.signed ? ">>" : ">>>";
    if (!isWide(type)) return [`(${this.word(value)} ${sign} ${n})`];
    const [low = "0", high = "0"] = this.#atoms(this.words(value));
    if (n === 0) return [low, high];
    const rest = 32 - n;
    if (kind === "shiftLeft") {
      if (n >= 32) return ["0", n === 32 ? low : `(${low} << ${-rest})`];
      return [`(${low} << ${n})`, `((${high} << ${n}) | (${low} >>> ${rest}))`];
    }
    if (n < 32) return [`((${low} >>> ${n}) | (${high} << ${rest}))`, `(${high} ${sign} ${n})`];
    return [n === 32 ? high : `(${high} ${sign} ${-rest})`, type.signed ? `(${high} >> 31)` : "0"];
  }

  #shiftByAny(e: Of<"shiftLeft" | "shiftRight">): Words {
    const { width, signed } = e.type;
    const size = Math.max(width, 32);
    const name = e.kind === "shiftLeft" ? `shiftLeft_${size}` : `shiftRight_${signed ? "i" : "u"}${size}`;
    const args = [...this.words(e.value), ...this.words(e.amount)];
    return isWide(e.type) ? this.#pair(name, args) : [`${name}(${args.join(", ")})`];
  }

  #compare(e: Of<"compare">): string {
    const [a, b] = [this.words(e.left), this.words(e.right)];
    const { operator } = e;
    if (operator === "equal" || operator === "notEqual") {
      const sign = operator === "equal" ? "==" : "!=";
      if (a.length === 1) return `(${a[0]} ${sign} ${b[0]})`;
      return `(((${a[0]} ^ ${b[0]}) | (${a[1]} ^ ${b[1]})) ${sign} 0)`;
    }
    const { width, signed } = integerOf(e.left.type);
    // Narrow values are extended: their order is that of signed words.
    if (width < 32 || (width === 32 && signed)) return `(${a[0]} ${ORDER[operator]} ${b[0]})`;
    const isMirrored = operator === "greater" || operator === "greaterOrEqual";
    const name = `${isMirrored ? MIRRORED[operator] : operator}_${signed ? "i" : "u"}${width}`;
    return `${name}(${(isMirrored ? [...b, ...a] : [...a, ...b]).join(", ")})`;
  }

  #logical(e: Of<"logical">): string {
    const left = this.test(e.left);
    const right = this.#out.capture(() => this.test(e.right));
    const isAnd = e.operator === "and";
    if (right.lines.length === 0) return `((${left} ${isAnd ? "&&" : "||"} ${right.result}) as boolean)`;
    const value = this.#out.variable(`(${left} as i32)`);
    const decide = [...right.lines, `${value} = (${right.result} as i32);`];
    this.#out.block(`if ((${value} ${isAnd ? "!=" : "=="} 0))`, decide);
    return `(${value} != 0)`;
  }

  #select(e: Of<"select">): Words {
    const condition = this.test(e.condition);
    const [yes, no] = [e.whenTrue, e.whenFalse].map((side) => this.#out.capture(() => this.words(side))) as [
      { result: Words; lines: readonly string[] },
      { result: Words; lines: readonly string[] },
    ];
    if (yes.result.length === 1 && yes.lines.length + no.lines.length === 0) {
      return [`((${condition} ? ${yes.result[0]} : ${no.result[0]}) as i32)`];
    }
    const values = yes.result.map(() => this.#out.variable("0"));
    const set = ({ result, lines }: { result: Words; lines: readonly string[] }): string[] => [
      ...lines,
      ...values.map((name, i) => `${name} = ${result[i]};`),
    ];
    const chosen = this.#out.keep(`(${condition} as i32)`);
    this.#out.block(`if ((${chosen} != 0))`, set(yes));
    this.#out.block(`if ((${chosen} == 0))`, set(no));
    return values;
  }

  #convert(to: Type, operand: Expression): Words {
    const words = this.words(operand);
    if (to.kind !== "int") return words;
    const from = integerOf(operand.type);
    const [low = "0"] = words;
    if (to.width === 64) {
      if (from.width === 64) return words;
      const atom = this.#atom(low);
      return [atom, from.signed ? `(${atom} >> 31)` : "0"];
    }
    const isKept = from.width < to.width && (to.signed || !from.signed);
    return [isKept || (from.width === to.width && from.signed === to.signed) ? low : narrowed(low, to)];
  }

  // ---- the library ----

  #intrinsic(e: Of<"intrinsic">): Words {
    const { name, type } = e;
    const [first] = e.arguments;
    switch (name) {
      case "addChecked":
      case "mulChecked":
        return this.#checked(e);
      case "sizeOf":
        return [literal(extentOf(e.typeArgument as Type).size), "0"];
      case "sliceOf":
      case "subslice":
        return this.#part(e);
      case "cast":
        return [this.#addressIn(first as Expression)];
      case "castSlice": {
        const data = this.#addressIn(first as Expression);
        return [data, ...this.#all(e.arguments.slice(1))];
      }
      case "addressOf": {
        const pointer = this.#atom(this.words(first as Expression)[0] ?? "0");
        return [pointer, this.#names.upper(pointer)];
      }
      case "copyStruct": {
        const { to } = (first as Expression).type as { to: Type };
        this.#out.line(`copy(${this.#all(e.arguments).join(", ")}, ${extentOf(to).size});`);
        return [];
      }
      case "fillMemory":
      case "copyMemory": {
        const [to, value, bytes] = e.arguments as [Expression, Expression, Expression];
        const second = name === "fillMemory" ? this.word(value) : this.#addressIn(value);
        const words = [this.#addressIn(to), second, this.words(bytes)[0]];
        this.#out.line(`${name === "fillMemory" ? "fill" : "copy"}(${words.join(", ")});`);
        return [];
      }
      case "valueBarrier32":
      case "valueBarrier64":
        return this.#all(e.arguments);
      case "siteLine":
        return [`(${this.#all(e.arguments)[0]} & 65535)`];
      default:
        break;
    }
    const plain = /^(load|store)(\d+)$/.exec(name);
    if (plain !== null) return this.#memory(e, plain[1] === "load", Number(plain[2]));
    const args = this.#all(e.arguments);
    if (OUTSIDE.test(name)) return this.#result(this.#names.outside(name, args), type);
    return this.#result({ text: `${name}(${args.join(", ")})`, high: "high" }, type);
  }

  /** The pointer to an address that is a number. */
  #addressIn(e: Expression): string {
    const [low = "0", high = "0"] = this.words(e);
    return this.#names.pointer(low, high);
  }

  /** Memory at an address that is a number, and may be odd. */
  #memory({ arguments: args, type }: Of<"intrinsic">, isLoad: boolean, width: number): Words {
    const [where, ...values] = args as readonly [Expression, ...Expression[]];
    const address = this.#addressIn(where);
    const value = this.#all(values);
    if (!isLoad) {
      if (width === 64) this.#storePair({ kind: "userPointer", to: type }, this.#atom(address), 0, value);
      else this.#out.line(`${access(width === 32 ? "store" : `store${width}`, address, 0, value[0])};`);
      return [];
    }
    if (width < 64) return [this.#load(type, address, 0)];
    const start = this.#atom(address);
    return [access("load", start, 0), access("load", start, 4)];
  }

  #checked(e: Of<"intrinsic">): Words {
    const integer = integerOf(e.type);
    const site = siteNumber(e.site);
    const args = this.#all(e.arguments);
    if (integer.width >= 32) {
      const name = `${e.name}_${integer.signed ? "i" : "u"}${integer.width}`;
      return this.#result({ text: `${name}(${[...args, site].join(", ")})`, high: "high" }, e.type);
    }
    const result = this.#out.keep(`(${args.join(e.name === "addChecked" ? " + " : " * ")})`);
    this.#out.line(`if ((${narrowed(result, integer)} != ${result})) overflow(${site});`);
    return [result];
  }

  #part(e: Of<"intrinsic">): Words {
    const [whole, from, count] = e.arguments as [Expression, Expression, Expression];
    const words = this.words(whole);
    const isArray = whole.type.kind === "pointer" && whole.type.to.kind === "array";
    const length = isArray ? literal((whole.type as { to: { length: number } }).to.length) : words[1];
    const [start, part] = this.#atoms([this.word(from), this.word(count)]) as [string, string];
    const data = this.#atom(words[0] ?? "0");
    this.#out.line(`range(${start}, ${part}, ${length}, ${siteNumber(e.site)});`);
    return [`(${data} + ${times(start, extentOf((e.type as SliceType).element).size)})`, part];
  }
}

function times(index: string, size: number): string {
  if (size === 1) return index;
  const shift = Math.log2(size);
  return Number.isInteger(shift) ? `(${index} << ${shift})` : `(${index} * ${size})`;
}

/** One instruction; an offset that Porffor cannot say is added. */
function access(instruction: string, base: string, offset: number, value?: string): string {
  const isFar = offset > MOST_OFFSET;
  const words = [isFar ? `(${base} + ${offset})` : base, ...(value === undefined ? [] : [value])];
  return `Porffor.wasm.i32.${instruction}(${[...words, 0, isFar ? 0 : offset].join(", ")})`;
}
