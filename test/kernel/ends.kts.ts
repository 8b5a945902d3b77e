/** @unit O2 */
import { faultKernel } from "@machine/processor.kts";
import { CapType } from "../../kernel/cap/capability";
import { onFailedCheck, type PanicKind } from "../../kernel/fault/panic";
import { SLOT_CNODE, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { SLOT_POOL } from "../../test-qemu/script/world";
import { ask, mintInto, retype, waitFor } from "../../user/calls";
import { type Message, systemCall } from "../../user/message";
import { timerArm, timerNow } from "../../user/stubs/timer";
import { bootWorld, mapMemory } from "./boot.kts";

/** What no fuzzer may come to: how the kernel ends, and how it sleeps while nobody is ready. */

const TIMER = 20;
const NOTIFICATION = 21;
const BADGED = 22;
const BADGE = 4n;
const PAUSE_NS = 50_000n;

/** @storage u32 */
const enum End {
  Fault = 20,
  PowerOff,
  Reboot,
  Sleep,
  Write,
}

/** A PanicKind, or an End. Answers the exit status, if it comes back. @entry harness_run */
export function run(which: u64, rounds: u64): u32 {
  mapMemory();
  bootWorld("invariants=1");
  switch (u32(which)) {
    case u32(End.Fault):
      faultKernel(0xdead_0000n);
      return 1;
    case u32(End.PowerOff):
      return ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, 3n, 0n, 0);
    case u32(End.Reboot):
      return ask(SLOT_POWER_CONTROL, Invocation.PowerControlReboot, 0n, 0n, 0);
    case u32(End.Sleep):
      return sleep();
    case u32(End.Write):
      return write("written by a user\n");
    default:
      onFailedCheck(toEnum<PanicKind>(u32(which)), "as it was told", 7n, 5n, 0);
  }
}

/** Nobody else is there to run: the alarm has to wake the keeper. */
function sleep(): u32 {
  const message = local<Message>();
  if (retype(SLOT_POOL, CapType.Timer, 0n, 1, TIMER) !== 0) return 1;
  if (retype(SLOT_POOL, CapType.Notification, 0n, 1, NOTIFICATION) !== 0) return 1;
  if (mintInto(SLOT_CNODE, NOTIFICATION, BADGED, 7n, BADGE) !== 0) return 1;
  if (timerNow(message, TIMER) !== 0) return 1;
  const until = message.words[0] + PAUSE_NS;
  if (timerArm(message, TIMER, until, BADGED) !== 0) return 1;
  if (waitFor(NOTIFICATION) !== BADGE) return 1;
  if (timerNow(message, TIMER) !== 0) return 1;
  return message.words[0] >= until ? 0 : 1;
}

function write(text: Bytes): u32 {
  const message = local<Message>();
  for (let i: u32 = 0; i < text.length; i++) {
    message.words[0] = u64(u32(text[i]));
    systemCall(Syscall.DebugWrite, 0, 0, message);
  }
  return 0;
}
