/**
 * Kinds of capabilities, as manifests, ceilings and policies number them; a number keeps its meaning.
 *
 * @storage u8
 */
export const enum GrantKind {
  Untyped = 1,
  CNode,
  Thread,
  SchedContext,
  SchedControl,
  Endpoint,
  Notification,
  Reply,
  AddressSpace,
  Region,
  Image,
  Timer,
  IrqControl,
  IrqHandler,
  IoPort,
  Inspect,
  TraceControl,
  PowerControl,
  Verifier,
  Process,
  ProcessControl,
  TrustControl,
}

export const LAST_KIND = 22n;

/** Receive or read; send, signal or write; pass capabilities on. */
export const GRANT_READ = 1;
export const GRANT_WRITE = 2;
export const GRANT_PASS = 4;
export const ALL_GRANT_RIGHTS = 7n;
