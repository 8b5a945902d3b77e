import { putByte } from "@io/uart";
import { appendByte, type LogRing } from "./logRing";

/**
 * Where text goes: the serial console, the log ring, or both. Numbers are written digit by digit, so that
 * nothing is allocated and a panic can use it.
 */

/** @storage u8 */
export const enum Sink {
  Console,
  Ring,
  Both,
}

export const logRing: LogRing = zeroed();
let sink: Sink = Sink.Console;

/** Chooses where everything goes from now on; answers the sink before. */
export function setSink(to: Sink): Sink {
  const before = sink;
  sink = to;
  return before;
}

/**
 * A line feed goes to the console as carriage return and line feed. Not inlined, as nothing here is: a byte takes
 * the port longer than a call, and text is written in many places.
 *
 * @noinline
 */
export function writeByte(byte: u8): void {
  const to = sink;
  if (to !== Sink.Ring) {
    if (byte === 0x0a) putByte(0x0d);
    putByte(byte);
  }
  if (to !== Sink.Console) appendByte(logRing, byte);
}

/** @noinline */
export function writeText(text: Bytes): void {
  for (let i: u32 = 0; i < text.length; i++) writeByte(text[i]);
}

export function writeLine(text: Bytes): void {
  writeText(text);
  writeByte(0x0a);
}

export function writeDecimal(value: u64): void {
  writePadded(value, 1, 0x20);
}

/**
 * At least `width` characters, filled from the left with `fill`.
 *
 * @noinline
 */
export function writePadded(value: u64, width: u32, fill: u8): void {
  const digits = local<FixedArray<u8, 20>>();
  let count: u32 = 0;
  let rest = value;
  do {
    digits[count] = u8((rest % 10n) + 0x30n);
    rest /= 10n;
    count++;
  } while (rest !== 0n);
  for (let i = count; i < width; i++) writeByte(fill);
  while (count > 0) {
    count--;
    writeByte(digits[count]);
  }
}

/**
 * `0x` and exactly `digits` lower-case digits, or as many as `value` needs when `digits` is 0.
 *
 * @noinline
 */
export function writeHex(value: u64, digits: u32): void {
  const needed = (67 - clz64(value | 1n)) >>> 2;
  const count = digits === 0 ? needed : digits;
  writeText("0x");
  for (let i = count; i > 0; i--) {
    const digit = u8((value >> u64((i - 1) * 4)) & 15n);
    writeByte(digit < 10 ? u8(digit + 0x30) : u8(digit + 0x57));
  }
}
