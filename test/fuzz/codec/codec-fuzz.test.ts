import { expect, test } from "vitest";
import { $ } from "zx";

/** The fuzz targets of codecs stay buildable, and take their corpora. */

test("every target's corpus and a thousand mutations of it", async () => {
  const { exitCode, stderr } = await $({ nothrow: true })`node --import tsx scripts/fuzz-codec.ts --runs 1000`;
  expect(exitCode, stderr.slice(-4_000)).toBe(0);
}, 300_000);
