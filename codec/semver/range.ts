import { SemverStatus } from "./status";
import { peek, type SemverText, skip, skipSpace } from "./text";
import { checkNumbers, compareVersions, type Partial, parsePartial, type Version } from "./version";

/**
 * Whether a version satisfies a range, with node-semver's grammar and its rules for prereleases. The range is read once
 * and judged while it is read, so that it needs no memory; an error anywhere in it wins.
 *
 *   range        alternative ( || alternative )*
 *   alternative  partial - partial │ comparator* with spaces between
 *   comparator   (< > = <= >=)? partial │ ~ >? partial │ ^ partial
 *
 * Each comparator becomes one or two bounds, as node-semver writes them:
 *
 *   ~1.2.3  ≥1.2.3 <1.3.0-0     ^0.2.3  ≥0.2.3 <0.3.0-0     1.x  ≥1.0.0 <2.0.0-0     1.2 - 2.3  ≥1.2.0 <2.4.0-0
 *
 * A prerelease satisfies an alternative only if one of the alternative's bounds is a prerelease of the same three
 * numbers, unless prereleases are included; then every bound without one begins at its least, "-0".
 */
export interface RangeCheck extends Struct<"RangeCheck"> {
  readonly text: Inline<SemverText>;
  readonly partial: Inline<Partial>;
  readonly bound: Inline<Version>;
  includesPrereleases: boolean;
  /** The version fulfils all bounds of the alternative so far. */
  isWithin: boolean;
  /** One of them is a prerelease of the version's numbers. */
  isPrereleaseNamed: boolean;
  /** The alternative has no bound so far: it is any version. */
  isAny: boolean;
  /** An alternative is satisfied; one of them is any version. */
  isSatisfied: boolean;
  hasAny: boolean;
}

/** @storage u8 */
const enum Operator {
  Equal,
  Below,
  BelowOrEqual,
  Above,
  AboveOrEqual,
}

const LEAST = "0";

/**
 * Judges `version` by all of `range`; the answer is `check.isSatisfied`. With an error nothing is satisfied, and
 * `check.text.at` is where it is.
 */
export function checkRange(
  check: RangeCheck,
  range: Bytes,
  version: Version,
  includesPrereleases: boolean,
): SemverStatus {
  const text = check.text;
  text.bytes = range;
  text.at = 0;
  text.end = range.length;
  check.includesPrereleases = includesPrereleases;
  check.isSatisfied = false;
  check.hasAny = false;
  do {
    const status = checkAlternative(check, version);
    if (status !== SemverStatus.Ok) {
      check.isSatisfied = false;
      return status;
    }
  } while (skipBars(text));
  // Beside any version, node-semver forgets the other alternatives, and with them the prereleases that they name.
  if (check.hasAny) check.isSatisfied = version.prerelease.length === 0 || includesPrereleases;
  return SemverStatus.Ok;
}

function skipBars(text: SemverText): boolean {
  const at = text.at;
  if (skip(text, 0x7c) && skip(text, 0x7c)) return true;
  text.at = at;
  return false;
}

function checkAlternative(check: RangeCheck, version: Version): SemverStatus {
  const text = check.text;
  check.isWithin = true;
  check.isPrereleaseNamed = false;
  check.isAny = true;
  skipSpace(text);
  for (let isFirst = true; !isEndOfAlternative(text); isFirst = false) {
    const status = checkComparator(check, version, isFirst);
    if (status !== SemverStatus.Ok) return status;
    if (!skipSpace(text) && !isEndOfAlternative(text)) return SemverStatus.Unexpected;
  }
  if (check.isAny) check.hasAny = true;
  const isAllowed = version.prerelease.length === 0 || check.includesPrereleases || check.isPrereleaseNamed;
  if (check.isWithin && isAllowed) check.isSatisfied = true;
  return SemverStatus.Ok;
}

function isEndOfAlternative(text: SemverText): boolean {
  return (
    text.at === text.end || (peek(text) === 0x7c && text.at + 1 < text.end && u32(text.bytes[text.at + 1]) === 0x7c)
  );
}

