/** @unsafe gives the kernel's Verifier capabilities to memory of this program */

import type { Bench } from "../../codec/package/bench";
import { PackageFault } from "../../codec/package/fault";
import { isTrusted, startTrust, stepTrust, type TrustReading } from "../../codec/package/trust";
import { ALL_RIGHTS, CapType, capWord, FLAG_UNSEALED } from "../../kernel/cap/capability";
import { setExtra } from "../../kernel/cap/slot";
import type { PhysAddr } from "../../kernel/memory/address";
import { type Image, imageOf, imageWord } from "../../kernel/object/image";
import { Outcome } from "../../kernel/object/outcome";
import { adoptCandidate, candidateBytes, candidateTrust, knownChain } from "../../kernel/object/trust";
import { startPackage, stepVerifier, type Verifier } from "../../kernel/object/verifier";
import { holdSignature } from "../../test-qemu/process/judge";

/**
 * The kernel's Verifier on the host: packages in Regions and an Untyped of this program's memory are sealed, step by step,
 * as Verifier.Begin and Step do it.
 */

const PAGE = 4096n;
const HEADERS_BYTES = 65_536;
const BINARY_BYTES = 262_144;
const IMAGE_SIZE = 19;
const IMAGE_BYTES = 524_288;
/** Of the three, and a page to begin at a page. */
const MEMORY_BYTES = 856_064;

export const MOST_HEADERS: u32 = 57_344;
export const MOST_BINARY: u32 = BINARY_BYTES;

const verifier: Verifier = zeroed();
const reading: TrustReading = zeroed();
const bench: Bench = zeroed();
const memory: FixedArray<u8, typeof MEMORY_BYTES> = zeroed();

function start(): u64 {
  return (addressOf(memory) + PAGE - 1n) & ~(PAGE - 1n);
}

/** Takes a boot image's trust set over, as kernel/bootTrust.ts does; whether it is sound. */
export function loadTrust(bytes: Bytes): boolean {
  const copy = candidateBytes(0, bytes.length);
  copyMemory(addressOf(copy), addressOf(bytes), u64(bytes.length));
  startTrust(reading, bench, copy, candidateTrust(), null);
  while (stepTrust(reading)) {}
  if (isTrusted(reading)) adoptCandidate();
  // Here versions come again, which no kernel sees.
  knownChain().isSet = false;
  return isTrusted(reading);
}

/** Seals what fits the Regions; with `holds` every signature is taken for valid. */
export function seal(headers: Bytes, binary: Bytes, holds: boolean): Outcome {
  const at = start();
  copyMemory(at, addressOf(headers), u64(headers.length));
  copyMemory(at + u64(HEADERS_BYTES), addressOf(binary), u64(binary.length));
  fillMemory(at + u64(HEADERS_BYTES + BINARY_BYTES), 0xa5, u64(IMAGE_BYTES));
  verifier.headers.word = capWord(CapType.Region, ALL_RIGHTS, at);
  verifier.binary.word = capWord(CapType.Region, ALL_RIGHTS, at + u64(HEADERS_BYTES));
  verifier.image.word = imageWord((at + u64(HEADERS_BYTES + BINARY_BYTES)) as PhysAddr) | FLAG_UNSEALED;
  setExtra(verifier.image, IMAGE_SIZE);
  verifier.fault = PackageFault.None;
  if (holds) knownChain().isSet = false;
  startPackage(verifier, headers.length, binary.length);
  let outcome = Outcome.More as Outcome;
  while (outcome === Outcome.More) {
    if (holds) holdSignature(verifier.bench);
    outcome = stepVerifier(verifier);
  }
  // What was held is not known.
  if (holds) knownChain().isSet = false;
  return outcome;
}

/** Of the last refusal: fault, part, place. */
export function sealerOf(): Verifier {
  return verifier;
}

/** What was sealed last. */
export function sealedImage(): Image {
  return imageOf(verifier.image);
}
