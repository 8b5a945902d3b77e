import { CapType } from "../../../kernel/cap/capability";
import { MAX_MODULES } from "../../../kernel/initInfo";
import { SLOT_CNODE } from "../../../kernel/initSlots";
import { Invocation } from "../../../kernel/syscall/invocation";
import { isEqual } from "../../../kernel/text";
import { boot } from "../../../services/init/boot";
import { say } from "../../../services/init/report";
import { nameOf, ServiceState } from "../../../services/init/service";
import { PROCESS, SLOT_ENDED, slotsOf } from "../../../services/init/slots";
import { attend, pool, services } from "../../../services/init/supervise";
import { allocate } from "../../../user/buddy";
import { ask, mintInto, retype, waitFor } from "../../../user/calls";
import type { Message } from "../../../user/message";
import { processTerminate } from "../../../user/stubs/process";
import { timerNow } from "../../../user/stubs/timer";

/** Init that ends the screen's driver a few times, once everything runs; each time it is made again, as by any init. */

const DRIVER: Bytes = "sila.screen";
const STRIKES = 4;
const PAUSE_NS = 400_000_000n;
const STRIKE = 1n << 50n;
const TIMER = 140;
const SIGNAL = 141;
const TIMER_SIZE = 12;
const ALL_RIGHTS = 7n;

/** @entry program_start */
export function main(address: u64): void {
  boot(address);
  retype(allocate(pool, TIMER_SIZE), CapType.Timer, 0n, 1, TIMER);
  mintInto(SLOT_CNODE, SLOT_ENDED, SIGNAL, ALL_RIGHTS, STRIKE);
  let left: u32 = STRIKES;
  arm();
  for (;;) {
    const signals = waitFor(SLOT_ENDED);
    attend(address, signals);
    if ((signals & STRIKE) === 0n) continue;
    if (left === 0) {
      say(DRIVER, "has been ended often enough");
      continue;
    }
    if (strike()) left--;
    arm();
  }
}

function arm(): void {
  const message = local<Message>();
  timerNow(message, TIMER);
  ask(TIMER, Invocation.TimerArm, message.words[0] + PAUSE_NS, 0n, SIGNAL);
}

/** False when it does not run just now. */
function strike(): boolean {
  const message = local<Message>();
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    if (services[i].state !== ServiceState.Running || !isEqual(nameOf(services[i]), DRIVER)) continue;
    return processTerminate(message, slotsOf(i) + PROCESS) === 0;
  }
  return false;
}
