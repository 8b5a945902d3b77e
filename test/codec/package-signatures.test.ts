import { beforeAll, expect, test } from "vitest";
import { SIGNATURE_DAMAGES } from "./damages/signatures.ts";
import { Judges, short } from "./package-judges.ts";

let judges: Judges;

beforeAll(async () => {
  judges = await Judges.load();
}, 120_000);

test.each(SIGNATURE_DAMAGES)("signatures and certificates: %s: %s", (_, expected, make) => {
  expect(short(judges.judge(make()))).toBe(expected);
});
