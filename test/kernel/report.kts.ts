/** @unit O2 */

import { Sink, setSink, writeByte, writeDecimal, writeText } from "../../kernel/output";
import type { INVOCATIONS } from "../../kernel/syscall/invocation";

/** What the fuzzer has done, counted. */
interface Counters extends Struct<"Counters"> {
  inputs: u64;
  /** System calls, and how many of them the kernel made again. */
  calls: u64;
  restarts: u64;
  failures: u64;
  /** Calls before and after which the state was compared (I12). */
  compared: u64;
  faults: u64;
  interrupts: u64;
  /** Packages and trust sets that were found sound. */
  sealed: u64;
  adopted: u64;
  /** Of each operation: calls that went through. */
  readonly served: FixedArray<u64, typeof INVOCATIONS>;
}

export const counters: Counters = zeroed();

/** At the end of the process: one line, JSON. @entry fuzz_report */
export function report(): void {
  setSink(Sink.Console);
  let operations: u64 = 0n;
  for (let i: u32 = 0; i < counters.served.length; i++) operations += counters.served[i] === 0n ? 0n : 1n;
  writeText('counters {"inputs":');
  writeDecimal(counters.inputs);
  field('"calls":', counters.calls);
  field('"restarts":', counters.restarts);
  field('"failures":', counters.failures);
  field('"compared":', counters.compared);
  field('"faults":', counters.faults);
  field('"interrupts":', counters.interrupts);
  field('"sealed":', counters.sealed);
  field('"adopted":', counters.adopted);
  field('"operations":', operations);
  writeText(',"served":[');
  for (let i: u32 = 0; i < counters.served.length; i++) {
    if (i > 0) writeText(",");
    writeDecimal(counters.served[i]);
  }
  writeText("]}");
  writeByte(0x0a);
}

function field(name: Bytes, value: u64): void {
  writeText(",");
  writeText(name);
  writeDecimal(value);
}
