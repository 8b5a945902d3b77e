import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../message";

/**
 * Operations of a PowerControl's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** PowerControl.PowerOff: the status, 0 to 15, is for the emulator's runner. */
export function powerControlPowerOff(message: Message, powerControl: u32, status: u64): u32 {
  message.words[0] = status;
  return invoke(message, powerControl, u32(Invocation.PowerControlPowerOff), 1, 0);
}

/** PowerControl.Reboot: starts the machine again. */
export function powerControlReboot(message: Message, powerControl: u32): u32 {
  return invoke(message, powerControl, u32(Invocation.PowerControlReboot), 0, 0);
}
