import { takeCaptured } from "@io/uart";
import { argumentOf, clearLine, type Line, nameOf, takeTyped, textOf } from "../../services/console/line";
import { askForTerminal, Style, Terminal, writeStyled } from "../../services/console/terminal";

/** What test/services/console.test.ts calls. */

const line: Line = zeroed();

function copy(text: Bytes, to: Bytes): u32 {
  for (let i: u32 = 0; i < text.length; i++) to[i] = text[i];
  return text.length;
}

/** Whether the line is complete. @entry type_byte */
export function typeByte(byte: u32): boolean {
  return takeTyped(line, Terminal.Serial, u8(byte));
}

/** The same at the screen. @entry type_at_screen */
export function typeAtScreen(byte: u32): boolean {
  return takeTyped(line, Terminal.Screen, u8(byte));
}

/** @entry line_text */
export function lineText(to: Bytes): u32 {
  return copy(textOf(line), to);
}

/** @entry line_name */
export function lineName(to: Bytes): u32 {
  return copy(nameOf(line), to);
}

/** @entry line_argument */
export function lineArgument(to: Bytes): u32 {
  return copy(argumentOf(line), to);
}

/** @entry next_line */
export function nextLine(): void {
  clearLine(line);
}

/** @entry captured_text */
export function capturedText(to: Bytes): u32 {
  return takeCaptured(to);
}

/** @entry ask_for_terminal */
export function ask(): void {
  askForTerminal();
}

/** @entry write_good */
export function writeGood(text: Bytes): void {
  writeStyled(Style.Good, text);
}
