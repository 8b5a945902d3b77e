/** @unsafe writes to the screen's memory */
import type { Framebuffer } from "../boot/bootInfo";
import { font, GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS } from "./font";

/**
 * A screen as rows of characters, on a linear framebuffer or in a VGA card's text mode. For the kernel and for a driver in
 * user mode: each has a Screen of its own, which says what ought to be seen; `refresh` brings that to the screen. Nothing
 * is ever read back from the screen's memory, which is slow.
 *
 *   cell   ┌─────────┬─────┬─────────┬───────┬───────────┐    the lower twelve bits are those of VGA's text mode
 *          │ unshown │     │ inverse │ color │ character │
 *          └─────────┴─────┴─────────┴───────┴───────────┘
 *              15     14 13    12      11   8 7         0
 *
 * G1  Of the cells only the first columns · rows are used; the cursor's row is one of theirs, its column at most `columns`:
 *     then the next character goes to the next row.
 * G2  Every unshown cell lies in a row from `firstUnshown` to `lastUnshown`.
 */

const MAX_COLUMNS = 160;
const MAX_ROWS = 64;
const MAX_CELLS = 10_240;
const COLORS = 16;

const CHARACTER = 0xff;
const COLOR_SHIFT = 8;
const COLOR_MASK = 0xf;
const INVERSE = 0x1000;
/** All of a cell but whether it is shown. */
const LOOK = 0x1fff;
const UNSHOWN = 0x8000;
const SPACE = 0x20;
const NO_CURSOR = 0xffff_ffff;

/** Light grey on black, as a style. */
export const PLAIN = 0x0700;
/** Of text that stands out. */
export const BRIGHT = 0x0800;
export const INVERTED = INVERSE;
/** Where a style has its color, and what there are: VGA's, BRIGHT among them. */
export const STYLE_COLOR = 0x0f00;

const FIRST_CHARACTER = 0x20;
const REPLACEMENT = 95;
/** Of a text mode's cell: black on light grey. */
const TEXT_INVERSE = 0x70;

/** Red, green, blue; eight bits each (IBM VGA, its default palette). */
const palette: FixedArray<u32, typeof COLORS> = [
  0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa, 0x555555, 0x5555ff, 0x55ff55,
  0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff,
];

export interface Screen extends Struct<"Screen"> {
  /** Where its memory is mapped; 0n as long as it is not. */
  memory: u64;
  /** Bytes of that memory; 0n when there is no screen. */
  memoryBytes: u64;
  isText: boolean;
  pitchBytes: u32;
  pixelBytes: u32;
  /** As pixels. */
  readonly colors: FixedArray<u32, typeof COLORS>;
  columns: u32;
  rows: u32;
  column: u32;
  row: u32;
  /** Of the characters to come. */
  style: u32;
  /** The cell that shows the cursor, or NO_CURSOR. */
  cursorAt: u32;
  firstUnshown: u32;
  lastUnshown: u32;
  readonly cells: FixedArray<u16, typeof MAX_CELLS>;
}

/** Describes the screen that the loader has told of, and clears it; memoryBytes is 0n when that cannot be drawn on. */
export function openScreen(screen: Screen, told: Framebuffer): void {
  screen.memoryBytes = 0n;
  screen.isText = told.isText;
  screen.pitchBytes = told.pitchBytes;
  screen.pixelBytes = told.isText ? 2 : (u32(told.bitsPerPixel) + 7) >>> 3;
  screen.columns = least(told.isText ? told.width : told.width / GLYPH_WIDTH, MAX_COLUMNS);
  screen.rows = least(told.isText ? told.height : told.height / GLYPH_HEIGHT, MAX_ROWS);
  const isDrawable = screen.pixelBytes >= 2 && screen.pixelBytes <= 4 && screen.columns > 0 && screen.rows > 0;
  const hasRows = u64(told.pitchBytes) >= u64(told.width) * u64(screen.pixelBytes);
  if (u64(told.address) === 0n || (u64(told.address) & 0xfffn) !== 0n || !isDrawable || !hasRows) return;
  screen.memoryBytes = u64(told.pitchBytes) * u64(told.height);
  for (let i: u32 = 0; i < COLORS; i++) screen.colors[i] = pixelOf(told, palette[i]);
  screen.style = PLAIN;
  screen.cursorAt = NO_CURSOR;
  clear(screen);
}

/** Empty, and all of it to be shown anew. */
export function clear(screen: Screen): void {
  for (let i: u32 = 0; i < screen.columns * screen.rows; i++) screen.cells[i] = u16(PLAIN | SPACE);
  screen.column = 0;
  screen.row = 0;
  repaint(screen);
}

/** Nothing is known of what the screen's memory shows. */
export function repaint(screen: Screen): void {
  for (let i: u32 = 0; i < screen.columns * screen.rows; i++) screen.cells[i] |= UNSHOWN;
  screen.firstUnshown = 0;
  screen.lastUnshown = screen.rows - 1;
}

/** At the cursor, which moves on. What the font does not have is a block. */
export function putCharacter(screen: Screen, code: u32): void {
  if (screen.column === screen.columns) {
    screen.column = 0;
    feedLine(screen);
  }
  setCell(screen, screen.row * screen.columns + screen.column, screen.style | (code & CHARACTER));
  screen.column++;
}

