import type { Callee, Expression, Place, Site, Static } from "../tree.ts";
import type { IntType, Type } from "../types/type.ts";
import { cName, constant, declare, intName, sliceName, tagOf, text } from "./types.ts";

/** Expressions and places as C. Operands are parenthesised unless they are names, constants, calls or members. */

/** What an expression needs to know of the unit that it is written into. */
export interface Names {
  functionName(callee: Callee): string;
  staticName(of: Static): string;
}

const ARITHMETIC = { add: "+", subtract: "-", multiply: "*", and: "&", or: "|", xor: "^" } as const;
const COMPARISON = {
  equal: "==",
  notEqual: "!=",
  less: "<",
  lessOrEqual: "<=",
  greater: ">",
  greaterOrEqual: ">=",
} as const;

export function siteNumber(site: Site): string {
  return `0x${((site.file << 16) | site.line).toString(16)}u`;
}

/** Library functions that become casts. */
const CASTS = new Set(["cast", "addressOf"]);

/** Whether C needs no parentheses around it, whatever surrounds it. */
function isTight(c: string): boolean {
  return /^\w+(?:(?:\.|->)\w+|\[\w+\])*$/.test(c);
}

export class ExpressionWriter {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** With parentheses, unless C reads it as one whole anyway. */
  tight(e: Expression): string {
    const c = this.write(e);
    const isCall = e.kind === "call" || e.kind === "tableCall" || (e.kind === "intrinsic" && !CASTS.has(e.name));
    return isCall || e.kind === "constant" || isTight(c) ? c : `(${c})`;
  }

  list(expressions: readonly Expression[]): string {
    return expressions.map((each) => this.write(each)).join(", ");
  }

  write(e: Expression): string {
    switch (e.kind) {
      case "constant":
        return constant(e.type, e.value);
      case "text":
        return `((struct Slice_u8){ (u8 *)${text(e.bytes)}, ${e.bytes.length} })`;
      case "read":
        return this.place(e.place);
      case "address":
        return this.address(e.place, e.type);
      case "length":
        return `${this.tight(e.slice)}.length`;
      case "arithmetic":
        return `${this.tight(e.left)} ${ARITHMETIC[e.operator]} ${this.tight(e.right)}`;
      case "negate":
        return `-${this.tight(e.operand)}`;
      case "complement":
        return `~${this.tight(e.operand)}`;
      case "divide":
      case "remainder":
        return this.#divide(e);
      case "shiftLeft":
      case "shiftRight":
        return this.#shift(e);
      case "compare":
        return `${this.tight(e.left)} ${COMPARISON[e.operator]} ${this.tight(e.right)}`;
      case "not":
        return `!${this.tight(e.operand)}`;
      case "logical":
        return `${this.tight(e.left)} ${e.operator === "and" ? "&&" : "||"} ${this.tight(e.right)}`;
      case "select":
        return `${this.tight(e.condition)} ? ${this.tight(e.whenTrue)} : ${this.tight(e.whenFalse)}`;
      case "convert":
        return this.#convert(e.type, e.operand);
      case "toEnum":
        return e.type.kind === "enum"
          ? `kts_to_${tagOf(e.type.enum)}(${this.write(e.operand)}, ${siteNumber(e.site)})`
          : "";
      case "isEnum":
        return `kts_is_${tagOf(e.enum)}(${this.write(e.operand)})`;
      case "nonNull":
        return `((${declare(e.type, "")})kts_non_null(${this.write(e.operand)}, ${siteNumber(e.site)}))`;
      case "call":
        return `${this.#names.functionName(e.callee)}(${this.list(e.arguments)})`;
      case "tableCall":
        return `${this.write(e.target)}(${this.list(e.arguments)})`;
      case "intrinsic":
        return this.#intrinsic(e);
      case "functionAddress":
        return `(u64)&${this.#names.functionName(e.function)}`;
    }
  }

  place(place: Place): string {
    switch (place.kind) {
      case "local":
        return cName(place.local.name);
      case "static":
        return this.#names.staticName(place.static);
      case "target":
        return `(*${this.tight(place.pointer)})`;
      case "field":
        if (place.of.kind === "target") return `${this.tight(place.of.pointer)}->${cName(place.field.name)}`;
        return `${this.place(place.of)}.${cName(place.field.name)}`;
      case "element": {
        const index = this.write(place.index);
        const checked = place.bound === null ? index : `kts_index(${index}, ${place.bound}, ${siteNumber(place.site)})`;
        return `${this.place(place.of)}[${checked}]`;
      }
      case "sliceElement": {
        const element = place.slice.type.kind === "slice" ? place.slice.type.element : place.type;
        return `(*at_${sliceName(element)}(${this.write(place.slice)}, ${this.write(place.index)}, ${siteNumber(place.site)}))`;
      }
    }
  }

