import { writeByte, writePadded, writeText } from "../../kernel/output";

/** Aligned tables: cells are as wide as their columns, text to the left, numbers to the right. */

const SPACE = 0x20;

/** Text in a column of `width`, and a space behind it. */
export function writeCell(text: Bytes, width: u32): void {
  writeText(text);
  for (let i = text.length; i < width; i++) writeByte(SPACE);
  writeByte(SPACE);
}

export function writeNumberCell(value: u64, width: u32): void {
  writePadded(value, width, SPACE);
  writeByte(SPACE);
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