/** The cursor goes down; in the last row all rows go up instead. */
export function feedLine(screen: Screen): void {
  if (screen.row + 1 < screen.rows) {
    screen.row++;
    return;
  }
  const kept = (screen.rows - 1) * screen.columns;
  for (let i: u32 = 0; i < kept; i++) setCell(screen, i, u32(screen.cells[i + screen.columns]) & LOOK);
  erase(screen, kept, kept + screen.columns);
}

/** The cells from `start` up to `end`, which is not among them; the caller knows that they are there. */
export function erase(screen: Screen, start: u32, end: u32): void {
  for (let i = start; i < end; i++) setCell(screen, i, PLAIN | SPACE);
}

/** The cell of the cursor; behind a full row its last one. */
export function cursorCell(screen: Screen): u32 {
  return screen.row * screen.columns + least(screen.column, screen.columns - 1);
}

export function showCursor(screen: Screen): void {
  hideCursor(screen);
  const at = cursorCell(screen);
  setCell(screen, at, (u32(screen.cells[at]) & LOOK) ^ INVERSE);
  screen.cursorAt = at;
}

/** Before cells change: the cursor is part of one. */
export function hideCursor(screen: Screen): void {
  const at = screen.cursorAt;
  screen.cursorAt = NO_CURSOR;
  if (at !== NO_CURSOR) setCell(screen, at, (u32(screen.cells[at]) & LOOK) ^ INVERSE);
}

/** Shows what is not shown yet, if the screen's memory is mapped. */
export function refresh(screen: Screen): void {
  if (screen.memory === 0n || screen.firstUnshown > screen.lastUnshown) return;
  for (let row = screen.firstUnshown; row <= screen.lastUnshown; row++) {
    for (let column: u32 = 0; column < screen.columns; column++) {
      const at = row * screen.columns + column;
      const cell = u32(screen.cells[at]);
      if ((cell & UNSHOWN) === 0) continue;
      screen.cells[at] = u16(cell & LOOK);
      if (screen.isText) paintText(screen, row, column, cell);
      else paintGlyph(screen, row, column, cell);
    }
  }
  screen.firstUnshown = screen.rows;
  screen.lastUnshown = 0;
}

function setCell(screen: Screen, at: u32, look: u32): void {
  if ((u32(screen.cells[at]) & LOOK) === look) return;
  screen.cells[at] = u16(look | UNSHOWN);
  const row = at / screen.columns;
  if (row < screen.firstUnshown) screen.firstUnshown = row;
  if (row > screen.lastUnshown) screen.lastUnshown = row;
}

function paintText(screen: Screen, row: u32, column: u32, cell: u32): void {
  const attribute = (cell & INVERSE) === 0 ? (cell >>> COLOR_SHIFT) & COLOR_MASK : TEXT_INVERSE;
  const at = screen.memory + u64(row) * u64(screen.pitchBytes) + u64(column * 2);
  volatileStore16(at, u16((attribute << COLOR_SHIFT) | (cell & CHARACTER)));
}

function paintGlyph(screen: Screen, row: u32, column: u32, cell: u32): void {
  const color = screen.colors[(cell >>> COLOR_SHIFT) & COLOR_MASK];
  const isInverse = (cell & INVERSE) !== 0;
  const ink = isInverse ? screen.colors[0] : color;
  const paper = isInverse ? color : screen.colors[0];
  const glyph = glyphOf(cell & CHARACTER) * GLYPH_HEIGHT;
  let line = screen.memory + u64(row * GLYPH_HEIGHT) * u64(screen.pitchBytes);
  line += u64(column * GLYPH_WIDTH * screen.pixelBytes);
  for (let y: u32 = 0; y < GLYPH_HEIGHT; y++) {
    const bits = u32(font[glyph + y]);
    let at = line;
    for (let mask: u32 = 0x80; mask !== 0; mask >>>= 1) {
      putPixel(at, screen.pixelBytes, (bits & mask) !== 0 ? ink : paper);
      at += u64(screen.pixelBytes);
    }
    line += u64(screen.pitchBytes);
  }
}

function putPixel(at: u64, bytes: u32, color: u32): void {
  if (bytes === 4) {
    volatileStore32(at, color);
    return;
  }
  for (let i: u32 = 0; i < bytes; i++) volatileStore8(at + u64(i), u8((color >>> (8 * i)) & 0xff));
}

function glyphOf(character: u32): u32 {
  const glyph = character - FIRST_CHARACTER;
  return glyph < GLYPHS ? glyph : REPLACEMENT;
}

/** A color of the palette as the framebuffer has it. */
function pixelOf(told: Framebuffer, color: u32): u32 {
  const red = field((color >>> 16) & 0xff, told.redBits, told.redPosition);
  const green = field((color >>> 8) & 0xff, told.greenBits, told.greenPosition);
  return red | green | field(color & 0xff, told.blueBits, told.bluePosition);
}

/** The upper bits of eight, `bits` of them at most, where they belong. */
function field(value: u32, bits: u8, position: u8): u32 {
  const kept = bits < 8 ? value >>> (8 - u32(bits)) : value;
  return position < 32 ? kept << u32(position) : 0;
}

function least(a: u32, b: u32): u32 {
  return a < b ? a : b;
}
