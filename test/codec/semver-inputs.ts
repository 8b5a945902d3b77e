import semver from "semver";
import type { Random } from "../random.ts";

/** Random versions and ranges of node-semver's grammar, and its verdict on them. */

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)] as T;
}

const NUMBERS = ["0", "0", "1", "1", "2", "3", "10", "9007199254740991"];
export const IDENTIFIERS = ["0", "1", "10", "2", "alpha", "beta", "rc1", "x", "-", "a-b", "0a", "1-"];

function makeIdentifiers(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => pick(random, IDENTIFIERS)).join(".");
}

export function makeVersion(random: Random): string {
  const core = [0, 1, 2].map(() => pick(random, NUMBERS)).join(".");
  const prerelease = random.below(2) === 0 ? `-${makeIdentifiers(random)}` : "";
  const build = random.below(6) === 0 ? `+${pick(random, ["001", "b.1", "x-y"])}` : "";
  return `${core}${prerelease}${build}`;
}

/** One of node-semver's grammar: a whole version, or one that ends early or with an x. */
function makePartial(random: Random): string {
  const prefix = random.below(10) === 0 ? pick(random, ["v", "=", "v="]) : "";
  if (random.below(2) === 0) return prefix + makeVersion(random);
  const parts = Array.from({ length: 1 + random.below(3) }, () =>
    random.below(4) === 0 ? pick(random, ["x", "X", "*"]) : pick(random, NUMBERS),
  );
  return prefix + parts.join(".");
}

function makeComparator(random: Random): string {
  const operator = pick(random, ["", "", "<", ">", "<=", ">=", "=", "^", "^", "~", "~", "~>"]);
  return `${operator}${operator !== "" && random.below(6) === 0 ? " " : ""}${makePartial(random)}`;
}

function makeAlternative(random: Random): string {
  if (random.below(5) === 0) return `${makePartial(random)} - ${makePartial(random)}`;
  if (random.below(30) === 0) return "";
  return Array.from({ length: 1 + random.below(3) }, () => makeComparator(random)).join(
    pick(random, [" ", "  ", "\t"]),
  );
}

export function makeRange(random: Random): string {
  const bars = pick(random, ["||", " || ", " ||"]);
  return Array.from({ length: 1 + random.below(2) * random.below(3) }, () => makeAlternative(random)).join(bars);
}

/** node-semver's verdict; null when the range is none. */
export function theirs(version: string, range: string, includePrerelease: boolean): boolean | null {
  try {
    return new semver.Range(range, { includePrerelease }).test(version);
  } catch {
    return null;
  }
}
