import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The kernel compares the type of a capability with the kind that a manifest wants. */

function members(file: string, name: string): Map<string, number> {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const body = new RegExp(`const enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const found = new Map<string, number>();
  let next = 0;
  for (const [, member = "", value] of body.matchAll(/^ {2}(\w+)(?: = (\w+))?,$/gm)) {
    next = value === undefined ? next : Number(value);
    found.set(member, next);
    next++;
  }
  return found;
}

test("kinds of grants are the types of capabilities", () => {
  const types = members("kernel/cap/capability.ts", "CapType");
  types.delete("Null");
  expect(types.size).toBeGreaterThan(0);
  expect(members("codec/package/kind.ts", "GrantKind")).toEqual(types);
});
