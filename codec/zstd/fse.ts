/** @unit O3 */
import { type ForwardBits, peekForward } from "./bits";

/**
 * Finite state entropy tables (RFC 8878, section 4.1): how often each symbol occurs, and the decoding table of it.
 *
 *   entry   63 … 56        55 … 48     47 … 32     31 … 0
 *           extra bits     state bits  next state  symbol, or the value that it stands for
 *
 * The next state is the entry's plus as many bits of the stream as the entry says.
 *
 * F1  The counts of a distribution, a "less than one" being one, sum up to 2^log.
 * F2  For every entry, next state + 2^(state bits) ≤ 2^log: a state never leaves its table.
 */

export const MAX_FSE_LOG = 9;
const MAX_CELLS = 512;
const SYMBOLS = 256;
const LESS_THAN_ONE: i16 = -1;

export interface Distribution extends Struct<"Distribution"> {
  log: u32;
  /** Counted symbols are below it. */
  symbols: u32;
  /** How many cells of 2^log each symbol has; -1 is "less than one" and has one. */
  readonly counts: FixedArray<i16, typeof SYMBOLS>;
  /** Scratch of `buildTable`: for each symbol the next of its states, and what its entries have in common. */
  readonly next: FixedArray<u16, typeof SYMBOLS>;
  readonly values: FixedArray<u64, typeof SYMBOLS>;
}

export interface FseTable extends Struct<"FseTable"> {
  log: u32;
  readonly entries: FixedArray<u64, typeof MAX_CELLS>;
}

/**
 * Reads a distribution from the start of `bytes` (RFC 8878, section 4.1.1). Answers how many bytes it takes, 0 when it
 * is malformed: its log above `maxLog` (at most 9), a symbol above `maxSymbol` (at most 255), or not all there.
 */
export function readDistribution(distribution: Distribution, bytes: Bytes, maxLog: u32, maxSymbol: u32): u32 {
  const bits = local<ForwardBits>();
  bits.bytes = bytes;
  const log = peekForward(bits, 4) + 5;
  bits.position = 4;
  if (log > maxLog) return 0;
  let symbol: u32 = 0;
  let left: u32 = 1 << log;
  while (left > 0) {
    if (symbol > maxSymbol) return 0;
    const count = readCount(bits, left);
    distribution.counts[symbol] = i16(count);
    symbol++;
    left -= count < 0 ? 1 : u32(count);
    if (count === 0) {
      symbol = skipZeros(bits, distribution, symbol, maxSymbol);
      if (symbol > maxSymbol) return 0;
    }
  }
  distribution.log = log;
  distribution.symbols = symbol;
  const taken = (bits.position + 7) >>> 3;
  return taken <= bytes.length ? taken : 0;
}

/** One count where `left` cells are not given away yet: -1 to `left`; the small ones of the range take a bit less. */
function readCount(bits: ForwardBits, left: u32): i32 {
  const width = 32 - clz32(left + 1);
  const half: u32 = 1 << (width - 1);
  const short = 2 * half - 2 - left;
  const value = peekForward(bits, width);
  const low = value & (half - 1);
  const isShort = low < short;
  bits.position += isShort ? width - 1 : width;
  const coded = isShort || value < half ? low : value - short;
  return i32(coded) - 1;
}

/** After a count of 0: two bits say how many more zeros follow, and 3 that two more bits do. Answers the next symbol. */
function skipZeros(bits: ForwardBits, distribution: Distribution, from: u32, maxSymbol: u32): u32 {
  let symbol = from;
  let flag: u32 = 3;
  while (flag === 3) {
    flag = peekForward(bits, 2);
    bits.position += 2;
    if (symbol + flag > maxSymbol) return maxSymbol + 1;
    for (let i: u32 = 0; i < flag; i++) distribution.counts[symbol + i] = 0;
    symbol += flag;
  }
  return symbol;
}

/**
 * Fills `table` from a distribution that holds F1 (RFC 8878, section 4.1.1, "From Normalized Distribution …"). `values` are
 * what the symbols stand for, as entries without a state; symbols beyond them stand for themselves.
 */
export function buildTable(table: FseTable, distribution: Distribution, values: Slice<u64>): void {
  const log = distribution.log;
  assert(log <= MAX_FSE_LOG, "an FSE table has at most 512 cells");
  const size: u32 = 1 << log;
  table.log = log;
  for (let symbol: u32 = 0; symbol < distribution.symbols; symbol++) {
    distribution.values[symbol] = symbol < values.length ? values[symbol] : u64(symbol);
  }
  spreadSymbols(table, distribution, size);
  for (let i: u32 = 0; i < size; i++) {
    const symbol = u32(table.entries[i]) & (SYMBOLS - 1);
    const next = u32(distribution.next[symbol]);
    distribution.next[symbol]++;
    const stateBits = log + clz32(next) - 31;
    const state = (next << stateBits) - size;
    table.entries[i] = distribution.values[symbol] | (u64(stateBits) << 48n) | (u64(state) << 32n);
  }
}

/** Those of less than one from the table's end downwards, the others in strides. */
function spreadSymbols(table: FseTable, distribution: Distribution, size: u32): void {
  const symbols = distribution.symbols;
  let cells = size;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = distribution.counts[symbol];
    distribution.next[symbol] = count === LESS_THAN_ONE ? 1 : u16(count);
    if (count === LESS_THAN_ONE) {
      cells--;
      table.entries[cells] = u64(symbol);
    }
  }
  const stride = (size >>> 1) + (size >>> 3) + 3;
  let at: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = i32(distribution.counts[symbol]);
    for (let i: i32 = 0; i < count; i++) {
      table.entries[at] = u64(symbol);
      // The stride is odd, so that this visits every cell, and those below `cells` are as many as the counts.
      do at = (at + stride) & (size - 1);
      while (at >= cells);
    }
  }
}

/** The table whose only symbol costs no bits (RFC 8878, section 3.1.1.3.2.1, RLE_Mode). */
export function buildSingle(table: FseTable, value: u64): void {
  table.log = 0;
  table.entries[0] = value;
}
