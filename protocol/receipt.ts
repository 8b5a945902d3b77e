import type { LoadStatus } from "./status";
import type { Digest, Name, VersionText } from "./texts";

/** What a load has gone through; the receipt counts the time of each. @storage u8 */
export const enum LoadStage {
  /** Looked up in the repository. */
  Find,
  /** Headers copied and verified. */
  Headers,
  /** Payload copied and hashed. */
  Payload,
  /** Unpacked by the DeepCompressionService. */
  Unpack,
  /** The binary hashed. */
  Binary,
  /** Verified again by the kernel, and sealed. */
  Seal,
  /** Given its capabilities, made, filled. */
  Create,
  /** Started, and answered. */
  Start,
}

export const LOAD_STAGES = 8;

/**
 * To the ModuleManager: the receipt of one of its last loads.
 *
 * @message 259 call
 */
export interface ReadReceiptRequest extends Struct<"ReadReceiptRequest"> {
  /** The requester's own number. */
  requestId: u64;
  /** As LoadModuleResponse told it; 0 for the load that has ended last. */
  loadId: u32;
}

/**
 * What a load was about, and what it cost. What it did not get to is zero.
 *
 * @message 260 answer
 */
export interface Receipt extends Struct<"Receipt"> {
  /** Of the request. */
  requestId: u64;
  /** Of the load; 0 when it is not known any more. */
  loadId: u32;
  /** How it ended. */
  status: LoadStatus;
  /** What was asked for, and which version was found. */
  readonly name: Inline<Name>;
  readonly version: Inline<VersionText>;
  /** Of the manifest with its signature. */
  readonly manifest: Inline<Digest>;
  /** Of the uncompressed binary. */
  readonly binary: Inline<Digest>;
  /** Id of the publisher's key. */
  readonly key: Inline<Digest>;
  /** Wanted capabilities that it was given: a bit for each entry of the manifest. */
  granted: u64;
  /** Wanted capabilities that it was not given. */
  refused: u64;
  /** Nanoseconds in each stage, in the order of LoadStage; under `-icount shift=0` these are instructions. */
  readonly stages: FixedArray<u64, typeof LOAD_STAGES>;
}
