import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";
import { exit } from "../../user/exit";
import { logLine, openLog } from "../../user/log";

/** The smallest module that can be noticed: says a line, and ends. */

/** Its one capability: to send lines for people to read. */
const LOG = SLOT_FIRST_GRANT;

/** @entry program_start */
export function main(_info: u64): void {
  openLog(LOG);
  logLine("hello, world");
  exit(0n);
}
