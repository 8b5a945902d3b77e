import type { LineText, Name } from "./texts";

/** How the key-value service answers. @storage u8 */
export const enum KvStatus {
  Success,
  /** There is no value of this key. */
  NotFound,
  /** There is no room for another key. */
  Full,
  /** The key is empty. */
  NoKey,
}

/**
 * To the service `kv`, from whoever has found it: keep this value, in place of the one that the key has.
 *
 * @message 512 call
 */
export interface PutValueRequest extends Struct<"PutValueRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** Any text but the empty one. */
  readonly key: Inline<Name>;
  /** May be empty. */
  readonly value: Inline<LineText>;
}

/**
 * To the service `kv`: the value of a key.
 *
 * @message 513 call
 */
export interface GetValueRequest extends Struct<"GetValueRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** By which the value was put. */
  readonly key: Inline<Name>;
}

/**
 * To the service `kv`: forget a key and its value.
 *
 * @message 514 call
 */
export interface DeleteValueRequest extends Struct<"DeleteValueRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** By which the value was put. */
  readonly key: Inline<Name>;
}

/**
 * What putting, getting or deleting has come to.
 *
 * @message 515 answer
 */
export interface ValueResponse extends Struct<"ValueResponse"> {
  /** Of the request. */
  requestId: u64;
  status: KvStatus;
  /** Keys that have values, afterwards. */
  count: u32;
  /** Of the key that was asked for; empty otherwise. */
  readonly value: Inline<LineText>;
}
