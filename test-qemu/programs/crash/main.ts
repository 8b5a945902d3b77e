/** @unsafe faults on purpose */
import { SLOT_FIRST_GRANT } from "../../../kernel/object/processSlots";
import { writeText } from "../../../kernel/output";
import { CONSOLE_LOG } from "../../../services/protocol";
import { flushText, sendText } from "../../../user/io/uart";

/** A module of the boot repository that says a line and faults; its manifest asks to be started again. */

const LOG = SLOT_FIRST_GRANT;

/** @entry program_start */
export function main(_info: u64): void {
  sendText(LOG, CONSOLE_LOG);
  writeText("crash: here");
  flushText();
  volatileLoad8(valueBarrier64(8n));
}
