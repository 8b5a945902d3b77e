/** @unsafe reaches the objects behind capabilities */
import { nsOfTicks, readTicks, ticksOfNs } from "@arch/timer";
import { CapType } from "../cap/capability";
import { objectOf } from "../cap/slot";
import { ErrorCode } from "../ipc/messageInfo";
import { cpu } from "../sched/cpu";
import { bindContext, charge, unbindContext } from "../sched/scheduler";
import { answerWord, argument, capability, target, wrong } from "../syscall/request";
import type { SchedContext } from "./schedContext";
import type { Thread } from "./thread";

/** What a SchedContext's capability and SchedControl's can be asked for. */

/** Least budget: so that taking it up and away is not all that the thread does. */
const MIN_BUDGET_NS = 10_000n;
const MAX_PERIOD_NS = 0x100_0000_0000n;

function context(): SchedContext {
  return cast<SchedContext>(objectOf(target()));
}

/** SchedContext.Bind: Thread. */
export function bind(): ErrorCode {
  const slot = capability(0, CapType.Thread);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const thread = cast<Thread>(objectOf(slot));
  const to = context();
  if (to.thread !== null || thread.schedContext !== null) return ErrorCode.DeleteFirst;
  bindContext(to, thread);
  return ErrorCode.None;
}

/** SchedContext.Unbind: its thread does not run any more. */
export function unbind(): ErrorCode {
  unbindContext(context());
  return ErrorCode.None;
}

/** SchedContext.Consumed → nanoseconds used since it was made. @hot */
export function consumed(): ErrorCode {
  const current = cpu.current;
  const of = context();
  if (of.thread === current) charge(readTicks());
  answerWord(0, nsOfTicks(of.consumed));
  return ErrorCode.None;
}

/** SchedControl.Configure: budget and period in nanoseconds, a budget of 0 for no limit; SchedContext. */
export function configureContext(): ErrorCode {
  const slot = capability(0, CapType.SchedContext);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const budgetNs = argument(0);
  const periodNs = argument(1);
  if (budgetNs !== 0n && budgetNs < MIN_BUDGET_NS) return wrong(ErrorCode.RangeError, 0);
  if (periodNs < budgetNs || periodNs > MAX_PERIOD_NS) return wrong(ErrorCode.RangeError, 1);
  const to = cast<SchedContext>(objectOf(slot));
  const thread = to.thread;
  unbindContext(to);
  to.budget = ticksOfNs(budgetNs);
  to.period = ticksOfNs(periodNs);
  to.remaining = to.budget;
  to.refillAt = 0n;
  if (thread !== null) bindContext(to, thread);
  return ErrorCode.None;
}
