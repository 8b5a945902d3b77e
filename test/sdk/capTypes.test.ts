import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEnum } from "../../scripts/syscalls/model.ts";

test("the console names the types of capabilities as the kernel does", () => {
  const table = /= \[\n([^\]]*)\];/.exec(readFileSync("services/console/capTypes.ts", "utf8"))?.[1] ?? "";
  const names = [...table.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  expect(names).toEqual(readEnum("kernel/cap/capability.ts", "CapType").map(({ name }) => name));
});
