import { expect, test } from "vitest";
import { readEnum } from "../../scripts/syscalls/model.ts";
import { KINDS, kindNumber } from "../../sdk/format/kinds.ts";

/** The kinds of capabilities in manifests are the kernel's types; a kind's number keeps its meaning. */

const types = readEnum("kernel/cap/capability.ts", "CapType").filter(({ name }) => name !== "Null");

test("the packages' parser has the kernel's types", () => {
  const kinds = readEnum("codec/package/kind.ts", "GrantKind");
  expect(kinds.map(({ name }) => name)).toEqual(types.map(({ name }) => name));
  expect(kinds.map(({ value }) => value)).toEqual(types.map(({ value }) => value));
});

test("the SDK has them, too, by the same numbers", () => {
  expect([...KINDS]).toEqual(types.map(({ name }) => name));
  expect(KINDS.map(kindNumber)).toEqual(types.map(({ value }) => value));
});
