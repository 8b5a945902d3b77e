import type { TimerNode } from "../sched/timerWheel";
import type { Thread } from "./thread";

/**
 * The right to use the processor: `budget` ticks in every `period`. Without a budget (0) it has no limit, and shares
 * its priority with others by turns.
 *
 *   full ──first use──▶ counting ──budget used──▶ empty ──period after the first use──▶ full
 *
 * C1  `thread` and its `schedContext` name each other, or nobody.
 */
export interface SchedContext extends Struct<"SchedContext"> {
  /** In the timer wheel while the budget is empty. First, so that the node's address is the context's. */
  readonly refill: Inline<TimerNode>;
  thread: Thread | null;
  /** Ticks used since it was made. */
  consumed: u64;
  budget: u64;
  period: u64;
  remaining: u64;
  /** When the budget is full again; 0n while it is full. */
  refillAt: u64;
}
