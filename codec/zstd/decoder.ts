import { littleEndian } from "../littleEndian";
import { type BlockDecoder, decodeBlock, prepareBlocks, resetBlocks } from "./block";
import { type FrameHeader, frameHeaderBytes, type MAX_HEADER_BYTES, MAX_WINDOW, readFrameHeader } from "./frame-header";
import { append, appendRun, type Output, room, startHistory, startLap, startOutput } from "./output";
import { ZstdStatus } from "./status";
import { digestXxHash64, startXxHash64, updateXxHash64, type XxHash64 } from "./xxhash64";

/**
 * Zstandard decompression (RFC 8878) without dictionaries: any number of frames and skippable frames, in pieces of any
 * size, in the memory that the caller gives.
 *
 *   startInto or startRing ──▶ decompress … decompress ──▶ finish
 *
 *   Magic ──▶ SkippableSize ──▶ Skip ──▶ Magic
 *     └─────▶ Descriptor ──▶ Header ──▶ BlockHeader ──▶ Raw, Rle or Compressed ──▶ BlockHeader
 *                                                        └── the last block ──▶ Checksum, if any ──▶ Magic
 *
 * Into a region the output is all of it, one frame behind the other, and not a byte more than the region has. A ring
 * holds the window and the block in work: what a call adds lies in one piece, and has to be taken before the next call.
 *
 * D1  `field` holds the first `fieldBytes` bytes of the field in work, which began at `fieldStart` of the input.
 * D2  An error stays: every further call answers it again.
 */

/** @storage u8 */
const enum Phase {
  Magic,
  SkippableSize,
  Skip,
  Descriptor,
  Header,
  BlockHeader,
  Raw,
  Rle,
  Compressed,
  Checksum,
}

const MAGIC: u64 = 0xfd2fb528n;
/** RFC 8878, section 3.1.2: the lowest four bits are free. */
const SKIPPABLE_MAGIC: u64 = 0x184d2a50n;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const MAX_BLOCK = 131072;

const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** What a ring has beside window and block: see O2. */
const RING_SLACK = 64;

export interface ZstdDecoder extends Struct<"ZstdDecoder"> {
  /** Bytes of the input that the last call took. */
  consumed: u32;
  /** The last call's output is that of the region or ring from `producedFrom` to `producedTo`. */
  producedFrom: u32;
  producedTo: u32;
  /** All output so far, in bytes. */
  totalBytes: u64;
  /** Frames that are complete; skippable ones do not count. */
  frames: u32;
  /** Where in the input, in bytes from its very start, the field at fault begins. */
  faultOffset: u64;

  status: ZstdStatus;
  phase: Phase;
  isRing: boolean;
  isLastBlock: boolean;
  /** Bytes of the input before the field in work. */
  fieldStart: u64;
  fieldBytes: u32;
  /** Bytes of the block's content, or of a skippable frame, still to come. */
  contentLeft: u32;
  blockBytes: u32;
  frameBytes: u64;
  readonly field: FixedArray<u8, typeof MAX_HEADER_BYTES>;
  readonly header: Inline<FrameHeader>;
  readonly hash: Inline<XxHash64>;
  readonly output: Inline<Output>;
  readonly block: Inline<BlockDecoder>;
  /** A compressed block that came in pieces. */
  readonly content: FixedArray<u8, typeof MAX_BLOCK>;
}

/** Decompresses into `region`, of which the output may fill every byte. */
export function startInto(decoder: ZstdDecoder, region: Bytes): void {
  start(decoder, region, false);
}

/** Decompresses through `ring`: of `ringBytes` of the largest window that is to be accepted, or larger. */
export function startRing(decoder: ZstdDecoder, ring: Bytes): void {
  start(decoder, ring, true);
}

/** Bytes of a ring for windows of up to `windowBytes` ≤ 8 MiB. */
export function ringBytes(windowBytes: u32): u32 {
  const window: u32 = windowBytes < MAX_WINDOW ? windowBytes : MAX_WINDOW;
  return window + (window < MAX_BLOCK ? window : MAX_BLOCK) + RING_SLACK;
}

