import type { LoadStatus } from "./status";
import type { Name, RangeText, VersionText } from "./texts";

/**
 * To the ModuleRepository: the best version of a module.
 *
 * @message 267 call
 */
export interface FindModuleRequest extends Struct<"FindModuleRequest"> {
  /** The requester's own number. */
  requestId: u64;
  readonly name: Inline<Name>;
  /** Versions that will do; nothing for the newest that is no pre-release. */
  readonly range: Inline<RangeText>;
}

/**
 * The highest version that satisfies the range.
 *
 * @message 268 answer
 */
export interface FindModuleResponse extends Struct<"FindModuleResponse"> {
  /** Of the request. */
  requestId: u64;
  /** Success, NotFound or NoMatchingVersion. */
  status: LoadStatus;
  /** Of the package file. */
  fileBytes: u64;
  readonly version: Inline<VersionText>;
  /** The package file, read-only. @capability Region @optional */
  file: u32;
}

/**
 * To the ModuleRepository: what it has.
 *
 * @message 269 call
 */
export interface ListPackagesRequest extends Struct<"ListPackagesRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The place that is asked about. */
  index: u32;
}

/**
 * The package in that place.
 *
 * @message 270 answer
 */
export interface PackageRow extends Struct<"PackageRow"> {
  /** Of the request. */
  requestId: u64;
  /** How many there are. */
  count: u32;
  /** Of the package file; 0 when there is none in this place. */
  fileBytes: u64;
  readonly name: Inline<Name>;
  readonly version: Inline<VersionText>;
}
