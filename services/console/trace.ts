import { writeText } from "../../kernel/output";
import { isEqual } from "../../kernel/text";
import { TRACE_KINDS, TraceKind } from "../../kernel/trace/record";
import type { Message } from "../../user/message";
import { traceControlStart, traceControlStop } from "../../user/stubs/traceControl";
import { lineOfRecord, type Records, takeRecords } from "../../user/traceDump";
import { CONSOLE_TRACE } from "../slots";
import { fail, Outcome } from "./command";

/** The command `trace`: what the kernel does is recorded, and written for `sila trace` on the host. */

const ALL: u64 = (1n << u64(TRACE_KINDS)) - 1n;
/** With these alone the ring holds a long time. */
const MESSAGES: u64 = (1n << u64(u32(TraceKind.Ipc))) | (1n << u64(u32(TraceKind.Fault)));

const records: Records = zeroed();

export function trace(argument: Bytes): Outcome {
  if (isEqual(argument, "on")) return start(ALL);
  if (isEqual(argument, "messages")) return start(MESSAGES);
  if (isEqual(argument, "off")) return stop();
  if (isEqual(argument, "dump")) return dump();
  return fail("trace takes on, messages, off or dump");
}

function start(events: u64): Outcome {
  const message = local<Message>();
  return traceControlStart(message, CONSOLE_TRACE, events) === 0 ? Outcome.Ok : fail("there is no trace");
}

function stop(): Outcome {
  const message = local<Message>();
  return traceControlStop(message, CONSOLE_TRACE) === 0 ? Outcome.Ok : fail("there is no trace");
}

/** It is stopped first: writing it would go on forever. */
function dump(): Outcome {
  if (stop() !== Outcome.Ok) return Outcome.Failed;
  records.next = 0n;
  while (takeRecords(records, CONSOLE_TRACE)) {
    for (let i: u32 = 0; i < records.count; i++) writeText(lineOfRecord(records, i));
  }
  return Outcome.Ok;
}
