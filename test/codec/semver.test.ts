import semver from "semver";
import { beforeAll, expect, test } from "vitest";
import { Random } from "../random.ts";
import { Semver } from "./semver-host.ts";
import { IDENTIFIERS, makeRange, makeVersion, pick, theirs } from "./semver-inputs.ts";

const SEED = 200;
const CASES = 20_000;

let ours: Semver;
beforeAll(async () => {
  ours = await Semver.load();
});

test(`${CASES} random pairs of versions have node-semver's precedence (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const counts = [0, 0, 0];
  for (let i = 0; i < CASES; i++) {
    const a = makeVersion(random);
    const b = random.below(3) === 0 ? makeVersion(random) : a.replace(/[^.+-]+$/, pick(random, IDENTIFIERS));
    if (semver.valid(b) === null) continue;
    const order = semver.compare(a, b);
    expect(ours.compare(a, b), `${a} ${b}`).toBe(order);
    counts[order + 1] = (counts[order + 1] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(CASES / 50);
});

test.each([false, true])(
  `${CASES} random ranges are judged as by node-semver, prereleases included: %s`,
  (includes) => {
    const random = new Random(SEED + Number(includes));
    const counts = { true: 0, false: 0, null: 0 };
    for (let i = 0; i < CASES; i++) {
      const range = makeRange(random);
      const version = makeVersion(random);
      const verdict = theirs(version, range, includes);
      counts[`${verdict}`]++;
      const answer = ours.satisfies(version, range, includes);
      expect(typeof answer === "string" ? null : answer, `${version} in "${range}": ${answer}`).toBe(verdict);
    }
    expect(Math.min(counts.true, counts.false, counts.null)).toBeGreaterThan(CASES / 50);
  },
);

/** Where node-semver takes more than its grammar: stars that it drops, and builds and spaces that it removes, anywhere. */
const BEYOND_GRAMMAR =
  /[^\s<>=^~|.v]\*|\+\S*\*|\*[^\s|.*+]|\.\*[^\s|.]|\+.*\+|(^|[\s|<>=^~v.-])\+|[=v]\s|~\s+>|[<>^~=]\s\s|[<>]\*|\*\.\d/;

test(`${CASES} damaged ranges are judged as by node-semver (seed ${SEED})`, () => {
  const random = new Random(SEED);
  let judged = 0;
  for (let i = 0; i < CASES; i++) {
    const characters = [...makeRange(random)];
    const damages = 1 + random.below(2);
    for (let k = 0; k < damages; k++) {
      const at = random.below(characters.length + 1);
      characters.splice(at, random.below(2), pick(random, [..."0123.-+xX*^~<>=| v\taz_"]));
    }
    const range = characters.join("");
    if (BEYOND_GRAMMAR.test(range)) continue;
    judged++;
    const version = makeVersion(random);
    const verdict = theirs(version, range, false);
    const answer = ours.satisfies(version, range);
    expect(typeof answer === "string" ? null : answer, `${version} in "${range}": ${answer}`).toBe(verdict);
  }
  expect(judged).toBeGreaterThan(CASES / 2);
});

test(`${CASES} damaged versions are judged as by node-semver (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const counts = { true: 0, false: 0 };
  for (let i = 0; i < CASES; i++) {
    const characters = [...makeVersion(random)];
    const at = random.below(characters.length + 1);
    characters.splice(at, random.below(2), pick(random, [..."0123.-+x*=v |az_"]));
    const version = characters.join("");
    const isValid = semver.valid(version) !== null;
    counts[`${isValid}`]++;
    expect(ours.parse(version) === "Ok", `${version}: ${ours.parse(version)}`).toBe(isValid);
  }
  expect(Math.min(counts.true, counts.false)).toBeGreaterThan(CASES / 10);
});

test("numbers of any length in prereleases are compared by their value, as the standard says", () => {
  expect(ours.compare("1.0.0-9007199254740993", "1.0.0-9007199254740992")).toBe(1);
  expect(ours.compare("1.0.0-99999999999999999999999", "1.0.0-100000000000000000000000")).toBe(-1);
});

/** One for each rule, with the place that it names. */
test.each([
  ["", "NumberExpected at 0"],
  ["1", "NumberExpected at 1"],
  ["1.2.x", "NumberExpected at 5"],
  ["1..3", "NumberExpected at 2"],
  ["01.2.3", "LeadingZero at 1"],
  ["1.2.3-01", "LeadingZero at 6"],
  ["1.2.3-", "IdentifierExpected at 6"],
  ["1.2.3-a..b", "IdentifierExpected at 8"],
  ["1.2.3+", "IdentifierExpected at 6"],
  ["1.2.9007199254740992", "OutOfRange at 20"],
  ["=1.2.3", "BadPrefix at 6"],
  ["vv1.2.3", "BadPrefix at 7"],
  ["1.2.3 4", "Unexpected at 6"],
  ["1.2.3.4", "Unexpected at 5"],
  [`1.2.3-${"a".repeat(250)}`, "Ok"],
  [`1.2.3-${"a".repeat(251)}`, "TooLong at 0"],
])('version "%s": %s', (version, verdict) => {
  expect(ours.parse(version)).toBe(verdict);
});

test.each([
  [">", "NumberExpected at 1"],
  ["1.0.0 |", "NumberExpected at 6"],
  ["1.0.0 || latest", "NumberExpected at 9"],
  [">1.0.0<2.0.0", "Unexpected at 6"],
  ["1.0.0 - 2.0.0 3.0.0", "Unexpected at 14"],
  ["1.x.3", "NumberBehindX at 5"],
  [">==1.2.3", "BadPrefix at 8"],
  ["9007199254740991.x", "OutOfRange at 18"],
  ["1.2.03", "LeadingZero at 5"],
])('range "%s": %s', (range, verdict) => {
  expect(ours.satisfies("1.2.3", range)).toBe(verdict);
});

/** node-semver forgets what stands beside "any version". */
test("beside any version a prerelease is not named", () => {
  expect(ours.satisfies("1.0.0-a", "1.0.0-a || *")).toBe(false);
  expect(ours.satisfies("1.0.0-a", "1.0.0-a || 2")).toBe(true);
});