  /** Constant tables are const in C, and pointers to their rows are not. */
  address(place: Place, type: Type): string {
    if (place.kind === "target") return this.write(place.pointer);
    return isInConstant(place) ? `(${declare(type, "")})&${this.place(place)}` : `&${this.place(place)}`;
  }

  #divide(e: Extract<Expression, { kind: "divide" | "remainder" }>): string {
    const operator = e.kind === "divide" ? "/" : "%";
    if (!e.isChecked && !e.type.signed) return `${this.tight(e.left)} ${operator} ${this.tight(e.right)}`;
    const site = e.isChecked ? siteNumber(e.site) : "0";
    return `kts_${e.kind}_${intName(e.type)}(${this.write(e.left)}, ${this.write(e.right)}, ${site})`;
  }

  #shift(e: Extract<Expression, { kind: "shiftLeft" | "shiftRight" }>): string {
    const name = intName(e.type);
    if (e.amount.kind !== "constant") {
      const amount = e.type.width === 64 ? "u64" : "u32";
      return `kts_${e.kind}_${name}(${this.write(e.value)}, (${amount})${this.tight(e.amount)})`;
    }
    const value = this.tight(e.value);
    if (e.kind === "shiftRight") return `${value} >> ${e.amount.value}`;
    return e.type.signed
      ? `(${name})((u${e.type.width})${value} << ${e.amount.value})`
      : `${value} << ${e.amount.value}`;
  }

  #convert(to: Type, operand: Expression): string {
    if (to.kind !== "int") return this.write(operand);
    const from = operand.type;
    const isSame = from.kind === "int" && from.width === to.width && from.signed === to.signed;
    return isSame ? this.write(operand) : `(${intName(to)})${this.tight(operand)}`;
  }

  #intrinsic(e: Extract<Expression, { kind: "intrinsic" }>): string {
    const [first, second, third] = e.arguments;
    const rest = this.list(e.arguments);
    switch (e.name) {
      case "addChecked":
      case "mulChecked":
        return `kts_${e.name}_${intName(e.type as IntType)}(${rest}, ${siteNumber(e.site)})`;
      case "sizeOf":
        return e.typeArgument === null ? "0" : `sizeof(${declare(e.typeArgument, "")})`;
      case "sliceOf": {
        if (
          first?.type.kind !== "pointer" ||
          first.type.to.kind !== "array" ||
          second === undefined ||
          third === undefined
        )
          return "";
        const { element, length } = first.type.to;
        const pointer =
          element.kind === "array" ? `(${declare({ kind: "pointer", to: element, nullable: false }, "")})` : "";
        const base = `${pointer}*${this.tight(first)}`;
        return `of_${sliceName(element)}(${base}, ${length}, ${this.write(second)}, ${this.write(third)}, ${siteNumber(e.site)})`;
      }
      case "subslice":
        return e.type.kind === "slice" ? `sub_${sliceName(e.type.element)}(${rest}, ${siteNumber(e.site)})` : "";
      case "cast":
        return `(${declare(e.type, "")})${first === undefined ? "" : this.tight(first)}`;
      case "castSlice": {
        if (e.type.kind !== "slice" || first === undefined || second === undefined) return "";
        const pointer = declare(e.type.element, "*");
        return `((struct ${sliceName(e.type.element)}){ (${pointer})${this.tight(first)}, ${this.write(second)} })`;
      }
      case "addressOf":
        return first?.type.kind === "slice"
          ? `(u64)${this.tight(first)}.data`
          : `(u64)${first === undefined ? "" : this.tight(first)}`;
      case "copyStruct":
        return `__builtin_memcpy(${rest}, sizeof(*${first === undefined ? "" : this.tight(first)}))`;
      default:
        return `kts_${e.name}(${rest})`;
    }
  }
}

function isInConstant(place: Place): boolean {
  if (place.kind === "static") return place.static.isConstant;
  return (place.kind === "field" || place.kind === "element") && isInConstant(place.of);
}
