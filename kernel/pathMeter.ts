import { readCounter } from "@arch/cpu";
import { labelIn } from "./ipc/messageInfo";
import { beginRecord, endRecord, LogLevel } from "./log";
import { writeDecimal, writeText } from "./output";

/**
 * The longest path with interrupts off (I13), in counts of the processor's counter (instructions under `-icount
 * shift=0`): from the kernel's entry to its exit, or between two polls of a long operation. Of the builds that are made
 * for it. What the entry and exit code itself takes, some seventy instructions, is not in it.
 */

interface Meter extends Struct<"Meter"> {
  start: u64;
  number: u32;
  info: u64;
  longest: u64;
  longestNumber: u32;
  longestInfo: u64;
}

const meter: Meter = zeroed();

export function beginPath(number: u32, info: u64): void {
  meter.number = number;
  meter.info = info;
  meter.start = readCounter();
}

export function endPath(): void {
  const counts = readCounter() - meter.start;
  if (counts <= meter.longest) return;
  meter.longest = counts;
  meter.longestNumber = meter.number;
  meter.longestInfo = meter.info;
}

export function splitPath(): void {
  endPath();
  meter.start = readCounter();
}

/** One record: how long it was, by which system call or trap, and with what label. */
export function writeLongestPath(): void {
  beginRecord(LogLevel.Info);
  writeText("longest path: ");
  writeDecimal(meter.longest);
  writeText(" counts, by ");
  writeDecimal(u64(meter.longestNumber));
  writeText(" with label ");
  writeDecimal(labelIn(meter.longestInfo));
  endRecord();
}
