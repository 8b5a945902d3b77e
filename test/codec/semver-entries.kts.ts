import { checkRange, type RangeCheck } from "../../codec/semver/range";
import type { SemverText } from "../../codec/semver/text";
import { compareVersions, type Partial, parseVersion } from "../../codec/semver/version";

/** What test/codec/semver-host.ts calls: koffi passes numbers and pointers. */

const text: SemverText = zeroed();
const first: Partial = zeroed();
const second: Partial = zeroed();
const check: RangeCheck = zeroed();

/** Status; where it is at fault in the upper half. @entry parse_version */
export function parse(bytes: Bytes): u64 {
  const status = parseVersion(bytes, text, first);
  return u64(u32(status)) | (u64(text.at) << 32n);
}

/** Of two sound versions. @entry compare_versions */
export function compare(a: Bytes, b: Bytes): i32 {
  parseVersion(a, text, first);
  parseVersion(b, text, second);
  return compareVersions(first.version, second.version);
}

/** Status; where it is at fault in the upper half; bit 31: satisfied. The version is sound. @entry check_range */
export function satisfies(range: Bytes, version: Bytes, includesPrereleases: boolean): u64 {
  parseVersion(version, text, first);
  const status = checkRange(check, range, first.version, includesPrereleases);
  return u64(u32(status)) | (check.isSatisfied ? 0x8000_0000n : 0n) | (u64(check.text.at) << 32n);
}
