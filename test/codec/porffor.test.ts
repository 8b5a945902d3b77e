import { sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import semver from "semver";
import { beforeAll, expect, test } from "vitest";
import { loadNative, type NativeLibrary, slice } from "../native.ts";
import { Random, seedOf } from "../random.ts";
import { loadWasm } from "../wasmLibrary.ts";
import { CBOR_ENTRIES, Cbor } from "./cbor-host.ts";
import { asRead, encodeValue, makeValue } from "./cbor-inputs.ts";
import { COSE_ENTRIES, Cose, encodeSign1, makeHeader, sigStructure } from "./cose-host.ts";
import { ELF_ENTRIES, Elf } from "./elf-host.ts";
import { bytesOf, damage, isProgram, soundFile } from "./elf-inputs.ts";
import { SEMVER_ENTRIES, Semver } from "./semver-host.ts";
import { makeRange, makeVersion, theirs } from "./semver-inputs.ts";
import { ZSTD_ENTRIES, Zstd } from "./zstd-host.ts";
import { compress, makeContent, randomCuts, windowOf } from "./zstd-inputs.ts";

/** Cryptography and codecs through C and through Porffor: both answer the same, and what the others' implementations say. */

const SEED = seedOf();
const ENTRIES = [
  "test/crypto/hash-entries.kts.ts",
  ...CBOR_ENTRIES,
  ...COSE_ENTRIES,
  ...ELF_ENTRIES,
  ...SEMVER_ENTRIES,
  ...ZSTD_ENTRIES,
];
const MANIFEST = 2;

let libraries: readonly [NativeLibrary, NativeLibrary];

beforeAll(async () => {
  console.log(`seed ${SEED}`);
  libraries = [await loadNative("porffor", ENTRIES), await loadWasm(ENTRIES)];
}, 300_000);

/** By the numbers of hash-entries.kts.ts; null: as many bytes as one likes. */
const HASHES: readonly [string, number | null, (message: Uint8Array, bytes: number) => Uint8Array][] = [
  ["sha3_256", 32, (message) => sha3_256(message)],
  ["sha3_384", 48, (message) => sha3_384(message)],
  ["sha3_512", 64, (message) => sha3_512(message)],
  ["shake128", null, (message, dkLen) => shake128(message, { dkLen })],
  ["shake256", null, (message, dkLen) => shake256(message, { dkLen })],
  ["sha384", 48, (message) => sha384(message)],
  ["sha512", 64, (message) => sha512(message)],
];

test.each(HASHES.map((hash, index) => [hash[0], index] as const))("%s", (_, which) => {
  const [, bytes, theirs] = HASHES[which] as (typeof HASHES)[number];
  const random = new Random(SEED);
  for (let i = 0; i < 40; i++) {
    const message = random.bytes(random.below(500));
    const digest = new Uint8Array(bytes ?? 1 + random.below(400));
    const want = theirs(message, digest.length);
    for (const library of libraries) {
      library.call("hash_bytes", "void", ["uint32_t", "Slice", "Slice"])(which, slice(message), slice(digest.fill(0)));
      expect(digest, `case ${i}`).toEqual(want);
    }
  }
});

test("COSE, and ML-DSA-87 in it", () => {
  const random = new Random(SEED);
  const readers = libraries.map((library) => new Cose(library));
  const { publicKey, secretKey } = ml_dsa87.keygen(random.bytes(32));
  const key = Uint8Array.from(publicKey);
  for (let i = 0; i < 20; i++) {
    const [header, payload] = [makeHeader(random.bytes(random.below(40)), MANIFEST), random.bytes(random.below(600))];
    const externalAad = random.bytes(random.below(2) * 30);
    const signature = Uint8Array.from(ml_dsa87.sign(sigStructure(header, externalAad, payload), secretKey));
    const bytes = encodeSign1({ header, payload, signature });
    if (i % 2 === 1) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    const answers = readers.map((cose) => {
      const verdict = cose.parse(bytes);
      return verdict === "Ok" ? [cose.describe(), cose.verify(key, MANIFEST, { externalAad })] : verdict;
    });
    expect(answers[1], `message ${i}`).toEqual(answers[0]);
    if (i % 2 === 0) expect(answers[1]).toMatchObject([{ payload }, true]);
  }
});

test("CBOR", () => {
  const random = new Random(SEED);
  const readers = libraries.map((library) => new Cbor(library));
  for (let i = 0; i < 60; i++) {
    const value = makeValue(random, 5);
    const bytes = encodeValue(value);
    for (const cbor of readers) {
      expect(cbor.open(bytes)).toBe("Ok");
      expect(cbor.readValue()).toEqual(asRead(value));
    }
    bytes[random.below(bytes.length)] = random.below(256);
    const [ours, wasm] = readers.map((cbor) => cbor.open(bytes));
    expect(wasm, Buffer.from(bytes).toString("hex")).toBe(ours);
  }
});

test("ELF", () => {
  const random = new Random(SEED);
  const readers = libraries.map((library) => new Elf(library));
  for (let i = 0; i < 300; i++) {
    const machine = i % 2 === 0 ? 62 : 183;
    const file = soundFile(machine);
    if (i >= 2) damage(file, random);
    const answers = readers.map((elf) => [elf.read(bytesOf(file), machine), elf.program()]);
    expect(answers[1], `case ${i}`).toEqual(answers[0]);
    expect(answers[1]?.[0] === "Ok", `case ${i}`).toBe(isProgram(file, machine));
  }
});

test("versions and ranges", () => {
  const random = new Random(SEED);
  const readers = libraries.map((library) => new Semver(library));
  for (let i = 0; i < 300; i++) {
    const [a, b, range] = [makeVersion(random), makeVersion(random), makeRange(random)];
    const answers = readers.map((ours) => [ours.compare(a, b), ours.satisfies(a, range), ours.parse(range)]);
    expect(answers[1], `${a} ${b} ${range}`).toEqual(answers[0]);
    const [order, verdict] = answers[1] ?? [];
    expect(order).toBe(semver.compare(a, b));
    expect(typeof verdict === "string" ? null : verdict).toBe(theirs(a, range, false));
  }
});

test("Zstandard", () => {
  const random = new Random(SEED);
  const decoders = libraries.map((library) => new Zstd(library));
  for (const level of [1, 6, 19]) {
    const contents = Array.from({ length: 12 }, () => makeContent(random, random.below(20_000)));
    for (const { content, frame, how } of compress([`-${level}`], contents)) {
      const cuts = randomCuts(random, frame.length, 5);
      for (const zstd of decoders) {
        const whole = zstd.decodeInto(frame, content.length, cuts);
        expect(whole.status, how).toBe("Done");
        expect(Buffer.compare(whole.output, content), how).toBe(0);
        const through = zstd.decodeThrough(frame, zstd.ringBytes(windowOf(frame)), cuts);
        expect(Buffer.compare(through.output, content), how).toBe(0);
      }
      frame[random.below(frame.length)] ^= 1 << random.below(8);
      const [ours, wasm] = decoders.map((zstd) => zstd.decodeInto(frame, content.length));
      expect(wasm, `${how}, damaged`).toEqual(ours);
    }
  }
});
