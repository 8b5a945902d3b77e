import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ARCHES } from "../../scripts/architecture.ts";
import { loadWasmKernel, type WasmKernel } from "./wasm.ts";

/** The kernel's objects one by one, in the kernel's Wasm in this process: each test in a kernel that has just started. */

const ENTRY = "objects.kts.ts";
const SOURCE = readFileSync(join(import.meta.dirname, ENTRY), "utf8");
const NAMES = [...SOURCE.matchAll(/\{ name: "([^"]+)", run: /g)].map(([, name]) => name ?? "");

describe.each(ARCHES)("objects of the kernel of %s", (arch) => {
  let kernel: WasmKernel;

  beforeAll(async () => {
    kernel = await loadWasmKernel(arch, [`test/kernel/${ENTRY}`]);
  }, 300_000);

  beforeEach(() => kernel.restart());

  test.each(NAMES.map((name, index) => [name, index] as const))("%s", (_, index) => {
    kernel.call("objects_run", index);
  });

  test("the invariants are checked", () => {
    expect(() => kernel.call("objects_break")).toThrow("I2: a child's rights are a subset of its parent's");
  });
});
