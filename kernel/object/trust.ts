import { PackageFault } from "../../codec/package/fault";
import type { MAX_TRUST_BYTES, TrustSet } from "../../codec/package/trust";
import type { KnownChain } from "../../codec/package/verify";
import type { Image } from "./image";
import type { Verifier } from "./verifier";

/**
 * The trust set in force, and a place for the one that may follow it.
 *
 *   boot image ─▶ present ◀── swap when a Verifier has found it signed ── candidate ◀── TrustControl.Begin
 *
 * B1  `present` and its bytes do not change; a newer set is read into the other place, and both change names.
 * B2  At most one Verifier, `reader`, fills the candidate.
 */
interface TrustPlace extends Struct<"TrustPlace"> {
  readonly set: Inline<TrustSet>;
  readonly bytes: FixedArray<u8, typeof MAX_TRUST_BYTES>;
}

interface Trust extends Struct<"Trust"> {
  presentIndex: u32;
  reader: Verifier | null;
  readonly places: FixedArray<Inline<TrustPlace>, 2>;
  readonly known: Inline<KnownChain>;
}

const trust: Trust = zeroed();

export function presentTrust(): TrustSet {
  return trust.places[trust.presentIndex & 1].set;
}

export function candidateTrust(): TrustSet {
  return trust.places[(trust.presentIndex & 1) ^ 1].set;
}

/** Where the candidate's encoding goes: `count` bytes of it. */
export function candidateBytes(from: u32, count: u32): Bytes {
  return sliceOf(trust.places[(trust.presentIndex & 1) ^ 1].bytes, from, count);
}

/** The candidate is in force from now on. */
export function adoptCandidate(): void {
  trust.presentIndex ^= 1;
  trust.reader = null;
}

export function trustReader(): Verifier | null {
  return trust.reader;
}

export function setTrustReader(verifier: Verifier | null): void {
  trust.reader = verifier;
}

/** Certificates that need not be verified again while the present trust set stays (B1: no two have one version). */
export function knownChain(): KnownChain {
  return trust.known;
}

/** What stands against running the Image: it answers to the trust set that sealed it, and to no other (G3). */
export function faultOfImage(image: Image): PackageFault {
  return image.trustVersion === presentTrust().version ? PackageFault.None : PackageFault.TrustChanged;
}
