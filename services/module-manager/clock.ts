import { Invocation } from "../../kernel/syscall/invocation";
import { ask } from "../../user/calls";
import type { Message } from "../../user/message";
import { timerNow } from "../../user/stubs/timer";
import { TIMER, TIMER_SIGNAL } from "./slots";

/** Time, by a Timer: how late it is, and a signal at a time. */

/** Uptime. */
export function nowNs(): u64 {
  const message = local<Message>();
  timerNow(message, TIMER);
  return message.words[0];
}

/** The one signal that there is comes at this uptime. */
export function wakeAt(ns: u64): void {
  ask(TIMER, Invocation.TimerArm, ns, 0n, TIMER_SIGNAL);
}
