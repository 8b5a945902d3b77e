import { CapType } from "../../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_POWER_CONTROL, SLOT_TRACE_CONTROL } from "../../../kernel/initSlots";
import { largestUntyped } from "../../../user/initInfo";
import { debugWrite, type Message } from "../../../user/message";
import { cnodeCopy } from "../../../user/stubs/cnode";
import { inspectSystem } from "../../../user/stubs/inspect";
import { powerControlPowerOff } from "../../../user/stubs/powerControl";
import { traceControlStart, traceControlStop } from "../../../user/stubs/traceControl";
import { untypedRetype } from "../../../user/stubs/untyped";
import { lineOfRecord, type Records, takeRecords } from "../../../user/traceDump";

/** Traces a few calls of its own, and writes the records to the console. */

const NOTIFICATION = 300n;
const ALL_KINDS = 0x7fn;

const records: Records = zeroed();

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  traceControlStart(message, SLOT_TRACE_CONTROL, ALL_KINDS);
  untypedRetype(message, largestUntyped(info), CapType.Notification, 0n, 1n, NOTIFICATION, 0n, SLOT_CNODE);
  cnodeCopy(message, SLOT_CNODE, NOTIFICATION, 7n, u32(NOTIFICATION));
  inspectSystem(message, SLOT_INSPECT);
  traceControlStop(message, SLOT_TRACE_CONTROL);
  while (takeRecords(records, SLOT_TRACE_CONTROL)) {
    for (let i: u32 = 0; i < records.count; i++) debugWrite(lineOfRecord(records, i));
  }
  powerControlPowerOff(message, SLOT_POWER_CONTROL, 0n);
}
