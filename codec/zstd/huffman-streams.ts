/** @unit O3 @unsafe reads streams eight bytes at a time and writes symbols without a check of each */
import { type BackwardBits, openBackward, peekBackward, skipBackward } from "./bits";
import type { HuffmanTable } from "./huffman";

/**
 * Huffman-coded literals (RFC 8878, section 4.2.2): one stream, or four side by side.
 *
 *   size 1 │ size 2 │ size 3 │ stream 1 │ stream 2 │ stream 3 │ stream 4     sizes of 16 bits
 *
 * The fast part takes five symbols of each stream at a time. A stream's next bits stand at the top of its container,
 * with a 1 below the last of them, so that the number of trailing zeros is that of the bits read:
 *
 *   bits   next bits of the stream … │ 1 │ 0 … 0      container of the eight bytes from `at`, at ≥ start of the stream
 *
 * Five symbols take at most 55 bits, the first of them begins within the top eight; the 1 is never read. What is left
 * of a stream goes through the careful reader, which also sees that the stream ends exactly with the last symbol.
 */

const SYMBOLS_A_ROUND = 5;
/** More than a round takes: 62 bits. */
const BYTES_A_ROUND = 8;
const CONTAINER_BYTES = 8;
const SIZES_BYTES = 6;
const MIN_FOUR_STREAMS = 6;

/** A stream and where its symbols go. */
interface Stream extends Struct<"Stream"> {
  readonly bits: Inline<BackwardBits>;
  output: Bytes;
}

/** Fills `output` from one stream, which is all of `bytes`; false when it is malformed. */
export function decodeOneStream(table: HuffmanTable, bytes: Bytes, output: Bytes): boolean {
  const stream = local<Stream>();
  if (!openStream(stream, bytes, output)) return false;
  return decodeRest(table, stream, 0);
}

/** Fills `output` from four streams with their sizes before them; false when one is malformed. */
export function decodeFourStreams(table: HuffmanTable, bytes: Bytes, output: Bytes): boolean {
  if (bytes.length < SIZES_BYTES || output.length < MIN_FOUR_STREAMS) return false;
  const size1 = u32(bytes[0]) | (u32(bytes[1]) << 8);
  const size2 = u32(bytes[2]) | (u32(bytes[3]) << 8);
  const size3 = u32(bytes[4]) | (u32(bytes[5]) << 8);
  const before4 = SIZES_BYTES + size1 + size2 + size3;
  if (before4 > bytes.length) return false;
  const size4 = bytes.length - before4;
  const share = (output.length + 3) >>> 2;
  const stream1 = local<Stream>();
  const stream2 = local<Stream>();
  const stream3 = local<Stream>();
  const stream4 = local<Stream>();
  const isOpen =
    openStream(stream1, subslice(bytes, SIZES_BYTES, size1), subslice(output, 0, share)) &&
    openStream(stream2, subslice(bytes, SIZES_BYTES + size1, size2), subslice(output, share, share)) &&
    openStream(stream3, subslice(bytes, SIZES_BYTES + size1 + size2, size3), subslice(output, 2 * share, share)) &&
    openStream(stream4, subslice(bytes, before4, size4), subslice(output, 3 * share, output.length - 3 * share));
  if (!isOpen) return false;
  const isLong =
    size1 >= CONTAINER_BYTES && size2 >= CONTAINER_BYTES && size3 >= CONTAINER_BYTES && size4 >= CONTAINER_BYTES;
  const done = isLong ? decodeRounds(table, stream1, stream2, stream3, stream4) : 0;
  return (
    decodeRest(table, stream1, done) &&
    decodeRest(table, stream2, done) &&
    decodeRest(table, stream3, done) &&
    decodeRest(table, stream4, done)
  );
}

function openStream(stream: Stream, bytes: Bytes, output: Bytes): boolean {
  stream.output = output;
  return openBackward(stream.bits, bytes);
}

/** The symbols from `from` on, one at a time. */
function decodeRest(table: HuffmanTable, stream: Stream, from: u32): boolean {
  const bits = stream.bits;
  const output = stream.output;
  const log = table.log;
  for (let i = from; i < output.length; i++) {
    const entry = table.entries[peekBackward(bits, log)];
    skipBackward(bits, u32(entry & 0xff));
    if (bits.isOverrun) return false;
    output[i] = u8(entry >>> 8);
  }
  return bits.left === 0;
}

