import { uptimeNs } from "@arch/timer";
import { uartLine } from "@arch/uart";
import { type BootInfo, isOption } from "../boot/bootInfo";
import { isClaimed } from "./object/irqHandler";
import { Sink, setSink, writeByte, writePadded, writeText } from "./output";

/**
 * The kernel log: one line a record, with the time since boot and a level. Every record goes to the ring; those
 * at or above the threshold (`loglevel=debug|info|warn|error`, info when absent) also go to the serial port and the
 * screen, until a driver has claimed the port's interrupt line: from then on both are the drivers'. What users cause goes to the
 * ring alone.
 *
 *   begin ──▶ writeText, writeDecimal, … ──▶ end
 */

/** @storage u8 */
export const enum LogLevel {
  Debug,
  Info,
  Warn,
  Error,
}

let threshold: LogLevel = LogLevel.Info;
let sinkBefore: Sink = Sink.Console;

export function initLog(info: BootInfo): void {
  if (isOption(info, "loglevel", "debug")) threshold = LogLevel.Debug;
  else if (isOption(info, "loglevel", "warn")) threshold = LogLevel.Warn;
  else if (isOption(info, "loglevel", "error")) threshold = LogLevel.Error;
}

/** Starts a record; what is written until `endRecord` belongs to it. */
export function beginRecord(level: LogLevel): void {
  const isShown = u32(level) >= u32(threshold) && !isClaimed(uartLine());
  beginRecordIn(isShown ? Sink.Both : Sink.Ring, level);
}

/** Starts a record that a user can cause whenever it likes: the serial port would keep interrupts off too long (I13). */
export function beginUserRecord(level: LogLevel): void {
  beginRecordIn(Sink.Ring, level);
}

function beginRecordIn(to: Sink, level: LogLevel): void {
  sinkBefore = setSink(to);
  const now = uptimeNs();
  writeByte(0x5b);
  writePadded(now / 1_000_000_000n, 5, 0x20);
  writeByte(0x2e);
  writePadded((now / 1_000n) % 1_000_000n, 6, 0x30);
  writeText("] ");
  writeText(levelName(level));
}

export function endRecord(): void {
  writeByte(0x0a);
  setSink(sinkBefore);
}

/** A record of fixed text. */
export function log(level: LogLevel, text: Bytes): void {
  beginRecord(level);
  writeText(text);
  endRecord();
}

function levelName(level: LogLevel): Bytes {
  switch (level) {
    case LogLevel.Debug:
      return "debug ";
    case LogLevel.Info:
      return "info  ";
    case LogLevel.Warn:
      return "warn  ";
    case LogLevel.Error:
      return "error ";
    default:
      unreachable(level);
  }
}
