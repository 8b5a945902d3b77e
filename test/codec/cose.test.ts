import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { beforeAll, expect, test } from "vitest";
import { Random } from "../random.ts";
import { Cose, encodeCbor, encodeSign1, makeHeader, type Sign1, sigStructure } from "./cose-host.ts";

const SEED = 9052;
const MESSAGES = 30;
const DAMAGES = 2500;
const MANIFEST = 2;
const NOTHING = new Uint8Array();

interface Signed {
  readonly key: Uint8Array;
  readonly keyId: Uint8Array;
  readonly payload: Uint8Array;
  readonly externalAad: Uint8Array;
  readonly isDetached: boolean;
  readonly bytes: Uint8Array;
}

let cose: Cose;
const random = new Random(SEED);
const keys = [0, 1].map(() => ml_dsa87.keygen(random.bytes(32)));
const messages: Signed[] = [];

function sign(length: number, isDetached: boolean, externalAad: Uint8Array): Signed {
  const { publicKey, secretKey } = keys[random.below(keys.length)] as (typeof keys)[number];
  const [keyId, payload] = [random.bytes(random.below(40)), random.bytes(length)];
  const header = makeHeader(keyId, MANIFEST);
  const signature = Uint8Array.from(ml_dsa87.sign(sigStructure(header, externalAad, payload), secretKey));
  const bytes = encodeSign1({ header, payload: isDetached ? null : payload, signature });
  return { key: Uint8Array.from(publicKey), keyId, payload, externalAad, isDetached, bytes };
}

beforeAll(async () => {
  cose = await Cose.load();
  const lengths = [0, 1, 23, 24, 255, 256, 4000];
  for (let i = 0; i < MESSAGES; i++) {
    const externalAad = i % 3 === 0 ? random.bytes(random.below(300)) : NOTHING;
    messages.push(sign(lengths[i] ?? random.below(600), i % 4 === 3, externalAad));
  }
});

function verify({ key, payload, externalAad, isDetached }: Signed): boolean | string {
  return cose.verify(key, MANIFEST, { externalAad, detached: isDetached ? payload : NOTHING });
}

test(`${MESSAGES} messages that noble has signed are read and verified (seed ${SEED})`, () => {
  for (const message of messages) {
    expect(cose.parse(message.bytes)).toBe("Ok");
    const { keyId, payload, purpose } = cose.describe();
    expect({ keyId, payload, purpose }).toEqual({
      keyId: message.keyId,
      payload: message.isDetached ? null : message.payload,
      purpose: MANIFEST,
    });
    expect(verify(message)).toBe(true);
  }
});

/** All but the signature, which test/crypto/mldsa87-flips.test.ts flips bit by bit. */
test("every one-bit flip outside the signature, and some inside, is rejected", () => {
  const message = messages[2] as Signed;
  const bytes = Uint8Array.from(message.bytes);
  const end = bytes.length - 4627;
  for (let bit = 0; bit < bytes.length * 8; bit += bit < end * 8 ? 1 : 997) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(cose.parse(bytes) === "Ok" && verify(message) === true, `bit ${bit}`).toBe(false);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
  expect(cose.parse(bytes) === "Ok" && verify(message)).toBe(true);
});

test(`${DAMAGES} damaged messages are rejected (seed ${SEED})`, () => {
  for (let i = 0; i < DAMAGES; i++) {
    const message = messages[random.below(messages.length)] as Signed;
    const bytes = [...message.bytes];
    const at = random.below(random.below(2) === 0 ? Math.min(80, bytes.length) : bytes.length);
    const removed = random.below(3);
    const added = [...random.bytes(random.below(3))];
    const before = bytes.splice(at, removed, ...added);
    if (before.length === added.length && before.every((byte, k) => byte === added[k])) continue;
    expect(cose.parse(Uint8Array.from(bytes)) === "Ok" && verify(message) === true, `case ${i}`).toBe(false);
  }
});

test("every truncation is rejected", () => {
  const { bytes } = messages[0] as Signed;
  for (let length = 0; length < bytes.length; length += length < 100 ? 1 : 31) {
    expect(cose.parse(bytes.subarray(0, length))).toBe(`BadCbor at ${length}`);
  }
});

