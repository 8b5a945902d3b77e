import { CapType } from "../cap/capability";

/** System calls by number (RAX, or the immediate of SVC). Everything else is a Call on a capability. @storage u32 */
export const enum Syscall {
  Call,
  Send,
  NbSend,
  Recv,
  NbRecv,
  ReplyRecv,
  Reply,
  Wait,
  Poll,
  Yield,
  /** In debug builds: writes a character to the console. */
  DebugWrite,
}

/** What the entry code knows: Call is 0, and this one is frequent; no number is as large as SYSCALLS. @layout */
export const SYSCALL_REPLY_RECV = 5;
/** @layout */
export const SYSCALLS = 11;

/** What a capability of the kernel can be asked for: the label of a Call on it. */
export const INVOCATIONS = 41;

/** @storage u32 */
export const enum Invocation {
  UntypedRetype,
  CNodeCopy,
  CNodeMint,
  CNodeMove,
  CNodeDelete,
  CNodeRevoke,
  CNodeRotate,
  ThreadConfigure,
  ThreadReadRegisters,
  ThreadWriteRegisters,
  ThreadSetPriority,
  ThreadResume,
  ThreadSuspend,
  ThreadBindNotification,
  ThreadSetFaultHandler,
  ThreadSetTls,
  SchedContextBind,
  SchedContextUnbind,
  SchedContextConsumed,
  SchedControlConfigure,
  AddressSpaceMap,
  AddressSpaceUnmap,
  AddressSpaceProtect,
  AddressSpaceTranslate,
  RegionZero,
  TimerArm,
  TimerCancel,
  PowerControlPowerOff,
  IrqControlClaim,
  IrqHandlerSetNotification,
  IrqHandlerAcknowledge,
  IoPortIn,
  IoPortOut,
  ThreadSetAffinity,
  PowerControlReboot,
  InspectSystem,
  InspectVersion,
  InspectLog,
  InspectLine,
  InspectSlots,
  InspectThread,
}

/** One row an invocation, in the order of `Invocation`. */
export interface InvocationRow extends Struct<"InvocationRow"> {
  object: CapType;
  /** Words and capabilities that the message must have at least. */
  words: u8;
  caps: u8;
}

export const invocations: FixedArray<Inline<InvocationRow>, typeof INVOCATIONS> = [
  { object: CapType.Untyped, words: 5, caps: 1 },
  { object: CapType.CNode, words: 2, caps: 1 },
  { object: CapType.CNode, words: 4, caps: 1 },
  { object: CapType.CNode, words: 1, caps: 1 },
  { object: CapType.CNode, words: 1, caps: 0 },
  { object: CapType.CNode, words: 1, caps: 0 },
  { object: CapType.CNode, words: 3, caps: 0 },
  { object: CapType.Thread, words: 1, caps: 3 },
  { object: CapType.Thread, words: 1, caps: 0 },
  { object: CapType.Thread, words: 2, caps: 0 },
  { object: CapType.Thread, words: 2, caps: 0 },
  { object: CapType.Thread, words: 0, caps: 0 },
  { object: CapType.Thread, words: 0, caps: 0 },
  { object: CapType.Thread, words: 0, caps: 1 },
  { object: CapType.Thread, words: 0, caps: 1 },
  { object: CapType.Thread, words: 1, caps: 0 },
  { object: CapType.SchedContext, words: 0, caps: 1 },
  { object: CapType.SchedContext, words: 0, caps: 0 },
  { object: CapType.SchedContext, words: 0, caps: 0 },
  { object: CapType.SchedControl, words: 2, caps: 1 },
  { object: CapType.AddressSpace, words: 3, caps: 1 },
  { object: CapType.AddressSpace, words: 0, caps: 1 },
  { object: CapType.AddressSpace, words: 3, caps: 1 },
  { object: CapType.AddressSpace, words: 1, caps: 0 },
  { object: CapType.Region, words: 0, caps: 0 },
  { object: CapType.Timer, words: 1, caps: 1 },
  { object: CapType.Timer, words: 0, caps: 0 },
  { object: CapType.PowerControl, words: 1, caps: 0 },
  { object: CapType.IrqControl, words: 2, caps: 1 },
  { object: CapType.IrqHandler, words: 0, caps: 1 },
  { object: CapType.IrqHandler, words: 0, caps: 0 },
  { object: CapType.IoPort, words: 2, caps: 0 },
  { object: CapType.IoPort, words: 3, caps: 0 },
  { object: CapType.Thread, words: 1, caps: 0 },
  { object: CapType.PowerControl, words: 0, caps: 0 },
  { object: CapType.Inspect, words: 0, caps: 0 },
  { object: CapType.Inspect, words: 0, caps: 0 },
  { object: CapType.Inspect, words: 1, caps: 0 },
  { object: CapType.Inspect, words: 1, caps: 0 },
  { object: CapType.Inspect, words: 1, caps: 1 },
  { object: CapType.Inspect, words: 0, caps: 1 },
];
