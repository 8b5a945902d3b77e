import { test } from "vitest";
import { ARCHES } from "../scripts/architecture.ts";
import { runHostile } from "./hostileRun.ts";

/** As hostile.test.ts, with the numbers of calls that a kernel has to bear before it is released. */

const RELEASE_CALLS = 10_000_000;
const CHECKED_CALLS = 100_000;
const LIMIT = 7_000;

test.each(ARCHES)(
  "a hostile task's ten million calls disturb nobody on %s",
  { timeout: LIMIT * 1_000 },
  async (arch) => {
    await runHostile({ arch, flavour: "release", calls: RELEASE_CALLS, periodNs: 1_000_000, timeoutSeconds: LIMIT });
  },
);

test.each(ARCHES)(
  "all invariants hold after each of 100,000 hostile calls on %s",
  { timeout: LIMIT * 1_000 },
  async (arch) => {
    const words = ["invariants=1"];
    await runHostile({
      arch,
      flavour: "debug",
      calls: CHECKED_CALLS,
      periodNs: 50_000_000,
      words,
      timeoutSeconds: LIMIT,
    });
  },
);
