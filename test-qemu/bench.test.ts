import { describe, expect, test } from "vitest";
import { readFigures } from "../bench/figures.ts";
import { ROWS } from "../bench/rows.ts";
import { ARCHES } from "../scripts/architecture.ts";
import { boot, run } from "./console.ts";

describe.each(ARCHES)("%s", (arch) => {
  test("the benchmarks count instructions and repeat exactly", async () => {
    const runs = [];
    for (let i = 0; i < 2; i++) {
      const machine = await boot({ arch, flavour: "bench", icount: true });
      runs.push(readFigures(arch, await run(machine, "bench")));
    }
    expect(runs[1]).toEqual(runs[0]);
    const measured = runs[0]?.map(({ id }) => id).sort();
    const inKernel = ROWS.filter(({ unit, isByUser }) => unit === "instructions" && isByUser !== true).map(
      ({ id }) => id,
    );
    expect(measured).toEqual(inKernel.sort());
  });
});
