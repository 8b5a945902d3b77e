import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../scripts/protocol/generate.ts";
import { type Field, MAX_CAPS, MAX_WORDS, readProtocol } from "../../scripts/protocol/model.ts";
import { readModel } from "../../scripts/syscalls/model.ts";
import { Random, seedOf } from "../random.ts";
import { FIRST_ARRIVAL, Marshal, type TestMessage } from "./marshal-host.ts";

/** The marshalling that is written from the records: what it takes, what it refuses, and that it loses nothing. */

const records = readProtocol();
const messages = records.filter(({ message }) => message !== null);
const seed = seedOf();
let marshal: Marshal;
beforeAll(async () => {
  marshal = await Marshal.load();
});

/** The words of a field with a value that its type has. */
function wordsOf({ kind }: Field, random: Random): bigint[] {
  switch (kind.is) {
    case "number":
      return [random.next() & kind.most];
    case "flag":
      return [random.next() & 1n];
    case "enum":
      return [BigInt(random.below(kind.members.length))];
    case "text": {
      const text = Uint8Array.from({ length: random.below(kind.bytes + 1) }, () => 0x20 + random.below(0x5f));
      return [BigInt(text.length), ...packed(text, kind.bytes)];
    }
    case "bytes":
      return packed(random.bytes(kind.bytes), kind.bytes);
    case "numbers":
      return Array.from({ length: kind.count }, () => random.next());
    case "capability":
      return [];
  }
}

function packed(bytes: Uint8Array, size: number): bigint[] {
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return [...new BigUint64Array(whole.buffer)];
}

describe.each(messages)("$name", (record) => {
  const label = record.message?.label ?? 0;
  const sound = (random: Random, caps: number): TestMessage => ({
    label,
    words: record.fields.flatMap((field) => wordsOf(field, random)),
    caps,
  });

  test(`passes through unchanged (seed ${seed})`, () => {
    const random = new Random(seed + label);
    for (let i = 0; i < 50; i++) {
      const caps = record.caps + random.below(record.mostCaps - record.caps + 1);
      const message = sound(random, caps);
      const sent = Array.from({ length: caps }, (_, index) => BigInt(FIRST_ARRIVAL + index));
      expect(marshal.passOn(message)).toEqual({ message, sent });
    }
  });

  test("is refused with another label, another length, another number of capabilities", () => {
    const message = sound(new Random(label), record.caps);
    expect(marshal.passOn({ ...message, label: label + 1 }, label)).toEqual({ fault: "Label" });
    for (let length = 0; length <= MAX_WORDS; length++) {
      if (length === record.words) continue;
      const words = Array.from({ length }, (_, i) => message.words[i] ?? 0n);
      expect(marshal.passOn({ ...message, words })).toEqual({ fault: "Length" });
    }
    for (let caps = 0; caps <= MAX_CAPS; caps++) {
      const isRight = caps >= record.caps && caps <= record.mostCaps;
      expect("fault" in marshal.passOn({ ...message, caps }), `${caps}`).toBe(!isRight);
    }
  });

  const limited = record.fields.filter(({ kind }) => kind.is === "flag" || kind.is === "enum" || kind.is === "text");
  const narrow = record.fields.filter(({ kind }) => kind.is === "number" && kind.most < 0xffff_ffff_ffff_ffffn);
  test.each([...limited, ...narrow])("is refused with a $name beyond its type", ({ kind, place }) => {
    const message = sound(new Random(label), record.caps);
    const wrong = (index: number, value: bigint): TestMessage => ({
      ...message,
      words: message.words.map((word, i) => (i === index ? value : word)),
    });
    const first =
      kind.is === "enum"
        ? BigInt(kind.members.length)
        : kind.is === "text"
          ? BigInt(kind.bytes + 1)
          : kind.is === "flag"
            ? 2n
            : 1n << 32n;
    for (const value of [first, 1n << 63n]) expect(marshal.passOn(wrong(place, value))).toEqual({ fault: "Value" });
    if (kind.is !== "text") return;
    const empty = {
      ...message,
      words: message.words.map((word, i) => (i >= place && i <= place + kind.bytes / 8 ? 0n : word)),
    };
    const withText = (length: bigint, bytes: bigint): TestMessage => ({
      ...empty,
      words: empty.words.map((word, i) => (i === place ? length : i === place + 1 ? bytes : word)),
    });
    expect(marshal.passOn(empty)).toHaveProperty("message");
    expect(marshal.passOn(withText(1n, 0x41n))).toHaveProperty("message");
    for (const [length, bytes] of [
      [1n, 0x0an],
      [1n, 0n],
      [1n, 0x4141n],
      [0n, 0x41n],
      [1n, 0x80n],
      [2n, 0x7f41n],
    ] as const) {
      expect(marshal.passOn(withText(length, bytes)), `${length} ${bytes}`).toEqual({ fault: "Value" });
    }
  });

  test(`takes any message without a panic, and what it takes it keeps (seed ${seed})`, () => {
    const random = new Random(seed + label);
    for (let i = 0; i < 300; i++) {
      const message = sound(random, record.caps);
      const words = message.words.map((word) =>
        random.below(8) === 0 ? random.next() >> BigInt(random.below(64)) : word,
      );
      const passed = marshal.passOn({ ...message, words });
      if ("message" in passed) expect(passed.message.words).toEqual(words);
    }
  });
});

test("what is written from the records is up to date", async () => {
  const files = await generate();
  const stale = [...files].filter(([file, text]) => readFileSync(file, "utf8") !== text).map(([file]) => file);
  expect(stale).toEqual([]);
});

test("every field and every record says what it is", () => {
  const silent = records.flatMap(({ name, means, fields }) => [
    ...(means === "" ? [name] : []),
    ...fields.filter((field) => field.means === "" && !isTelling(field.name)).map((field) => `${name}.${field.name}`),
  ]);
  expect(silent).toEqual([]);
});

/** Names that need no comment. */
function isTelling(name: string): boolean {
  return /^(name|status|bytes|owner\d|name\d|version|line)$/.test(name);
}

test.each(records.filter(({ kernel }) => kernel !== null))("$name has the fields of $kernel", ({ kernel, fields }) => {
  const [, object, operation, answer] = /^(\w+)\.(\w+)( answer)?$/.exec(kernel ?? "") ?? [];
  const call = readModel().calls.find((each) => each.object === object && each.operation.name === operation);
  const rows = answer === undefined ? [...(call?.words ?? []), ...(call?.caps ?? [])] : (call?.answers ?? []);
  expect(fields.map(({ name }) => name)).toEqual(rows.map(([name]) => name));
});
