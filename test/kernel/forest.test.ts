import { expect, test } from "vitest";
import { $ } from "zx";
import { ARCHES } from "../../scripts/architecture.ts";
import { seedOf } from "../random.ts";
import { buildHostKernel } from "./build.ts";

const SEED = seedOf();

/** Random forests of capabilities, revoked with an interrupt at every poll in turn. */
test.each(ARCHES)("nothing survives a revoke on %s, wherever it is interrupted", { timeout: 600_000 }, async (arch) => {
  const out = `build/kernel-host/forest-${arch}`;
  const entries = ["test/kernel/forest.kts.ts"];
  const more = ["test/kernel/machine/main.c"];
  const program = await buildHostKernel({ arch, entries, sanitize: true, isFuzzer: false, isQuick: true, out, more });
  console.log(`seed ${SEED}`);
  const run = await $({ nothrow: true, quiet: true })`${program} ${SEED} 40`;
  expect(run.stderr).toMatch(/^\d+ revokes, [1-9]\d* restarts, 0 survivors$/m);
  expect(run.exitCode).toBe(0);
});
