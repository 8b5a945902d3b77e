/** @unsafe tells a timer by its node */
import { CapType, isCapWith, objectIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { refill } from "../sched/scheduler";
import { NEVER, nextExpiry, TimerKind, type TimerNode, type TouchBudget, takeDue } from "../sched/timerWheel";
import { type Notification, signal } from "./notification";
import type { SchedContext } from "./schedContext";

/**
 * Signals a notification at a time.
 *
 * T1  In the wheel exactly while armed; `target` then holds a capability to the notification.
 */
export interface Timer extends Struct<"Timer"> {
  /** First, so that the node's address is the timer's. */
  readonly node: Inline<TimerNode>;
  readonly target: Inline<Slot>;
}

/** Nodes that one interrupt may touch; then it comes again. */
const MAX_TOUCHED = 8;

/** Everything that is due at `now`, in ticks, but no more than MAX_TOUCHED. @hot */
export function expireTimers(now: u64): void {
  const budget = local<TouchBudget>();
  budget.left = MAX_TOUCHED;
  if (nextExpiry() === NEVER) return;
  for (let node = takeDue(now, budget); node !== null; node = takeDue(now, budget)) {
    if (node.kind === TimerKind.Refill) refill(cast<SchedContext>(addressOf(node)));
    else fire(cast<Timer>(addressOf(node)));
  }
}

/** @hot */
function fire(timer: Timer): void {
  const word = timer.target.word;
  if (isCapWith(word, CapType.Notification, 0n)) signal(cast<Notification>(objectIn(word)), timer.target.data);
}
