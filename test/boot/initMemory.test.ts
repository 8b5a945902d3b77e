import koffi from "koffi";
import { beforeAll, expect, test } from "vitest";
import { loadNative } from "../native.ts";
import { Random } from "../random.ts";

/** Which memory the kernel gives init when firmware has cut it into many pieces. */

const MAX_UNTYPEDS = 48;
const SEED = 1;

/** The beginning of what kernel/initInfo.ts describes. */
koffi.struct("InitInfo", {
  magic: "uint64_t",
  untypedCount: "uint64_t",
  untypeds: koffi.array(koffi.struct({ start: "uint64_t", size: "uint64_t" }), MAX_UNTYPEDS),
});

interface Untyped {
  readonly start: number;
  readonly size: number;
}

let give: (blocks: readonly Untyped[]) => Untyped[];

beforeAll(async () => {
  const library = await loadNative("initMemory", ["kernel/initMemory.ts"]);
  const add = library.call("addUntyped", "void", ["_Inout_ InitInfo *", "uint64_t", "uint32_t"]);
  give = (blocks) => {
    const none = Array.from({ length: MAX_UNTYPEDS }, () => ({ start: 0, size: 0 }));
    const info = { magic: 0, untypedCount: 0, untypeds: none };
    for (const { start, size } of blocks) add(info, start, size);
    return info.untypeds.slice(0, info.untypedCount);
  };
});

test("what has room keeps its order", () => {
  const blocks = Array.from({ length: MAX_UNTYPEDS }, (_, index) => ({ start: index << 20, size: 12 + (index % 7) }));
  expect(give(blocks)).toEqual(blocks);
});

test.each([49, 100, 200])("of %i pieces the largest are given", (count) => {
  const random = new Random(SEED);
  const blocks = Array.from({ length: count }, (_, index) => ({ start: index * 2 ** 28, size: 12 + random.below(16) }));
  const given = give(blocks);
  const sizes = (list: readonly Untyped[]) => list.map(({ size }) => size).sort((a, b) => b - a);
  expect(sizes(given)).toEqual(sizes(blocks).slice(0, MAX_UNTYPEDS));
  for (const untyped of given) expect(blocks).toContainEqual(untyped);
  expect(new Set(given.map(({ start }) => start)).size).toBe(MAX_UNTYPEDS);
});
