/** @unsafe tells threads by their addresses */
import { uptimeNs } from "@arch/timer";
import type { Thread } from "../object/thread";
import { cpu } from "../sched/cpu";
import { TRACE_RECORDS, TraceKind, type TraceRecord } from "./record";

/**
 * What happens in the kernel, the last TRACE_RECORDS events. Off until a TraceControl starts it.
 *
 * R1  The ring holds the last min(written, TRACE_RECORDS) records of kinds in `events`; 0: it is off.
 */

interface Trace extends Struct<"Trace"> {
  /** Bit of each kind that is recorded. */
  events: u32;
  /** Records ever written since it was started. */
  written: u64;
  readonly records: FixedArray<Inline<TraceRecord>, typeof TRACE_RECORDS>;
}

const DETAIL_SHIFT = 48n;
const KIND_SHIFT = 60n;
const DETAIL_MASK = 0xfff;
const THREAD_MASK = 0xffff_ffff_ffffn;

export const trace: Trace = zeroed();

/** An event of the current thread, if there is a trace. @inline */
export function traceEvent(kind: TraceKind, detail: u32, word0: u64, word1: u64): void {
  if (trace.events !== 0) record(kind, cpu.current, detail, word0, word1);
}

/** If there is a trace, and the thread that goes on is another than `before`. @inline */
export function traceSwitch(before: Thread): void {
  if (trace.events !== 0 && cpu.current !== before) record(TraceKind.Switch, before, 0, nameOf(cpu.current), 0n);
}

/** @noinline */
export function record(kind: TraceKind, thread: Thread, detail: u32, word0: u64, word1: u64): void {
  if ((trace.events & (u32(1) << u32(kind))) === 0) return;
  const to = trace.records[u32(trace.written) & (TRACE_RECORDS - 1)];
  to.time = uptimeNs();
  to.head = (u64(u32(kind)) << KIND_SHIFT) | (u64(detail & DETAIL_MASK) << DETAIL_SHIFT) | nameOf(thread);
  to.word0 = word0;
  to.word1 = word1;
  trace.written += 1n;
}

/** How a trace names a thread. */
export function nameOf(thread: Thread): u64 {
  return addressOf(thread) & THREAD_MASK;
}

/** The number of the oldest record that the ring still holds. */
export function oldestRecord(): u64 {
  return trace.written > u64(TRACE_RECORDS) ? trace.written - u64(TRACE_RECORDS) : 0n;
}

/** Record number `index`, which lies between `oldestRecord` and `written`. */
export function recordAt(index: u64): TraceRecord {
  return trace.records[u32(index) & (TRACE_RECORDS - 1)];
}
