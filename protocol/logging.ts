import type { LineText, Name } from "./texts";

/**
 * To the service `logging`, from whoever has found it: keep a line.
 *
 * @message 520 send
 */
export interface LogLineRequest extends Struct<"LogLineRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** Who says it, by its own word: the badge of the message tells the number of its load. */
  readonly module: Inline<Name>;
  readonly line: Inline<LineText>;
  /** Where the answer goes, once. @capability Endpoint */
  replyTo: u32;
}

/**
 * The line is kept.
 *
 * @message 521 answer
 */
export interface LogLineResponse extends Struct<"LogLineResponse"> {
  /** Of the request. */
  requestId: u64;
  /** The line's number; the first one is 1. */
  number: u64;
}

/**
 * To the service `logging`: a line that it still has.
 *
 * @message 522 call
 */
export interface ReadLogRequest extends Struct<"ReadLogRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** Of the line; when that is not kept any more, the oldest one is meant. */
  number: u64;
}

/**
 * The line of that number, or the oldest one that is kept behind it.
 *
 * @message 523 answer
 */
export interface LogRow extends Struct<"LogRow"> {
  /** Of the request. */
  requestId: u64;
  /** The line's number; 0 when there is none yet, and the other fields mean nothing. */
  number: u64;
  /** The number of the load of the module that has said it; 0 when it was none. */
  loadId: u32;
  /** Who that is, by its own word. */
  readonly module: Inline<Name>;
  readonly line: Inline<LineText>;
}
