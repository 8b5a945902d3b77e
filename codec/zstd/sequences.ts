/** @unit O3 @unsafe reads the bitstream eight bytes at a time, and entries of tables by their states */
import { type BackwardBits, openBackward, takeBackward } from "./bits";
import { forgetTables, preparePredefined, readTables, type SequenceTables } from "./sequence-tables";
import { ZstdStatus } from "./status";

/**
 * The sequences section of a compressed block (RFC 8878, section 3.1.1.3.2): how many sequences there are, the tables of
 * their codes, and the bitstream of three interleaved states, from which sequences are read some hundred at a time.
 *
 *   openSequences ──▶ readSequences … readSequences, until none are left ──▶ the bitstream has to be at its end
 *
 * Q1  A state is below 2^log of its table (F2), and the table's entries are all filled.
 */

export const BATCH = 256;

/** The container holds at least this many unread bits after a refill. */
const REFILLED_BITS = 56n;
/** What three states take at most: 9, 8 and 9 bits. */
const STATE_BITS = 26n;
/** Two refills of a sequence go back by at most 7 bytes each. */
const FAST_BYTES = 16n;
const CONTAINER_BYTES = 8;

/** `literalLength` literals, then `matchLength` bytes from `offset` before the end. */
export interface Sequence extends Struct<"Sequence"> {
  literalLength: u32;
  matchLength: u32;
  offset: u32;
}

/** The offsets used last, the latest first (RFC 8878, section 3.1.2.5). */
export interface Repeats extends Struct<"Repeats"> {
  first: u32;
  second: u32;
  third: u32;
}

export interface Sequences extends Struct<"Sequences"> {
  /** Sequences that are not read yet. */
  left: u32;
  /** What is at fault begins so far behind the start of the section. */
  faultAt: u32;
  literalState: u32;
  offsetState: u32;
  matchState: u32;
  readonly repeats: Inline<Repeats>;
  readonly bits: Inline<BackwardBits>;
  readonly tables: Inline<SequenceTables>;
  readonly batch: FixedArray<Inline<Sequence>, typeof BATCH>;
}

/** Once, before the first frame. */
export function prepareSequences(sequences: Sequences): void {
  preparePredefined(sequences.tables);
}

/** A frame begins (RFC 8878, section 3.1.2.5). */
export function resetSequences(sequences: Sequences): void {
  forgetTables(sequences.tables);
  sequences.repeats.first = 1;
  sequences.repeats.second = 4;
  sequences.repeats.third = 8;
}

/** Reads the section's header and the first states. */
export function openSequences(sequences: Sequences, section: Bytes): ZstdStatus {
  sequences.faultAt = 0;
  const length = section.length;
  if (length === 0) return ZstdStatus.BadSequences;
  const head = u32(section[0]);
  let position: u32 = head < 128 ? 1 : head < 255 ? 2 : 3;
  if (length < position) return ZstdStatus.BadSequences;
  const count =
    head < 128
      ? head
      : head < 255
        ? ((head - 128) << 8) + u32(section[1])
        : 0x7f00 + u32(section[1]) + (u32(section[2]) << 8);
  sequences.left = count;
  sequences.faultAt = position;
  if (count === 0) return position === length ? ZstdStatus.More : ZstdStatus.BadSequences;
  if (position === length) return ZstdStatus.BadSequences;
  const modes = u32(section[position]);
  if ((modes & 3) !== 0) return ZstdStatus.BadSequences;
  sequences.tables.position = position + 1;
  const status = readTables(sequences.tables, section, modes);
  position = sequences.tables.position;
  sequences.faultAt = position;
  if (status !== ZstdStatus.More) return status;
  const bits = sequences.bits;
  if (!openBackward(bits, subslice(section, position, length - position))) return ZstdStatus.BadSequenceStream;
  sequences.literalState = takeBackward(bits, sequences.tables.literalLengths.inUse.log);
  sequences.offsetState = takeBackward(bits, sequences.tables.offsets.inUse.log);
  sequences.matchState = takeBackward(bits, sequences.tables.matchLengths.inUse.log);
  return bits.isOverrun ? ZstdStatus.BadSequenceStream : ZstdStatus.More;
}

/** Reads the next sequences into the batch; answers how many, 0 when the bitstream is malformed. */
export function readSequences(sequences: Sequences): u32 {
  const count: u32 = sequences.left < BATCH ? sequences.left : BATCH;
  sequences.left -= count;
  // The very last sequence changes no state: it is left to the careful part, which then looks for the end.
  const fast = readFast(sequences, sequences.left === 0 ? count - 1 : count);
  for (let i = fast; i < count; i++) readCarefully(sequences, i, sequences.left === 0 && i === count - 1);
  const isBad = sequences.bits.isOverrun || (sequences.left === 0 && sequences.bits.left !== 0);
  return isBad ? 0 : count;
}

