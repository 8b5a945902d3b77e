import { beforeAll, expect, test } from "vitest";
import { FORMAT_DAMAGES } from "./damages/format.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

test.each(FORMAT_DAMAGES)("format: %s: %s", (_, expected, make) => {
  expect(short(judges.judge(make()))).toBe(expected);
});
