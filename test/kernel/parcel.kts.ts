/**
 * @unit O2
 * @unsafe writes Regions as their users would
 */
import { windowOf } from "@arch/mmu";
import type { Bench } from "../../codec/package/bench";
import { isTrusted, startTrust, stepTrust, type TrustReading } from "../../codec/package/trust";
import type { Slot } from "../../kernel/cap/slot";
import { PAGE_BYTES } from "../../kernel/memory/address";
import { pageOf, pagesOf } from "../../kernel/object/region";
import { adoptCandidate, candidateBytes, candidateTrust } from "../../kernel/object/trust";

/** What the world has to verify, as test/kernel/parcels.ts has made it. @storage u32 */
export const enum Parcel {
  Headers,
  Binary,
  /** The trust set in force, the next one, and one that takes the publisher's key back. */
  Trust,
  NextTrust,
  RevokingTrust,
}

const reading: TrustReading = zeroed();
const bench: Bench = zeroed();

/** @extern parcel_start */
declare function startOf(which: u32): u64;
/** @extern parcel_length */
declare function lengthOf(which: u32): u32;

export function parcelBytes(which: Parcel): u64 {
  return u64(lengthOf(u32(which)));
}

/** Puts it at the beginning of a Region that has room. */
export function fillWith(region: Slot, which: Parcel): void {
  assert(u64(pagesOf(region)) * PAGE_BYTES >= parcelBytes(which), "the world's Regions have room");
  copyMemory(windowOf(pageOf(region)), startOf(u32(which)), parcelBytes(which));
}

/** Puts the first trust set in force, as the kernel's start does. */
export function loadTrust(): void {
  const bytes = candidateBytes(0, lengthOf(u32(Parcel.Trust)));
  copyMemory(addressOf(bytes), startOf(u32(Parcel.Trust)), u64(bytes.length));
  startTrust(reading, bench, bytes, candidateTrust(), null);
  while (stepTrust(reading)) {}
  assert(isTrusted(reading), "the world's trust set is sound");
  adoptCandidate();
}
