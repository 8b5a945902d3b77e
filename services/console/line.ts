import { writeByte, writeText } from "../../kernel/output";
import { indexOf } from "../../kernel/text";
import { Key, type KeyReader, keyOf } from "./key";
import { noteTerminal, type TERMINALS, type Terminal } from "./terminal";

/**
 * The line being typed: a command's name and the rest as its argument.
 *
 *   ← → Home End, Ctrl-A Ctrl-E    move        Backspace, Delete    a character
 *   ↑ ↓                            history     Ctrl-W Ctrl-K Ctrl-U the word before, the rest, all
 *                                              Ctrl-C               gives the line up
 *
 * What is on the screen is changed with backspaces and spaces alone, so that every terminal will do, also one that does not
 * tell that it is one (terminal.ts).
 *
 * L1  cursor ≤ length ≤ MAX_LINE; on the screen the cursor is where `cursor` says.
 */

export const MAX_LINE = 256;
const MAX_HISTORY = 16;
const SPACE = 0x20;
const BELL = 0x07;

export interface Text extends Struct<"Text"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_LINE>;
}

export interface Line extends Struct<"Line"> {
  cursor: u32;
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_LINE>;
  /** Of each terminal: what one types does not lie amid another's sequence. */
  readonly keys: FixedArray<Inline<KeyReader>, typeof TERMINALS>;
  /** Lines that were completed; the last one is `historyEnd - 1`. */
  historyEnd: u32;
  /** The one that is shown; `historyEnd` is the line itself. */
  shown: u32;
  readonly history: FixedArray<Inline<Text>, typeof MAX_HISTORY>;
}

/** Takes one byte typed at a terminal, with echo; true when the line is complete. Characters past MAX_LINE are answered with the bell. */
export function takeTyped(line: Line, from: Terminal, byte: u8): boolean {
  const key = keyOf(line.keys[u32(from)], byte);
  switch (key) {
    case Key.None:
      return false;
    case Key.Enter:
      writeByte(0x0a);
      remember(line);
      return true;
    case Key.GiveUp:
      writeText("^C\n");
      clearLine(line);
      return true;
    case Key.Character:
      insert(line, byte);
      return false;
    case Key.Backspace:
      if (line.cursor > 0) {
        moveTo(line, line.cursor - 1);
        removeAt(line, 1);
      }
      return false;
    case Key.Delete:
      if (line.cursor < line.length) removeAt(line, 1);
      return false;
    case Key.Left:
      if (line.cursor > 0) moveTo(line, line.cursor - 1);
      return false;
    case Key.Right:
      if (line.cursor < line.length) moveTo(line, line.cursor + 1);
      return false;
    case Key.Home:
      moveTo(line, 0);
      return false;
    case Key.End:
      moveTo(line, line.length);
      return false;
    case Key.Up:
      if (line.shown > oldest(line)) show(line, line.shown - 1);
      return false;
    case Key.Down:
      if (line.shown < line.historyEnd) show(line, line.shown + 1);
      return false;
    case Key.EraseLine:
      moveTo(line, 0);
      removeAt(line, line.length);
      return false;
    case Key.EraseRest:
      removeAt(line, line.length - line.cursor);
      return false;
    case Key.EraseWord: {
      const end = line.cursor;
      const start = wordBefore(line);
      moveTo(line, start);
      removeAt(line, end - start);
      return false;
    }
    case Key.Terminal:
      noteTerminal(from);
      return false;
    default:
      unreachable(key);
  }
}

/** For the next one; what was typed stays in the history. */
export function clearLine(line: Line): void {
  line.length = 0;
  line.cursor = 0;
  line.shown = line.historyEnd;
}

/** Shows it again, behind a prompt. */
export function drawLine(line: Line): void {
  const cursor = line.cursor;
  writeText(textOf(line));
  line.cursor = line.length;
  moveTo(line, cursor);
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

export function skipSpaces(text: Bytes, from: u32): u32 {
  let i = from;
  while (i < text.length && text[i] === SPACE) i++;
  return i;
}

function insert(line: Line, byte: u8): void {
  if (line.length >= MAX_LINE) {
    writeByte(BELL);
    return;
  }
  for (let i = line.length; i > line.cursor; i--) line.bytes[i] = line.bytes[i - 1];
  line.bytes[line.cursor] = byte;
  line.length++;
  writeText(sliceOf(line.bytes, line.cursor, line.length - line.cursor));
  back(line.length - line.cursor - 1);
  line.cursor++;
}

/** Takes out `count` characters behind the cursor. */
function removeAt(line: Line, count: u32): void {
  const length = line.length - count;
  for (let i = line.cursor; i < length; i++) line.bytes[i] = line.bytes[i + count];
  line.length = length;
  writeText(sliceOf(line.bytes, line.cursor, length - line.cursor));
  for (let i: u32 = 0; i < count; i++) writeByte(SPACE);
  back(length - line.cursor + count);
}

function moveTo(line: Line, cursor: u32): void {
  if (cursor < line.cursor) back(line.cursor - cursor);
  else writeText(sliceOf(line.bytes, line.cursor, cursor - line.cursor));
  line.cursor = cursor;
}

function back(count: u32): void {
  for (let i: u32 = 0; i < count; i++) writeByte(0x08);
}

/** Where the word before the cursor begins. */
function wordBefore(line: Line): u32 {
  let at = line.cursor;
  while (at > 0 && line.bytes[at - 1] === SPACE) at--;
  while (at > 0 && line.bytes[at - 1] !== SPACE) at--;
  return at;
}

function oldest(line: Line): u32 {
  return line.historyEnd > MAX_HISTORY ? line.historyEnd - MAX_HISTORY : 0;
}

/** Puts the line into the history, unless it is empty or the same as the last one. */
function remember(line: Line): void {
  if (line.length > 0 && !isLast(line)) {
    const text = line.history[line.historyEnd % MAX_HISTORY];
    text.length = line.length;
    copyStruct(text.bytes, line.bytes);
    line.historyEnd++;
  }
  line.shown = line.historyEnd;
}

function isLast(line: Line): boolean {
  if (line.historyEnd === 0) return false;
  const text = line.history[(line.historyEnd - 1) % MAX_HISTORY];
  if (text.length !== line.length) return false;
  for (let i: u32 = 0; i < line.length; i++) {
    if (text.bytes[i] !== line.bytes[i]) return false;
  }
  return true;
}

/** The line becomes a copy of an older one; behind the last one it is empty. */
function show(line: Line, index: u32): void {
  moveTo(line, 0);
  removeAt(line, line.length);
  line.shown = index;
  if (index === line.historyEnd) return;
  const text = line.history[index % MAX_HISTORY];
  copyStruct(line.bytes, text.bytes);
  line.length = text.length;
  writeText(textOf(line));
  line.cursor = line.length;
}
