import { CborStatus } from "./status";

/**
 * The head of a data item (RFC 8949, section 3): a major type, and an argument in the shortest form that holds it.
 *
 *   ┌───────┬────────────┐ ┌────────────────────┐   information: the argument itself up to 23,
 *   │ major │ information │ │ argument 0,1,2,4,8 │   24 to 27 the size of what follows
 *   └───────┴────────────┘ └────────────────────┘
 *    7     5 4           0
 */

/** @storage u8 */
export const enum CborMajor {
  Uint,
  /** Argument n is the number -1 - n. */
  Negative,
  Bytes,
  Text,
  Array,
  Map,
  Tag,
  /** Floats, false, true, null, undefined. */
  Simple,
}

/** Arguments of CborMajor.Simple with one byte. */
export const SIMPLE_FALSE = 20n;
export const SIMPLE_TRUE = 21n;
export const SIMPLE_NULL = 22n;

const ONE_BYTE = 24;
const EIGHT_BYTES = 27;
const INDEFINITE = 31;
const HALF: u32 = 2;
const SINGLE: u32 = 4;

export interface CborHead extends Struct<"CborHead"> {
  major: CborMajor;
  /** Of the argument behind the first byte: 0, 1, 2, 4 or 8. For CborMajor.Simple 2, 4 and 8 are floats. */
  argumentBytes: u32;
  argument: u64;
  /** Where the item's contents, or the next item, begin. */
  end: u32;
}

/** Reads the head at `at`, which is at most the length of `bytes`. */
export function readHead(bytes: Bytes, at: u32, head: CborHead): CborStatus {
  if (at >= bytes.length) return CborStatus.Truncated;
  const first = u32(bytes[at]);
  const information = first & 31;
  head.major = toEnum<CborMajor>(first >>> 5);
  head.argument = u64(information);
  head.argumentBytes = 0;
  head.end = at + 1;
  if (information === INDEFINITE) return CborStatus.Indefinite;
  if (information > EIGHT_BYTES) return CborStatus.Reserved;
  if (information >= ONE_BYTE) {
    head.argumentBytes = 1 << (information - ONE_BYTE);
    if (head.argumentBytes > bytes.length - head.end) return CborStatus.Truncated;
    head.argument = 0n;
    for (let i: u32 = 0; i < head.argumentBytes; i++) {
      head.argument = (head.argument << 8n) | u64(u32(bytes[head.end + i]));
    }
    head.end += head.argumentBytes;
  }
  if (head.major === CborMajor.Simple) return checkSimple(head);
  return isShortest(head) ? CborStatus.Ok : CborStatus.NotShortest;
}

function isShortest(head: CborHead): boolean {
  switch (head.argumentBytes) {
    case 0:
      return true;
    case 1:
      return head.argument >= u64(ONE_BYTE);
    case 2:
      return head.argument > 0xffn;
    case 4:
      return head.argument > 0xffffn;
    default:
      return head.argument > 0xffff_ffffn;
  }
}

function checkSimple(head: CborHead): CborStatus {
  switch (head.argumentBytes) {
    case 0:
      return head.argument >= SIMPLE_FALSE ? CborStatus.Ok : CborStatus.UnknownSimple;
    case 1:
      return CborStatus.UnknownSimple;
    case HALF:
      // Of the values that are not a number, only this one is deterministic (RFC 8949, section 4.2.2).
      return isNotANumber(head.argument, 10n, 5n) && head.argument !== 0x7e00n ? CborStatus.NotShortest : CborStatus.Ok;
    case SINGLE:
      return fits(head.argument, 23n, 8n, 10n, 5n) ? CborStatus.NotShortest : CborStatus.Ok;
    default:
      return fits(head.argument, 52n, 11n, 23n, 8n) ? CborStatus.NotShortest : CborStatus.Ok;
  }
}

/** Whether all exponent bits are set, and fraction bits are. */
function isNotANumber(float: u64, fractionBits: u64, exponentBits: u64): boolean {
  const exponents = (1n << exponentBits) - 1n;
  const fraction = float & ((1n << fractionBits) - 1n);
  return ((float >> fractionBits) & exponents) === exponents && fraction !== 0n;
}

/**
 * Whether a float (IEEE 754) has the same value with fewer bits of fraction and exponent. Every value that is not a
 * number has a half.
 */
function fits(float: u64, fractionBits: u64, exponentBits: u64, lessFraction: u64, lessExponent: u64): boolean {
  const fraction = float & ((1n << fractionBits) - 1n);
  const exponents = (1n << exponentBits) - 1n;
  const biased = (float >> fractionBits) & exponents;
  if (biased === exponents) return true;
  if (biased === 0n) return fraction === 0n;
  const exponent = i64(biased) - i64(exponents >> 1n);
  const most = i64(((1n << lessExponent) - 1n) >> 1n);
  if (exponent > most) return false;
  // Below the smallest exponent a value loses one more bit with each step.
  const least = 1n - most;
  let lost = fractionBits - lessFraction;
  if (exponent < least) {
    if (least - exponent > i64(lessFraction)) return false;
    lost += u64(least - exponent);
  }
  const whole = (1n << fractionBits) | fraction;
  return (whole & ((1n << lost) - 1n)) === 0n;
}
