import { test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { runHostile } from "./hostileRun.ts";

/** A hostile task's random system calls disturb nobody (I14); hostile.long.ts makes more of them. */

test.each(ARCHES)("a hostile task disturbs nobody on %s", { timeout: 200_000 }, async (arch) => {
  await runHostile({ arch, flavour: "release", calls: 200_000, periodNs: 1_000_000, timeoutSeconds: 180 });
});

test.each(ARCHES)("all invariants hold after each call of a hostile task on %s", { timeout: 200_000 }, async (arch) => {
  const words = ["invariants=1"];
  await runHostile({ arch, flavour: "debug", calls: 5_000, periodNs: 50_000_000, words, timeoutSeconds: 180 });
});
