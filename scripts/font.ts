import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/**
 * From a console font to the table that the screen's driver draws with (drivers/font.ts): the glyphs of ASCII, and behind
 * them one for everything else.
 *
 * A font of version 1 of the PC Screen Font: a header of four bytes, the glyphs, and of each glyph the characters that it
 * shows, as 16-bit numbers.
 *
 *   magic 16 │ mode 8 │ bytes of a glyph 8 │ glyphs │ characters, END_OF_GLYPH, characters, END_OF_GLYPH …
 */

export const FONT_FILE = "drivers/font/spleen-8x16.psfu.gz";
export const TABLE_FILE = "drivers/font.ts";

const MAGIC = 0x0436;
const HEADER_BYTES = 4;
/** In the mode: 512 glyphs and not 256; there are lists of characters. */
const HAS_512 = 1;
const HAS_CHARACTERS = 2;
const END_OF_GLYPH = 0xffff;
/** What follows is made of several characters. */
const BEGIN_SEQUENCE = 0xfffe;
export const GLYPH_WIDTH = 8;
export const GLYPH_HEIGHT = 16;
export const FIRST_CHARACTER = 0x20;
const LAST_CHARACTER = 0x7e;
/** A full block stands for all others. */
const REPLACEMENT = 0x2588;

/** A row of pixels a byte, the leftmost one highest. */
export type Glyph = readonly number[];

/** The glyphs of the characters from FIRST_CHARACTER on, the replacement's the last. */
export function readGlyphs(file: string): Glyph[] {
  const font = gunzipSync(readFileSync(file));
  const mode = font.readUInt8(2);
  if (font.readUInt16LE(0) !== MAGIC || (mode & HAS_CHARACTERS) === 0 || font.readUInt8(3) !== GLYPH_HEIGHT) {
    throw new Error(`${file} is no font of ${GLYPH_WIDTH} by ${GLYPH_HEIGHT} pixels that tells its characters`);
  }
  const start = HEADER_BYTES + ((mode & HAS_512) === 0 ? 256 : 512) * GLYPH_HEIGHT;
  const glyphs = new Map<number, Glyph>();
  let glyph = HEADER_BYTES;
  let isSingle = true;
  for (let at = start; at < font.length; at += 2) {
    const code = font.readUInt16LE(at);
    if (code === END_OF_GLYPH) {
      glyph += GLYPH_HEIGHT;
      isSingle = true;
    } else if (code === BEGIN_SEQUENCE) isSingle = false;
    else if (isSingle) glyphs.set(code, [...font.subarray(glyph, glyph + GLYPH_HEIGHT)]);
  }
  const codes = Array.from({ length: LAST_CHARACTER - FIRST_CHARACTER + 1 }, (_, index) => FIRST_CHARACTER + index);
  return [...codes, REPLACEMENT].map((code) => {
    const found = glyphs.get(code);
    if (found === undefined) throw new Error(`${file} has no glyph of U+${code.toString(16)}`);
    return found;
  });
}

/** The text of TABLE_FILE. */
export function fontTable(glyphs: readonly Glyph[]): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(2, "0")}`;
  const rows = glyphs.map((glyph) => `  ${glyph.map(hex).join(", ")},\n`);
  return `/**
 * Generated from ${FONT_FILE} (its licence lies beside it): do not change this file, run scripts/font.ts.
 *
 * Glyphs of ${GLYPH_WIDTH} by ${GLYPH_HEIGHT} pixels: those of the characters from space to tilde, and one for all others. A row of pixels is a
 * byte, the leftmost one highest.
 */

export const GLYPH_WIDTH = ${GLYPH_WIDTH};
export const GLYPH_HEIGHT = ${GLYPH_HEIGHT};
export const GLYPHS = ${glyphs.length};
const BYTES = ${glyphs.length * GLYPH_HEIGHT};

// biome-ignore format: a glyph is a line
export const font: FixedArray<u8, typeof BYTES> = [
${rows.join("")}];
`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(TABLE_FILE, fontTable(readGlyphs(FONT_FILE)));
