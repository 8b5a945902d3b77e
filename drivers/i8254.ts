import { in8, out8 } from "@arch/cpu";

/**
 * Channel 0 of the 8254 interval timer (Intel 231164), as a stopwatch of 55 ms: it counts down once from 65,536 and
 * then raises its output, which tells a count that has wrapped from one that has not.
 */

export const I8254_HZ = 1_193_182n;
/** Answered for no count: none has been loaded yet, all have gone by, or there is no such timer. */
export const I8254_NO_READING = 0xffff_ffff;

const CHANNEL0 = 0x40;
const COMMAND = 0x43;
/** Channel 0, both bytes, mode 0 (interrupt on terminal count). */
const COUNT_DOWN = 0x30;
/** Read-back of status and count of channel 0. */
const LATCH = 0xc2;
/** In the status: the output is high; the count has not been loaded. */
const OUT_OR_NULL = 0xc0;

export function startI8254(): void {
  out8(COMMAND, COUNT_DOWN);
  out8(CHANNEL0, 0);
  out8(CHANNEL0, 0);
}

/** Ticks since `startI8254`, 0 to 65,535, or I8254_NO_READING. */
export function readI8254(): u32 {
  out8(COMMAND, LATCH);
  const status = in8(CHANNEL0);
  const low = u32(in8(CHANNEL0));
  const count = low | (u32(in8(CHANNEL0)) << 8);
  return (status & OUT_OR_NULL) === 0 ? (0x1_0000 - count) & 0xffff : I8254_NO_READING;
}
