import { expect, test } from "vitest";
import { type Figure, figureOf, lastKept, readFigures, sortFigures, worseThan } from "./figures.ts";

const BOOT = "bench kernel.boot 1000000 instructions\n";

test("the console's lines become figures with anchor and goal", () => {
  const figures = readFigures("aarch64", `bench calibration 1000 instructions\n${BOOT}`);
  expect(figures).toEqual([
    { id: "kernel.boot", arch: "aarch64", value: 1e6, unit: "instructions", anchor: 2_716_804, goal: 6_000_000 },
  ]);
});

test("a counter that does not count instructions is refused", () => {
  expect(() => readFigures("x86_64", `bench calibration 1004 instructions\n${BOOT}`)).toThrow("gave 1004");
  expect(() => readFigures("x86_64", BOOT)).toThrow("gave undefined");
});

test("a figure without a row, or in another unit, is refused", () => {
  expect(() => figureOf("kernel.nonsense", "x86_64", 1, "bytes")).toThrow("no row kernel.nonsense");
  expect(() => figureOf("kernel.boot", "x86_64", 1, "bytes")).toThrow("in instructions, not in bytes");
});

test("more than 3 % above the kept figure is worse; a new row is not", () => {
  const kept: Figure[] = [figureOf("kernel.boot", "x86_64", 1000, "instructions")];
  const now = (value: number) => [
    figureOf("kernel.boot", "x86_64", value, "instructions"),
    figureOf("kernel.text", "x86_64", 5, "bytes"),
  ];
  expect(worseThan(kept, now(1030))).toEqual([]);
  expect(worseThan(kept, now(1031)).map(({ before }) => before)).toEqual([1000]);
});

test("a row is compared with its last kept figure, whichever file that is in", () => {
  const boot = figureOf("kernel.boot", "x86_64", 1000, "instructions");
  const faster = { ...boot, value: 900 };
  const text = figureOf("kernel.text", "x86_64", 5, "bytes");
  expect(lastKept([[boot, text], [faster]])).toEqual([faster, text]);
});

test("figures are shown in the rows' order", () => {
  const text = figureOf("kernel.text", "x86_64", 1, "bytes");
  const boot = figureOf("kernel.boot", "aarch64", 1, "instructions");
  expect(sortFigures([text, boot])).toEqual([boot, text]);
});
