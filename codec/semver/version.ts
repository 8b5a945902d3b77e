import { SemverStatus } from "./status";
import { isDigit, peek, type SemverText, skip, skipIdentifiers, skipSpace } from "./text";

/**
 * Semantic versions (semver.org 2.0.0), and the partial ones of ranges:
 *
 *   version   v? number . number . number (- identifiers)? (+ identifiers)?
 *   partial   [v=]* xr (. xr (. xr (- identifiers)? )? )? (+ identifiers)?      xr: number, x, X or *
 *
 * Identifiers are compared as the standard says: numbers by value, however many digits they have.
 */

/** As node-semver's MAX_LENGTH and Number.MAX_SAFE_INTEGER. */
export const MAX_VERSION_BYTES = 256;
export const MAX_NUMBER = 0x1f_ffff_ffff_ffffn;

/** Above MAX_NUMBER, whatever its digits are. */
const TOO_LARGE = 0x20_0000_0000_0000n;

export interface Version extends Struct<"Version"> {
  major: u64;
  minor: u64;
  patch: u64;
  /** The identifiers with their dots; empty when it is none. */
  prerelease: Bytes;
}

export interface Partial extends Struct<"Partial"> {
  readonly version: Inline<Version>;
  /** How many numbers it has before an x or its end: 3 is a whole version. */
  numbers: u32;
  hasNumberBehindX: boolean;
  /** Its prefix is nothing or one v, so that it is also a version's text. */
  isPlain: boolean;
  /** Its prefix is nothing. */
  isBare: boolean;
}

/** Reads all of `bytes` as a version, with spaces around it; an error is about byte `faultAt`. */
export function parseVersion(bytes: Bytes, text: SemverText, partial: Partial): SemverStatus {
  text.bytes = bytes;
  text.at = 0;
  text.end = bytes.length;
  if (bytes.length > MAX_VERSION_BYTES) return SemverStatus.TooLong;
  skipSpace(text);
  const status = parsePartial(text, partial);
  if (status !== SemverStatus.Ok) return status;
  if (partial.numbers !== 3) return SemverStatus.NumberExpected;
  if (!partial.isPlain) return SemverStatus.BadPrefix;
  skipSpace(text);
  if (text.at !== text.end) return SemverStatus.Unexpected;
  return checkNumbers(partial.version);
}

/** Reads a partial version at the text's place. */
export function parsePartial(text: SemverText, partial: Partial): SemverStatus {
  const start = text.at;
  partial.isBare = true;
  partial.isPlain = true;
  while (peek(text) === 0x76 || peek(text) === 0x3d) {
    partial.isPlain = partial.isBare && peek(text) === 0x76;
    partial.isBare = false;
    text.at++;
  }
  partial.numbers = 0;
  partial.hasNumberBehindX = false;
  partial.version.major = 0n;
  partial.version.minor = 0n;
  partial.version.patch = 0n;
  partial.version.prerelease = subslice(text.bytes, text.at, 0);
  for (let i: u32 = 0; i < 3; i++) {
    if (i > 0 && !skip(text, 0x2e)) break;
    const status = parseComponent(text, partial, i);
    if (status !== SemverStatus.Ok) return status;
    if (i === 2 && skip(text, 0x2d)) {
      const from = text.at;
      const identifiers = skipIdentifiers(text, true);
      if (identifiers !== SemverStatus.Ok) return identifiers;
      partial.version.prerelease = subslice(text.bytes, from, text.at - from);
    }
  }
  if (text.at - start > MAX_VERSION_BYTES) return SemverStatus.TooLong;
  if (skip(text, 0x2b)) return skipIdentifiers(text, false);
  return SemverStatus.Ok;
}

/** A number, x, X or *: the component that `index` counts. */
function parseComponent(text: SemverText, partial: Partial, index: u32): SemverStatus {
  const first = peek(text);
  if (first === 0x78 || first === 0x58 || first === 0x2a) {
    text.at++;
    return SemverStatus.Ok;
  }
  if (!isDigit(first)) return SemverStatus.NumberExpected;
  text.at++;
  if (first === 0x30 && isDigit(peek(text))) return SemverStatus.LeadingZero;
  let value = u64(first - 0x30);
  while (isDigit(peek(text))) {
    value = value * 10n + u64(peek(text) - 0x30);
    if (value > MAX_NUMBER) value = TOO_LARGE;
    text.at++;
  }
  if (partial.numbers !== index) {
    partial.hasNumberBehindX = true;
    return SemverStatus.Ok;
  }
  partial.numbers++;
  if (index === 0) partial.version.major = value;
  else if (index === 1) partial.version.minor = value;
  else partial.version.patch = value;
  return SemverStatus.Ok;
}

export function checkNumbers(version: Version): SemverStatus {
  const isRight = version.major <= MAX_NUMBER && version.minor <= MAX_NUMBER && version.patch <= MAX_NUMBER;
  return isRight ? SemverStatus.Ok : SemverStatus.OutOfRange;
}

/** Precedence (semver.org, 11): below 0, 0, above 0. Builds do not count. */
export function compareVersions(a: Version, b: Version): i32 {
  if (a.major !== b.major) return a.major < b.major ? -1 : 1;
  if (a.minor !== b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch !== b.patch) return a.patch < b.patch ? -1 : 1;
  // A prerelease comes before its release.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    if (a.prerelease.length === b.prerelease.length) return 0;
    return a.prerelease.length === 0 ? 1 : -1;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: Bytes, b: Bytes): i32 {
  let atA: u32 = 0;
  let atB: u32 = 0;
  for (;;) {
    const endA = identifierEnd(a, atA);
    const endB = identifierEnd(b, atB);
    const order = compareIdentifiers(subslice(a, atA, endA - atA), subslice(b, atB, endB - atB));
    if (order !== 0) return order;
    const isEndOfA = endA === a.length;
    if (isEndOfA || endB === b.length) {
      if (isEndOfA && endB === b.length) return 0;
      return isEndOfA ? -1 : 1;
    }
    atA = endA + 1;
    atB = endB + 1;
  }
}

function identifierEnd(bytes: Bytes, from: u32): u32 {
  let at = from;
  while (at < bytes.length && u32(bytes[at]) !== 0x2e) at++;
  return at;
}

/** Numbers come before others and have no leading zeros, so that the longer one is the larger one. */
function compareIdentifiers(a: Bytes, b: Bytes): i32 {
  const isNumberA = isNumber(a);
  if (isNumberA !== isNumber(b)) return isNumberA ? -1 : 1;
  if (isNumberA && a.length !== b.length) return a.length < b.length ? -1 : 1;
  const shorter = a.length < b.length ? a.length : b.length;
  for (let i: u32 = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  if (a.length === b.length) return 0;
  return a.length < b.length ? -1 : 1;
}

function isNumber(identifier: Bytes): boolean {
  for (let i: u32 = 0; i < identifier.length; i++) {
    if (!isDigit(u32(identifier[i]))) return false;
  }
  return true;
}
