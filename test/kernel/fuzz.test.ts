import { expect, test } from "vitest";
import { $ } from "zx";

/** The kernels of both architectures under the fuzzer, for a minute: `make fuzz SECONDS=60`. */
test("hostile threads on the host find nothing", { timeout: 600_000 }, async () => {
  const run = await $({ nothrow: true, quiet: true })`node --import tsx scripts/fuzz-kernel.ts --seconds 60`;
  console.log(run.stdout);
  expect(run.exitCode).toBe(0);
  expect(run.stdout.match(/^(?:x86_64|aarch64): \d+ calls, \d+ compared, .*no finding$/gm)).toHaveLength(2);
});
