import type { LoadStatus } from "./status";
import type { Name, RangeText, VersionText } from "./texts";

/** What is asked for. @storage u8 */
export const enum LoadPurpose {
  /** A process that runs. */
  Run,
  /** The verdict alone: nothing is left afterwards. */
  Verify,
}

/**
 * From whoever wants a module, to the ModuleManager: find it, verify it, run it.
 *
 * @message 257 send
 */
export interface LoadModuleRequest extends Struct<"LoadModuleRequest"> {
  /** The requester's own number; with the badge of its capability it names the load. */
  requestId: u64;
  /** Of the module. */
  readonly name: Inline<Name>;
  /** Versions that will do; nothing for the newest that is no pre-release. */
  readonly range: Inline<RangeText>;
  /** Whether it runs afterwards. */
  purpose: LoadPurpose;
  /** A service that runs already may be loaded a second time. */
  isSecondAllowed: boolean;
  /** The load's time in milliseconds; 0 for the ModuleManager's own limit. */
  timeoutMs: u32;
  /** Where the answer goes, once. @capability Endpoint */
  replyTo: u32;
  /** Passed on to the module as it is (InitialModuleParameters). @capability Region @optional */
  parameters: u32;
}

/**
 * The end of a load, to the requester's `replyTo`.
 *
 * @message 258 answer
 */
export interface LoadModuleResponse extends Struct<"LoadModuleResponse"> {
  /** Of the request. */
  requestId: u64;
  /** How it ended. */
  status: LoadStatus;
  /** What is wrong with the package (PackageFault), or 0. */
  fault: u32;
  /** In which part of it (Part). */
  part: u32;
  /** At which byte, or with which entry of the manifest. */
  place: u32;
  /** The receipt's number; 0 when the load was not admitted. */
  loadId: u32;
  /** Of the process; 0 when none was made. */
  processId: u32;
  /** That was found. */
  readonly version: Inline<VersionText>;
}
