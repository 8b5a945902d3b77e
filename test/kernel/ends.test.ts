import { expect, test } from "vitest";
import { $ } from "zx";
import { ARCHES } from "../../scripts/architecture.ts";
import { buildEnds, endsOf } from "./ends.ts";

/** Of a program that was stopped by SIGABRT. */
const STOPPED = 134;

test.each(ARCHES)(
  "the kernel of %s ends as it says, and sleeps until the alarm",
  { timeout: 300_000 },
  async (arch) => {
    const program = await buildEnds(arch);
    for (const { number, says, status } of endsOf(arch)) {
      const run = await $({ nothrow: true, quiet: true })`${program} ${number}`;
      expect(run.stderr.replaceAll("\r", ""), `end ${number}`).toMatch(says);
      expect(run.exitCode ?? STOPPED, `end ${number}`).toBe(status);
    }
  },
);
