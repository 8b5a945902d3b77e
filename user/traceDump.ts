import type { MAX_WORDS } from "../kernel/ipc/messageInfo";
import { answerAt, type Message } from "./message";
import { beginNumbers, type NumberLine, putHex, textOfNumbers } from "./numberLine";
import { traceControlRead } from "./stubs/traceControl";

/** What a trace has recorded, for scripts/traceLines.ts: a line a record, `trace:` and four numbers. */

const RECORD_WORDS = 4;

/** Records that are taken out of the ring: whoever writes lines uses the message buffer. */
export interface Records extends Struct<"Records"> {
  /** Where the next ones begin; 0 at first. */
  next: u64;
  count: u32;
  readonly words: FixedArray<u64, typeof MAX_WORDS>;
  readonly line: Inline<NumberLine>;
}

/** Takes the next records; false when there are no more. */
export function takeRecords(records: Records, traceControl: u32): boolean {
  const message = local<Message>();
  records.count = 0;
  if (traceControlRead(message, traceControl, records.next) !== 0) return false;
  records.next = message.words[0];
  records.count = u32(message.words[1]);
  for (let i: u32 = 0; i < records.count * RECORD_WORDS; i++) records.words[i] = answerAt(message, 2 + i);
  return records.count !== 0;
}

/** The line of record `index` of these. */
export function lineOfRecord(records: Records, index: u32): Bytes {
  beginNumbers(records.line, "trace:");
  for (let i: u32 = 0; i < RECORD_WORDS; i++) putHex(records.line, records.words[index * RECORD_WORDS + i]);
  return textOfNumbers(records.line);
}