/**
 * Takes the next piece of the input, all of it unless the answer is an error or Flush: then the ring's new bytes have to
 * be taken, and the rest of the piece (from `consumed` on) comes again.
 */
export function decompress(decoder: ZstdDecoder, input: Bytes): ZstdStatus {
  decoder.consumed = 0;
  decoder.producedFrom = decoder.output.position;
  if (decoder.status === ZstdStatus.Flush) turnRing(decoder);
  if (!isError(decoder.status)) decoder.status = ZstdStatus.More;
  while (decoder.status === ZstdStatus.More && advance(decoder, input));
  decoder.producedTo = decoder.output.position;
  return decoder.status;
}

/** After the last piece: Done, or what was wrong, of which Truncated is found only here. */
export function finish(decoder: ZstdDecoder): ZstdStatus {
  if (isError(decoder.status)) return decoder.status;
  const isBetween = decoder.phase === Phase.Magic && decoder.fieldBytes === 0;
  if (isBetween && decoder.fieldStart > 0n && decoder.status === ZstdStatus.More) return ZstdStatus.Done;
  fail(decoder, ZstdStatus.Truncated, decoder.fieldBytes);
  return decoder.status;
}

function start(decoder: ZstdDecoder, region: Bytes, isRing: boolean): void {
  decoder.consumed = 0;
  decoder.producedFrom = 0;
  decoder.producedTo = 0;
  decoder.totalBytes = 0n;
  decoder.frames = 0;
  decoder.faultOffset = 0n;
  decoder.status = ZstdStatus.More;
  decoder.isRing = isRing;
  decoder.fieldStart = 0n;
  decoder.fieldBytes = 0;
  decoder.phase = Phase.Magic;
  startOutput(decoder.output, region);
  prepareBlocks(decoder.block);
}

function isError(status: ZstdStatus): boolean {
  return status !== ZstdStatus.More && status !== ZstdStatus.Flush;
}

/** One field, or what there is of it; false when the input is used up. */
function advance(decoder: ZstdDecoder, input: Bytes): boolean {
  switch (decoder.phase) {
    case Phase.Magic:
      return collect(decoder, input, MAGIC_BYTES) && endMagic(decoder);
    case Phase.SkippableSize:
      return collect(decoder, input, MAGIC_BYTES) && endSkippableSize(decoder);
    case Phase.Skip:
      return skip(decoder, input);
    case Phase.Descriptor:
      // The header's first byte, which stays in the field.
      if (!collect(decoder, input, 1)) return false;
      decoder.phase = Phase.Header;
      return true;
    case Phase.Header:
      return collect(decoder, input, frameHeaderBytes(decoder.field[0])) && endHeader(decoder);
    case Phase.BlockHeader:
      return collect(decoder, input, BLOCK_HEADER_BYTES) && endBlockHeader(decoder);
    case Phase.Raw:
      return copyRaw(decoder, input);
    case Phase.Rle:
      return collect(decoder, input, 1) && endRle(decoder);
    case Phase.Compressed:
      return takeCompressed(decoder, input);
    case Phase.Checksum:
      return collect(decoder, input, CHECKSUM_BYTES) && endChecksum(decoder);
    default:
      unreachable(decoder.phase);
  }
}

/** Fills the field to `count` bytes; false when the input is used up before. */
function collect(decoder: ZstdDecoder, input: Bytes, count: u32): boolean {
  while (decoder.fieldBytes < count) {
    if (decoder.consumed === input.length) return false;
    decoder.field[decoder.fieldBytes] = input[decoder.consumed];
    decoder.fieldBytes++;
    decoder.consumed++;
  }
  return true;
}

