/** Expressions and places as C, with the parentheses that C, or a reader of C, needs. */
import type { Callee, Expression, Place, Site, Static } from "../tree.ts";
import type { SliceType, Type } from "../types/type.ts";
import { cName, type TypeWriter, text } from "./types.ts";

/** What an expression asks of the file that it is written into. Asking brings what is asked for into the file. */
export interface Names {
  readonly types: TypeWriter;
  functionName(callee: Callee): string;
  staticName(of: Static): string;
  /** Notes that the function in work calls through a table. */
  useTable(table: Static): void;
  /** The name of the function that takes a part of a slice (`part`), or points to an element (`at`). */
  sliceHelper(kind: "part" | "at", type: SliceType): string;
  /** The name of the function that tests or converts a number for an enum. */
  enumHelper(kind: "is" | "to", type: Type): string;
}

/** How tightly C binds. Bits and comparisons bind alike: without parentheses nobody reads them right. */
const ASSIGNED = 0;
const SELECT = 1;
const LOGICAL = 2;
const BITS = 3;
const SUM = 4;
const PRODUCT = 5;
export const UNARY = 6;
const POSTFIX = 7;

/** A piece of C and how tightly its outermost operator binds. */
type Piece = readonly [text: string, level: number];
/** Sign, level, and the levels that the operands need when they are no operation of the same sign. */
type Binary = readonly [sign: string, level: number, left: number, right: number];

const BINARY = {
  add: ["+", SUM, SUM, PRODUCT],
  subtract: ["-", SUM, SUM, PRODUCT],
  multiply: ["*", PRODUCT, PRODUCT, UNARY],
  divide: ["/", PRODUCT, PRODUCT, UNARY],
  remainder: ["%", PRODUCT, PRODUCT, UNARY],
  and: ["&", BITS, UNARY, UNARY],
  or: ["|", BITS, UNARY, UNARY],
  xor: ["^", BITS, UNARY, UNARY],
  equal: ["==", BITS, SUM, SUM],
  notEqual: ["!=", BITS, SUM, SUM],
  less: ["<", BITS, SUM, SUM],
  lessOrEqual: ["<=", BITS, SUM, SUM],
  greater: [">", BITS, SUM, SUM],
  greaterOrEqual: [">=", BITS, SUM, SUM],
} as const satisfies Record<string, Binary>;

const OPPOSITE = {
  equal: "notEqual",
  notEqual: "equal",
  less: "greaterOrEqual",
  lessOrEqual: "greater",
  greater: "lessOrEqual",
  greaterOrEqual: "less",
} as const;

export function siteNumber(site: Site): string {
  return `0x${((site.file << 16) | site.line).toString(16)}`;
}

export class ExpressionWriter {
  readonly #names: Names;
  readonly #types: TypeWriter;

  constructor(names: Names) {
    this.#names = names;
    this.#types = names.types;
  }

  /** For a place that gives a constant its type: an initializer, an argument, an assignment. */
  value(e: Expression): string {
    return e.kind === "constant" ? this.#types.constant(e.type, e.value, true) : this.at(e, ASSIGNED);
  }

  /** The condition that is true when `e` is false. */
  negated(e: Expression): string {
    if (e.kind === "not") return this.at(e.operand, ASSIGNED);
    if (e.kind === "compare") return this.at({ ...e, operator: OPPOSITE[e.operator] }, ASSIGNED);
    return `!${this.at(e, UNARY)}`;
  }

  /** For a place that needs an operand of at least that level. */
  at(e: Expression, level: number): string {
    const [c, own] = this.#write(e);
    return own < level ? `(${c})` : c;
  }

