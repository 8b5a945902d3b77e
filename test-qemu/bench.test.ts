import { describe, expect, test } from "vitest";
import { machineFigures } from "../bench/machine.ts";
import { ROWS } from "../bench/rows.ts";
import { ARCHES, type Arch } from "../scripts/architecture.ts";

/** By test-qemu/codecs, by longestPath.test.ts, by bench/load.ts, and from the image's size. */
const ELSEWHERE = /^kernel\.(?:text|longest-path)$|^crypto\.(?!keccak)|^load\./;

/** One tick of the clock that rounds are read from, in instructions: x86_64's ticks with each of them. */
const TICK = { x86_64: 0, aarch64: 16 } as const;

/** The way to the prompt has the services' turns in it, and how soon the host takes their bytes: a twentieth more or less. */
function allowance(arch: Arch, id: string, value: number): number {
  return id === "kernel.boot" ? value / 20 : TICK[arch];
}

describe.each(ARCHES)("%s", (arch) => {
  test("the benchmarks count instructions and repeat to the tick of the clock", async () => {
    const [first, second] = [await machineFigures(arch), await machineFigures(arch)];
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    for (const [index, { id, value }] of first.entries()) {
      expect(Math.abs((second[index]?.value ?? Number.NaN) - value), id).toBeLessThanOrEqual(
        allowance(arch, id, value),
      );
    }
    const measured = first.map(({ id }) => id).sort();
    expect(measured).toEqual(
      ROWS.map(({ id }) => id)
        .filter((id) => !ELSEWHERE.test(id))
        .sort(),
    );
  });
});
