import { type CborHead, CborMajor, readHead, SIMPLE_FALSE, SIMPLE_NULL, SIMPLE_TRUE } from "./head";
import { CborStatus } from "./status";
import { isUtf8 } from "./utf8";
import { type CborValidation, validate } from "./validate";

/**
 * Takes a deterministic data item apart, front to back. An error stays until the next opening: reads after it answer
 * nothing, and a caller may ask for the status once, at the end of a record.
 *
 *   openCbor  ─┐
 *              ├─▶ readMap, readUint, readText, … ──▶ isAtEnd
 *   startCbor ─┘
 *
 * `openCbor` validates all of the bytes, so that afterwards only their shape can surprise: `WrongType` or `OutOfRange`.
 * `startCbor` validates each item as it is read: for a caller who knows the one shape that it accepts, the order of keys
 * included, and whose time is counted. `readItem` then sees neither the order of keys nor what texts consist of.
 *
 * C1  After `openCbor`, `at` is the beginning of a data item, or the end of the bytes, as long as these stay as they were.
 * C2  `at` is not behind the end of the bytes, whatever becomes of them: a read checks lengths once more.
 */
export interface CborReader extends Struct<"CborReader"> {
  bytes: Bytes;
  at: u32;
  status: CborStatus;
  /** With an error: the offset of what is at fault. */
  faultAt: u32;
  readonly head: Inline<CborHead>;
  readonly validation: Inline<CborValidation>;
}

/** Validates `bytes` and goes to their beginning. They must stay as they are until the last read. */
export function openCbor(reader: CborReader, bytes: Bytes): CborStatus {
  reader.bytes = bytes;
  reader.at = 0;
  reader.status = validate(bytes, reader.validation);
  reader.faultAt = reader.validation.faultAt;
  return reader.status;
}

/** Goes to the beginning of `bytes`, which nobody has validated. They must stay as they are until the last read. */
export function startCbor(reader: CborReader, bytes: Bytes): void {
  reader.bytes = bytes;
  reader.at = 0;
  reader.status = CborStatus.Ok;
  reader.faultAt = 0;
}

/** Whether everything has been read without an error. */
export function isAtEnd(reader: CborReader): boolean {
  return reader.status === CborStatus.Ok && reader.at === reader.bytes.length;
}

/** The major type of the next item, without taking it; Simple at the end of the bytes. */
export function nextMajor(reader: CborReader): CborMajor {
  if (reader.at >= reader.bytes.length) return CborMajor.Simple;
  return toEnum<CborMajor>(u32(reader.bytes[reader.at]) >>> 5);
}

/** An unsigned number. */
export function readUint(reader: CborReader): u64 {
  return take(reader, CborMajor.Uint) ? reader.head.argument : 0n;
}

/** An unsigned number of at most `most`. */
export function readUintUpTo(reader: CborReader, most: u64): u64 {
  const at = reader.at;
  const value = readUint(reader);
  if (value <= most) return value;
  fail(reader, CborStatus.OutOfRange, at);
  return 0n;
}

/** A number of either sign, within 64 bits with it. */
export function readInt(reader: CborReader): i64 {
  const at = reader.at;
  const isNegative = nextMajor(reader) === CborMajor.Negative;
  if (!take(reader, isNegative ? CborMajor.Negative : CborMajor.Uint)) return 0n;
  const magnitude = reader.head.argument;
  if (magnitude > 0x7fff_ffff_ffff_ffffn) {
    fail(reader, CborStatus.OutOfRange, at);
    return 0n;
  }
  return isNegative ? -1n - i64(magnitude) : i64(magnitude);
}

/** A byte string, where it lies. */
export function readBytes(reader: CborReader): Bytes {
  return readString(reader, CborMajor.Bytes);
}

/** A text string, where it lies. */
export function readText(reader: CborReader): Bytes {
  return readTextUpTo(reader, 0xffff_ffff);
}

/** A text string of at most `most` bytes, where it lies; its encoding is checked. */
export function readTextUpTo(reader: CborReader, most: u32): Bytes {
  const at = reader.at;
  const text = readString(reader, CborMajor.Text);
  if (text.length > most) fail(reader, CborStatus.OutOfRange, at);
  else if (!isUtf8(text)) fail(reader, CborStatus.BadText, at);
  return reader.status === CborStatus.Ok ? text : subslice(reader.bytes, 0, 0);
}

