import { describe, expect, test } from "vitest";
import type { Figure } from "../bench/figures.ts";
import { machineFigures } from "../bench/machine.ts";
import { ROWS } from "../bench/rows.ts";
import { ARCHES } from "../scripts/architecture.ts";

/** By test-qemu/codecs, by longestPath.test.ts, by bench/load.ts, and from the image's size. */
const ELSEWHERE = /^kernel\.(?:text|longest-path)$|^crypto\.(?!keccak)|^load\./;

/** Read from clocks at both ends of each round: right to one tick of the clock, in instructions. */
const IN_TICKS = /^kernel\.(?:signal-switch|irq)$/;
const TICK = { x86_64: 1, aarch64: 16 } as const;

describe.each(ARCHES)("%s", (arch) => {
  test("the benchmarks count instructions and repeat exactly", async () => {
    const [first, second] = [await machineFigures(arch), await machineFigures(arch)];
    const exact = (figures: readonly Figure[]): Figure[] => figures.filter(({ id }) => !IN_TICKS.test(id));
    expect(exact(second)).toEqual(exact(first));
    for (const { id, value } of first.filter((figure) => IN_TICKS.test(figure.id))) {
      const again = second.find((figure) => figure.id === id)?.value ?? Number.NaN;
      expect(Math.abs(again - value), id).toBeLessThanOrEqual(TICK[arch]);
    }
    const measured = first.map(({ id }) => id).sort();
    expect(measured).toEqual(
      ROWS.map(({ id }) => id)
        .filter((id) => !ELSEWHERE.test(id))
        .sort(),
    );
  });
});
