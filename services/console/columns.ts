import { writeByte, writePadded, writeText } from "../../kernel/output";

/** Aligned tables: cells are as wide as their columns, text to the left, numbers to the right. */

/** Of names and versions; longer ones move what is behind them. */
export const NAME_WIDTH = 24;
export const VERSION_WIDTH = 12;
const SPACE = 0x20;

/** Text in a column of `width`, and a space behind it. */
export function writeCell(text: Bytes, width: u32): void {
  writeText(text);
  writeSpaces(text.length, width);
  writeByte(SPACE);
}

/** From column `from` to column `to`. */
export function writeSpaces(from: u32, to: u32): void {
  for (let i = from; i < to; i++) writeByte(SPACE);
}

/** A number in a column of `width`, and a space behind it. */
export function writeNumberCell(value: u64, width: u32): void {
  writeNumber(value, width);
  writeByte(SPACE);
}

/** The same without the space: in the last column. */
export function writeNumber(value: u64, width: u32): void {
  writePadded(value, width, SPACE);
}

/** Two digits a byte. */
export function writeHexBytes(bytes: Bytes): void {
  for (let i: u32 = 0; i < bytes.length; i++) {
    writeDigit(bytes[i] >>> 4);
    writeDigit(bytes[i] & 15);
  }
}

function writeDigit(digit: u32): void {
  writeByte(u8(digit < 10 ? digit + 0x30 : digit + 0x57));
}
