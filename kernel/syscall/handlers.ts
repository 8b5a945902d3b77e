import { CapType } from "../cap/capability";
import type { ErrorCode } from "../ipc/messageInfo";
import { address, map, protect, translate, unmap, zero } from "../object/addressSpaceCalls";
import { copy, mint, move, remove, revokeSlot, rotate } from "../object/cnode";
import {
  inspectLine,
  inspectLog,
  inspectProcess,
  inspectProcessSlots,
  inspectSlots,
  inspectSystem,
  inspectThread,
  inspectVersion,
} from "../object/inspect";
import { portIn, portOut } from "../object/ioPort";
import { acknowledge, claim, setNotification } from "../object/irqCalls";
import { powerOff, reboot } from "../object/powerControl";
import {
  allocateRegion,
  createEndpoint,
  exitProcess,
  processStatus,
  readEpitaph,
  setEndNotification,
  startProcess,
  stepProcess,
  terminateProcess,
} from "../object/processCalls";
import { createProcess } from "../object/processCreate";
import { bind, configureContext, consumed, unbind } from "../object/schedContextCalls";
import {
  bindNotification,
  configure,
  readRegisters,
  resume,
  setAffinity,
  setFaultHandler,
  setPriority,
  setTls,
  suspend,
  writeRegisters,
} from "../object/threadCalls";
import { arm, cancel, now } from "../object/timerCalls";
import { readTrace, startTrace, stopTrace } from "../object/traceControl";
import { retype } from "../object/untyped";
import { beginPackage, beginTrust, stepPackage } from "../object/verifierCalls";
import type { INVOCATIONS } from "./invocation";

/** What serves each operation. Written by `make syscalls` from kernel/syscall/table.ts. */

/** Checks everything, then changes; answers why not, or None. */
type Handler = () => ErrorCode;

/** One row an operation, in the order of `Invocation`. */
interface HandlerRow extends Struct<"HandlerRow"> {
  object: CapType;
  /** Words and capabilities that the message must have at least. */
  words: u8;
  caps: u8;
  serve: Handler;
}

export const handlers: FixedArray<Inline<HandlerRow>, typeof INVOCATIONS> = [
  { object: CapType.Untyped, words: 5, caps: 1, serve: retype },
  { object: CapType.CNode, words: 2, caps: 1, serve: copy },
  { object: CapType.CNode, words: 4, caps: 1, serve: mint },
  { object: CapType.CNode, words: 1, caps: 1, serve: move },
  { object: CapType.CNode, words: 1, caps: 0, serve: remove },
  { object: CapType.CNode, words: 1, caps: 0, serve: revokeSlot },
  { object: CapType.CNode, words: 3, caps: 0, serve: rotate },
  { object: CapType.Thread, words: 1, caps: 3, serve: configure },
  { object: CapType.Thread, words: 1, caps: 0, serve: readRegisters },
  { object: CapType.Thread, words: 2, caps: 0, serve: writeRegisters },
  { object: CapType.Thread, words: 2, caps: 0, serve: setPriority },
  { object: CapType.Thread, words: 1, caps: 0, serve: setAffinity },
  { object: CapType.Thread, words: 0, caps: 0, serve: resume },
  { object: CapType.Thread, words: 0, caps: 0, serve: suspend },
  { object: CapType.Thread, words: 0, caps: 1, serve: bindNotification },
  { object: CapType.Thread, words: 0, caps: 1, serve: setFaultHandler },
  { object: CapType.Thread, words: 1, caps: 0, serve: setTls },
  { object: CapType.SchedContext, words: 0, caps: 1, serve: bind },
  { object: CapType.SchedContext, words: 0, caps: 0, serve: unbind },
  { object: CapType.SchedContext, words: 0, caps: 0, serve: consumed },
  { object: CapType.SchedControl, words: 2, caps: 1, serve: configureContext },
  { object: CapType.AddressSpace, words: 3, caps: 1, serve: map },
  { object: CapType.AddressSpace, words: 0, caps: 1, serve: unmap },
  { object: CapType.AddressSpace, words: 3, caps: 1, serve: protect },
  { object: CapType.AddressSpace, words: 1, caps: 0, serve: translate },
  { object: CapType.Region, words: 0, caps: 0, serve: zero },
  { object: CapType.Region, words: 0, caps: 0, serve: address },
  { object: CapType.Timer, words: 1, caps: 1, serve: arm },
  { object: CapType.Timer, words: 0, caps: 0, serve: cancel },
  { object: CapType.Timer, words: 0, caps: 0, serve: now },
  { object: CapType.IrqControl, words: 2, caps: 1, serve: claim },
  { object: CapType.IrqHandler, words: 0, caps: 1, serve: setNotification },
  { object: CapType.IrqHandler, words: 0, caps: 0, serve: acknowledge },
  { object: CapType.IoPort, words: 2, caps: 0, serve: portIn },
  { object: CapType.IoPort, words: 3, caps: 0, serve: portOut },
  { object: CapType.Inspect, words: 0, caps: 0, serve: inspectSystem },
  { object: CapType.Inspect, words: 0, caps: 0, serve: inspectVersion },
  { object: CapType.Inspect, words: 1, caps: 0, serve: inspectLog },
  { object: CapType.Inspect, words: 1, caps: 0, serve: inspectLine },
  { object: CapType.Inspect, words: 1, caps: 1, serve: inspectSlots },
  { object: CapType.Inspect, words: 1, caps: 0, serve: inspectProcess },
  { object: CapType.Inspect, words: 2, caps: 0, serve: inspectProcessSlots },
  { object: CapType.Inspect, words: 0, caps: 1, serve: inspectThread },
  { object: CapType.TraceControl, words: 1, caps: 0, serve: startTrace },
  { object: CapType.TraceControl, words: 0, caps: 0, serve: stopTrace },
  { object: CapType.TraceControl, words: 1, caps: 0, serve: readTrace },
  { object: CapType.PowerControl, words: 1, caps: 0, serve: powerOff },
  { object: CapType.PowerControl, words: 0, caps: 0, serve: reboot },
  { object: CapType.Verifier, words: 2, caps: 3, serve: beginPackage },
  { object: CapType.Verifier, words: 1, caps: 1, serve: stepPackage },
  { object: CapType.Process, words: 0, caps: 0, serve: stepProcess },
  { object: CapType.Process, words: 0, caps: 0, serve: startProcess },
  { object: CapType.Process, words: 0, caps: 0, serve: terminateProcess },
  { object: CapType.Process, words: 1, caps: 0, serve: exitProcess },
  { object: CapType.Process, words: 0, caps: 0, serve: processStatus },
  { object: CapType.Process, words: 1, caps: 0, serve: readEpitaph },
  { object: CapType.Process, words: 0, caps: 1, serve: setEndNotification },
  { object: CapType.Process, words: 3, caps: 1, serve: allocateRegion },
  { object: CapType.Process, words: 2, caps: 1, serve: createEndpoint },
  { object: CapType.ProcessControl, words: 8, caps: 4, serve: createProcess },
  { object: CapType.TrustControl, words: 1, caps: 2, serve: beginTrust },
];
