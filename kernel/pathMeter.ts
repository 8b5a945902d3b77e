import { readCounter } from "@arch/cpu";
import { wordOf } from "@arch/userFrame";
import { labelIn, REGISTER_WORDS } from "./ipc/messageInfo";
import { beginRecord, endRecord, LogLevel } from "./log";
import { writeDecimal, writeHex, writeText } from "./output";
import { cpu } from "./sched/cpu";
import { Syscall } from "./syscall/invocation";

/**
 * The longest path with interrupts off (I13), in counts of the processor's counter (instructions under `-icount
 * shift=0`): from the kernel's entry to its exit, or between two polls of a long operation. Of the builds that are made
 * for it. What the entry and exit code itself takes, some seventy instructions, is not in it.
 */

type Words = FixedArray<u64, typeof REGISTER_WORDS>;

interface Meter extends Struct<"Meter"> {
  start: u64;
  number: u32;
  info: u64;
  readonly words: Words;
  longest: u64;
  longestNumber: u32;
  longestInfo: u64;
  readonly longestWords: Words;
}

const meter: Meter = zeroed();

export function beginPath(number: u32, info: u64): void {
  meter.number = number;
  meter.info = info;
  for (let i: u32 = 0; i < REGISTER_WORDS; i++) meter.words[i] = wordOf(cpu.current.frame, i);
  meter.start = readCounter();
}

export function endPath(): void {
  const counts = readCounter() - meter.start;
  // Release kernels have no such call: it waits for the serial port.
  if (meter.number === u32(Syscall.DebugWrite)) return;
  if (counts <= meter.longest) return;
  meter.longest = counts;
  meter.longestNumber = meter.number;
  meter.longestInfo = meter.info;
  copyStruct(meter.longestWords, meter.words);
}

export function splitPath(): void {
  endPath();
  meter.start = readCounter();
}

/** One record: how long it was, by which system call or trap, with what label and words. */
export function writeLongestPath(): void {
  beginRecord(LogLevel.Info);
  writeText("longest path: ");
  writeDecimal(meter.longest);
  writeText(" counts, by ");
  writeDecimal(u64(meter.longestNumber));
  writeText(" with label ");
  writeDecimal(labelIn(meter.longestInfo));
  writeText(" and words");
  for (let i: u32 = 0; i < REGISTER_WORDS; i++) {
    writeText(" ");
    writeHex(meter.longestWords[i], 0);
  }
  endRecord();
}
