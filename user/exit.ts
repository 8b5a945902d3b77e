import { SLOT_PROCESS } from "../kernel/object/processSlots";
import type { Message } from "./message";
import { processExit } from "./stubs/process";

/** Ends this process; whoever has made it learns the code. @noreturn */
export function exit(code: u64): never {
  const message = local<Message>();
  for (;;) processExit(message, SLOT_PROCESS, code);
}
