import { expect, test } from "vitest";
import { loadLogic } from "./logic-host.ts";

/** How long init waits before it makes a service again that has crashed. */

const MS = 1_000_000n;
const MINUTE = 60_000n * MS;
const GIVE_UP = 0xffff_ffff_ffff_ffffn;

test("each crash within a minute doubles the wait, and the sixth ends it", async () => {
  const library = await loadLogic("crashes");
  const note = library.call("note_crash", "uint64_t", ["uint64_t"]);
  const crash = (now: bigint): bigint => BigInt(note(now) as number | bigint);
  const waits = [0n, 50n, 100n, 200n, 400n].map((ms) => ms * MS);
  expect(waits.map((_, i) => crash(1000n + BigInt(i) * MS))).toEqual(waits);
  expect(crash(10n * MS)).toBe(GIVE_UP);
  expect(crash(MINUTE)).toBe(GIVE_UP);
  // The first one is a minute ago, then all are.
  expect(crash(MINUTE + 1000n)).toBe(400n * MS);
  expect(crash(MINUTE + 2000n)).toBe(GIVE_UP);
  expect(crash(3n * MINUTE)).toBe(0n);
  expect(crash(3n * MINUTE + 1n)).toBe(50n * MS);
});