/** The field, `bytes` long, is done with, and another begins. */
function enter(decoder: ZstdDecoder, phase: Phase, bytes: u32): boolean {
  decoder.fieldStart += u64(bytes);
  decoder.fieldBytes = 0;
  decoder.phase = phase;
  return true;
}

/** Something `at` bytes behind the start of the field is at fault. */
function fail(decoder: ZstdDecoder, status: ZstdStatus, at: u32): boolean {
  decoder.status = status;
  decoder.faultOffset = decoder.fieldStart + u64(at);
  return false;
}

function fieldValue(decoder: ZstdDecoder): u64 {
  return littleEndian(sliceOf(decoder.field, 0, decoder.fieldBytes), decoder.fieldBytes);
}

function endMagic(decoder: ZstdDecoder): boolean {
  const magic = fieldValue(decoder);
  if (magic === MAGIC) return enter(decoder, Phase.Descriptor, MAGIC_BYTES);
  if ((magic & ~15n) === SKIPPABLE_MAGIC) return enter(decoder, Phase.SkippableSize, MAGIC_BYTES);
  return fail(decoder, ZstdStatus.BadMagic, 0);
}

function endSkippableSize(decoder: ZstdDecoder): boolean {
  decoder.contentLeft = u32(fieldValue(decoder));
  return enter(decoder, Phase.Skip, MAGIC_BYTES);
}

function skip(decoder: ZstdDecoder, input: Bytes): boolean {
  const left = input.length - decoder.consumed;
  const count = left < decoder.contentLeft ? left : decoder.contentLeft;
  decoder.consumed += count;
  decoder.fieldStart += u64(count);
  decoder.contentLeft -= count;
  return decoder.contentLeft === 0 && enter(decoder, Phase.Magic, 0);
}

function endHeader(decoder: ZstdDecoder): boolean {
  const header = decoder.header;
  const status = readFrameHeader(header, sliceOf(decoder.field, 0, decoder.fieldBytes));
  if (status !== ZstdStatus.More) return fail(decoder, status, header.faultAt);
  if (decoder.isRing && decoder.output.bytes.length < ringBytes(header.windowBytes)) {
    return fail(decoder, ZstdStatus.RingTooSmall, header.faultAt);
  }
  startHistory(decoder.output, header.windowBytes);
  resetBlocks(decoder.block);
  startXxHash64(decoder.hash, 0n);
  decoder.frameBytes = 0n;
  return enter(decoder, Phase.BlockHeader, decoder.fieldBytes);
}

/** RFC 8878, section 3.1.1.2. */
function endBlockHeader(decoder: ZstdDecoder): boolean {
  const head = u32(fieldValue(decoder));
  const kind = (head >>> 1) & 3;
  const size = head >>> 3;
  if (kind > COMPRESSED) return fail(decoder, ZstdStatus.ReservedBlock, 0);
  if (size > decoder.header.maxBlockBytes) return fail(decoder, ZstdStatus.BlockTooLarge, 0);
  if (kind !== COMPRESSED) {
    if (!isWithinContent(decoder, size)) return fail(decoder, ZstdStatus.ContentSizeMismatch, 0);
    if (!decoder.isRing && size > room(decoder.output)) return fail(decoder, ZstdStatus.OutputTooLarge, 0);
  }
  if (!hasRingRoom(decoder)) return false;
  decoder.isLastBlock = (head & 1) !== 0;
  decoder.blockBytes = size;
  decoder.contentLeft = size;
  return enter(decoder, kind === RAW ? Phase.Raw : kind === RLE ? Phase.Rle : Phase.Compressed, BLOCK_HEADER_BYTES);
}

/** Whether a whole block fits into the ring's lap; begins another if nothing of this one has to be taken first. */
function hasRingRoom(decoder: ZstdDecoder): boolean {
  if (!decoder.isRing || room(decoder.output) >= decoder.header.maxBlockBytes) return true;
  if (decoder.producedFrom === decoder.output.position) {
    turnRing(decoder);
    return true;
  }
  decoder.status = ZstdStatus.Flush;
  return false;
}

