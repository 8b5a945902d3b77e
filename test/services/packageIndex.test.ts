import semver from "semver";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { Random, seedOf } from "../random.ts";
import { loadLogic, STATUSES, text } from "./logic-host.ts";

/** Which package is the best for a name and a range: against node-semver. */

let add: (name: string, version: string) => boolean;
let find: (name: string, range: string) => { status: string; entry: number };
let clear: () => unknown;

beforeAll(async () => {
  const library = await loadLogic("package-index");
  clear = library.call("clear_packages", "void", []);
  const addOne = library.call("add_package", "bool", ["Slice", "Slice"]);
  const findOne = library.call("find_package", "uint64_t", ["Slice", "Slice"]);
  add = (name, version) => addOne(text(name), text(version)) as boolean;
  find = (name, range) => {
    const word = BigInt(findOne(text(name), text(range)) as number | bigint);
    return { status: STATUSES[Number(word & 0xffn)] ?? "?", entry: Number(word >> 32n) };
  };
});

beforeEach(() => {
  clear();
});

const VERSIONS = ["1.0.0", "1.10.0", "1.2.0", "2.0.0-rc.1", "2.0.0-rc.2", "0.9.9"];

test.each([
  ["", "1.10.0"],
  [">=1.0.0 <1.10.0", "1.2.0"],
  ["^1", "1.10.0"],
  ["~1.2", "1.2.0"],
  ["1.x || >=2.0.0-rc.1", "2.0.0-rc.2"],
  [">=2.0.0-rc.1", "2.0.0-rc.2"],
  ["*", "1.10.0"],
  ["0", "0.9.9"],
])("%j finds %s", (range, version) => {
  for (const each of VERSIONS) add("logging", each);
  expect(find("logging", range)).toEqual({ status: "Success", entry: VERSIONS.indexOf(version) });
});

test.each([
  ["logging", ">=3", "NoMatchingVersion"],
  ["logging", ">=2.0.0", "NoMatchingVersion"],
  ["logging", "not a range", "NoMatchingVersion"],
  ["loggin", "", "NotFound"],
  ["logging.x", "", "NotFound"],
  ["", "", "NotFound"],
])("%s %j: %s", (name, range, status) => {
  for (const each of VERSIONS) add("logging", each);
  expect(find(name, range)).toEqual({ status, entry: 0xffff_ffff });
});

test("a module of which there are pre-releases alone has no newest version", () => {
  add("kv", "1.0.0-alpha");
  expect(find("kv", "").status).toBe("NoMatchingVersion");
});

test("one package for each name and version, and at most 64", () => {
  expect(add("kv", "1.0.0")).toBe(true);
  expect(add("kv", "1.0.0")).toBe(false);
  expect(add("x".repeat(65), "1.0.0")).toBe(false);
  for (let i = 1; i < 64; i++) expect(add("kv", `1.0.${i}`)).toBe(true);
  expect(add("kv", "2.0.0")).toBe(false);
});

const seed = seedOf();
test(`agrees with node-semver (seed ${seed})`, () => {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  const version = () =>
    `${random.below(3)}.${random.below(3)}.${random.below(3)}${pick(["", "", "-rc.1", "-rc.2", "-a"])}`;
  for (let round = 0; round < 300; round++) {
    clear();
    const versions = [...new Set(Array.from({ length: 1 + random.below(10) }, version))];
    for (const each of versions) add("m", each);
    const range = pick([
      `^${version()}`,
      `~${version()}`,
      `>=${version()} <${version()}`,
      version(),
      `${version()} || ${version()}`,
      "",
    ]);
    const stable = versions.filter((each) => semver.prerelease(each) === null);
    const best = range === "" ? semver.rsort([...stable])[0] : semver.maxSatisfying(versions, range);
    const { status, entry } = find("m", range);
    const wanted = best === undefined || best === null ? "NoMatchingVersion" : "Success";
    expect([status, versions[entry]], `${versions.join(" ")}: ${range}`).toEqual([wanted, best ?? undefined]);
  }
});
