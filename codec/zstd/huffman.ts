/** @unit O3 */
import { type BackwardBits, openBackward, peekBackward, skipBackward } from "./bits";
import { buildTable, type Distribution, type FseTable, readDistribution } from "./fse";

/**
 * Huffman trees of literals (RFC 8878, section 4.2.1): from the description to the decoding table.
 *
 *   description   size < 128 │ FSE table │ weights in two interleaved states
 *                 127 + count │ weights of 4 bits
 *   entry         15 … 8 symbol   7 … 0 bits
 *
 * A table of log bits is indexed with the next log bits of the stream. A weight w > 0 is a code of log + 1 - w bits;
 * the last symbol's weight is what is missing to a power of two.
 *
 * H1  A present table's log is 1 to 11, all its 2^log entries are filled, and each has 1 to log bits.
 */

export const MAX_HUFFMAN_LOG = 11;
const MAX_CELLS = 2048;
const SYMBOLS = 256;
const MAX_WEIGHT_LOG = 6;

const weightValues: FixedArray<u64, 1> = [0n];

export interface HuffmanTable extends Struct<"HuffmanTable"> {
  /** 0 as long as there is none. */
  log: u32;
  readonly entries: FixedArray<u16, typeof MAX_CELLS>;
}

export interface HuffmanScratch extends Struct<"HuffmanScratch"> {
  readonly weights: FixedArray<u8, typeof SYMBOLS>;
  readonly distribution: Inline<Distribution>;
  readonly table: Inline<FseTable>;
}

/**
 * Reads a tree from the start of `bytes` into `table`. Answers how many bytes it takes; 0, and the table is no longer
 * present, when it is malformed.
 */
export function readTree(table: HuffmanTable, scratch: HuffmanScratch, bytes: Bytes): u32 {
  table.log = 0;
  if (bytes.length === 0) return 0;
  const head = u32(bytes[0]);
  const isDirect = head >= 128;
  const size = isDirect ? (head - 126) >>> 1 : head;
  if (size > bytes.length - 1) return 0;
  const description = subslice(bytes, 1, size);
  const count = isDirect ? copyWeights(scratch, description, head - 127) : decodeWeights(scratch, description);
  return count > 0 && fillTable(table, scratch, count) ? 1 + size : 0;
}

/** Weights of 4 bits, the upper half of a byte first. */
function copyWeights(scratch: HuffmanScratch, bytes: Bytes, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const pair = bytes[i >>> 1];
    scratch.weights[i] = u8((i & 1) === 0 ? pair >>> 4 : pair & 15);
  }
  return count;
}

/** Weights compressed with FSE (RFC 8878, section 4.2.1.2); answers how many, 0 when they are malformed. */
function decodeWeights(scratch: HuffmanScratch, bytes: Bytes): u32 {
  const start = readDistribution(scratch.distribution, bytes, MAX_WEIGHT_LOG, SYMBOLS - 1);
  if (start === 0) return 0;
  const table = scratch.table;
  buildTable(table, scratch.distribution, noValues());
  const bits = local<BackwardBits>();
  if (!openBackward(bits, subslice(bytes, start, bytes.length - start))) return 0;
  const states = local<FixedArray<u32, 2>>();
  for (let i: u32 = 0; i < 2; i++) {
    states[i] = peekBackward(bits, table.log);
    skipBackward(bits, table.log);
  }
  if (bits.isOverrun) return 0;
  // The stream ends where a state wants more bits than there are: the other one's weight is then the last.
  let count: u32 = 0;
  while (!bits.isOverrun) {
    // 255 at most: the last symbol's weight is not in the stream.
    if (count > SYMBOLS - 3) return 0;
    scratch.weights[count] = weightOf(table, states[count & 1]);
    const entry = table.entries[states[count & 1]];
    const stateBits = u32(entry >> 48n);
    states[count & 1] = (u32(entry >> 32n) & 0xffff) + peekBackward(bits, stateBits);
    skipBackward(bits, stateBits);
    count++;
  }
  scratch.weights[count] = weightOf(table, states[count & 1]);
  return count + 1;
}

/** A weight's symbol is the weight. */
function noValues(): Slice<u64> {
  return sliceOf(weightValues, 0, 0);
}

function weightOf(table: FseTable, state: u32): u8 {
  return u8(table.entries[state]);
}

/** From `count` ≤ 255 weights, without the last one; false when they are no tree of at most 11 bits. */
function fillTable(table: HuffmanTable, scratch: HuffmanScratch, count: u32): boolean {
  const firsts = local<FixedArray<u32, 16>>();
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const weight = scratch.weights[i];
    if (weight > MAX_HUFFMAN_LOG) return false;
    if (weight > 0) sum += 1 << u32(weight - 1);
    firsts[weight & 15]++;
  }
  if (sum === 0) return false;
  const log = 32 - clz32(sum);
  if (log > MAX_HUFFMAN_LOG) return false;
  const missing = (1 << log) - sum;
  if ((missing & (missing - 1)) !== 0) return false;
  const last = ctz32(missing) + 1;
  scratch.weights[count] = u8(last);
  firsts[last & 15]++;
  // The longest codes are at least two: else each would be a bit shorter.
  if (firsts[1] < 2) return false;
  placeWeights(firsts);
  for (let symbol: u32 = 0; symbol <= count; symbol++) {
    const weight = u32(scratch.weights[symbol]);
    if (weight > 0) placeSymbol(table, firsts, symbol, weight, log);
  }
  table.log = log;
  return true;
}

/** Turns how many symbols have each weight into the first cell of each weight. */
function placeWeights(firsts: FixedArray<u32, 16>): void {
  let cell: u32 = 0;
  for (let weight: u32 = 1; weight <= MAX_HUFFMAN_LOG; weight++) {
    const symbols = firsts[weight];
    firsts[weight] = cell;
    cell += symbols << (weight - 1);
  }
}

function placeSymbol(table: HuffmanTable, firsts: FixedArray<u32, 16>, symbol: u32, weight: u32, log: u32): void {
  const entry = u16((symbol << 8) | (log + 1 - weight));
  const first = firsts[weight];
  const end = first + (1 << (weight - 1));
  for (let cell = first; cell < end; cell++) table.entries[cell] = entry;
  firsts[weight] = end;
}
