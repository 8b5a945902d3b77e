import { decompress, finish, ringBytes, startInto, startRing, type ZstdDecoder } from "../../codec/zstd/decoder";

import { type FrameMaker, makeFrames, type Writer } from "../fuzz/codec/zstd-frames.kts";

/** What test/codec/zstd-host.ts calls: koffi passes numbers and pointers. */

/** What a test sees of a decoder after a call. */
interface Snapshot extends Struct<"Snapshot"> {
  consumed: u64;
  /** Where the new output begins, and where it ends in the upper half. */
  places: u64;
  faultOffset: u64;
  totalBytes: u64;
}

/** @entry decoder_bytes */
export function decoderBytes(): u64 {
  return sizeOf<ZstdDecoder>();
}

/** @entry ring_bytes */
export function bytesOfRing(window: u32): u32 {
  return ringBytes(window);
}

/** @entry start_into */
export function startRegion(decoder: ZstdDecoder, region: Bytes): void {
  startInto(decoder, region);
}

/** @entry start_ring */
export function startStream(decoder: ZstdDecoder, ring: Bytes): void {
  startRing(decoder, ring);
}

/** @entry run */
export function run(decoder: ZstdDecoder, input: Bytes, snapshot: Snapshot): u32 {
  const status = decompress(decoder, input);
  copyFields(decoder, snapshot);
  return u32(status);
}

/** @entry end */
export function end(decoder: ZstdDecoder, snapshot: Snapshot): u32 {
  const status = finish(decoder);
  copyFields(decoder, snapshot);
  return u32(status);
}

const maker: FrameMaker = zeroed();

/**
 * Random frames of sound structure; answers how many bytes of `to` they take.
 *
 * @entry make_frames
 */
export function framesOf(seed: u32, to: Bytes): u32 {
  const writer = local<Writer>();
  writer.bytes = to;
  makeFrames(maker, seed, writer);
  return writer.position;
}

function copyFields(decoder: ZstdDecoder, snapshot: Snapshot): void {
  snapshot.consumed = u64(decoder.consumed);
  snapshot.places = u64(decoder.producedFrom) | (u64(decoder.producedTo) << 32n);
  snapshot.faultOffset = decoder.faultOffset;
  snapshot.totalBytes = decoder.totalBytes;
}
