import { writeByte, writeText } from "../../kernel/output";

/**
 * What is at the other end of the wire: a terminal, or something that reads text. The console asks once, by DA (ECMA-48,
 * 8.3.24). Only a terminal answers, and one that does knows SGR and EL (8.3.117, 8.3.41), or passes over them. Until then,
 * and for files and programs always, text is plain.
 */

/** @storage u8 */
export const enum Style {
  Heading,
  Prompt,
  Good,
  Bad,
}

let isTerminal = false;

/** The answer makes Key.Terminal (key.ts). */
export function askForTerminal(): void {
  writeText("\x1b[c");
}

/** It has answered. */
export function noteTerminal(): void {
  isTerminal = true;
}

export function writeStyled(style: Style, text: Bytes): void {
  if (isTerminal) writeText(codeOf(style));
  writeText(text);
  if (isTerminal) writeText("\x1b[m");
}

/** Of a table: a line. */
export function writeHeading(text: Bytes): void {
  writeStyled(Style.Heading, text);
  writeByte(0x0a);
}

/** To the beginning of the line, which is empty then where that can be. */
export function restartLine(): void {
  writeByte(0x0d);
  if (isTerminal) writeText("\x1b[K");
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
