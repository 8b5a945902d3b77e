import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a Verifier's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Verifier.Begin: from headers and uncompressed binary, which are copied before they are looked at; the Image takes all of the Untyped. */
export function verifierBegin(
  message: Message,
  verifier: u32,
  headersBytes: u64,
  binaryBytes: u64,
  headers: u32,
  binary: u32,
  memory: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = headersBytes;
  message.words[1] = binaryBytes;
  buffer.sent[0] = headers;
  buffer.sent[1] = binary;
  buffer.sent[2] = memory;
  return invoke(message, verifier, u32(Invocation.VerifierBegin), 2, 3);
}

/** Verifier.Step: at most 20,000 instructions; the Image's capability goes to the slot when it is sealed → outcome, status (status), fault, place (position). */
export function verifierStep(message: Message, verifier: u32, slot: u64, cnode: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = slot;
  buffer.sent[0] = cnode;
  return invoke(message, verifier, u32(Invocation.VerifierStep), 1, 1);
}
