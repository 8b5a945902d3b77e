import {
  type CborReader,
  isAtEnd,
  readArray,
  readBoolean,
  readBytes,
  readMap,
  readTextUpTo,
  readUint,
  skipNull,
  startCbor,
} from "../cbor/reader";
import { CborStatus } from "../cbor/status";
import { PackageFault } from "./fault";
import { isName, MAX_NAME_BYTES } from "./name";
import { compareBytes, type Span } from "./span";

/**
 * Records of the package format: maps from 1, 2, 3 … to fields, all of them present; maps from names to entries; arrays.
 * The first fault stays, with its place, and reads after it answer nothing: who reads asks once, at the end.
 *
 *   startFields ──▶ openRecord ─▶ field, readX, field, readX … ─▶ closeRecord ──▶ closeFields
 *
 * F1  Every item is checked as it is read, and nothing else is accepted than what is asked for; so what was read whole is
 *     deterministic CBOR (RFC 8949, section 4.2.1).
 */
export interface Fields extends Struct<"Fields"> {
  fault: PackageFault;
  faultAt: u32;
  readonly reader: Inline<CborReader>;
}

/** A map of a record, or of names, that is being read. */
export interface Entries extends Struct<"Entries"> {
  /** Of the map. */
  count: u32;
  /** Of the record's fields. */
  fields: u32;
  /** The number of the field, or of the entry, that comes next. */
  next: u32;
  readonly lastKey: Inline<Span>;
}

export function startFields(f: Fields, bytes: Bytes): void {
  startCbor(f.reader, bytes);
  f.fault = PackageFault.None;
  f.faultAt = 0;
}

export function isRight(f: Fields): boolean {
  return f.fault === PackageFault.None;
}

/** Notes a fault at `at`, unless there is one. */
export function refuse(f: Fields, fault: PackageFault, at: u32): void {
  if (f.fault !== PackageFault.None) return;
  f.fault = fault;
  f.faultAt = at;
}

/** What the reader found wrong with the encoding. */
function noteReader(f: Fields): boolean {
  const status = f.reader.status;
  if (status === CborStatus.Ok) return true;
  const isMissing = status === CborStatus.WrongType && f.reader.faultAt === f.reader.bytes.length;
  // The first faults are CborStatus's.
  const fault = isMissing ? PackageFault.Truncated : toEnum<PackageFault>(u32(status));
  refuse(f, fault, f.reader.faultAt);
  return false;
}

/** Nothing follows what was read. */
export function closeFields(f: Fields): void {
  if (isRight(f) && !isAtEnd(f.reader)) refuse(f, PackageFault.TrailingBytes, f.reader.at);
}

/** A map from 1 to `fields`. */
export function openRecord(f: Fields, entries: Entries, fields: u32): void {
  entries.count = isRight(f) ? readMap(f.reader) : 0;
  entries.fields = fields;
  entries.next = 1;
  noteReader(f);
}

/** The key of the record's next field; its value follows. */
export function field(f: Fields, entries: Entries): void {
  if (!isRight(f)) return;
  const wanted = entries.next;
  const at = f.reader.at;
  if (wanted > entries.count) {
    refuse(f, PackageFault.MissingKey, at);
    return;
  }
  const key = readUint(f.reader);
  if (!noteReader(f)) return;
  entries.next++;
  if (key !== u64(wanted)) refuse(f, faultOfKey(entries, wanted, key), at);
}

function faultOfKey(entries: Entries, wanted: u32, key: u64): PackageFault {
  if (key + 1n === u64(wanted)) return PackageFault.DuplicateKey;
  if (key === 0n || key > u64(entries.fields)) return PackageFault.UnknownKey;
  if (key < u64(wanted)) return PackageFault.UnsortedKeys;
  return entries.count < entries.fields ? PackageFault.MissingKey : PackageFault.UnsortedKeys;
}

/** All fields were read: there is no other. */
export function closeRecord(f: Fields, entries: Entries): void {
  if (!isRight(f) || entries.count === entries.fields) return;
  const at = f.reader.at;
  const key = readUint(f.reader);
  if (noteReader(f)) refuse(f, faultOfKey(entries, entries.fields + 1, key), at);
}

