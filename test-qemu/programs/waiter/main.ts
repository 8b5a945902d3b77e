import { SLOT_FIRST_GRANT } from "../../../kernel/object/processSlots";
import { Syscall } from "../../../kernel/syscall/invocation";
import { type Message, systemCall } from "../../../user/message";

/** A module that offers a service and waits for requests that it does not answer. */

const WAIT = SLOT_FIRST_GRANT;

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  for (;;) systemCall(Syscall.Recv, WAIT, 0, message);
}
