/** @unit O3 @unsafe copies whole words, and up to 32 bytes too far where the region goes on */
import type { Literals } from "./literals";
import { append, appendMatch, type Output, reach, room } from "./output";
import type { Sequence, Sequences } from "./sequences";
import { readSequences } from "./sequences";
import { ZstdStatus } from "./status";

/**
 * Sequences become bytes (RFC 8878, section 3.1.1.4): literals from the block, then a match from the history.
 *
 * Copies go in words of 16 bytes and end up to 16 bytes too far. The fast part takes a sequence only when 32 bytes more
 * than it gives fit into the region, and leaves to the careful one, which checks everything, what it does not take: ends
 * of regions and blocks, matches that begin in the lap before, and everything that is malformed.
 */

const OVERSHOOT = 32;
const WORD = 16n;
const HALF = 8n;

/** For an offset below 8 its smallest multiple from 8 on: so far behind a whole half word can be copied. */
const strides: FixedArray<u8, 8> = [0, 8, 8, 9, 8, 10, 12, 14];

/** Appends what the sequences and literals of a block stand for: `limit` bytes at most. */
export function executeBlock(output: Output, literals: Literals, sequences: Sequences, limit: u32): ZstdStatus {
  const isLimitedByRoom = room(output) < limit;
  const tooLong = isLimitedByRoom ? ZstdStatus.OutputTooLarge : ZstdStatus.BlockTooLarge;
  const end = isLimitedByRoom ? output.bytes.length : output.position + limit;
  while (sequences.left > 0) {
    const count = readSequences(sequences);
    if (count === 0) return ZstdStatus.BadSequenceStream;
    let done: u32 = 0;
    while (done < count) {
      done = executeFast(output, literals, sequences, done, count, end);
      if (done === count) break;
      const status = executeCarefully(output, literals, sequences.batch[done], end, tooLong);
      if (status !== ZstdStatus.More) return status;
      done++;
    }
  }
  const rest = literals.count - literals.taken;
  if (rest > end - output.position) return tooLong;
  append(output, sliceOf(literals.bytes, literals.taken, rest));
  return ZstdStatus.More;
}

/** One sequence with every check; `tooLong` is what it says when the output would go beyond `end`. */
function executeCarefully(
  output: Output,
  literals: Literals,
  sequence: Sequence,
  end: u32,
  tooLong: ZstdStatus,
): ZstdStatus {
  const literalLength = sequence.literalLength;
  const matchLength = sequence.matchLength;
  const offset = sequence.offset;
  if (literalLength > literals.count - literals.taken) return ZstdStatus.LiteralsOverrun;
  if (literalLength + matchLength > end - output.position) return tooLong;
  append(output, sliceOf(literals.bytes, literals.taken, literalLength));
  literals.taken += literalLength;
  if (offset === 0 || offset > reach(output)) return ZstdStatus.BadOffset;
  appendMatch(output, offset, matchLength);
  return ZstdStatus.More;
}

/** The sequences of the batch from `index` to `count`, up to the first that needs care: its index is the answer. */
function executeFast(output: Output, literals: Literals, sequences: Sequences, index: u32, count: u32, end: u32): u32 {
  // At least 32 bytes before `end`, which lies within the region; 0 when there are not so many.
  if (end - output.position < OVERSHOOT) return index;
  const start = addressOf(output.bytes);
  const last = start + u64(end - OVERSHOOT);
  // Matches from `floor` on are certainly within window and lap, wherever in the block they are.
  const floor = start + u64(windowFloor(output, end));
  const literalsEnd = addressOf(literals.bytes) + u64(literals.count);
  let to = start + u64(output.position);
  let from = addressOf(literals.bytes) + u64(literals.taken);
  let at = addressOf(sequences.batch) + u64(index) * sizeOf<Sequence>();
  const batchEnd = addressOf(sequences.batch) + u64(count) * sizeOf<Sequence>();
  for (; at < batchEnd; at += sizeOf<Sequence>()) {
    const sequence = cast<Sequence>(at);
    const literalLength = u64(sequence.literalLength);
    const matchLength = u64(sequence.matchLength);
    const offset = u64(sequence.offset);
    const match = to + literalLength;
    const next = match + matchLength;
    const nextFrom = from + literalLength;
    // An offset of 0 is the largest number after the subtraction.
    if (next > last || nextFrom > literalsEnd || offset - 1n >= match - floor) break;
    copyWords(to, from, literalLength);
    if (offset >= WORD) copyWords(match, match - offset, matchLength);
    else copyNear(match, offset, matchLength);
    to = next;
    from = nextFrom;
  }
  output.position = u32(to - start);
  literals.taken = u32(from - addressOf(literals.bytes));
  return u32((at - addressOf(sequences.batch)) / sizeOf<Sequence>());
}

/** The lowest position of this lap that every match of a block up to `end` may begin at. */
function windowFloor(output: Output, end: u32): u32 {
  const isLong = end - output.lapStart > output.window;
  return isLong ? end - output.window : output.lapStart;
}

/**
 * At least one word, until `length` bytes are copied: up to 16 too many. Source and target are 16 bytes apart or more.
 *
 * @inline
 */
function copyWords(to: u64, from: u64, length: u64): void {
  copyWord(to, from);
  if (length <= WORD) return;
  // Few are longer than two words, and a loop costs more than it saves for one more.
  copyWord(to + WORD, from + WORD);
  for (let done = 2n * WORD; done < length; done += WORD) copyWord(to + done, from + done);
}

/** @inline */
function copyWord(to: u64, from: u64): void {
  const low = load64(from);
  const high = load64(from + HALF);
  store64(to, low);
  store64(to + HALF, high);
}

/** A match of `length` bytes that overlaps itself within a word: up to 16 bytes too many. */
function copyNear(to: u64, offset: u64, length: u64): void {
  let done = 0n;
  let stride = offset;
  if (offset < HALF) {
    // The first half word byte by byte; from there on the pattern repeats a stride behind, too.
    for (; done < HALF; done++) store8(to + done, load8(to + done - offset));
    stride = u64(strides[u32(offset) & 7]);
  }
  for (; done < length; done += HALF) store64(to + done, load64(to + done - stride));
}
