import { SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask } from "../../user/calls";
import { largestUntyped } from "../../user/initInfo";
import { debugDecimal, debugWrite } from "../../user/message";
import { type Case, nextCase, openCases } from "../codecs/cases";
import { playTrace } from "./player";

/** Plays every trace that the host has put into the boot module `cases`, and compares its hash with the model's. */

const each: Case = zeroed();

/** @entry program_start */
export function main(info: u64): void {
  const count = openCases(info, each);
  let passed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    nextCase(each);
    const hash = playTrace(each.parts[1], largestUntyped(info));
    if (hash === each.expected) passed++;
    else tell(i, hash);
  }
  debugDecimal(u64(passed));
  debugWrite(" passed, ");
  debugDecimal(u64(count - passed));
  debugWrite(" failed\n");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, passed === count ? 0n : 1n, 0n, 0);
}

function tell(index: u32, hash: u32): void {
  debugWrite("FAILED trace ");
  debugDecimal(u64(index));
  debugWrite(": hash ");
  debugDecimal(u64(hash));
  debugWrite("\n");
}
