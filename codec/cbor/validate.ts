import { type CborHead, CborMajor, readHead } from "./head";
import { CborStatus } from "./status";
import { isUtf8 } from "./utf8";

/**
 * Whether bytes are one data item in the core deterministic encoding (RFC 8949, section 4.2.1): shortest heads,
 * definite lengths, the keys of each map in the order of their encodings and none twice. Without recursion: a level
 * for each array, map or tag that is not at its end yet.
 *
 *   item ─▶ open: array, map, tag ──▶ its items ──▶ level done ─▶ an item of the level outside
 */

/** Levels inside each other. */
export const MAX_DEPTH = 16;

interface Level extends Struct<"Level"> {
  isMap: boolean;
  /** Items to come; of a map keys and values both. */
  left: u64;
  /** Where the key that comes or came last begins, and the one before it; that one's end. */
  keyAt: u32;
  lastKeyAt: u32;
  lastKeyEnd: u32;
  hasLastKey: boolean;
}

export interface CborValidation extends Struct<"CborValidation"> {
  /** With an error: the offset of the item, or of the byte, at fault. */
  faultAt: u32;
  depth: u32;
  readonly head: Inline<CborHead>;
  readonly levels: FixedArray<Inline<Level>, typeof MAX_DEPTH>;
}

/** Reads all of `bytes`; the scratch needs no preparation. */
export function validate(bytes: Bytes, scratch: CborValidation): CborStatus {
  let at: u32 = 0;
  scratch.depth = 0;
  do {
    scratch.faultAt = at;
    const begun = beginItem(bytes, at, scratch);
    if (begun !== CborStatus.Ok) return begun;
    at = scratch.head.end;
    const ended = endItems(bytes, at, scratch);
    if (ended !== CborStatus.Ok) return ended;
  } while (scratch.depth > 0);
  scratch.faultAt = at;
  return at === bytes.length ? CborStatus.Ok : CborStatus.TrailingBytes;
}

/** The item at `at`: a string with its contents, of an array, map or tag the head. */
function beginItem(bytes: Bytes, at: u32, scratch: CborValidation): CborStatus {
  const head = scratch.head;
  if (scratch.depth > 0) noteKey(scratch.levels[scratch.depth - 1], at);
  const status = readHead(bytes, at, head);
  if (status !== CborStatus.Ok) {
    if (status === CborStatus.Truncated) scratch.faultAt = bytes.length;
    return status;
  }
  switch (u32(head.major)) {
    case u32(CborMajor.Bytes):
    case u32(CborMajor.Text):
      return skipString(bytes, scratch);
    case u32(CborMajor.Array):
      return openLevel(scratch, head.argument, false);
    case u32(CborMajor.Map):
      return openLevel(scratch, head.argument, true);
    case u32(CborMajor.Tag):
      return openLevel(scratch, 1n, false);
    default:
      return CborStatus.Ok;
  }
}

function skipString(bytes: Bytes, scratch: CborValidation): CborStatus {
  const head = scratch.head;
  if (head.argument > u64(bytes.length - head.end)) {
    scratch.faultAt = bytes.length;
    return CborStatus.Truncated;
  }
  const length = u32(head.argument);
  if (head.major === CborMajor.Text && !isUtf8(subslice(bytes, head.end, length))) return CborStatus.BadText;
  head.end += length;
  return CborStatus.Ok;
}

/** `count`: items, or pairs of a map. No count is so large that the bytes could not end before it. */
function openLevel(scratch: CborValidation, count: u64, isMap: boolean): CborStatus {
  if (scratch.depth === MAX_DEPTH) return CborStatus.TooDeep;
  const level = scratch.levels[scratch.depth];
  if (count > 0xffff_ffffn) return CborStatus.Truncated;
  level.isMap = isMap;
  level.left = isMap ? count * 2n : count;
  level.hasLastKey = false;
  scratch.depth++;
  return CborStatus.Ok;
}

/** The next item begins at `at`: perhaps a map's key. */
function noteKey(level: Level, at: u32): void {
  if (level.isMap && (level.left & 1n) === 0n) level.keyAt = at;
}

/** An item has ended at `at`, and with it every level whose last one it was. */
function endItems(bytes: Bytes, at: u32, scratch: CborValidation): CborStatus {
  if (scratch.depth > 0 && isOpening(scratch)) {
    if (scratch.levels[scratch.depth - 1].left > 0n) return CborStatus.Ok;
    scratch.depth--;
  }
  while (scratch.depth > 0) {
    const level = scratch.levels[scratch.depth - 1];
    if (level.isMap && (level.left & 1n) === 0n) {
      const status = endKey(bytes, at, level, scratch);
      if (status !== CborStatus.Ok) return status;
    }
    level.left -= 1n;
    if (level.left > 0n) return CborStatus.Ok;
    scratch.depth--;
  }
  return CborStatus.Ok;
}

/** Whether the item that has just been begun is a level of its own. */
function isOpening(scratch: CborValidation): boolean {
  const major = u32(scratch.head.major);
  return major === u32(CborMajor.Array) || major === u32(CborMajor.Map) || major === u32(CborMajor.Tag);
}

/** A map's key ends at `at`: it comes behind the one before. */
function endKey(bytes: Bytes, at: u32, level: Level, scratch: CborValidation): CborStatus {
  const key = subslice(bytes, level.keyAt, at - level.keyAt);
  if (level.hasLastKey) {
    const last = subslice(bytes, level.lastKeyAt, level.lastKeyEnd - level.lastKeyAt);
    const order = compareBytes(last, key);
    scratch.faultAt = level.keyAt;
    if (order === 0) return CborStatus.DuplicateKey;
    if (order > 0) return CborStatus.UnsortedKeys;
  }
  level.hasLastKey = true;
  level.lastKeyAt = level.keyAt;
  level.lastKeyEnd = at;
  return CborStatus.Ok;
}

/** Bytewise lexicographic order: below 0, 0, above 0. */
function compareBytes(a: Bytes, b: Bytes): i32 {
  const shorter = a.length < b.length ? a.length : b.length;
  for (let i: u32 = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  if (a.length === b.length) return 0;
  return a.length < b.length ? -1 : 1;
}
