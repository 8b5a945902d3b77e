import { BRIGHT, erase, feedLine, INVERTED, PLAIN, putCharacter, type Screen, STYLE_COLOR } from "../../drivers/screen";

/**
 * What a terminal makes of the bytes that it gets (ECMA-48, as a VT102 does it): characters, BS HT LF CR, and of the control
 * sequences those that move the cursor, erase, choose colors, or ask for the terminal's attributes. All others are read
 * to their end and change nothing. Of UTF-8 each character beyond ASCII is one block.
 *
 *   Plain ──ESC──▶ Escape ──[──▶ Sequence ──parameter, intermediate──▶ Sequence ──final──▶ Plain
 */

/** @storage u8 */
const enum Reading {
  Plain,
  Escape,
  Sequence,
}

const MAX_PARAMETERS = 8;
const MAX_PARAMETER = 9_999;
const TAB = 8;

export interface Terminal extends Struct<"Terminal"> {
  readonly screen: Inline<Screen>;
  reading: Reading;
  /** The sequence is private or has an intermediate byte: none that is known. */
  isForeign: boolean;
  /** Of the one that is being read. */
  parameter: u32;
  readonly parameters: FixedArray<u32, typeof MAX_PARAMETERS>;
}

/** Takes one byte; true when it completes the question for the terminal's attributes. */
export function takeByte(terminal: Terminal, byte: u8): boolean {
  const code = u32(byte);
  if (code === 0x1b) {
    terminal.reading = Reading.Escape;
    return false;
  }
  switch (terminal.reading) {
    case Reading.Plain:
      takePlain(terminal.screen, code);
      return false;
    case Reading.Escape:
      if (code === 0x5b) beginSequence(terminal);
      else terminal.reading = Reading.Plain;
      return false;
    case Reading.Sequence:
      return takeSequence(terminal, code);
    default:
      unreachable(terminal.reading);
  }
}

function takePlain(screen: Screen, code: u32): void {
  switch (code) {
    case 0x08:
      screen.column = before(screen.column, 1);
      return;
    case 0x09:
      screen.column = upTo((screen.column / TAB + 1) * TAB, screen.columns - 1);
      return;
    case 0x0a:
      feedLine(screen);
      return;
    case 0x0d:
      screen.column = 0;
      return;
    default:
      // The bytes of a character behind its first one.
      if (code >= 0x80 && code < 0xc0) return;
      if (code >= 0x20 && code !== 0x7f) putCharacter(screen, code);
  }
}

function beginSequence(terminal: Terminal): void {
  terminal.reading = Reading.Sequence;
  terminal.isForeign = false;
  terminal.parameter = 0;
  for (let i: u32 = 0; i < MAX_PARAMETERS; i++) terminal.parameters[i] = 0;
}

function takeSequence(terminal: Terminal, code: u32): boolean {
  if (code >= 0x30 && code <= 0x39) {
    addDigit(terminal, code - 0x30);
    return false;
  }
  if (code === 0x3b) {
    terminal.parameter++;
    return false;
  }
  if (code >= 0x20 && code <= 0x3f) {
    terminal.isForeign = true;
    return false;
  }
  if (code < 0x40) return false;
  terminal.reading = Reading.Plain;
  if (terminal.isForeign) return false;
  if (code === 0x63) return terminal.parameters[0] === 0;
  obey(terminal, code);
  return false;
}

function addDigit(terminal: Terminal, digit: u32): void {
  if (terminal.parameter >= MAX_PARAMETERS) return;
  const value = terminal.parameters[terminal.parameter] * 10 + digit;
  terminal.parameters[terminal.parameter] = upTo(value, MAX_PARAMETER);
}

/** CUU CUD CUF CUB, CUP, ED, EL, SGR (8.3.22, .19, .20, .18, .21, .39, .41, .117). */
function obey(terminal: Terminal, final: u32): void {
  const screen = terminal.screen;
  const count = terminal.parameters[0] === 0 ? 1 : terminal.parameters[0];
  const start = screen.row * screen.columns;
  const cursor = start + upTo(screen.column, screen.columns - 1);
  switch (final) {
    case 0x41:
      screen.row = before(screen.row, count);
      return;
    case 0x42:
      screen.row = upTo(screen.row + count, screen.rows - 1);
      return;
    case 0x43:
      screen.column = upTo(screen.column + count, screen.columns - 1);
      return;
    case 0x44:
      screen.column = before(screen.column, count);
      return;
    case 0x48:
      screen.row = upTo(count - 1, screen.rows - 1);
      screen.column = upTo(before(terminal.parameters[1], 1), screen.columns - 1);
      return;
    case 0x4a:
      eraseAround(screen, terminal.parameters[0], 0, cursor, screen.rows * screen.columns);
      return;
    case 0x4b:
      eraseAround(screen, terminal.parameters[0], start, cursor, start + screen.columns);
      return;
    case 0x6d:
      for (let i: u32 = 0; i <= terminal.parameter && i < MAX_PARAMETERS; i++) choose(screen, terminal.parameters[i]);
      return;
    default:
      return;
  }
}

/** 0: from the cursor on, 1: up to it, 2: all. */
function eraseAround(screen: Screen, which: u32, start: u32, cursor: u32, end: u32): void {
  if (which === 0) erase(screen, cursor, end);
  else if (which === 1) erase(screen, start, cursor + 1);
  else if (which === 2) erase(screen, start, end);
}

function choose(screen: Screen, rendition: u32): void {
  const style = screen.style;
  if (rendition === 0) screen.style = PLAIN;
  else if (rendition === 1) screen.style = style | BRIGHT;
  else if (rendition === 22) screen.style = style & ~BRIGHT;
  else if (rendition === 7) screen.style = style | INVERTED;
  else if (rendition === 27) screen.style = style & ~INVERTED;
  else if (rendition === 39) screen.style = withColor(style, 7);
  else if (rendition >= 30 && rendition <= 37) screen.style = withColor(style, rendition - 30);
  else if (rendition >= 90 && rendition <= 97) screen.style = withColor(style, rendition - 90) | BRIGHT;
}

/** SGR counts red, green, blue from the lowest bit, VGA from the highest. */
function withColor(style: u32, color: u32): u32 {
  const swapped = ((color & 1) << 2) | (color & 2) | (color >>> 2);
  return (style & ~(STYLE_COLOR & ~BRIGHT)) | (swapped << 8);
}

function upTo(value: u32, limit: u32): u32 {
  return value < limit ? value : limit;
}

/** `count` less, but not below 0. */
function before(value: u32, count: u32): u32 {
  return value > count ? value - count : 0;
}
