/** The numbers of system calls and operations. Written by `make syscalls` from kernel/syscall/table.ts. */

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
  /** In debug builds. */
  DebugWrite,
}

/** What the entry code knows: Call is 0, and this one is frequent; no number is as large as SYSCALLS. @layout */
export const SYSCALL_REPLY_RECV = 5;
/** @layout */
export const SYSCALLS = 11;

/** What a capability of the kernel can be asked for: the label of a Call on it. */
export const INVOCATIONS = 61;

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
  ThreadSetAffinity,
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
  RegionAddress,
  TimerArm,
  TimerCancel,
  TimerNow,
  IrqControlClaim,
  IrqHandlerSetNotification,
  IrqHandlerAcknowledge,
  IoPortIn,
  IoPortOut,
  InspectSystem,
  InspectVersion,
  InspectLog,
  InspectLine,
  InspectSlots,
  InspectProcess,
  InspectProcessSlots,
  InspectThread,
  TraceControlStart,
  TraceControlStop,
  TraceControlRead,
  PowerControlPowerOff,
  PowerControlReboot,
  VerifierBegin,
  VerifierStep,
  ProcessStep,
  ProcessStart,
  ProcessTerminate,
  ProcessExit,
  ProcessStatus,
  ProcessReadEpitaph,
  ProcessSetNotification,
  ProcessAllocateMemoryRegion,
  ProcessCreateEndpoint,
  ProcessControlCreate,
  TrustControlBegin,
}
