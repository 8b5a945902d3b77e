import { writeByte, writeText } from "../../kernel/output";
import { chooseOutputs } from "../../user/io/uart";

/**
 * Where text goes: over the serial line, and to the screen where there is one. What is at the other end is a terminal, or
 * something that reads text. The console asks once, by DA (ECMA-48, 8.3.24). Only a terminal answers, and one that does
 * knows SGR and EL (8.3.117, 8.3.41), or passes over them. Until then, and for files and programs always, text is plain.
 */

/** @storage u32 */
export const enum Terminal {
  Serial,
  Screen,
}
export const TERMINALS = 2;
const ALL_TERMINALS = 3;

/** @storage u8 */
export const enum Style {
  Heading,
  Prompt,
  Good,
  Bad,
}

/** A bit for each that has answered. */
let answered: u32 = 0;

/** An answer makes Key.Terminal (key.ts). */
export function askForTerminal(): void {
  writeText("\x1b[c");
}

/** This one has answered. */
export function noteTerminal(which: Terminal): void {
  answered |= 1 << u32(which);
}

export function writeStyled(style: Style, text: Bytes): void {
  writeCode(codeOf(style));
  writeText(text);
  writeCode("\x1b[m");
}

function writeCode(code: Bytes): void {
  chooseOutputs(answered);
  writeText(code);
  chooseOutputs(ALL_TERMINALS);
}

/** Of a table: a line. */
export function writeHeading(text: Bytes): void {
  writeStyled(Style.Heading, text);
  writeByte(0x0a);
}

/** To the beginning of the line, which is empty then where that can be. */
export function restartLine(): void {
  writeByte(0x0d);
  writeCode("\x1b[K");
}

/** Bold, bold cyan, green, bold red. */
function codeOf(style: Style): Bytes {
  switch (style) {
    case Style.Heading:
      return "\x1b[1m";
    case Style.Prompt:
      return "\x1b[1;36m";
    case Style.Good:
      return "\x1b[32m";
    case Style.Bad:
      return "\x1b[1;31m";
    default:
      unreachable(style);
  }
}
