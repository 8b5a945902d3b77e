import { type BackwardBits, openBackward, peekBackward, skipBackward } from "../../../codec/zstd/bits";
import { type HuffmanScratch, type HuffmanTable, readTree } from "../../../codec/zstd/huffman";
import {
  openSequences,
  prepareSequences,
  readSequences,
  resetSequences,
  type Sequences,
} from "../../../codec/zstd/sequences";
import { ZstdStatus } from "../../../codec/zstd/status";
import { nextRandom } from "../../../user/random";

/**
 * Random Zstandard frames of sound structure: what a mutation of single bytes hardly ever finds.
 *
 * There is no compressor here. A bitstream is random bits that are decoded as far as the symbols go; what was read, with
 * an end mark behind it, is then a stream that ends exactly. The literals are made last, as many as the sequences use.
 */

const PIECE_BYTES = 4096;
const STREAM_BYTES = 1024;
const MAX_SYMBOLS = 128;
const MAX_DEPTH = 11;
const MAX_LITERALS = 1500;

export interface Writer extends Struct<"Writer"> {
  bytes: Bytes;
  /** Bytes written; what does not fit any more is lost. */
  position: u32;
}

/** A random number generator, and what one block leaves to the next. */
export interface FrameMaker extends Struct<"FrameMaker"> {
  random: u64;
  /** Bits of a distribution's description that make no byte yet. */
  pending: u64;
  pendingBits: u32;
  hasTree: boolean;
  hasTables: boolean;
  readonly tree: Inline<HuffmanTable>;
  readonly scratch: Inline<HuffmanScratch>;
  readonly sequences: Inline<Sequences>;
  readonly depths: FixedArray<u8, typeof MAX_SYMBOLS>;
  readonly literals: FixedArray<u8, typeof PIECE_BYTES>;
  readonly section: FixedArray<u8, typeof PIECE_BYTES>;
  readonly stream: FixedArray<u8, typeof STREAM_BYTES>;
}

/** Appends frames and skippable frames to `to`, as `seed` has them. */
export function makeFrames(maker: FrameMaker, seed: u32, to: Writer): void {
  maker.random = (u64(seed) << 20n) | 1n;
  prepareSequences(maker.sequences);
  const frames = 1 + below(maker, 2) * below(maker, 2);
  for (let i: u32 = 0; i < frames; i++) {
    if (below(maker, 8) === 0) makeSkippable(maker, to);
    makeFrame(maker, to);
  }
}

function makeSkippable(maker: FrameMaker, to: Writer): void {
  const length = below(maker, 20);
  putNumber(to, 0x184d2a50 + below(maker, 16), 4);
  putNumber(to, length, 4);
  for (let i: u32 = 0; i < length; i++) putNumber(to, below(maker, 256), 1);
}

/** Without checksum and content size, with a window of 1 to 128 KiB. */
function makeFrame(maker: FrameMaker, to: Writer): void {
  putNumber(to, 0xfd2fb528, 4);
  putNumber(to, 0, 1);
  putNumber(to, below(maker, 7 * 8), 1);
  maker.hasTree = false;
  maker.hasTables = false;
  resetSequences(maker.sequences);
  const blocks = 1 + below(maker, 5);
  for (let i: u32 = 0; i < blocks; i++) makeBlock(maker, to, i === 0, i === blocks - 1);
}

function makeBlock(maker: FrameMaker, to: Writer, isFirst: boolean, isLast: boolean): void {
  const last: u32 = isLast ? 1 : 0;
  const kind = isFirst ? below(maker, 3) : 2 + below(maker, 6);
  const size = below(maker, kind === 1 ? 1024 : 300);
  if (kind < 2) {
    putNumber(to, (size << 3) | (kind << 1) | last, 3);
    for (let i: u32 = 0; i < (kind === 0 ? size : 1); i++) putNumber(to, below(maker, 256), 1);
    return;
  }
  const section = local<Writer>();
  section.bytes = sliceOf(maker.section, 0, PIECE_BYTES);
  const used = makeSequences(maker, section);
  const literals = local<Writer>();
  literals.bytes = sliceOf(maker.literals, 0, PIECE_BYTES);
  const count = used + (below(maker, 3) === 0 ? 0 : below(maker, 200));
  makeLiterals(maker, literals, count < MAX_LITERALS ? count : MAX_LITERALS);
  putNumber(to, ((literals.position + section.position) << 3) | (2 << 1) | last, 3);
  putBytes(to, literals);
  putBytes(to, section);
}

// ---- literals ----

