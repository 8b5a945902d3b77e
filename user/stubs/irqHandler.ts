import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of an IrqHandler's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** IrqHandler.SetNotification: gets its badge's bits with every interrupt from now on. */
export function irqHandlerSetNotification(message: Message, irqHandler: u32, notification: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = notification;
  return invoke(message, irqHandler, u32(Invocation.IrqHandlerSetNotification), 0, 1);
}

/** IrqHandler.Acknowledge: the device has been served, the next interrupt may come. */
export function irqHandlerAcknowledge(message: Message, irqHandler: u32): u32 {
  return invoke(message, irqHandler, u32(Invocation.IrqHandlerAcknowledge), 0, 0);
}