/** A map from names to entries, at most `most`. */
export function openNames(f: Fields, entries: Entries, most: u32): void {
  const at = f.reader.at;
  entries.count = isRight(f) ? readMap(f.reader) : 0;
  entries.next = 0;
  if (noteReader(f) && entries.count > most) refuse(f, PackageFault.BadCount, at);
}

/** The name of the next entry, behind the one before in the order of their encodings: the shorter first. */
export function readKey(f: Fields, entries: Entries, key: Span): void {
  const at = f.reader.at;
  readName(f, key);
  if (!isRight(f)) return;
  if (entries.next > 0) {
    const order = compareKeys(f.reader.bytes, entries.lastKey, key);
    if (order >= 0) refuse(f, order === 0 ? PackageFault.DuplicateKey : PackageFault.UnsortedKeys, at);
  }
  entries.next++;
  entries.lastKey.at = key.at;
  entries.lastKey.length = key.length;
}

function compareKeys(bytes: Bytes, a: Span, b: Span): i32 {
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return compareBytes(subslice(bytes, a.at, a.length), subslice(bytes, b.at, b.length));
}

/** The head of an array of `least` to `most` items. */
export function readItems(f: Fields, least: u32, most: u32): u32 {
  const at = f.reader.at;
  const count = isRight(f) ? readArray(f.reader) : 0;
  if (noteReader(f) && (count < least || count > most)) refuse(f, PackageFault.BadCount, at);
  return isRight(f) ? count : 0;
}

export function readNumber(f: Fields, most: u64): u64 {
  const at = f.reader.at;
  const value = isRight(f) ? readUint(f.reader) : 0n;
  if (noteReader(f) && value > most) refuse(f, PackageFault.OutOfRange, at);
  return isRight(f) ? value : 0n;
}

export function readFlag(f: Fields): boolean {
  const value = isRight(f) && readBoolean(f.reader);
  return noteReader(f) && value;
}

/** Takes null if it comes next. */
export function readNull(f: Fields): boolean {
  const isNull = isRight(f) && skipNull(f.reader);
  return noteReader(f) && isNull;
}

export function readName(f: Fields, name: Span): void {
  const at = f.reader.at;
  readTextOf(f, MAX_NAME_BYTES, name);
  if (isRight(f) && !isName(subslice(f.reader.bytes, name.at, name.length))) refuse(f, PackageFault.BadName, at);
}

/** A name, or nothing: every name's prefix. */
export function readPrefix(f: Fields, prefix: Span): void {
  const at = f.reader.at;
  readTextOf(f, MAX_NAME_BYTES, prefix);
  if (!isRight(f) || prefix.length === 0) return;
  if (!isName(subslice(f.reader.bytes, prefix.at, prefix.length))) refuse(f, PackageFault.BadName, at);
}

export function readTextOf(f: Fields, most: u32, text: Span): void {
  const at = f.reader.at;
  const bytes = isRight(f) ? readTextUpTo(f.reader, most) : subslice(f.reader.bytes, 0, 0);
  if (f.reader.status === CborStatus.OutOfRange) refuse(f, PackageFault.TooLong, at);
  noteReader(f);
  noteSpan(f, bytes.length, text);
}

/** A byte string of exactly `length` bytes: a digest, a key. */
export function readFixed(f: Fields, length: u32, span: Span): void {
  const at = f.reader.at;
  readString(f, span);
  if (isRight(f) && span.length !== length) refuse(f, PackageFault.BadLength, at);
}

/** A byte string of at most `most` bytes. */
export function readPart(f: Fields, most: u32, span: Span): void {
  const at = f.reader.at;
  readString(f, span);
  if (isRight(f) && span.length > most) refuse(f, PackageFault.TooLong, at);
}

function readString(f: Fields, span: Span): void {
  const bytes = isRight(f) ? readBytes(f.reader) : subslice(f.reader.bytes, 0, 0);
  noteReader(f);
  noteSpan(f, bytes.length, span);
}

/** The string that ends where the reader is. */
function noteSpan(f: Fields, length: u32, span: Span): void {
  span.at = isRight(f) ? f.reader.at - length : 0;
  span.length = isRight(f) ? length : 0;
}