function makeLiterals(maker: FrameMaker, to: Writer, count: u32): void {
  const kind = below(maker, 4);
  if (kind === 0 || kind === 1 || count < 6 || (kind === 3 && !maker.hasTree)) {
    const isRle = kind === 1;
    putNumber(to, (count << 4) | 12 | (isRle ? 1 : 0), 3);
    for (let i: u32 = 0; i < (isRle ? 1 : count); i++) putNumber(to, below(maker, 256), 1);
    return;
  }
  // The header, whose sizes are known last, is one of 14 bits each for four streams, one of 10 for a single one.
  const isSingle = count < 800 && below(maker, 3) === 0;
  const headBytes: u32 = isSingle ? 3 : 4;
  to.position = headBytes;
  if (kind === 2) makeTree(maker, to);
  if (isSingle) makeStream(maker, to, count);
  else makeFourStreams(maker, to, count);
  const size = u64(to.position - headBytes);
  const head = u64(kind) | (isSingle ? 0n : 8n) | (u64(count) << 4n) | (size << (isSingle ? 14n : 18n));
  for (let i: u32 = 0; i < headBytes; i++) to.bytes[i] = u8(head >> u64(8 * i));
}

function makeFourStreams(maker: FrameMaker, to: Writer, count: u32): void {
  const sizes = to.position;
  const share = (count + 3) >>> 2;
  putNumber(to, 0, 6);
  for (let i: u32 = 0; i < 4; i++) {
    const from = to.position;
    makeStream(maker, to, i < 3 ? share : count - 3 * share);
    const size = to.position - from;
    if (i === 3) continue;
    to.bytes[sizes + 2 * i] = u8(size);
    to.bytes[sizes + 2 * i + 1] = u8(size >>> 8);
  }
}

/** A random full tree, its weights in halves of bytes. */
function makeTree(maker: FrameMaker, to: Writer): void {
  const from = to.position;
  const symbols = 2 + below(maker, below(maker, 2) === 0 ? 8 : MAX_SYMBOLS - 2);
  let leaves: u32 = 1;
  let log: u32 = 0;
  maker.depths[0] = 0;
  for (let tries: u32 = 0; leaves < symbols && tries < 1000; tries++) {
    const leaf = below(maker, leaves);
    if (maker.depths[leaf] === MAX_DEPTH) continue;
    maker.depths[leaf]++;
    maker.depths[leaves] = maker.depths[leaf];
    if (maker.depths[leaf] > log) log = maker.depths[leaf];
    leaves++;
  }
  putNumber(to, 127 + leaves - 1, 1);
  for (let i: u32 = 0; i + 1 < leaves; i += 2) {
    const low = i + 2 < leaves ? log + 1 - maker.depths[i + 1] : 0;
    putNumber(to, ((log + 1 - maker.depths[i]) << 4) | low, 1);
  }
  const taken = readTree(maker.tree, maker.scratch, subslice(to.bytes, from, to.position - from));
  assert(taken === to.position - from, "a made tree is a tree");
  maker.hasTree = true;
}

/** As many symbols as random bits have. */
function makeStream(maker: FrameMaker, to: Writer, count: u32): void {
  const bits = local<BackwardBits>();
  openRandom(maker, bits);
  const from = bits.left;
  for (let i: u32 = 0; i < count && bits.left > 16; i++) {
    skipBackward(bits, u32(maker.tree.entries[peekBackward(bits, maker.tree.log)] & 0xff));
  }
  putStream(maker, to, bits.left, from);
}

// ---- sequences ----

/** Answers how many literals the sequences use. */
function makeSequences(maker: FrameMaker, to: Writer): u32 {
  const count = below(maker, 4) === 0 ? 0 : below(maker, 60);
  putNumber(to, count, 1);
  if (count === 0) return 0;
  const modes = to.position;
  putNumber(to, 0, 1);
  const lengths = makeTable(maker, to, 9, below(maker, 6) === 0 ? 35 : 18);
  const offsets = makeTable(maker, to, 8, below(maker, 6) === 0 ? 31 : 5);
  const matches = makeTable(maker, to, 9, below(maker, 6) === 0 ? 52 : 34);
  to.bytes[modes] = u8((lengths << 6) | (offsets << 4) | (matches << 2));
  maker.hasTables = true;
  const from = to.position;
  for (let i: u32 = 0; i < STREAM_BYTES; i++) putNumber(to, i + 1 < STREAM_BYTES ? below(maker, 256) : 1, 1);
  // The decoder's own reading of the bits says how many of them the sequences are.
  const opened = openSequences(maker.sequences, subslice(to.bytes, 0, to.position));
  assert(opened === ZstdStatus.More, "a made section is a section");
  readSequences(maker.sequences);
  for (let i: u32 = 0; i < STREAM_BYTES; i++) maker.stream[i] = to.bytes[from + i];
  to.position = from;
  putStream(maker, to, maker.sequences.bits.left, 8 * (STREAM_BYTES - 1));
  let used: u32 = 0;
  for (let i: u32 = 0; i < count; i++) used += maker.sequences.batch[i].literalLength;
  return used;
}

