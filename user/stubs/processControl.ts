import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a ProcessControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** ProcessControl.Create: a process from a sealed Image; the endowment has the parameters in slot 1, and behind it a capability or nothing for each entry of the manifest → status (status), fault, entry (index), refused (flags), number. */
export function processControlCreate(
  message: Message,
  processControl: u32,
  owner0: u64,
  owner1: u64,
  owner2: u64,
  owner3: u64,
  name0: u64,
  name1: u64,
  name2: u64,
  name3: u64,
  process: u32,
  image: u32,
  budget: u32,
  endowment: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = owner0;
  message.words[1] = owner1;
  message.words[2] = owner2;
  message.words[3] = owner3;
  buffer.words[4] = name0;
  buffer.words[5] = name1;
  buffer.words[6] = name2;
  buffer.words[7] = name3;
  buffer.sent[0] = process;
  buffer.sent[1] = image;
  buffer.sent[2] = budget;
  buffer.sent[3] = endowment;
  return invoke(message, processControl, u32(Invocation.ProcessControlCreate), 8, 4);
}
