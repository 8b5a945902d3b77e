import { SLOT_FIRST_GRANT, SLOT_PROCESS } from "../../kernel/object/processSlots";
import { writeText } from "../../kernel/output";
import { flushText, sendText } from "../../user/io/uart";
import type { Message } from "../../user/message";
import { processExit } from "../../user/stubs/process";

/** The smallest module that can be noticed: says a line, and ends. */

/** Its one capability: to send lines for people to read. */
const LOG = SLOT_FIRST_GRANT;
/** Of such a line (services/protocol.ts). */
const LINE = 2;

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  sendText(LOG, LINE);
  writeText("hello, world");
  flushText();
  processExit(message, SLOT_PROCESS, 0n);
}
