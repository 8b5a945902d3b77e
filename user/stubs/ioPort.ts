import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../message";

/**
 * Operations of an IoPort's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** IoPort.In: reads 1, 2 or 4 bytes → value. */
export function ioPortIn(message: Message, ioPort: u32, bytes: u64, port: u64): u32 {
  message.words[0] = bytes;
  message.words[1] = port;
  return invoke(message, ioPort, u32(Invocation.IoPortIn), 2, 0);
}

/** IoPort.Out: writes 1, 2 or 4 bytes. */
export function ioPortOut(message: Message, ioPort: u32, bytes: u64, port: u64, value: u64): u32 {
  message.words[0] = bytes;
  message.words[1] = port;
  message.words[2] = value;
  return invoke(message, ioPort, u32(Invocation.IoPortOut), 3, 0);
}
