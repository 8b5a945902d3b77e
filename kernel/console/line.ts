import { disableInterrupts, enableInterrupts, waitForInterrupt } from "@arch/cpu";
import { takeByte } from "@arch/uart";
import { indexOf } from "../text";
import { writeByte, writeText } from "./output";

/**
 * One typed line: a command's name and the rest as its argument. Editing: backspace takes a character, Ctrl-U
 * the line, Ctrl-C gives the line up.
 */

export const MAX_LINE = 256;

export interface Line extends Struct<"Line"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_LINE>;
}

const SPACE = 0x20;

/** Reads one line with echo. Characters past MAX_LINE are answered with the bell and dropped. */
export function readLine(line: Line): void {
  line.length = 0;
  for (;;) {
    const byte = waitForByte();
    if (byte === 0x0d || byte === 0x0a) {
      writeByte(0x0a);
      return;
    }
    if (byte === 0x03) {
      writeText("^C\n");
      line.length = 0;
      return;
    }
    if (byte === 0x08 || byte === 0x7f) erase(line, 1);
    else if (byte === 0x15) erase(line, line.length);
    else if (byte >= SPACE && byte < 0x7f) append(line, byte);
  }
}

/** The first word. */
export function nameOf(line: Line): Bytes {
  const text = sliceOf(line.bytes, 0, line.length);
  const start = skipSpaces(text, 0);
  return subslice(text, start, indexOf(text, SPACE, start) - start);
}

/** What follows the first word, without spaces around it. */
export function argumentOf(line: Line): Bytes {
  const text = sliceOf(line.bytes, 0, line.length);
  const start = skipSpaces(text, indexOf(text, SPACE, skipSpaces(text, 0)));
  let end = text.length;
  while (end > start && text[end - 1] === SPACE) end--;
  return subslice(text, start, end - start);
}

function append(line: Line, byte: u8): void {
  const length = line.length;
  if (length >= MAX_LINE) {
    writeByte(0x07);
    return;
  }
  line.bytes[length] = byte;
  line.length = length + 1;
  writeByte(byte);
}

function erase(line: Line, count: u32): void {
  for (let i: u32 = 0; i < count && line.length > 0; i++) {
    line.length--;
    writeText("\b \b");
  }
}

/** Sleeps between interrupts: with them off a byte cannot arrive between the look and the wait. */
function waitForByte(): u8 {
  for (;;) {
    disableInterrupts();
    const byte = takeByte();
    if (byte >= 0) {
      enableInterrupts();
      return u8(u32(byte));
    }
    waitForInterrupt();
    enableInterrupts();
  }
}

function skipSpaces(text: Bytes, from: u32): u32 {
  let i = from;
  while (i < text.length && text[i] === SPACE) i++;
  return i;
}