/**
 * As many rounds as the shortest of the streams and of the outputs allow, where every stream has at least eight bytes.
 * Answers how many symbols each stream gave.
 */
function decodeRounds(table: HuffmanTable, s1: Stream, s2: Stream, s3: Stream, s4: Stream): u32 {
  const entries = addressOf(table.entries);
  const shift = u64(64 - table.log);
  let bits1 = firstContainer(s1);
  let bits2 = firstContainer(s2);
  let bits3 = firstContainer(s3);
  let bits4 = firstContainer(s4);
  let at1 = lastBytes(s1);
  let at2 = lastBytes(s2);
  let at3 = lastBytes(s3);
  let at4 = lastBytes(s4);
  let to1 = addressOf(s1.output);
  let to2 = addressOf(s2.output);
  let to3 = addressOf(s3.output);
  let to4 = addressOf(s4.output);
  // The fourth output is the shortest.
  const room = s4.output.length;
  let done: u32 = 0;
  for (;;) {
    let rounds = (room - done) / SYMBOLS_A_ROUND;
    rounds = fewer(rounds, roundsOf(s1, at1));
    rounds = fewer(rounds, roundsOf(s2, at2));
    rounds = fewer(rounds, roundsOf(s3, at3));
    rounds = fewer(rounds, roundsOf(s4, at4));
    if (rounds === 0) break;
    done += rounds * SYMBOLS_A_ROUND;
    for (; rounds > 0; rounds--) {
      for (let i = 0n; i < u64(SYMBOLS_A_ROUND); i++) {
        const entry1 = entryOf(entries, bits1, shift);
        const entry2 = entryOf(entries, bits2, shift);
        const entry3 = entryOf(entries, bits3, shift);
        const entry4 = entryOf(entries, bits4, shift);
        bits1 = bits1 << (entry1 & 63n);
        bits2 = bits2 << (entry2 & 63n);
        bits3 = bits3 << (entry3 & 63n);
        bits4 = bits4 << (entry4 & 63n);
        store8(to1 + i, u8(entry1 >> 8n));
        store8(to2 + i, u8(entry2 >> 8n));
        store8(to3 + i, u8(entry3 >> 8n));
        store8(to4 + i, u8(entry4 >> 8n));
      }
      to1 += 5n;
      to2 += 5n;
      to3 += 5n;
      to4 += 5n;
      at1 -= bytesRead(bits1);
      at2 -= bytesRead(bits2);
      at3 -= bytesRead(bits3);
      at4 -= bytesRead(bits4);
      bits1 = nextContainer(at1, bits1);
      bits2 = nextContainer(at2, bits2);
      bits3 = nextContainer(at3, bits3);
      bits4 = nextContainer(at4, bits4);
    }
  }
  s1.bits.left = bitsLeft(s1, at1, bits1);
  s2.bits.left = bitsLeft(s2, at2, bits2);
  s3.bits.left = bitsLeft(s3, at3, bits3);
  s4.bits.left = bitsLeft(s4, at4, bits4);
  return done;
}

/** Where the stream's last eight bytes are. */
function lastBytes(stream: Stream): u64 {
  return addressOf(stream.bits.bytes) + u64(stream.bits.bytes.length - CONTAINER_BYTES);
}

/** The stream's last eight bytes without its end mark. */
function firstContainer(stream: Stream): u64 {
  const container = load64(lastBytes(stream));
  return (container | 1n) << u64(clz64(container) + 1);
}

/** How many rounds there are in which no container begins before the stream. */
function roundsOf(stream: Stream, at: u64): u32 {
  return u32(at - addressOf(stream.bits.bytes)) / BYTES_A_ROUND;
}

function fewer(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

function bitsLeft(stream: Stream, at: u64, bits: u64): u32 {
  return 8 * u32(at - addressOf(stream.bits.bytes)) + 64 - ctz64(bits);
}

/**
 * The index is below 2^log, as the shift leaves log bits.
 *
 * @inline
 */
function entryOf(entries: u64, bits: u64, shift: u64): u64 {
  return u64(load16(entries + (bits >> (shift & 63n)) * 2n));
}

/** @inline */
function bytesRead(bits: u64): u64 {
  return u64(ctz64(bits) >>> 3);
}

/**
 * The container from `at`, where `bits` was the one before: its bits that are read within a byte are read here, too.
 *
 * @inline
 */
function nextContainer(at: u64, bits: u64): u64 {
  return (load64(at) | 1n) << u64(ctz64(bits) & 7);
}
