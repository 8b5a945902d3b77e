import type { PackageStatus } from "../codec/package/status";
import { SLOT_CNODE } from "../kernel/initSlots";
import { ErrorCode } from "../kernel/ipc/messageInfo";
import { Outcome } from "../kernel/object/outcome";
import { isEmptySlot } from "./calls";
import type { Message } from "./message";
import { verifierBegin, verifierStep } from "./stubs/verifier";

/** Of an Image beside its binary: header, and what rounds segments up. */
const SPARE_BYTES = 0x1_0000n;

/** The memory that an Image takes with a binary of this size. */
export function imageBytes(binaryBytes: u64): u64 {
  return binaryBytes + SPARE_BYTES;
}

/** Has the kernel verify a package: from the caller's slots to a sealed Image in another one. */
export interface Sealing extends Struct<"Sealing"> {
  /** Slots: a Verifier; Regions that begin with the package's headers, and with its binary; memory for the Image. */
  verifier: u32;
  headers: u32;
  binary: u32;
  memory: u32;
  /** An empty one, for the Image. */
  image: u32;
  headersBytes: u64;
  binaryBytes: u64;
  /** The kernel's verdict, if it had no error. */
  outcome: Outcome;
  status: PackageStatus;
  /** Codes of codec/package: the fault, the part that has it, and where in that. */
  fault: u32;
  part: u32;
  faultAt: u32;
}

/** Verifies it step by step; answers the first error, and the verdict in `of` when there was none. */
export function sealPackage(of: Sealing): u32 {
  const message = local<Message>();
  // Where there is no place for the Image, a verification that has begun could not be ended.
  if (!isEmptySlot(of.image)) return u32(ErrorCode.DeleteFirst);
  let error = verifierBegin(message, of.verifier, of.headersBytes, of.binaryBytes, of.headers, of.binary, of.memory);
  if (error !== 0) return error;
  do {
    error = verifierStep(message, of.verifier, u64(of.image), SLOT_CNODE);
    if (error !== 0) return error;
  } while (message.words[0] === u64(u32(Outcome.More)));
  of.outcome = toEnum<Outcome>(u32(message.words[0]));
  of.status = toEnum<PackageStatus>(u32(message.words[1]));
  of.fault = u32(message.words[2]);
  of.part = u32(message.words[3] >> 32n) & 0xff;
  of.faultAt = u32(message.words[3] & 0xffff_ffffn);
  return 0;
}
