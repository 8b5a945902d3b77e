import { CAP_TYPES } from "../../kernel/cap/capability";

/** What the types of capabilities are called, in the order of CapType. Written by `make syscalls` from kernel/syscall/table.ts. */
const names: FixedArray<Bytes, typeof CAP_TYPES> = [
  "Null",
  "Untyped",
  "CNode",
  "Thread",
  "SchedContext",
  "SchedControl",
  "Endpoint",
  "Notification",
  "Reply",
  "AddressSpace",
  "Region",
  "Image",
  "Timer",
  "IrqControl",
  "IrqHandler",
  "IoPort",
  "Inspect",
  "TraceControl",
  "PowerControl",
  "Verifier",
  "Process",
  "ProcessControl",
  "TrustControl",
];

export function nameOfCapType(type: u32): Bytes {
  return type < CAP_TYPES ? names[type] : "unknown";
}
