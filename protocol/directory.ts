import type { Name, VersionText } from "./texts";

/** How the ServiceDirectory answers. @storage u8 */
export const enum DirectoryStatus {
  Success,
  /** No service has this name. */
  NotFound,
  /** Another one has the name. */
  Taken,
  /** There is no place for another entry, or another watcher. */
  Full,
}

/**
 * To the ServiceDirectory, by whoever holds the capability to look up.
 *
 * @message 271 call
 */
export interface LookUpServiceRequest extends Struct<"LookUpServiceRequest"> {
  /** The requester's own number. */
  requestId: u64;
  readonly name: Inline<Name>;
}

/**
 * The service of that name.
 *
 * @message 272 answer
 */
export interface LookUpServiceResponse extends Struct<"LookUpServiceResponse"> {
  /** Of the request. */
  requestId: u64;
  status: DirectoryStatus;
  /** The process behind it. */
  processId: u32;
  /** Of the directory when the entry was last changed. */
  revision: u64;
  /** By which the service speaks. */
  readonly protocol: Inline<Name>;
  /** Of the module. */
  readonly version: Inline<VersionText>;
  /** To send to it. @capability Endpoint @optional */
  endpoint: u32;
}

/**
 * To the ServiceDirectory, by the ModuleManager alone: a service that a module offers by its signed manifest.
 *
 * @message 273 call
 */
export interface RegisterServiceRequest extends Struct<"RegisterServiceRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The process behind it. */
  processId: u32;
  readonly name: Inline<Name>;
  /** By which it speaks. */
  readonly protocol: Inline<Name>;
  /** Of the module. */
  readonly version: Inline<VersionText>;
  /** To send to it. @capability Endpoint */
  endpoint: u32;
}

/**
 * To the ServiceDirectory, by the ModuleManager alone: a process has ended, and with it its services.
 *
 * @message 274 call
 */
export interface WithdrawServicesRequest extends Struct<"WithdrawServicesRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The process that was behind them. */
  processId: u32;
}

/**
 * To the ServiceDirectory, by whoever holds the capability to watch: signal whenever it changes.
 *
 * @message 275 call
 */
export interface WatchServicesRequest extends Struct<"WatchServicesRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The revision that the requester knows: with another one the signal comes at once. */
  revision: u64;
  /** Is signalled. @capability Notification */
  notification: u32;
}

/**
 * To the ServiceDirectory, by whoever holds the capability to watch.
 *
 * @message 276 call
 */
export interface ListServicesRequest extends Struct<"ListServicesRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** The place that is asked about. */
  index: u32;
}

/**
 * What a change, or watching, has come to.
 *
 * @message 277 answer
 */
export interface DirectoryResponse extends Struct<"DirectoryResponse"> {
  /** Of the request. */
  requestId: u64;
  status: DirectoryStatus;
  /** Of the directory, afterwards. */
  revision: u64;
}

/**
 * The service in that place.
 *
 * @message 278 answer
 */
export interface ServiceRow extends Struct<"ServiceRow"> {
  /** Of the request. */
  requestId: u64;
  /** Success, or NotFound when there is none in this place. */
  status: DirectoryStatus;
  /** How many there are. */
  count: u32;
  /** Of the directory: when it has changed meanwhile, the list is to be read again. */
  revision: u64;
  /** The process behind it. */
  processId: u32;
  readonly name: Inline<Name>;
  /** By which it speaks. */
  readonly protocol: Inline<Name>;
  /** Of the module. */
  readonly version: Inline<VersionText>;
}
