import { SLOT_PROCESS } from "../kernel/object/processSlots";
import { awaitReceived, flushText } from "./io/uart";
import type { Message } from "./message";
import { processExit } from "./stubs/process";

/** Ends this process, once its lines (log.ts) have been received; whoever has made it learns the code. @noreturn */
export function exit(code: u64): never {
  const message = local<Message>();
  flushText();
  awaitReceived();
  for (;;) processExit(message, SLOT_PROCESS, code);
}
