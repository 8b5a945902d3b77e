import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Random } from "../random.ts";
import { faultOf, GOLDEN_FOLDER, goldenCases, isGoldenAccepted } from "./zstd-golden.ts";
import { Zstd } from "./zstd-host.ts";
import { type Case, compress, compressPiped, decompress, makeContent, randomCuts, windowOf } from "./zstd-inputs.ts";

const MAX_WINDOW = 8 << 20;

let zstd: Zstd;
beforeAll(async () => {
  zstd = await Zstd.load();
});

test("golden files: those to accept give their content, those to reject an error, in a region and through a ring", () => {
  const cases = goldenCases();
  for (const each of cases) {
    const input = readFileSync(path.join(GOLDEN_FOLDER, each.file));
    const isAccepted = isGoldenAccepted(each);
    const size = each.plainSize ?? 1 << 20;
    for (const result of [zstd.decodeInto(input, size), zstd.decodeThrough(input, zstd.ringBytes(MAX_WINDOW))]) {
      if (isAccepted) {
        expect(result.status, each.file).toBe("Done");
        const plain = readFileSync(path.join(GOLDEN_FOLDER, each.plain ?? ""));
        expect(Buffer.compare(result.output, plain), each.file).toBe(0);
      } else expect(`${result.status} at ${result.offset}`, each.file).toBe(faultOf(each));
    }
  }
});
const SEED = 20_261_125;
/** Batches of one start of the zstd command, and contents in each. */
const BATCHES = 44;
const CONTENTS = 48;
/** Frames that no compressor made. */
const MADE = 400;

/** Most are small; of those above 1 MiB there is one in some hundred. */
function randomLength(random: Random): number {
  const kind = random.below(1000);
  if (kind < 700) return random.below(2_000);
  if (kind < 950) return random.below(20_000);
  if (kind < 997) return random.below(300_000);
  return random.below(3_000_000);
}

/** Every level, in turn with windows and other options. */
function optionsOf(random: Random, batch: number): string[] {
  const level = 1 + (batch % 22);
  const options = [...(level > 19 ? ["--ultra"] : []), `-${level}`];
  if (batch >= 22) options.push(`--zstd=wlog=${10 + random.below(14)}`);
  if (random.below(4) === 0) options.push(`--long=${10 + random.below(14)}`);
  if (random.below(4) === 0) options.push("--no-check");
  if (random.below(4) === 0) options.push("--no-content-size");
  if (random.below(8) === 0) options.push("--no-compress-literals");
  return options;
}

function checkCase(random: Random, { content, frame, how }: Case): void {
  const cuts = frame.length < 200 ? Array.from(frame, (_, i) => i) : randomCuts(random, frame.length, 20);
  const ringBytes = zstd.ringBytes(windowOf(frame));
  const results = [
    zstd.decodeInto(frame, content.length),
    zstd.decodeInto(frame, content.length + random.below(100), cuts),
    zstd.decodeThrough(frame, ringBytes, cuts),
  ];
  for (const { status, output } of results) {
    expect(status, how).toBe("Done");
    expect(Buffer.compare(output, content), how).toBe(0);
  }
  expect(zstd.decodeThrough(frame, ringBytes - 1).status, how).toBe("RingTooSmall");
  if (content.length > 0) expect(zstd.decodeInto(frame, content.length - 1).status, how).toBe("OutputTooLarge");
  const end = random.below(frame.length);
  const cut = zstd.decodeInto(frame.subarray(0, end), content.length);
  expect([cut.status, cut.offset], how).toEqual(["Truncated", end]);
  const broken = frame.slice();
  const bit = random.below(8 * broken.length);
  broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  const whole = zstd.decodeInto(broken, content.length);
  const pieces = zstd.decodeInto(broken, content.length, cuts);
  expect([whole.status, whole.offset], `${how}, bit ${bit}`).toEqual([pieces.status, pieces.offset]);
  expect(Buffer.compare(whole.output, pieces.output), `${how}, bit ${bit}`).toBe(0);
  expect(whole.offset, `${how}, bit ${bit}`).toBeLessThanOrEqual(frame.length);
}

test(`${BATCHES * CONTENTS} random contents, as the zstd command compresses them`, () => {
  const random = new Random(SEED);
  console.log(`zstd: seed ${SEED}`);
  for (let batch = 0; batch < BATCHES; batch++) {
    const contents = Array.from({ length: CONTENTS }, () => makeContent(random, randomLength(random)));
    for (const each of compress(optionsOf(random, batch), contents)) checkCase(random, each);
  }
});

