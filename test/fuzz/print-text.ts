import type { Base, Expression, IntType, Statement } from "./program.ts";

/** How tightly expressions bind, and how constants are written. */

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 3,
  "&&": 4,
  "|": 5,
  "^": 6,
  "&": 7,
  "===": 8,
  "!==": 8,
  "<": 9,
  "<=": 9,
  ">": 9,
  ">=": 9,
  "<<": 10,
  ">>": 10,
  ">>>": 10,
  "+": 11,
  "-": 11,
  "*": 12,
  "/": 12,
  "%": 12,
};
export const CONDITIONAL = 2;
export const SUM = 11;
export const UNARY = 14;
export const POSTFIX = 15;
export const MEMBER = 16;

export function isSimple(statement: Statement): boolean {
  return !["loop", "switch", "block", "if"].includes(statement.kind);
}

export function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case "arithmetic":
    case "shift":
    case "compare":
    case "logical":
      return PRECEDENCE[expression.operator] as number;
    case "conditional":
      return CONDITIONAL;
    case "brand":
      return 0;
    case "unary":
    case "not":
      return UNARY;
    case "step":
      return expression.isPrefix ? UNARY : POSTFIX;
    case "literal":
      return expression.formula ? 0 : expression.value < 0n ? UNARY : MEMBER;
    case "constant":
      return MEMBER;
    default:
      return MEMBER;
  }
}

const PREFIXES = { 2: "0b", 10: "", 16: "0x" } as const;

/** A literal of the type: `-5`, `0xff`, `1_000n`. */
export function literalText(type: IntType, value: bigint, base: Base): string {
  const digits = (value < 0n ? -value : value).toString(base);
  // Long numbers in groups, as people write them.
  const group = base === 10 ? 3 : 4;
  const text = digits.length > 2 * group ? digits.replace(new RegExp(`(?<=.)(?=(?:.{${group}})+$)`, "g"), "_") : digits;
  return (value < 0n ? "-" : "") + PREFIXES[base] + text + (type.width === 64 ? "n" : "");
}