  #write(e: Expression): Piece {
    switch (e.kind) {
      case "constant": {
        const c = this.#types.constant(e.type, e.value, false);
        return [c, /^[(-]./.test(c) ? PRODUCT : POSTFIX];
      }
      case "text":
        return [`KTS_TEXT(${text(e.bytes)})`, POSTFIX];
      case "read":
        return this.#place(e.place);
      case "address":
        return this.#address(e.place, e.type);
      case "length":
        return [`${this.at(e.slice, POSTFIX)}.length`, POSTFIX];
      case "arithmetic":
      case "compare":
        return this.#binary(BINARY[e.operator], e.left, e.right, e);
      case "negate":
        return [`-${this.at(e.operand, e.operand.kind === "negate" ? POSTFIX : UNARY)}`, UNARY];
      case "complement":
        return [`~${this.at(e.operand, UNARY)}`, UNARY];
      case "divide":
      case "remainder":
        return this.#divide(e);
      case "shiftLeft":
      case "shiftRight":
        return this.#shift(e);
      case "not":
        return [`!${this.at(e.operand, UNARY)}`, UNARY];
      case "logical": {
        const sides = [e.left, e.right].map((side) =>
          this.at(side, side.kind === "logical" && side.operator === e.operator ? LOGICAL : BITS),
        );
        return [sides.join(e.operator === "and" ? " && " : " || "), LOGICAL];
      }
      case "select": {
        const [condition, yes, no] = [e.condition, e.whenTrue, e.whenFalse].map((part) => this.at(part, BITS));
        return [`${condition} ? ${yes} : ${no}`, SELECT];
      }
      case "convert":
        return this.#convert(e.type, e.operand);
      case "toEnum":
        return this.#call(this.#names.enumHelper("to", e.type), [e.operand], e.site);
      case "isEnum":
        return this.#call(this.#names.enumHelper("is", { kind: "enum", enum: e.enum }), [e.operand]);
      case "nonNull": {
        const [checked] = this.#call("kts_nonNull", [e.operand], e.site);
        return [`(${this.#types.declare(e.type)})${checked}`, UNARY];
      }
      case "call":
        return this.#call(this.#names.functionName(e.callee), e.arguments);
      case "tableCall":
        this.#names.useTable(e.table);
        return this.#call(this.at(e.target, POSTFIX), e.arguments);
      case "intrinsic":
        return this.#intrinsic(e);
      case "functionAddress":
        return [`(u64)${this.#names.functionName(e.function)}`, UNARY];
    }
  }

  place(place: Place): string {
    return this.#place(place)[0];
  }

