import type { ErrorCode } from "../../kernel/ipc/messageInfo";
import { writeDecimal, writeText } from "../../kernel/output";
import { endLine } from "../../user/log";

/** An attempt at something that a module must not do, and what became of it. */

export interface Attempt extends Struct<"Attempt"> {
  name: Bytes;
  /** Whether it was refused, as it has to be. */
  run: () => boolean;
}

interface Tally extends Struct<"Tally"> {
  done: u32;
  letThrough: u32;
}

const tally: Tally = zeroed();

/** Whether a call has failed, and with this error. */
export function isRefused(error: u32, expected: ErrorCode): boolean {
  return error === u32(expected);
}

/** Counts an attempt, and says what became of it. */
export function report(name: Bytes, wasRefused: boolean): void {
  tally.done++;
  if (!wasRefused) tally.letThrough++;
  writeText("hostile: ");
  writeText(name);
  writeText(wasRefused ? ": refused" : ": LET THROUGH");
  endLine();
}

/** Says how many attempts there were; answers how many were let through. */
export function conclude(): u32 {
  writeText("hostile: ");
  writeDecimal(u64(tally.done));
  writeText(" attempts, ");
  writeDecimal(u64(tally.letThrough));
  writeText(" let through");
  endLine();
  return tally.letThrough;
}
