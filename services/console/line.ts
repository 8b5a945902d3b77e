import { writeByte, writeText } from "../../kernel/output";
import { indexOf } from "../../kernel/text";

/**
 * The line being typed: a command's name and the rest as its argument. Editing: backspace takes a character, Ctrl-U
 * the line, Ctrl-C gives the line up.
 */

const MAX_LINE = 256;

export interface Line extends Struct<"Line"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_LINE>;
}

const SPACE = 0x20;

/** Takes one typed byte, with echo; true when the line is complete. Characters past MAX_LINE are answered with the bell. */
export function takeTyped(line: Line, byte: u8): boolean {
  if (byte === 0x0d || byte === 0x0a) {
    writeByte(0x0a);
    return true;
  }
  if (byte === 0x03) {
    writeText("^C\n");
    line.length = 0;
    return true;
  }
  if (byte === 0x08 || byte === 0x7f) erase(line, 1);
  else if (byte === 0x15) erase(line, line.length);
  else if (byte >= SPACE && byte < 0x7f) append(line, byte);
  return false;
}

export function textOf(line: Line): Bytes {
  return sliceOf(line.bytes, 0, line.length);
}

/** The first word. */
export function nameOf(line: Line): Bytes {
  const text = textOf(line);
  const start = skipSpaces(text, 0);
  return subslice(text, start, indexOf(text, SPACE, start) - start);
}

/** What follows the first word, without spaces around it. */
export function argumentOf(line: Line): Bytes {
  const text = textOf(line);
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

function skipSpaces(text: Bytes, from: u32): u32 {
  let i = from;
  while (i < text.length && text[i] === SPACE) i++;
  return i;
}
