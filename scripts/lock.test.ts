import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sleep } from "zx";
import { withLock } from "./lock.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skyscope-lock-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("one at a time, and nothing is left", async () => {
  const file = join(folder, "lock");
  let inside = 0;
  let most = 0;
  const action = async () => {
    inside++;
    most = Math.max(most, inside);
    await sleep(20);
    inside--;
  };
  await Promise.all([withLock(file, action), withLock(file, action), withLock(file, action)]);
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test("a failing action gives the lock back", async () => {
  const file = join(folder, "lock");
  await expect(withLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(file)).toBe(false);
});

test("the lock of a dead process does not count", async () => {
  const file = join(folder, "lock");
  writeFileSync(file, String(spawnSync("true").pid));
  let isDone = false;
  await withLock(file, async () => {
    isDone = true;
  });
  expect(isDone).toBe(true);
});