  #placeAt(place: Place, level: number): string {
    const [c, own] = this.#place(place);
    return own < level ? `(${c})` : c;
  }

  /** An array is written like the pointer to its first element. */
  #place(place: Place): Piece {
    switch (place.kind) {
      case "local":
        return [this.#types.local(place.local.name), POSTFIX];
      case "static":
        return [this.#names.staticName(place.static), POSTFIX];
      case "target":
        if (place.type.kind === "array") return this.#write(place.pointer);
        return [`*${this.at(place.pointer, UNARY)}`, UNARY];
      case "field": {
        const { of } = place;
        const base = of.kind === "target" ? `${this.at(of.pointer, POSTFIX)}->` : `${this.#placeAt(of, POSTFIX)}.`;
        return [base + cName(place.field.name), POSTFIX];
      }
      case "element": {
        const { bound } = place;
        const site = siteNumber(place.site);
        const index = this.value(place.index);
        const checked = bound === null ? index : `kts_index(${index}, ${bound}, ${site})`;
        return [`${this.#placeAt(place.of, POSTFIX)}[${checked}]`, POSTFIX];
      }
      case "sliceElement": {
        const helper = this.#names.sliceHelper("at", place.slice.type as SliceType);
        return [`*${this.#call(helper, [place.slice, place.index], place.site)[0]}`, UNARY];
      }
    }
  }

  /** Constant tables are const in C, and pointers to their rows are not. */
  #address(place: Place, type: Type): Piece {
    if (place.kind === "target") return this.#write(place.pointer);
    const isArray = place.type.kind === "array";
    const address: Piece = isArray ? this.#place(place) : [`&${this.#placeAt(place, UNARY)}`, UNARY];
    return isInConstant(place) ? [`(${this.#types.declare(type)})${address[0]}`, UNARY] : address;
  }

  #call(name: string, args: readonly Expression[], site: Site | null = null): Piece {
    const list = args.map((each) => this.value(each));
    if (site !== null) list.push(siteNumber(site));
    return [`${name}(${list.join(", ")})`, POSTFIX];
  }

  #binary([sign, level, left, right]: Binary, a: Expression, b: Expression, of: Expression): Piece {
    const isBits = sign === "&" || sign === "|" || sign === "^";
    // The other side gives a constant its type.
    const side = (e: Expression, other: Expression, needed: number): string => {
      const isPlain = e.kind === "constant" && other.kind !== "constant";
      const c = isPlain ? this.#types.constant(e.type, e.value, true, isBits) : this.at(e, needed);
      return isPlain && /^[(-]./.test(c) ? `(${c})` : c;
    };
    const isChain = isBits && of.kind === "arithmetic" && a.kind === "arithmetic" && a.operator === of.operator;
    return [`${side(a, b, isChain ? level : left)} ${sign} ${side(b, a, right)}`, level];
  }

  #divide(e: Extract<Expression, { kind: "divide" | "remainder" }>): Piece {
    const name = this.#types.declare(e.type);
    const isSafe = e.right.kind === "constant" ? e.right.value > 0n : !e.isChecked && !e.type.signed;
    if (isSafe) return this.#binary(BINARY[e.kind], e.left, e.right, e);
    const divisor = e.isChecked ? this.#call(`kts_divisor_${name}`, [e.right], e.site)[0] : this.value(e.right);
    if (e.type.signed) return [`kts_${e.kind}_${name}(${this.value(e.left)}, ${divisor})`, POSTFIX];
    const [sign, level, left] = BINARY[e.kind];
    return [`${this.at(e.left, left)} ${sign} ${divisor}`, level];
  }

  #shift(e: Extract<Expression, { kind: "shiftLeft" | "shiftRight" }>): Piece {
    const { signed, width } = e.type;
    const name = this.#types.declare(e.type);
    const isLeft = e.kind === "shiftLeft";
    const value = isLeft && signed ? `(u${width})${this.at(e.value, UNARY)}` : this.at(e.value, UNARY);
    const cast = isLeft && signed ? `(${name})` : "";
    if (e.amount.kind === "constant") {
      const shifted = `${value} ${isLeft ? "<<" : ">>"} ${e.amount.value}`;
      return cast === "" ? [shifted, BITS] : [`${cast}(${shifted})`, UNARY];
    }
    const helper = `kts_${e.kind}${signed && !isLeft ? "Signed" : ""}_${isLeft ? `u${width}` : name}`;
    return [`${cast}${helper}(${value}, ${this.value(e.amount)})`, cast === "" ? POSTFIX : UNARY];
  }

  #convert(to: Type, operand: Expression): Piece {
    if (to.kind !== "int") return this.#write(operand);
    const from = operand.type;
    const isSame = from.kind === "int" && from.width === to.width && from.signed === to.signed;
    return isSame ? this.#write(operand) : [`(${this.#types.declare(to)})${this.at(operand, UNARY)}`, UNARY];
  }

  #intrinsic(e: Extract<Expression, { kind: "intrinsic" }>): Piece {
    const [first, ...rest] = e.arguments as readonly [Expression, ...Expression[]];
    const { name, type } = e;
    switch (name) {
      case "addChecked":
      case "mulChecked":
        return this.#call(`kts_${name}_${this.#types.declare(type)}`, e.arguments, e.site);
      case "sizeOf":
        return [`sizeof(${this.#types.declare(e.typeArgument as Type)})`, POSTFIX];
      case "sliceOf":
      case "subslice": {
        const helper = this.#names.sliceHelper("part", type as SliceType);
        const isArray = first.type.kind === "pointer" && first.type.to.kind === "array";
        const length = isArray ? [(first.type as { to: { length: number } }).to.length] : [];
        const whole = isArray ? this.#compound(type, this.value(first), `${length}`) : this.value(first);
        return [
          `${helper}(${[whole, ...rest.map((each) => this.value(each)), siteNumber(e.site)].join(", ")})`,
          POSTFIX,
        ];
      }
      case "cast":
        return [`(${this.#types.declare(type)})${this.at(first, UNARY)}`, UNARY];
      case "castSlice": {
        const pointer = this.#types.declare((type as SliceType).element, "*");
        const data = `(${pointer})${this.at(first, UNARY)}`;
        return [this.#compound(type, data, ...rest.map((each) => this.value(each))), POSTFIX];
      }
      case "addressOf":
        if (first.type.kind === "slice") return [`(u64)${this.at(first, POSTFIX)}.data`, UNARY];
        return [`(u64)${this.at(first, UNARY)}`, UNARY];
      case "copyStruct": {
        const target = first.type as Extract<Type, { kind: "pointer" }>;
        const size = `sizeof(${this.#types.declare(target.to)})`;
        return [`__builtin_memcpy(${[...e.arguments.map((each) => this.value(each)), size].join(", ")})`, POSTFIX];
      }
      default:
        return this.#call(`kts_${name.replace(/(?=(?:8|16|32|64)$)/, "_u")}`, e.arguments);
    }
  }

  #compound(type: Type, ...members: readonly string[]): string {
    return `(${this.#types.declare(type)}){${members.join(", ")}}`;
  }
}

function isInConstant(place: Place): boolean {
  if (place.kind === "static") return place.static.isConstant;
  return (place.kind === "field" || place.kind === "element") && isInConstant(place.of);
}
