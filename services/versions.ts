import { checkRange, type RangeCheck } from "../codec/semver/range";
import { SemverStatus } from "../codec/semver/status";
import type { SemverText } from "../codec/semver/text";
import { compareVersions, type Partial, parseVersion } from "../codec/semver/version";

/** Versions of modules, and the ranges that are wanted of them. */

/** What judging takes. */
interface Judging extends Struct<"Judging"> {
  readonly text: Inline<SemverText>;
  readonly version: Inline<Partial>;
  readonly other: Inline<Partial>;
  readonly check: Inline<RangeCheck>;
}

const judging: Judging = zeroed();

/**
 * Whether `version` satisfies `range`; an empty range is satisfied by any that is no pre-release, one that is no range by
 * nothing. Pre-releases satisfy a range only where it names them, as node-semver has it.
 */
export function isWithin(version: Bytes, range: Bytes): boolean {
  if (parseVersion(version, judging.text, judging.version) !== SemverStatus.Ok) return false;
  if (range.length === 0) return judging.version.version.prerelease.length === 0;
  const status = checkRange(judging.check, range, judging.version.version, false);
  return status === SemverStatus.Ok && judging.check.isSatisfied;
}

/** Both are versions. */
export function isHigher(version: Bytes, than: Bytes): boolean {
  parseVersion(version, judging.text, judging.version);
  parseVersion(than, judging.text, judging.other);
  return compareVersions(judging.version.version, judging.other.version) > 0;
}