test("what is signed counts as a whole: key, purpose, external data, detached payload", () => {
  const message = sign(100, true, random.bytes(10));
  const { key, externalAad, payload } = message;
  expect(cose.parse(message.bytes)).toBe("Ok");
  const other = keys.map(({ publicKey }) => Uint8Array.from(publicKey)).find((each) => Buffer.compare(each, key) !== 0);
  expect(cose.verify(other as Uint8Array, MANIFEST, { externalAad, detached: payload })).toBe(false);
  expect(cose.verify(key, MANIFEST + 1, { externalAad, detached: payload })).toBe("WrongPurpose");
  expect(cose.verify(key, MANIFEST, { detached: payload })).toBe(false);
  expect(cose.verify(key, MANIFEST, { externalAad, detached: payload.subarray(1) })).toBe(false);
  expect(cose.verify(key, MANIFEST, { externalAad })).toBe(false);
  expect(cose.verify(key, MANIFEST, { externalAad, detached: payload })).toBe(true);
});

test("a payload that is inside cannot be given again", () => {
  const message = messages[0] as Signed;
  cose.parse(message.bytes);
  expect(cose.verify(message.key, MANIFEST, { detached: Uint8Array.of(1) })).toBe("BadPayload");
});

test("the structure that is signed fits its scratch, or the answer is that it does not", () => {
  const message = messages[5] as Signed;
  cose.parse(message.bytes);
  const { key, externalAad, payload } = message;
  const header = makeHeader(message.keyId, MANIFEST);
  const room = sigStructure(header, externalAad, payload).length;
  expect(cose.verify(key, MANIFEST, { externalAad, room })).toBe(true);
  expect(cose.verify(key, MANIFEST, { externalAad, room: room - 1 })).toBe("NoRoom");
});

/** One for each rule, with the place that it names. */
const signature = new Uint8Array(4627);
const keyId = Uint8Array.of(1, 2);
const sound: Sign1 = { header: makeHeader(keyId, 1), payload: Uint8Array.of(7), signature };
const headerOf = (entries: readonly (readonly [unknown, unknown])[]): Uint8Array => encodeCbor(new Map(entries));

test.each<[string, string, Uint8Array]>([
  ["sound", "Ok", encodeSign1(sound)],
  ["no tag", "BadStructure at 0", encodeSign1(sound).subarray(1)],
  ["another tag", "BadStructure at 0", Uint8Array.from([0xd1, ...encodeSign1(sound).subarray(1)])],
  ["three items", "BadStructure at 0", Uint8Array.from([0xd2, ...encodeCbor([sound.header, new Map(), null])])],
  ["a header that is no string", "BadStructure at 2", tagged([new Map(), new Map(), null, signature])],
  ["an unprotected header", "UnprotectedHeader at 17", tagged([sound.header, new Map([[4, keyId]]), null, signature])],
  ["an unprotected header of another type", "BadStructure at 17", tagged([sound.header, [], null, signature])],
  ["a payload of another type", "BadStructure at 18", tagged([sound.header, new Map(), 5, signature])],
  ["a signature of another type", "BadStructure at 19", tagged([sound.header, new Map(), null, "x"])],
  ["a short signature", "BadSignatureLength at 19", tagged([sound.header, new Map(), null, signature.subarray(1)])],
  ["an empty header", "BadCbor at 3", encodeSign1({ ...sound, header: NOTHING })],
  ["a header that is no map", "BadHeader at 3", encodeSign1({ ...sound, header: Uint8Array.of(0x80) })],
  [
    "no purpose",
    "BadHeader at 3",
    encodeSign1({
      ...sound,
      header: headerOf([
        [1, -50],
        [4, keyId],
      ]),
    }),
  ],
  [
    "an entry more",
    "BadHeader at 3",
    encodeSign1({
      ...sound,
      header: headerOf([
        [1, -50],
        [4, keyId],
        [5, 1],
        [-65537, 1],
      ]),
    }),
  ],
  [
    "another entry",
    "BadHeader at 7",
    encodeSign1({
      ...sound,
      header: headerOf([
        [1, -50],
        [3, keyId],
        [-65537, 1],
      ]),
    }).slice(),
  ],
  ["another algorithm", "WrongAlgorithm at 5", encodeSign1({ ...sound, header: makeHeader(keyId, 1, -7) })],
  [
    "an algorithm by name",
    "WrongAlgorithm at 5",
    encodeSign1({
      ...sound,
      header: headerOf([
        [1, "x"],
        [4, keyId],
        [-65537, 1],
      ]),
    }),
  ],
  [
    "a key id that is text",
    "BadHeader at 8",
    encodeSign1({
      ...sound,
      header: headerOf([
        [1, -50],
        [4, "ab"],
        [-65537, 1],
      ]),
    }),
  ],
  ["a negative purpose", "BadHeader at 16", encodeSign1({ ...sound, header: makeHeader(keyId, -1) })],
])("%s: %s", (_, verdict, bytes) => {
  expect(cose.parse(bytes)).toBe(verdict);
});

function tagged(value: unknown): Uint8Array {
  return Uint8Array.from([0xd2, ...encodeCbor(value)]);
}