test(`${MADE} random frames of sound structure: what the zstd command says of them`, () => {
  const frames = Array.from({ length: MADE }, (_, i) => zstd.makeFrames(SEED + i));
  const theirs = decompress(frames);
  let accepted = 0;
  for (const [i, frame] of frames.entries()) {
    const how = `frame ${SEED + i}`;
    const into = zstd.decodeInto(frame, 1 << 20);
    const through = zstd.decodeThrough(frame, zstd.ringBytes(MAX_WINDOW), randomCuts(new Random(i), frame.length, 20));
    expect([into.status, into.offset], how).toEqual([through.status, through.offset]);
    const their = theirs[i] ?? null;
    if (into.status === "Done") {
      accepted++;
      expect(Buffer.compare(into.output, their ?? Buffer.from("rejected")), how).toBe(0);
      expect(Buffer.compare(into.output, through.output), how).toBe(0);
    } else if (their !== null) {
      // Before 1.5.6 zstd took an offset of 0 for 1.
      expect(into.status, how).toBe("BadOffset");
    }
  }
  expect(accepted).toBeGreaterThan(MADE / 5);
});

test("windows: all up to 8 MiB, and an error of its own for larger ones", () => {
  const random = new Random(SEED);
  const { content } = makeContent(random, 100_000);
  for (let log = 10; log <= 27; log++) {
    const frame = compressPiped([`--long=${log}`, "-1"], content);
    expect(windowOf(frame)).toBe(2 ** log);
    const { status, output, offset } = zstd.decodeInto(frame, content.length);
    if (log > 23) expect([status, offset]).toEqual(["WindowTooLarge", 5]);
    else expect([status, Buffer.compare(output, content)]).toEqual(["Done", 0]);
    if (log <= 23) expect(zstd.decodeThrough(frame, zstd.ringBytes(2 ** log)).output).toEqual(content);
  }
});

test("a ring turned many times, over contents of several windows", () => {
  const random = new Random(SEED);
  for (const log of [10, 12, 17, 18]) {
    const content = makeContent(random, 5 << log).content;
    const frame = compressPiped([`--long=${log}`, "-19"], content);
    const { status, output } = zstd.decodeThrough(
      frame,
      zstd.ringBytes(2 ** log),
      randomCuts(random, frame.length, 50),
    );
    expect([status, Buffer.compare(output, content)], `window of 2^${log}`).toEqual(["Done", 0]);
  }
});

test("any number of frames and skippable frames", () => {
  const random = new Random(SEED);
  for (let i = 0; i < 50; i++) {
    const parts = compress(
      ["-3"],
      Array.from({ length: 1 + random.below(4) }, () => makeContent(random, random.below(3000))),
    );
    const skippable = new Uint8Array(8 + random.below(40));
    new DataView(skippable.buffer).setUint32(0, 0x184d2a50 + random.below(16), true);
    new DataView(skippable.buffer).setUint32(4, skippable.length - 8, true);
    const frames = parts.flatMap(({ frame }) => (random.below(2) === 0 ? [frame] : [skippable, frame]));
    const input = new Uint8Array(Buffer.concat(frames));
    const content = Buffer.concat(parts.map((part) => part.content));
    for (const cuts of [[], randomCuts(random, input.length, 20)]) {
      for (const each of [
        zstd.decodeInto(input, content.length, cuts),
        zstd.decodeThrough(input, zstd.ringBytes(3000), cuts),
      ]) {
        expect([each.status, Buffer.compare(each.output, content)]).toEqual(["Done", 0]);
      }
    }
  }
});

test("contents of no and of one byte, at every level", () => {
  for (let level = 1; level <= 22; level++) {
    const contents = [0, 1].map((length) => ({ content: new Uint8Array(length).fill(7), kind: "sevens" }));
    for (const { content, frame, how } of compress([...(level > 19 ? ["--ultra"] : []), `-${level}`], contents)) {
      for (const each of [zstd.decodeInto(frame, content.length), zstd.decodeThrough(frame, zstd.ringBytes(1))]) {
        expect([each.status, Buffer.compare(each.output, content)], how).toEqual(["Done", 0]);
      }
    }
  }
});

test("the end of an empty input is a truncation", () => {
  expect(zstd.decodeInto(new Uint8Array(), 10)).toEqual({ status: "Truncated", offset: 0, output: new Uint8Array() });
});