/** Writes a table of codes up to `maxCode`, if its mode has one; answers the mode. */
function makeTable(maker: FrameMaker, to: Writer, maxLog: u32, maxCode: u32): u32 {
  const mode = below(maker, maker.hasTables ? 4 : 3);
  if (mode === 1) putNumber(to, below(maker, maxCode + 1), 1);
  if (mode === 2) makeDistribution(maker, to, 5 + below(maker, maxLog - 4), maxCode);
  return mode;
}

/** A random distribution's description (RFC 8878, section 4.1.1). */
function makeDistribution(maker: FrameMaker, to: Writer, log: u32, maxCode: u32): void {
  putBits(maker, to, log - 5, 4);
  let left: u32 = 1 << log;
  let zeros: u32 = 0;
  let isRun = false;
  for (let code: u32 = 0; left > 0; code++) {
    // -1, 0 or a share, one higher; the last code takes all that is left.
    const kind = below(maker, 5);
    const coded: u32 =
      code === maxCode ? left + 1 : kind === 0 ? 0 : kind === 1 ? 1 : 2 + below(maker, left < 64 ? left : 64);
    if (isRun && coded === 1) {
      zeros++;
      continue;
    }
    if (isRun) endRun(maker, to, zeros);
    isRun = coded === 1;
    zeros = 0;
    putCount(maker, to, coded, left);
    left -= coded === 0 ? 1 : coded - 1;
  }
  putBits(maker, to, 0, (8 - maker.pendingBits) & 7);
}

/** That `zeros` more follow a zero. */
function endRun(maker: FrameMaker, to: Writer, zeros: u32): void {
  let rest = zeros;
  for (; rest >= 3; rest -= 3) putBits(maker, to, 3, 2);
  putBits(maker, to, rest, 2);
}

/** A count, one higher, of at most `left` + 1. */
function putCount(maker: FrameMaker, to: Writer, coded: u32, left: u32): void {
  const width = 32 - clz32(left + 1);
  const half: u32 = 1 << (width - 1);
  const short = 2 * half - 2 - left;
  if (coded < short) putBits(maker, to, coded, width - 1);
  else putBits(maker, to, coded < half ? coded : coded + short, width);
}

// ---- bits and bytes ----

/** Fills the stream with random bits, and begins to read it. */
function openRandom(maker: FrameMaker, bits: BackwardBits): void {
  for (let i: u32 = 0; i < STREAM_BYTES; i++) maker.stream[i] = u8(below(maker, 256));
  maker.stream[STREAM_BYTES - 1] = 1;
  const isOpen = openBackward(bits, sliceOf(maker.stream, 0, STREAM_BYTES));
  assert(isOpen, "the stream has an end mark");
}

/** Appends the stream's bits from `from` to below `end`, and an end mark. */
function putStream(maker: FrameMaker, to: Writer, from: u32, end: u32): void {
  let byte: u32 = 0;
  let bit: u32 = 0;
  for (let i = from; i <= end; i++) {
    const value: u32 = i === end ? 1 : (u32(maker.stream[i >>> 3]) >>> (i & 7)) & 1;
    byte |= value << bit;
    bit++;
    if (bit < 8 && i < end) continue;
    putNumber(to, byte, 1);
    byte = 0;
    bit = 0;
  }
}

function putBits(maker: FrameMaker, to: Writer, value: u32, count: u32): void {
  maker.pending |= u64(value) << u64(maker.pendingBits);
  maker.pendingBits += count;
  while (maker.pendingBits >= 8) {
    putNumber(to, u32(maker.pending) & 0xff, 1);
    maker.pending = maker.pending >> 8n;
    maker.pendingBits -= 8;
  }
}

function putNumber(to: Writer, value: u32, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) {
    if (to.position === to.bytes.length) return;
    to.bytes[to.position] = u8(u64(value) >> u64(8 * i));
    to.position++;
  }
}

function putBytes(to: Writer, from: Writer): void {
  for (let i: u32 = 0; i < from.position; i++) putNumber(to, from.bytes[i], 1);
}

/** A random number below `limit` > 0. */
function below(maker: FrameMaker, limit: u32): u32 {
  maker.random = nextRandom(maker.random);
  return u32(maker.random >> 33n) % limit;
}