/** Answers how many items follow. */
export function readArray(reader: CborReader): u32 {
  return readCount(reader, CborMajor.Array);
}

/** Answers how many pairs follow: key, value, key, value … */
export function readMap(reader: CborReader): u32 {
  return readCount(reader, CborMajor.Map);
}

/** Answers the tag's number; its content follows. */
export function readTag(reader: CborReader): u64 {
  return take(reader, CborMajor.Tag) ? reader.head.argument : 0n;
}

export function readBoolean(reader: CborReader): boolean {
  const at = reader.at;
  if (!take(reader, CborMajor.Simple)) return false;
  const value = reader.head.argument;
  const isBoolean = reader.head.argumentBytes === 0 && (value === SIMPLE_FALSE || value === SIMPLE_TRUE);
  if (!isBoolean) fail(reader, CborStatus.WrongType, at);
  return isBoolean && value === SIMPLE_TRUE;
}

/** Takes the next item if it is null. */
export function skipNull(reader: CborReader): boolean {
  const at = reader.at;
  if (nextMajor(reader) !== CborMajor.Simple || !take(reader, CborMajor.Simple)) return false;
  if (reader.head.argumentBytes === 0 && reader.head.argument === SIMPLE_NULL) return true;
  reader.at = at;
  return false;
}

/** Takes the next item whole, with everything inside; answers its bytes. */
export function readItem(reader: CborReader): Bytes {
  const start = reader.at;
  let left: u64 = 1n;
  while (left > 0n && reader.status === CborStatus.Ok) {
    left -= 1n;
    if (!take(reader, nextMajor(reader))) break;
    const head = reader.head;
    const major = u32(head.major);
    if (major === u32(CborMajor.Array)) left += u64(checkCount(reader));
    else if (major === u32(CborMajor.Map)) left += u64(checkCount(reader)) * 2n;
    else if (major === u32(CborMajor.Tag)) left += 1n;
    else if (major === u32(CborMajor.Bytes) || major === u32(CborMajor.Text)) skipContents(reader);
  }
  return subslice(reader.bytes, start, reader.at - start);
}

function readCount(reader: CborReader, major: CborMajor): u32 {
  return take(reader, major) ? checkCount(reader) : 0;
}

/** Of the head that was taken: no count is so large that the bytes could not end before it. */
function checkCount(reader: CborReader): u32 {
  if (reader.head.argument <= 0xffff_ffffn) return u32(reader.head.argument);
  fail(reader, CborStatus.Truncated, reader.bytes.length);
  return 0;
}

function readString(reader: CborReader, major: CborMajor): Bytes {
  if (!take(reader, major)) return subslice(reader.bytes, 0, 0);
  const start = reader.at;
  skipContents(reader);
  return subslice(reader.bytes, start, reader.at - start);
}

/** Goes behind the contents of the string whose head was taken. */
function skipContents(reader: CborReader): void {
  const length = reader.head.argument;
  if (length > u64(reader.bytes.length - reader.at)) fail(reader, CborStatus.Truncated, reader.bytes.length);
  else reader.at += u32(length);
}

/** Goes behind the head of the next item if it is of type `major`; otherwise that is the error. */
function take(reader: CborReader, major: CborMajor): boolean {
  if (reader.status !== CborStatus.Ok) return false;
  if (reader.at >= reader.bytes.length || nextMajor(reader) !== major) {
    fail(reader, CborStatus.WrongType, reader.at);
    return false;
  }
  const status = readHead(reader.bytes, reader.at, reader.head);
  if (status !== CborStatus.Ok) {
    fail(reader, status, status === CborStatus.Truncated ? reader.bytes.length : reader.at);
    return false;
  }
  reader.at = reader.head.end;
  return true;
}

function fail(reader: CborReader, status: CborStatus, at: u32): void {
  if (reader.status !== CborStatus.Ok) return;
  reader.status = status;
  reader.faultAt = at;
}
