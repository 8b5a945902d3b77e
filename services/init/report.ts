import { writeText } from "../../kernel/output";
import { flushText } from "../../user/io/uart";

/** Init's lines, which go to the console. */

export function beginLine(): void {
  writeText("init: ");
}

export function endLine(): void {
  flushText();
}

/** A line about a module. */
export function say(module: Bytes, text: Bytes): void {
  beginLine();
  writeText(module);
  writeText(" ");
  writeText(text);
  endLine();
}
