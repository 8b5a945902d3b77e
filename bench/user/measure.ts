import { Invocation } from "../../kernel/syscall/invocation";
import { debugDecimal, debugWrite, invoke, type Message } from "../../user/message";

/**
 * What has been used, in nanoseconds that scheduling contexts have counted: under QEMU's `-icount shift=0` one is an
 * instruction.
 */

export const ROUNDS = 1000;

export function used(context: u32): u64 {
  const message = local<Message>();
  invoke(message, context, u32(Invocation.SchedContextConsumed), 0, 0);
  return message.words[0];
}

/** Prints what one of `rounds` took. */
export function report(name: Bytes, total: u64, rounds: u64): void {
  debugWrite("bench ");
  debugWrite(name);
  debugWrite(" ");
  debugDecimal(total / rounds);
  debugWrite(" instructions\n");
}
