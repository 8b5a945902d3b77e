import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of a Timer's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Timer.Arm: at this uptime the notification gets its badge's bits. */
export function timerArm(message: Message, timer: u32, at: u64, notification: u32): u32 {
  const buffer = bufferFor(message);
  message.words[0] = at;
  buffer.sent[0] = notification;
  return invoke(message, timer, u32(Invocation.TimerArm), 1, 1);
}

/** Timer.Cancel: harmless when it is not armed. */
export function timerCancel(message: Message, timer: u32): u32 {
  return invoke(message, timer, u32(Invocation.TimerCancel), 0, 0);
}

/** Timer.Now: the uptime, by which Arm counts → uptime (ns). */
export function timerNow(message: Message, timer: u32): u32 {
  return invoke(message, timer, u32(Invocation.TimerNow), 0, 0);
}
