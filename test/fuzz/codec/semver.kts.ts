/** @unsafe libFuzzer passes addresses */
import { checkRange, type RangeCheck } from "../../../codec/semver/range";
import { SemverStatus } from "../../../codec/semver/status";
import type { SemverText } from "../../../codec/semver/text";
import { compareVersions, type Partial, parseVersion } from "../../../codec/semver/version";
import { below, type Maker, put, startMaker } from "./random.kts";

/**
 * Versions and ranges: a version and two ranges with a zero between them. An error names a place in the text; a version
 * satisfies the range that is itself. Half of the mutations are made of the grammar's characters and words.
 */

const text: SemverText = zeroed();
const version: Partial = zeroed();
const check: RangeCheck = zeroed();
const WORDS = "0 1 2 10 1.2.3 ^ ~ > < = >= <= || - x * v -a.1 -0 +b 9007199254740991 . 0.0.0 ";

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

/** @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  if ((seed & 1) === 0) return mutateBytes(data, size, maxSize);
  const maker = local<Maker>();
  startMaker(maker, seed, castSlice<u8>(data, u32(maxSize)), 0);
  for (let i: u32 = 0; i < 3; i++) putNumber(maker, i);
  if (below(maker, 2) === 0) putWord(maker, 17);
  put(maker, 0);
  const words = 1 + below(maker, 12);
  for (let i: u32 = 0; i < words; i++) {
    putWord(maker, below(maker, 23));
    if (below(maker, 3) === 0) put(maker, 0x20);
  }
  return u64(maker.position);
}

function putNumber(maker: Maker, index: u32): void {
  if (index > 0) put(maker, 0x2e);
  put(maker, 0x30 + below(maker, 4));
}

function putWord(maker: Maker, index: u32): void {
  let at: u32 = 0;
  for (let i: u32 = 0; i < index && at < WORDS.length; at++) if (u32(WORDS[at]) === 0x20) i++;
  for (; at < WORDS.length && u32(WORDS[at]) !== 0x20; at++) put(maker, u32(WORDS[at]));
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  const bytes = castSlice<u8>(data, u32(size));
  let end: u32 = 0;
  while (end < bytes.length && bytes[end] !== 0) end++;
  const first = subslice(bytes, 0, end);
  const status = parseVersion(first, text, version);
  assert(text.at <= end, "a fault is in the text, or at its end");
  if (status !== SemverStatus.Ok) return 0;
  assert(compareVersions(version.version, version.version) === 0, "a version equals itself");
  const itself = checkRange(check, first, version.version, false);
  assert(itself === SemverStatus.Ok && check.isSatisfied, "a version satisfies the range that is itself");
  const range = end < bytes.length ? subslice(bytes, end + 1, bytes.length - end - 1) : first;
  const judged = checkRange(check, range, version.version, (bytes.length & 1) === 1);
  assert(check.text.at <= range.length, "a fault is in the range, or at its end");
  assert(judged === SemverStatus.Ok || !check.isSatisfied, "nothing satisfies a range with an error");
  return 0;
}
