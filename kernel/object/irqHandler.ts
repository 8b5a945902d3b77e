/** @unsafe reaches the notification that a line signals */
import { disableLine, enableLine, FIRST_LINE, isLevel, LINES } from "@arch/interrupts";
import { CapType, isCapWith, objectIn } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { TraceKind } from "../trace/record";
import { traceEvent } from "../trace/ring";
import { type Notification, signal } from "./notification";

/**
 * Interrupt lines and who serves them. An IrqHandler's capability names a line; there is one for each line at most.
 *
 *   free ──Claim──▶ shut ──SetNotification──▶ open ──interrupt──▶ shut ──Acknowledge──▶ open
 *     ▲                                                                                  │
 *     └──────────────────────────────────────── Delete ◀─────────────────────────────────┘
 *
 * A line that interrupts until its device has been served (level) is shut until it is acknowledged. An edge that came
 * while the line is shut would be lost: lines of that kind stay open.
 *
 * Q1  A line is claimed exactly while there is an IrqHandler capability for it.
 * Q2  `target` holds a capability to a notification, or is null: then the line is shut.
 */
export interface IrqLine extends Struct<"IrqLine"> {
  isClaimed: boolean;
  /** That came while it was claimed, since boot. */
  interrupts: u64;
  readonly target: Inline<Slot>;
}

const lines: FixedArray<Inline<IrqLine>, typeof LINES> = zeroed();

/** All lines, for the checker of the invariants. */
export function allLines(): FixedArray<Inline<IrqLine>, typeof LINES> {
  return lines;
}

/** Whether there is such a line. */
export function isLine(line: u64): boolean {
  return line >= u64(FIRST_LINE) && line < u64(LINES);
}

export function isClaimed(line: u32): boolean {
  return lines[line].isClaimed;
}

export function interruptsOf(line: u32): u64 {
  return lines[line].interrupts;
}

/** The line is shut from now on, and its claimer's. */
export function claimLine(line: u32): void {
  disableLine(line);
  lines[line].isClaimed = true;
}

/** Where the capability to the notification is. */
export function targetOfLine(line: u32): Slot {
  return lines[line].target;
}

/** Lets the next interrupt in, if somebody is to be told of it. */
export function openLine(line: u32): void {
  if (isCapWith(lines[line].target.word, CapType.Notification, 0n)) enableLine(line);
}

/** Nobody's any more; `target` has been emptied. */
export function releaseLine(line: u32): void {
  disableLine(line);
  lines[line].isClaimed = false;
}

/** An interrupt has come. @hot */
export function signalLine(line: u32): void {
  if (!isLine(u64(line)) || !lines[line].isClaimed) return;
  lines[line].interrupts += 1n;
  traceEvent(TraceKind.Irq, 0, u64(line), 0n);
  const target = lines[line].target;
  const isWanted = isCapWith(target.word, CapType.Notification, 0n);
  if (!isWanted || isLevel(line)) disableLine(line);
  if (isWanted) signal(cast<Notification>(objectIn(target.word)), target.data);
}
