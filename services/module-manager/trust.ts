/** @unsafe reads the trust set where it has mapped it */
import type { Bench } from "../../codec/package/bench";
import { readSigned, type Signed } from "../../codec/package/container";
import { type Fields, isRight, startFields } from "../../codec/package/fields";
import {
  isTrusted,
  MAX_TRUST_BYTES,
  startTrust,
  stepTrust,
  type TrustReading,
  type TrustSet,
} from "../../codec/package/trust";
import type { KnownChain } from "../../codec/package/verify";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { mapWhole } from "../../user/calls";
import { TRUST } from "./slots";

/** The trust set by which packages are verified here: the boot image's, as the kernel has it. */

const TRUST_ADDRESS = 0x9_0000_0000n;
const READ = 1n;

const bench: Bench = zeroed();
const reading: TrustReading = zeroed();
const trust: TrustSet = zeroed();
const known: KnownChain = zeroed();

export function trustSet(): TrustSet {
  return trust;
}

/** Certificates that need not be verified again: the trust set is read once. */
export function knownChain(): KnownChain {
  return known;
}

/** False when there is none that is right. */
export function readTrust(): boolean {
  const bytes = mapWhole(SLOT_SPACE, TRUST, TRUST_ADDRESS, READ);
  if (bytes === 0n) return false;
  const region = castSlice<u8>(TRUST_ADDRESS, u32(bytes));
  startTrust(reading, bench, subslice(region, 0, lengthIn(region)), trust, null);
  while (stepTrust(reading)) {}
  return isTrusted(reading);
}

/** Of the trust set at the beginning of a Region, behind which there are zeros. */
function lengthIn(region: Bytes): u32 {
  const fields = local<Fields>();
  const signed = local<Signed>();
  startFields(fields, region);
  readSigned(fields, MAX_TRUST_BYTES, 0, 0, signed);
  return isRight(fields) ? fields.reader.at : 0;
}
