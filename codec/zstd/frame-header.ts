import { littleEndian } from "../littleEndian";
import { ZstdStatus } from "./status";

/**
 * The header of a frame after its magic number (RFC 8878, section 3.1.1.1):
 *
 *   descriptor 1 │ window 0, 1 │ dictionary 0, 1, 2, 4 │ content size 0, 1, 2, 4, 8
 *
 *   descriptor    7 6 size of the content size   5 single segment, no window   4 unused   3 reserved
 *                 2 checksum   1 0 size of the dictionary's number
 */

/** The longest header. */
export const MAX_HEADER_BYTES = 14;
/** The largest window that is decoded (RFC 8878, section 3.1.1.1.2, recommends to support this much). */
export const MAX_WINDOW = 8388608;
const MAX_BLOCK: u32 = 131072;

export interface FrameHeader extends Struct<"FrameHeader"> {
  windowBytes: u32;
  /** What a block may have at most, compressed and decompressed. */
  maxBlockBytes: u32;
  hasContentSize: boolean;
  contentBytes: u64;
  hasChecksum: boolean;
  /** What is at fault begins so far behind the descriptor. */
  faultAt: u32;
}

/** Bytes of the header that begins with `descriptor`. */
export function frameHeaderBytes(descriptor: u8): u32 {
  return 1 + windowBytes(descriptor) + dictionaryBytes(descriptor) + contentSizeBytes(descriptor);
}

/** Reads the header that is all of `bytes`. */
export function readFrameHeader(header: FrameHeader, bytes: Bytes): ZstdStatus {
  const descriptor = bytes[0];
  header.faultAt = 0;
  if ((descriptor & 8) !== 0) return ZstdStatus.ReservedBit;
  header.hasChecksum = (descriptor & 4) !== 0;
  const dictionaryAt = 1 + windowBytes(descriptor);
  const sizeAt = dictionaryAt + dictionaryBytes(descriptor);
  const sizeBytes = contentSizeBytes(descriptor);
  header.hasContentSize = sizeBytes > 0;
  header.contentBytes = littleEndian(subslice(bytes, sizeAt, sizeBytes), sizeBytes) + (sizeBytes === 2 ? 256n : 0n);
  header.faultAt = dictionaryAt;
  if (littleEndian(subslice(bytes, dictionaryAt, sizeAt - dictionaryAt), sizeAt - dictionaryAt) !== 0n) {
    return ZstdStatus.DictionaryNeeded;
  }
  const isSingleSegment = windowBytes(descriptor) === 0;
  const window = isSingleSegment ? header.contentBytes : windowOf(bytes[1]);
  header.faultAt = isSingleSegment ? sizeAt : 1;
  if (window > u64(MAX_WINDOW)) return ZstdStatus.WindowTooLarge;
  header.windowBytes = u32(window);
  header.maxBlockBytes = header.windowBytes < MAX_BLOCK ? header.windowBytes : MAX_BLOCK;
  return ZstdStatus.More;
}

/** RFC 8878, section 3.1.1.1.2: a power of two and eighths of it. */
function windowOf(byte: u8): u64 {
  const base = 1n << u64(10 + (byte >>> 3));
  return base + (base >> 3n) * u64(byte & 7);
}

function windowBytes(descriptor: u8): u32 {
  return (descriptor & 0x20) === 0 ? 1 : 0;
}

function dictionaryBytes(descriptor: u8): u32 {
  const flag = u32(descriptor & 3);
  return flag === 3 ? 4 : flag;
}

function contentSizeBytes(descriptor: u8): u32 {
  const flag = descriptor >>> 6;
  return flag > 0 ? 1 << flag : (descriptor & 0x20) !== 0 ? 1 : 0;
}
