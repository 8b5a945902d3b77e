/**
 * From the ModuleManager to the DeepCompressionService: unpack one zstd frame. The sizes come from the signed compression
 * header; the service reads and writes nothing else than the two Regions.
 *
 * @message 265 send
 */
export interface DeepDecompressRequest extends Struct<"DeepDecompressRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** Of the frame. */
  packedBytes: u64;
  /** That it has to give, no more and no less. */
  binaryBytes: u64;
  /** The largest window that it may ask for. */
  windowBytes: u64;
  /** Where the answer goes, once. @capability Endpoint */
  replyTo: u32;
  /** Holds the frame, read-only. @capability Region */
  data: u32;
  /** Gets the bytes; zeroed before. @capability Region */
  target: u32;
}

/** How unpacking ended. @storage u8 */
export const enum DecompressionStatus {
  Success,
  /** The frame is not right (ZstdStatus). */
  Corrupt,
  /** It unpacks to another number of bytes. */
  WrongSize,
  /** It asks for a larger window. */
  WindowTooLarge,
  /** Sizes beyond the Regions' or the limits, or Regions that cannot be mapped. */
  Refused,
}

/**
 * To the request's `replyTo`. The service holds neither Region any more.
 *
 * @message 266 answer
 */
export interface DeepDecompressResponse extends Struct<"DeepDecompressResponse"> {
  /** Of the request. */
  requestId: u64;
  /** How it ended. */
  status: DecompressionStatus;
  /** What is wrong with the frame (ZstdStatus), or 0. */
  fault: u32;
  /** Where in the frame. */
  place: u64;
}