function turnRing(decoder: ZstdDecoder): void {
  startLap(decoder.output);
  decoder.producedFrom = 0;
}

function copyRaw(decoder: ZstdDecoder, input: Bytes): boolean {
  const left = input.length - decoder.consumed;
  const count = left < decoder.contentLeft ? left : decoder.contentLeft;
  append(decoder.output, subslice(input, decoder.consumed, count));
  decoder.consumed += count;
  decoder.fieldStart += u64(count);
  decoder.contentLeft -= count;
  account(decoder, count);
  return decoder.contentLeft === 0 && endBlock(decoder, 0);
}

function endRle(decoder: ZstdDecoder): boolean {
  appendRun(decoder.output, decoder.field[0], decoder.blockBytes);
  account(decoder, decoder.blockBytes);
  return endBlock(decoder, 1);
}

/** Straight from the input where the block is all there, else from the pieces put together. */
function takeCompressed(decoder: ZstdDecoder, input: Bytes): boolean {
  const size = decoder.blockBytes;
  const left = input.length - decoder.consumed;
  const count = left < decoder.contentLeft ? left : decoder.contentLeft;
  const piece = subslice(input, decoder.consumed, count);
  decoder.consumed += count;
  decoder.contentLeft -= count;
  if (count === size) return decodeContent(decoder, piece);
  const from = size - decoder.contentLeft - count;
  const to = sliceOf(decoder.content, from, count);
  for (let i: u32 = 0; i < count; i++) to[i] = piece[i];
  decoder.fieldBytes = from + count;
  return decoder.contentLeft === 0 && decodeContent(decoder, sliceOf(decoder.content, 0, size));
}

function decodeContent(decoder: ZstdDecoder, content: Bytes): boolean {
  const before = decoder.output.position;
  const block = decoder.block;
  const status = decodeBlock(block, content, decoder.output, decoder.header.maxBlockBytes);
  if (status !== ZstdStatus.More) return fail(decoder, status, block.faultAt);
  const count = decoder.output.position - before;
  if (!isWithinContent(decoder, count)) return fail(decoder, ZstdStatus.ContentSizeMismatch, 0);
  account(decoder, count);
  return endBlock(decoder, content.length);
}

/** Whether the frame's content, if its size is known, has room for `count` bytes more. */
function isWithinContent(decoder: ZstdDecoder, count: u32): boolean {
  const header = decoder.header;
  return !header.hasContentSize || decoder.frameBytes + u64(count) <= header.contentBytes;
}

/** The last `count` bytes of the output are new. */
function account(decoder: ZstdDecoder, count: u32): void {
  decoder.totalBytes += u64(count);
  decoder.frameBytes += u64(count);
  if (!decoder.header.hasChecksum) return;
  const output = decoder.output;
  updateXxHash64(decoder.hash, subslice(output.bytes, output.position - count, count));
}

function endBlock(decoder: ZstdDecoder, fieldBytes: u32): boolean {
  if (!decoder.isLastBlock) return enter(decoder, Phase.BlockHeader, fieldBytes);
  const header = decoder.header;
  if (header.hasContentSize && decoder.frameBytes !== header.contentBytes) {
    return fail(decoder, ZstdStatus.ContentSizeMismatch, fieldBytes);
  }
  if (header.hasChecksum) return enter(decoder, Phase.Checksum, fieldBytes);
  decoder.frames++;
  return enter(decoder, Phase.Magic, fieldBytes);
}

/** The lower half of the content's XXH64 (RFC 8878, section 3.1.1). */
function endChecksum(decoder: ZstdDecoder): boolean {
  if (fieldValue(decoder) !== (digestXxHash64(decoder.hash) & 0xffffffffn)) {
    return fail(decoder, ZstdStatus.ChecksumMismatch, 0);
  }
  decoder.frames++;
  return enter(decoder, Phase.Magic, CHECKSUM_BYTES);
}