function checkComparator(check: RangeCheck, version: Version, isFirst: boolean): SemverStatus {
  const text = check.text;
  const start = text.at;
  if (skip(text, 0x5e)) return checkCaret(check, version);
  if (skip(text, 0x7e)) return checkTilde(check, version);
  const isBelow = skip(text, 0x3c);
  const isAbove = !isBelow && skip(text, 0x3e);
  let isEqual = skip(text, 0x3d);
  if (text.at !== start) skipSpace(text);
  if (!isEqual && (isBelow || isAbove)) isEqual = skip(text, 0x3d);
  const status = parsePartial(text, check.partial);
  if (status !== SemverStatus.Ok) return status;
  if (isFirst && !isBelow && !isAbove && isHyphen(text)) {
    // An = was no operator, but a prefix.
    if (isEqual) {
      check.partial.isBare = false;
      check.partial.isPlain = false;
    }
    return checkHyphen(check, version);
  }
  if (isBelow) return checkPlain(check, version, isEqual ? Operator.BelowOrEqual : Operator.Below);
  if (isAbove) return checkPlain(check, version, isEqual ? Operator.AboveOrEqual : Operator.Above);
  return checkPlain(check, version, Operator.Equal);
}

/** One partial version behind an operator, or without one. */
function checkPlain(check: RangeCheck, version: Version, operator: Operator): SemverStatus {
  const partial = check.partial;
  const v = partial.version;
  if (partial.numbers === 3) {
    if (!partial.isPlain) return SemverStatus.BadPrefix;
    if (operator === Operator.AboveOrEqual && partial.isBare && isLeast(v, check.includesPrereleases))
      return SemverStatus.Ok;
    return apply(check, version, operator, v.major, v.minor, v.patch, v.prerelease);
  }
  if (partial.hasNumberBehindX) return SemverStatus.NumberBehindX;
  if (partial.numbers === 0) {
    // Nothing is above or below every version.
    if (operator === Operator.Above || operator === Operator.Below)
      return apply(check, version, Operator.Below, 0n, 0n, 0n, LEAST);
    return SemverStatus.Ok;
  }
  const none = subslice(LEAST, 0, 0);
  switch (operator) {
    case Operator.Equal: {
      const status = applyLeast(check, version, v.major, v.minor, 0n);
      return status === SemverStatus.Ok ? applyBelowNext(check, version) : status;
    }
    case Operator.Below:
      return apply(check, version, Operator.Below, v.major, v.minor, 0n, LEAST);
    case Operator.BelowOrEqual:
      return applyBelowNext(check, version);
    case Operator.AboveOrEqual:
      return applyLeast(check, version, v.major, v.minor, 0n);
    case Operator.Above: {
      const pre = check.includesPrereleases ? LEAST : none;
      if (partial.numbers === 1) return apply(check, version, Operator.AboveOrEqual, v.major + 1n, 0n, 0n, pre);
      return apply(check, version, Operator.AboveOrEqual, v.major, v.minor + 1n, 0n, pre);
    }
    default:
      unreachable(operator);
  }
}

/** Whether "at least this" is no bound at all. */
function isLeast(v: Version, includesPrereleases: boolean): boolean {
  if (v.major !== 0n || v.minor !== 0n || v.patch !== 0n) return false;
  if (!includesPrereleases) return v.prerelease.length === 0;
  return v.prerelease.length === 1 && u32(v.prerelease[0]) === 0x30;
}

/** At least a partial version. */
function applyLeast(check: RangeCheck, version: Version, major: u64, minor: u64, patch: u64): SemverStatus {
  if (major === 0n && minor === 0n && patch === 0n) return SemverStatus.Ok;
  const pre = subslice(LEAST, 0, check.includesPrereleases ? 1 : 0);
  return apply(check, version, Operator.AboveOrEqual, major, minor, patch, pre);
}

/** Below all that follow the partial version: the next major of 1, the next minor of 1.2. */
function applyBelowNext(check: RangeCheck, version: Version): SemverStatus {
  const v = check.partial.version;
  if (check.partial.numbers === 1) return apply(check, version, Operator.Below, v.major + 1n, 0n, 0n, LEAST);
  return apply(check, version, Operator.Below, v.major, v.minor + 1n, 0n, LEAST);
}

/** ~: the last number given may grow, the one before it not. */
function checkTilde(check: RangeCheck, version: Version): SemverStatus {
  skip(check.text, 0x3e);
  const status = parseBehind(check);
  if (status !== SemverStatus.Ok || check.partial.numbers === 0) return status;
  const least = applyGiven(check, version);
  return least === SemverStatus.Ok ? applyBelowNext(check, version) : least;
}

