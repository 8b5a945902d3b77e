import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of an IrqControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** IrqControl.Claim: the one IrqHandler of a line, as a child of this capability. */
export function irqControlClaim(message: Message, irqControl: u32, line: u64, slot: u64, cnode: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = line;
  message.words[1] = slot;
  buffer.sent[0] = cnode;
  return invoke(message, irqControl, u32(Invocation.IrqControlClaim), 2, 1);
}
