import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEEDS, KERNEL_ATTEMPTS, SERVICE_ATTEMPTS } from "./hostileNames.ts";

/** docs/threat-model.md lists what modules/hostile tries, and nothing else. */

test("the threat model has every attempt of the hostile module, once", () => {
  const page = readFileSync("docs/threat-model.md", "utf8");
  const section = /^## A hostile module$([\s\S]*?)^## /m.exec(page)?.[1] ?? "";
  const listed = [...section.matchAll(/^\| ([^|]+?) \| /gm)].map(([, name = ""]) => name.replaceAll("`", ""));
  const rows = listed.filter((name) => !/^(it tries|a process that|-+)$/.test(name));
  expect(rows).toEqual([...SERVICE_ATTEMPTS, ...KERNEL_ATTEMPTS, ...DEEDS]);
});
