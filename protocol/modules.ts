import type { Name, VersionText } from "./texts";

/** Where a module that was loaded is in its life. @storage u8 */
export const enum ModuleState {
  /** No module. */
  None,
  /** On its way: the load is in flight. */
  Loading,
  Running,
  /** By its own Exit. */
  Exited,
  Faulted,
}

/**
 * To the ModuleManager: one of the modules that it has loaded.
 *
 * @message 261 call
 */
export interface ListModulesRequest extends Struct<"ListModulesRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The first place that is asked about. */
  index: u32;
}

/**
 * The module in the first place from there on that has one.
 *
 * @message 262 answer
 */
export interface ModuleRow extends Struct<"ModuleRow"> {
  /** Of the request. */
  requestId: u64;
  /** None when there is no further one; the other fields mean nothing then. */
  state: ModuleState;
  /** The place to ask about next. */
  next: u32;
  /** By which it is known to Terminate and to the directory. */
  processId: u32;
  /** Of its load. */
  loadId: u32;
  /** What it takes of the module pool. */
  memoryBytes: u64;
  /** Exit code, or kind and address of the fault. */
  code: u64;
  /** Of its fault. */
  address: u64;
  readonly name: Inline<Name>;
  readonly version: Inline<VersionText>;
}

/**
 * To the ModuleManager: end a process that it has made.
 *
 * @message 263 call
 */
export interface TerminateModuleRequest extends Struct<"TerminateModuleRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** Which one. */
  processId: u32;
}

/** How that went. @storage u8 */
export const enum TerminateStatus {
  Success,
  NotFound,
  Refused,
}

/**
 * The module is gone, with everything that was made for it.
 *
 * @message 264 answer
 */
export interface TerminateModuleResponse extends Struct<"TerminateModuleResponse"> {
  /** Of the request. */
  requestId: u64;
  /** How it went. */
  status: TerminateStatus;
}
