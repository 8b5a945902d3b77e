import { readTicks } from "@arch/timer";
import { checkState } from "@build/watch";
import type { FaultKind } from "./fault/faultKind";
import { userFault } from "./fault/userFault";
import { expireTimers } from "./object/timer";
import { cpu, WORK_ALARM } from "./sched/cpu";
import { startFpu } from "./sched/fpu";
import { onTick, schedule } from "./sched/scheduler";
import { NEVER } from "./sched/timerWheel";

import { traceSwitch } from "./trace/ring";

/** What the architectures' trap handlers call when a user thread was interrupted. */

/** Added to a trap's vector, so that it is no system call's number. */
export const TRAPS = 1000;

/** The current thread has faulted. @hot */
export function onUserFault(kind: FaultKind, address: u64): void {
  const thread = cpu.current;
  userFault(thread, kind, address);
  schedule();
  traceSwitch(thread);
  checkState();
}

/** The current thread has touched the FPU for the first time since it lost it. */
export function onFpuUse(): void {
  startFpu(cpu.current);
}

/** The alarm went off: timers, budgets, turns. @hot */
export function onAlarm(): void {
  const now = readTicks();
  cpu.alarmAt = NEVER;
  expireTimers(now);
  onTick(now);
  cpu.work |= WORK_ALARM;
}
