import { traceCalls, traceNoCalls } from "@arch/trapTable";
import { ErrorCode } from "../ipc/messageInfo";
import { answerRoom, answerWord, argument, wrong } from "../syscall/request";
import { TRACE_KINDS } from "../trace/record";
import { oldestRecord, recordAt, trace } from "../trace/ring";

/** Authority over the trace (trace/record.ts). There is no object. */

const RECORD_WORDS = 4;

/** TraceControl.Start: which kinds of events, a bit each. The ring is empty then. */
export function startTrace(): ErrorCode {
  const events = argument(0);
  if (events === 0n || events >> u64(TRACE_KINDS) !== 0n) return wrong(ErrorCode.InvalidArgument, 0);
  trace.written = 0n;
  trace.events = u32(events);
  traceCalls();
  return ErrorCode.None;
}

/** TraceControl.Stop. What has been recorded stays to be read. */
export function stopTrace(): ErrorCode {
  trace.events = 0;
  traceNoCalls();
  return ErrorCode.None;
}

/** TraceControl.Read: position, 0 at first → the next position, number of records; four words each. What has been overwritten is left out. */
export function readTrace(): ErrorCode {
  const oldest = oldestRecord();
  const from = argument(0) < oldest ? oldest : argument(0);
  if (from > trace.written) return wrong(ErrorCode.RangeError, 0);
  const room = (answerRoom() - 2) / RECORD_WORDS;
  const left = trace.written - from;
  const count = left < u64(room) ? u32(left) : room;
  for (let i: u32 = 0; i < count; i++) tellRecord(from + u64(i), 2 + i * RECORD_WORDS);
  answerWord(0, from + u64(count));
  answerWord(1, u64(count));
  return ErrorCode.None;
}

function tellRecord(index: u64, at: u32): void {
  const record = recordAt(index);
  answerWord(at, record.time);
  answerWord(at + 1, record.head);
  answerWord(at + 2, record.word0);
  answerWord(at + 3, record.word1);
}
