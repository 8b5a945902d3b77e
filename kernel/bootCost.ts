import { readCounter } from "@arch/cpu";
import { calibrationCounts } from "@arch/timer";
import type { BootInfo } from "../boot/bootInfo";
import { writeDecimal, writeText } from "./console/output";
import { beginRecord, endRecord, LogLevel } from "./log";

/** What it took from the kernel's first instruction to the prompt, in counts (instructions under `-icount shift=0`). */

let counts: u64 = 0n;

/** Call right before the first prompt. Waits that calibrate a clock do not count. */
export function noteBootCost(info: BootInfo): void {
  counts = readCounter() - info.entryCounter - calibrationCounts();
  beginRecord(LogLevel.Info);
  writeText("boot: ");
  writeDecimal(counts);
  writeText(" counts to the prompt, and ");
  writeDecimal(calibrationCounts());
  writeText(" of calibration");
  endRecord();
}

export function bootCounts(): u64 {
  return counts;
}
