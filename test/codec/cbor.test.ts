import { beforeAll, expect, test } from "vitest";
import { Random } from "../random.ts";
import { Cbor } from "./cbor-host.ts";
import { asRead, encodeValue, isDeterministic, makeValue } from "./cbor-inputs.ts";

const SEED = 8949;
const CASES = 4000;

let cbor: Cbor;
beforeAll(async () => {
  cbor = await Cbor.load();
});

function open(hex: string): string {
  return cbor.open(Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")));
}

test(`${CASES} random items read as cborg has written them (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let i = 0; i < CASES; i++) {
    const value = makeValue(random, 5);
    const bytes = encodeValue(value);
    const hex = Buffer.from(bytes).toString("hex");
    expect(cbor.open(bytes), hex).toBe("Ok");
    expect(cbor.readValue(), hex).toEqual(asRead(value));
    expect(cbor.read("isAtEnd").value, hex).toBe(1n);
  }
});

test(`${CASES} damaged items are judged as by cborg (seed ${SEED})`, () => {
  const random = new Random(SEED);
  let accepted = 0;
  let judged = 0;
  for (let i = 0; i < CASES; i++) {
    const bytes = encodeValue(makeValue(random, 4));
    const damages = 1 + random.below(3);
    for (let k = 0; k < damages; k++) bytes[random.below(bytes.length)] = random.below(256);
    const opinion = isDeterministic(bytes);
    if (opinion === null) continue;
    judged++;
    const isAccepted = cbor.open(bytes) === "Ok";
    if (isAccepted) accepted++;
    expect(isAccepted, `${Buffer.from(bytes).toString("hex")} ${cbor.open(bytes)}`).toBe(opinion);
  }
  expect(judged).toBeGreaterThan(2000);
  expect(accepted).toBeGreaterThan(200);
});

test("every truncation, and every byte more, of random items is rejected", () => {
  const random = new Random(SEED);
  for (let i = 0; i < 200; i++) {
    const bytes = encodeValue(makeValue(random, 3));
    for (let length = 0; length < bytes.length; length++) {
      expect(cbor.open(bytes.subarray(0, length)), `${i}`).toBe(`Truncated at ${length}`);
    }
    expect(cbor.open(Uint8Array.from([...bytes, 0]))).toBe(`TrailingBytes at ${bytes.length}`);
  }
});

/** Examples of RFC 8949, appendix A. */
test.each([
  ["00", 0n],
  ["17", 23n],
  ["1818", 24n],
  ["1903e8", 1000n],
  ["1a000f4240", 1_000_000n],
  ["1bffffffffffffffff", 18446744073709551615n],
  ["20", -1n],
  ["3863", -100n],
  ["3903e7", -1000n],
  ["f4", false],
  ["f5", true],
  ["f6", null],
  ["f7", undefined],
  ["f97e00", { float: "f97e00" }],
  ["f97c00", { float: "f97c00" }],
  ["f98000", { float: "f98000" }],
  ["f90001", { float: "f90001" }],
  ["fa47c35000", { float: "fa47c35000" }],
  ["fa7f7fffff", { float: "fa7f7fffff" }],
  ["fb3ff199999999999a", { float: "fb3ff199999999999a" }],
  ["fb7e37e43c8800759c", { float: "fb7e37e43c8800759c" }],
  ["c11a514b67b0", { tag: 1n, content: 1363896240n }],
  ["d818456449455446", { tag: 24n, content: Uint8Array.from([0x64, 0x49, 0x45, 0x54, 0x46]) }],
  ["62c3bc", "ü"],
  ["64f0908591", "𐅑"],
  ["8301820203820405", [1n, [2n, 3n], [4n, 5n]]],
  [
    "a201020304",
    new Map([
      [1n, 2n],
      [3n, 4n],
    ]),
  ],
  ["826161a161626163", ["a", new Map([["b", "c"]])]],
])("%s", (hex, value) => {
  expect(open(hex)).toBe("Ok");
  expect(cbor.readValue()).toEqual(value);
});

/** One for each rule, with the place that it names. */
test.each([
  ["", "Truncated at 0"],
  ["82 01", "Truncated at 2"],
  ["9b ffffffffffffffff", "Truncated at 0"],
  ["00 00", "TrailingBytes at 1"],
  ["18 17", "NotShortest at 0"],
  ["82 01 19 00ff", "NotShortest at 2"],
  ["58 01 00", "NotShortest at 0"],
  ["b8 00", "NotShortest at 0"],
  ["1a 0000ffff", "NotShortest at 0"],
  ["1b 00000000ffffffff", "NotShortest at 0"],
  ["d8 00 00", "NotShortest at 0"],
  ["fa 3fc00000", "NotShortest at 0"],
  ["fa 33800000", "NotShortest at 0"],
  ["fb 3ff8000000000000", "NotShortest at 0"],
  ["fb 36a0000000000000", "NotShortest at 0"],
  ["fb 0000000000000000", "NotShortest at 0"],
  ["fa 7fc00000", "NotShortest at 0"],
  ["f9 7e01", "NotShortest at 0"],
  ["fa 33000000", "Ok"],
  ["fa 33c00001", "Ok"],
  ["fb 3690000000000000", "Ok"],
  ["1c", "Reserved at 0"],
  ["81 fe", "Reserved at 1"],
  ["9f 01 ff", "Indefinite at 0"],
  ["5f 41 00 ff", "Indefinite at 0"],
  ["81 ff", "Indefinite at 1"],
  ["e0", "UnknownSimple at 0"],
  ["f8 ff", "UnknownSimple at 0"],
  ["61 ff", "BadText at 0"],
  ["62 c0 80", "BadText at 0"],
  ["63 ed a0 80", "BadText at 0"],
  ["64 f4 90 80 80", "BadText at 0"],
  ["61 c3", "BadText at 0"],
  ["a2 03 00 01 00", "UnsortedKeys at 3"],
  ["a2 61 61 00 00 00", "UnsortedKeys at 4"],
  ["a2 01 00 01 00", "DuplicateKey at 3"],
  ["a2 81 01 00 81 01 00", "DuplicateKey at 4"],
  ["a2 0a 00 18 64 00", "Ok"],
  ["a2 18 64 00 20 00", "Ok"],
  ["a2 01 a2 02 00 01 00 00 00", "UnsortedKeys at 5"],
])("%s is %s", (hex, verdict) => {
  expect(open(hex)).toBe(verdict);
});

test("sixteen levels are read, seventeen are too deep", () => {
  expect(open(`${"81".repeat(16)}00`)).toBe("Ok");
  expect(open(`${"81".repeat(17)}00`)).toBe("TooDeep at 16");
  expect(open(`${"c1".repeat(17)}00`)).toBe("TooDeep at 16");
  expect(open(`${"81".repeat(16)}80`)).toBe("TooDeep at 16");
});

test("a read of another type fails, and the error stays", () => {
  open("82 01 6161");
  cbor.read("array");
  expect(cbor.read("text").verdict).toBe("WrongType at 1");
  expect(cbor.read("uint")).toEqual({ verdict: "WrongType at 1", value: 0n, length: 0 });
  expect(cbor.read("isAtEnd").value).toBe(0n);
});

test("a read behind the end fails", () => {
  open("01");
  cbor.read("uint");
  expect(cbor.read("uint").verdict).toBe("WrongType at 1");
});

test("numbers have their ranges", () => {
  open("3b 7fffffffffffffff");
  expect(BigInt.asIntN(64, cbor.read("int").value)).toBe(-(2n ** 63n));
  open("3b 8000000000000000");
  expect(cbor.read("int").verdict).toBe("OutOfRange at 0");
  open("1b 8000000000000000");
  expect(cbor.read("int").verdict).toBe("OutOfRange at 0");
  open("05");
  expect(cbor.read("uintUpTo", 5n).value).toBe(5n);
  open("06");
  expect(cbor.read("uintUpTo", 5n)).toEqual({ verdict: "OutOfRange at 0", value: 0n, length: 0 });
});

test("null is taken only where it is, true and false only where a boolean is", () => {
  open("83 f6 01 f7");
  cbor.read("array");
  expect(cbor.read("null").value).toBe(1n);
  expect(cbor.read("null").value).toBe(0n);
  expect(cbor.read("uint").value).toBe(1n);
  expect(cbor.read("null").value).toBe(0n);
  expect(cbor.read("boolean").verdict).toBe("WrongType at 3");
});

test(`bytes that change behind the reader's back give errors or other values, never a panic (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const reads = ["uint", "int", "bytes", "text", "array", "map", "tag", "boolean", "null", "item"] as const;
  let failed = 0;
  for (let i = 0; i < CASES; i++) {
    const bytes = encodeValue(makeValue(random, 4));
    expect(cbor.open(bytes)).toBe("Ok");
    for (let k = 0; k < 20; k++) {
      bytes[random.below(bytes.length)] = random.below(256);
      const { verdict } = cbor.read(reads[random.below(reads.length)] ?? "item");
      if (verdict === "Ok") continue;
      expect(Number(verdict.split(" at ")[1])).toBeLessThanOrEqual(bytes.length);
      failed++;
      cbor.resume();
    }
  }
  expect(failed).toBeGreaterThan(CASES);
});

