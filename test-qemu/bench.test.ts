import { describe, expect, test } from "vitest";
import { machineFigures } from "../bench/machine.ts";
import { ROWS } from "../bench/rows.ts";
import { ARCHES } from "../scripts/architecture.ts";

/** By test-qemu/codecs, by longestPath.test.ts, and from the image's size. */
const ELSEWHERE = /^kernel\.(?:text|longest-path)$|^crypto\.(?!keccak)/;

describe.each(ARCHES)("%s", (arch) => {
  test("the benchmarks count instructions and repeat exactly", async () => {
    const runs = [await machineFigures(arch), await machineFigures(arch)];
    expect(runs[1]).toEqual(runs[0]);
    const measured = runs[0]?.map(({ id }) => id).sort();
    expect(measured).toEqual(
      ROWS.map(({ id }) => id)
        .filter((id) => !ELSEWHERE.test(id))
        .sort(),
    );
  });
});
