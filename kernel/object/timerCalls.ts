/** @unsafe reaches the timer behind a capability */
import { ticksOfUptime, uptimeNs } from "@arch/timer";
import { CapType } from "../cap/capability";
import { disarm } from "../cap/delete";
import { derive, whyNoCopy } from "../cap/derive";
import { objectOf } from "../cap/slot";
import { ErrorCode } from "../ipc/messageInfo";
import { cpu, WORK_ALARM } from "../sched/cpu";
import { addTimer } from "../sched/timerWheel";
import { answerWord, argument, capability, target, wrong } from "../syscall/request";
import type { Timer } from "./timer";

/** What a Timer's capability can be asked for. */

/** Later than anybody waits, and early enough for ticks not to overflow: 36 years. */
const MAX_UPTIME_NS = 0x1000_0000_0000_0000n;

/** Timer.Arm: uptime in nanoseconds; Notification, which gets its badge's bits then. */
export function arm(): ErrorCode {
  const slot = capability(0, CapType.Notification);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const problem = whyNoCopy(slot);
  if (problem !== ErrorCode.None) return wrong(problem, 0);
  const timer = cast<Timer>(objectOf(target()));
  disarm(timer);
  derive(slot, timer.target, slot.word, slot.data);
  const at = argument(0);
  addTimer(timer.node, ticksOfUptime(at < MAX_UPTIME_NS ? at : MAX_UPTIME_NS));
  cpu.work |= WORK_ALARM;
  return ErrorCode.None;
}

/** Timer.Cancel. Harmless when it is not armed. */
export function cancel(): ErrorCode {
  disarm(cast<Timer>(objectOf(target())));
  return ErrorCode.None;
}

/** Timer.Now → uptime in nanoseconds. */
export function now(): ErrorCode {
  answerWord(0, uptimeNs());
  return ErrorCode.None;
}
