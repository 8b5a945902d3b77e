import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a TrustControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** TrustControl.Begin: one that enough roots of the present one have signed; the Verifier's Step reads it. */
export function trustControlBegin(message: Message, trustControl: u32, bytes: u64, set: u32, verifier: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = bytes;
  buffer.sent[0] = set;
  buffer.sent[1] = verifier;
  return invoke(message, trustControl, u32(Invocation.TrustControlBegin), 1, 2);
}
