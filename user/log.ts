import { writeText } from "../kernel/output";
import { flushText, sendText } from "./io/uart";

/**
 * What a module has to say to people: lines, each a message to the endpoint that its manifest wants as `log`. Nobody waits
 * for whom they reach: a line is lost when more of them wait there than the endpoint keeps, and the next one that is not says
 * how many; or when the module ends otherwise than by exit.ts, which waits for the last ones.
 *
 *   openLog(LOG);
 *   logLine("ready");
 *   writeText("items: ");       kernel/output.ts: texts and numbers that make one line
 *   writeDecimal(count);
 *   endLine();
 */

/** The label of a line. */
export const LOG_LINE = 2;

/** From now on lines go to the endpoint in this slot. */
export function openLog(endpoint: u32): void {
  sendText(endpoint, LOG_LINE);
}

export function logLine(text: Bytes): void {
  writeText(text);
  endLine();
}

/** What has been written since the last one is a line. */
export function endLine(): void {
  flushText();
}
