import { type Arithmetic, type Comparison, type Intrinsic, type IntType, type Shift, wrap } from "./program.ts";

/** Integer operations by the rules of docs/language.md, over bigints that lie in their type's range. */

/** Division by zero answers null: the caller panics. `MIN / -1` wraps and `MIN % -1` is 0, as bigints give it. */
export function arithmetic(operator: Arithmetic, type: IntType, left: bigint, right: bigint): bigint | null {
  switch (operator) {
    case "+":
      return wrap(type, left + right);
    case "-":
      return wrap(type, left - right);
    case "*":
      return wrap(type, left * right);
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "/":
      return right === 0n ? null : wrap(type, left / right);
    case "%":
      return right === 0n ? null : wrap(type, left % right);
  }
}

/** An amount outside 0 … width-1 shifts everything out: 0, or the sign for a signed right shift. */
export function shift(operator: Shift, type: IntType, value: bigint, amount: bigint): bigint {
  const isOutside = amount < 0n || amount >= BigInt(type.width);
  if (operator === "<<") return isOutside ? 0n : wrap(type, value << amount);
  if (isOutside) return value < 0n ? -1n : 0n;
  return value >> amount;
}

export function compare(operator: Comparison, left: unknown, right: unknown): boolean {
  switch (operator) {
    case "===":
      return left === right;
    case "!==":
      return left !== right;
    case "<":
      return (left as bigint) < (right as bigint);
    case "<=":
      return (left as bigint) <= (right as bigint);
    case ">":
      return (left as bigint) > (right as bigint);
    case ">=":
      return (left as bigint) >= (right as bigint);
  }
}

/** The exact sum or product, or null when it does not fit the type: the caller panics. */
export function checked(
  operator: "addChecked" | "mulChecked",
  type: IntType,
  left: bigint,
  right: bigint,
): bigint | null {
  const exact = operator === "addChecked" ? left + right : left * right;
  return wrap(type, exact) === exact ? exact : null;
}

export function intrinsic(name: Intrinsic, values: readonly bigint[]): bigint {
  const [x, y] = values as [bigint, bigint];
  switch (name) {
    case "rotl32":
      return rotateLeft(32, x, y);
    case "rotl64":
      return rotateLeft(64, x, y);
    case "clz32":
      return BigInt(bits(32, x).indexOf("1") < 0 ? 32 : bits(32, x).indexOf("1"));
    case "clz64":
      return BigInt(bits(64, x).indexOf("1") < 0 ? 64 : bits(64, x).indexOf("1"));
    case "ctz32":
      return BigInt(bits(32, x).lastIndexOf("1") < 0 ? 32 : 31 - bits(32, x).lastIndexOf("1"));
    case "ctz64":
      return BigInt(bits(64, x).lastIndexOf("1") < 0 ? 64 : 63 - bits(64, x).lastIndexOf("1"));
    case "popcount32":
    case "popcount64":
      return BigInt(bits(64, x).replaceAll("0", "").length);
    case "byteSwap16":
      return byteSwap(2, x);
    case "byteSwap32":
      return byteSwap(4, x);
    case "byteSwap64":
      return byteSwap(8, x);
    case "mulHigh":
      return (x * y) >> 64n;
    case "valueBarrier32":
    case "valueBarrier64":
      return x;
  }
}

function bits(width: number, x: bigint): string {
  return x.toString(2).padStart(width, "0");
}

function rotateLeft(width: number, x: bigint, amount: bigint): bigint {
  const n = amount % BigInt(width);
  return BigInt.asUintN(width, (x << n) | (x >> (BigInt(width) - n)));
}

function byteSwap(count: number, x: bigint): bigint {
  let result = 0n;
  for (let i = 0n; i < count; i++) result = (result << 8n) | ((x >> (8n * i)) & 0xffn);
  return result;
}
