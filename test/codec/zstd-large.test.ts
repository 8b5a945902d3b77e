import { beforeAll, expect, test } from "vitest";
import { Random } from "../random.ts";
import { Zstd } from "./zstd-host.ts";
import { compress, compressPiped, makeContent, randomCuts, windowOf } from "./zstd-inputs.ts";

/** Zstandard with contents of up to 64 MiB. */

const SEED = 20_261_126;

let zstd: Zstd;
beforeAll(async () => {
  zstd = await Zstd.load();
});

test.each([
  { mebibytes: 8, options: ["-19"] },
  { mebibytes: 9, options: ["-3"] },
  { mebibytes: 16, options: ["-12", "--long=23"] },
  { mebibytes: 24, options: ["-16", "--no-check"] },
  { mebibytes: 40, options: ["-6", "--zstd=wlog=20"] },
  { mebibytes: 64, options: ["-1", "--long=23"] },
  { mebibytes: 64, options: ["-3", "--zstd=wlog=12"] },
])(
  "$mebibytes MiB with zstd $options",
  ({ mebibytes, options }) => {
    const random = new Random(SEED + mebibytes);
    console.log(`zstd: seed ${SEED + mebibytes}`);
    const parts: Uint8Array[] = [];
    for (let left = mebibytes << 20; left > 0; ) {
      const { content } = makeContent(random, Math.min(left, 1 + random.below(3 << 20)));
      parts.push(content);
      left -= content.length;
    }
    const content = new Uint8Array(Buffer.concat(parts));
    for (const { frame } of compress(options, [{ content, kind: "parts" }])) {
      const cuts = randomCuts(random, frame.length, 500);
      const results = [
        zstd.decodeInto(frame, content.length),
        zstd.decodeThrough(frame, zstd.ringBytes(windowOf(frame)), cuts),
      ];
      for (const { status, output } of results) expect([status, Buffer.compare(output, content)]).toEqual(["Done", 0]);
    }
  },
  300_000,
);

test("64 MiB with a window of 64 MiB is refused", () => {
  const content = makeContent(new Random(SEED), 64 << 20).content;
  const { status, offset } = zstd.decodeInto(compressPiped(["-1", "--long=26"], content), content.length);
  expect([status, offset]).toEqual(["WindowTooLarge", 5]);
}, 300_000);