/** Sequence `index` of the batch, bit by bit (RFC 8878, section 3.1.1.3.2.1.2). */
function readCarefully(sequences: Sequences, index: u32, isLast: boolean): void {
  const bits = sequences.bits;
  const tables = sequences.tables;
  const literal = tables.literalLengths.inUse.entries[sequences.literalState];
  const offset = tables.offsets.inUse.entries[sequences.offsetState];
  const match = tables.matchLengths.inUse.entries[sequences.matchState];
  const code = u32(offset) + takeBackward(bits, u32(offset >> 56n));
  const matchLength = u32(match) + takeBackward(bits, u32(match >> 56n));
  const literalLength = u32(literal) + takeBackward(bits, u32(literal >> 56n));
  const sequence = sequences.batch[index];
  sequence.literalLength = literalLength;
  sequence.matchLength = matchLength;
  sequence.offset = resolveOffset(sequences.repeats, code, literalLength);
  if (isLast) return;
  sequences.literalState = stateAfter(literal, bits);
  sequences.matchState = stateAfter(match, bits);
  sequences.offsetState = stateAfter(offset, bits);
}

function stateAfter(entry: u64, bits: BackwardBits): u32 {
  return (u32(entry >> 32n) & 0xffff) + takeBackward(bits, u32(entry >> 48n) & 0xff);
}

/**
 * The offset that a value ≥ 1 stands for, which becomes the latest one (RFC 8878, section 3.1.2.5). 0 is malformed.
 *
 * @inline
 */
function resolveOffset(repeats: Repeats, value: u32, literalLength: u32): u32 {
  const first = repeats.first;
  if (value > 3) {
    repeats.third = repeats.second;
    repeats.second = first;
    repeats.first = value - 3;
    return value - 3;
  }
  const back = literalLength === 0 ? value : value - 1;
  if (back === 0) return first;
  const offset = back === 1 ? repeats.second : back === 2 ? repeats.third : first - 1;
  if (back > 1) repeats.third = repeats.second;
  repeats.second = first;
  repeats.first = offset;
  return offset;
}

/**
 * At most `count` sequences from the start of the batch, as long as the stream has bytes enough for two refills; answers
 * how many. The next bits are those of the container below bit `unread`; its eight bytes lie within the stream:
 *
 *   stream   start … at │ at + 8 bytes: container │ … read
 */
function readFast(sequences: Sequences, count: u32): u32 {
  const bits = sequences.bits;
  const start = addressOf(bits.bytes);
  // The container ends with the byte of the bit before the first unread one: one of the stream, that of the end mark at
  // the latest.
  const top = (bits.left >>> 3) + 1;
  if (top < CONTAINER_BYTES || count === 0) return 0;
  let at = start + u64(top - CONTAINER_BYTES);
  let unread = u64(56 + (bits.left & 7));
  const literalTable = addressOf(sequences.tables.literalLengths.inUse.entries);
  const offsetTable = addressOf(sequences.tables.offsets.inUse.entries);
  const matchTable = addressOf(sequences.tables.matchLengths.inUse.entries);
  let literalState = u64(sequences.literalState);
  let offsetState = u64(sequences.offsetState);
  let matchState = u64(sequences.matchState);
  const repeats = local<Repeats>();
  copyStruct(repeats, sequences.repeats);
  const first = addressOf(sequences.batch);
  const end = first + u64(count) * sizeOf<Sequence>();
  let to = first;
  const limit = start + FAST_BYTES;
  while (to < end && at >= limit) {
    // A refill: `unread`, below 64, becomes 56 to 63.
    at -= (63n - unread) >> 3n;
    unread = unread | REFILLED_BITS;
    let container = load64(at);
    const literal = literalTable + literalState * 8n;
    const offset = offsetTable + offsetState * 8n;
    const match = matchTable + matchState * 8n;
    // 24, 16 and 16 bits at most: all of them are there.
    unread -= u64(load8(offset + 7n));
    const value = load32(offset) + u32(low(container >> (unread & 63n), load8(offset + 7n)));
    let matchLength = load32(match);
    let literalLength = load32(literal);
    // Most lengths are short, and have no extra bits.
    if ((load8(match + 7n) | load8(literal + 7n)) !== 0) {
      unread -= u64(load8(match + 7n));
      matchLength += u32(low(container >> (unread & 63n), load8(match + 7n)));
      unread -= u64(load8(literal + 7n));
      literalLength += u32(low(container >> (unread & 63n), load8(literal + 7n)));
    }
    const sequence = cast<Sequence>(to);
    sequence.literalLength = literalLength;
    sequence.matchLength = matchLength;
    sequence.offset = resolveOffset(repeats, value, literalLength);
    to += sizeOf<Sequence>();
    if (unread < STATE_BITS) {
      at -= (63n - unread) >> 3n;
      unread = unread | REFILLED_BITS;
      container = load64(at);
    }
    unread -= u64(load8(literal + 6n));
    literalState = u64(load16(literal + 4n)) + low(container >> (unread & 63n), load8(literal + 6n));
    unread -= u64(load8(match + 6n));
    matchState = u64(load16(match + 4n)) + low(container >> (unread & 63n), load8(match + 6n));
    unread -= u64(load8(offset + 6n));
    offsetState = u64(load16(offset + 4n)) + low(container >> (unread & 63n), load8(offset + 6n));
  }
  copyStruct(sequences.repeats, repeats);
  sequences.literalState = u32(literalState);
  sequences.offsetState = u32(offsetState);
  sequences.matchState = u32(matchState);
  bits.left = 8 * u32(at - start) + u32(unread);
  return u32((to - first) / sizeOf<Sequence>());
}

/**
 * The lowest `count` ≤ 24 bits.
 *
 * @inline
 */
function low(bits: u64, count: u8): u64 {
  return bits & ((1n << u64(count & 63)) - 1n);
}