/** Without validation the reads themselves have to find what is wrong. */
test.each([
  ["9b ffffffffffffffff", "array", "Truncated at 9"],
  ["9b ffffffffffffffff", "item", "Truncated at 9"],
  ["bb 8000000000000000", "map", "Truncated at 9"],
  ["bb 8000000000000000", "item", "Truncated at 9"],
  ["82 00", "item", "WrongType at 2"],
  ["5a ffffffff 00", "bytes", "Truncated at 6"],
  ["82 5b ffffffffffffffff 00", "item", "Truncated at 11"],
  ["61 ff", "text", "BadText at 0"],
  ["18 17", "uint", "NotShortest at 0"],
  ["19 01", "uint", "Truncated at 2"],
  ["9f ff", "item", "Indefinite at 0"],
  ["fb 0000000000000000", "item", "NotShortest at 0"],
] as const)("%s, read as %s without validation, is %s", (hex, what, verdict) => {
  cbor.start(Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")));
  expect(cbor.read(what).verdict).toBe(verdict);
});

test("an item is taken whole, whatever is inside", () => {
  open("82 a2 01 82 c1 05 f6 6161 43 010203 07");
  cbor.read("array");
  expect(Buffer.from(cbor.readString("item")).toString("hex")).toBe("a20182c105f6616143010203");
  expect(cbor.read("uint").value).toBe(7n);
  expect(cbor.read("isAtEnd").value).toBe(1n);
});
