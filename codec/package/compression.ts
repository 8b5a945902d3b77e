import { SHA512_BYTES } from "../../crypto/sha512";
import { PackageFault } from "./fault";
import {
  closeFields,
  closeRecord,
  type Entries,
  type Fields,
  field,
  isRight,
  openRecord,
  readFixed,
  readNumber,
  refuse,
  startFields,
} from "./fields";
import { bytesOf, isSameBytes, type Span } from "./span";

/**
 * The compression header: how the payload is packed, and what both forms are.
 *
 *   { 1: method, 2: packed bytes, 3: their SHA-512, 4: binary's bytes, 5: their SHA-512, 6: window in bytes }
 */

const FIELDS = 6;
export const MAX_COMPRESSION_BYTES = 256;
export const MAX_BINARY_BYTES = 0x800_0000n;
/** What codec/zstd decodes at most. */
export const MAX_WINDOW_BYTES = 0x80_0000n;

/** @storage u8 */
export const enum CompressionMethod {
  Stored,
  Zstd,
}

export interface Compression extends Struct<"Compression"> {
  /** What it was read from: the digests lie there. */
  bytes: Bytes;
  method: CompressionMethod;
  packedBytes: u64;
  readonly packedDigest: Inline<Span>;
  binaryBytes: u64;
  readonly binaryDigest: Inline<Span>;
  /** 0 when stored. */
  windowBytes: u64;
}

/** Reads the header, which must stay where it is; the fault is in `f`. */
export function readCompression(f: Fields, bytes: Bytes, compression: Compression): void {
  const entries = local<Entries>();
  startFields(f, bytes);
  compression.bytes = bytes;
  openRecord(f, entries, FIELDS);
  field(f, entries);
  compression.method = readNumber(f, 1n) === 0n ? CompressionMethod.Stored : CompressionMethod.Zstd;
  field(f, entries);
  compression.packedBytes = readSize(f);
  field(f, entries);
  readFixed(f, SHA512_BYTES, compression.packedDigest);
  field(f, entries);
  const at = f.reader.at;
  compression.binaryBytes = readSize(f);
  field(f, entries);
  readFixed(f, SHA512_BYTES, compression.binaryDigest);
  field(f, entries);
  const windowAt = f.reader.at;
  compression.windowBytes = readNumber(f, MAX_WINDOW_BYTES);
  closeRecord(f, entries);
  closeFields(f);
  const isStored = compression.method === CompressionMethod.Stored;
  if ((compression.windowBytes === 0n) !== isStored) refuse(f, PackageFault.BadBounds, windowAt);
  if (isRight(f) && isStored && !isStoredSame(compression)) refuse(f, PackageFault.StoredDiffers, at);
}

function readSize(f: Fields): u64 {
  const at = f.reader.at;
  const size = readNumber(f, MAX_BINARY_BYTES);
  if (size === 0n) refuse(f, PackageFault.BadBounds, at);
  return size;
}

function isStoredSame(compression: Compression): boolean {
  const packed = bytesOf(compression.bytes, compression.packedDigest);
  const binary = bytesOf(compression.bytes, compression.binaryDigest);
  return compression.packedBytes === compression.binaryBytes && isSameBytes(packed, binary);
}