/** ^: what is behind the first number that is not 0 may grow. */
function checkCaret(check: RangeCheck, version: Version): SemverStatus {
  const status = parseBehind(check);
  if (status !== SemverStatus.Ok || check.partial.numbers === 0) return status;
  const least = applyGiven(check, version);
  if (least !== SemverStatus.Ok) return least;
  const v = check.partial.version;
  const numbers = check.partial.numbers;
  if (v.major !== 0n || numbers === 1) return apply(check, version, Operator.Below, v.major + 1n, 0n, 0n, LEAST);
  if (v.minor !== 0n || numbers === 2) return apply(check, version, Operator.Below, 0n, v.minor + 1n, 0n, LEAST);
  return apply(check, version, Operator.Below, 0n, 0n, v.patch + 1n, LEAST);
}

function parseBehind(check: RangeCheck): SemverStatus {
  skipSpace(check.text);
  return parsePartial(check.text, check.partial);
}

/** At least what is given. */
function applyGiven(check: RangeCheck, version: Version): SemverStatus {
  const v = check.partial.version;
  if (check.partial.numbers < 3) return applyLeast(check, version, v.major, v.minor, 0n);
  if (isLeast(v, check.includesPrereleases)) return SemverStatus.Ok;
  return apply(check, version, Operator.AboveOrEqual, v.major, v.minor, v.patch, v.prerelease);
}

/** Whether " - " follows. */
function isHyphen(text: SemverText): boolean {
  const start = text.at;
  if (skipSpace(text) && skip(text, 0x2d) && skipSpace(text)) return true;
  text.at = start;
  return false;
}

/** From the partial version that has been read to the one that follows, both included. */
function checkHyphen(check: RangeCheck, version: Version): SemverStatus {
  const from = applyFrom(check, version);
  if (from !== SemverStatus.Ok) return from;
  const status = parsePartial(check.text, check.partial);
  if (status !== SemverStatus.Ok) return status;
  const to = applyTo(check, version);
  if (to !== SemverStatus.Ok) return to;
  skipSpace(check.text);
  return isEndOfAlternative(check.text) ? SemverStatus.Ok : SemverStatus.Unexpected;
}

function applyFrom(check: RangeCheck, version: Version): SemverStatus {
  const numbers = check.partial.numbers;
  const v = check.partial.version;
  if (numbers === 0) return SemverStatus.Ok;
  if (numbers < 3) return applyLeast(check, version, v.major, v.minor, 0n);
  if (!check.partial.isPlain) return SemverStatus.BadPrefix;
  if (v.prerelease.length === 0 && check.partial.isBare) return applyLeast(check, version, v.major, v.minor, v.patch);
  const pre = v.prerelease.length === 0 && check.includesPrereleases ? LEAST : v.prerelease;
  return apply(check, version, Operator.AboveOrEqual, v.major, v.minor, v.patch, pre);
}

function applyTo(check: RangeCheck, version: Version): SemverStatus {
  const numbers = check.partial.numbers;
  const v = check.partial.version;
  if (numbers === 0) return SemverStatus.Ok;
  if (numbers < 3) return applyBelowNext(check, version);
  const isRelease = v.prerelease.length === 0;
  if (isRelease && check.includesPrereleases)
    return apply(check, version, Operator.Below, v.major, v.minor, v.patch + 1n, LEAST);
  if (isRelease && !check.partial.isPlain) return SemverStatus.BadPrefix;
  return apply(check, version, Operator.BelowOrEqual, v.major, v.minor, v.patch, v.prerelease);
}

/** One bound. */
function apply(
  check: RangeCheck,
  version: Version,
  operator: Operator,
  major: u64,
  minor: u64,
  patch: u64,
  prerelease: Bytes,
): SemverStatus {
  const bound = check.bound;
  bound.major = major;
  bound.minor = minor;
  bound.patch = patch;
  bound.prerelease = prerelease;
  const status = checkNumbers(bound);
  if (status !== SemverStatus.Ok) return status;
  check.isAny = false;
  if (!isFulfilled(operator, compareVersions(version, bound))) check.isWithin = false;
  const isSame = version.major === major && version.minor === minor && version.patch === patch;
  if (prerelease.length > 0 && isSame) check.isPrereleaseNamed = true;
  return SemverStatus.Ok;
}

function isFulfilled(operator: Operator, order: i32): boolean {
  switch (operator) {
    case Operator.Equal:
      return order === 0;
    case Operator.Below:
      return order < 0;
    case Operator.BelowOrEqual:
      return order <= 0;
    case Operator.Above:
      return order > 0;
    case Operator.AboveOrEqual:
      return order >= 0;
    default:
      unreachable(operator);
  }
}
