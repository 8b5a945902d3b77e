/** @unsafe libFuzzer passes addresses */
import { decompress, finish, ringBytes, startInto, startRing, type ZstdDecoder } from "../../../codec/zstd/decoder";
import { ZstdStatus } from "../../../codec/zstd/status";
import { digestXxHash64, startXxHash64, updateXxHash64, type XxHash64 } from "../../../codec/zstd/xxhash64";
import { type FrameMaker, makeFrames, type Writer } from "./zstd-frames.kts";

/**
 * The Zstandard decoder twice over the same bytes: into a region, whose end is the end of its memory, with the input in
 * one piece; and through a ring, with the input in small pieces. Whenever the region is large enough, both say the same.
 *
 * Of the mutations half are libFuzzer's own; the others put frames of sound structure in place of the input, before it or
 * behind it, as they are or damaged.
 */

const REGION_BYTES = 262144;
/** Serves windows of up to 64 KiB: with larger ones the ring only has to say so. */
const RING_WINDOW = 65536;
const RING_BYTES = 131136;

const decoder: ZstdDecoder = zeroed();
const region: FixedArray<u8, typeof REGION_BYTES> = zeroed();
const ring: FixedArray<u8, typeof RING_BYTES> = zeroed();
const regionHash: XxHash64 = zeroed();
const ringHash: XxHash64 = zeroed();
const maker: FrameMaker = zeroed();

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

/** @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  const kind = seed & 7;
  if (kind < 4) return mutateBytes(data, size, maxSize);
  const to = local<Writer>();
  to.bytes = castSlice<u8>(data, u32(maxSize));
  to.position = kind === 4 ? u32(size) : 0;
  makeFrames(maker, seed, to);
  return kind === 5 ? mutateBytes(data, u64(to.position), maxSize) : u64(to.position);
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  assert(ringBytes(RING_WINDOW) === RING_BYTES, "the ring is as large as it says");
  const input = castSlice<u8>(data, u32(size));
  // The room, too, comes from the input, so that every bound is tried.
  const chooser = size > 0n ? u32(input[input.length - 1]) : 0;
  const roomBytes: u32 =
    (chooser & 7) === 0 ? REGION_BYTES - chooser : (chooser & 1) === 0 ? 8 * chooser : REGION_BYTES;
  const room = sliceOf(region, REGION_BYTES - roomBytes, roomBytes);
  const intoStatus = decodeInto(room, input);
  const intoOffset = decoder.faultOffset;
  const intoBytes = decoder.totalBytes;
  const throughStatus = decodeThrough(input, 1 + (chooser & 31));
  if (intoStatus === ZstdStatus.OutputTooLarge || throughStatus === ZstdStatus.RingTooSmall) return 0;
  assert(intoStatus === throughStatus, "a region and a ring come to the same end");
  assert(intoOffset === decoder.faultOffset, "a region and a ring find the same fault");
  if (intoStatus !== ZstdStatus.Done) return 0;
  assert(intoBytes === decoder.totalBytes, "a region and a ring get as much output");
  assert(digestXxHash64(regionHash) === digestXxHash64(ringHash), "a region and a ring get the same output");
  return 0;
}

function decodeInto(room: Bytes, input: Bytes): ZstdStatus {
  startInto(decoder, room);
  startXxHash64(regionHash, 0n);
  decompress(decoder, input);
  assert(
    decoder.producedFrom === 0 && u64(decoder.producedTo) >= decoder.totalBytes,
    "output lies one behind the other",
  );
  updateXxHash64(regionHash, subslice(room, 0, u32(decoder.totalBytes)));
  return finish(decoder);
}

/** In pieces of `pieceBytes`. */
function decodeThrough(input: Bytes, pieceBytes: u32): ZstdStatus {
  startRing(decoder, sliceOf(ring, 0, RING_BYTES));
  startXxHash64(ringHash, 0n);
  let from: u32 = 0;
  for (;;) {
    const left = input.length - from;
    const status = decompress(decoder, subslice(input, from, left < pieceBytes ? left : pieceBytes));
    const produced = decoder.producedTo - decoder.producedFrom;
    updateXxHash64(ringHash, sliceOf(ring, decoder.producedFrom, produced));
    from += decoder.consumed;
    if (status === ZstdStatus.Flush) continue;
    if (status !== ZstdStatus.More || from === input.length) return finish(decoder);
  }
}
