import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { beforeAll, expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random } from "../random.ts";
import { type AcvpFile, acvp, fromHex } from "../vectors.ts";
import { formatPrehashed } from "./prehash.ts";

const SEED = 20_261_124;
const STATE_BYTES = 96 * 1024;

/** As in crypto/mldsa87/verify.ts. */
const Verdict = { More: 0, Valid: 1, Invalid: 2 } as const;

let startPure: (state: Uint8Array, ...parts: readonly Uint8Array[]) => void;
let step: (state: Uint8Array) => number;
let verify: (key: Uint8Array, signature: Uint8Array, context: Uint8Array, message: Uint8Array) => boolean;
let finish: () => boolean;
let startInternal: (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => void;
let startMu: (key: Uint8Array, signature: Uint8Array, mu: Uint8Array) => void;

beforeAll(async () => {
  const library = await loadNative("mldsa87", ["crypto/mldsa87/verify.ts"]);
  // One buffer for all: a verification must not depend on what the one before left in it.
  const state = new Uint8Array(STATE_BYTES);
  const slices = (parts: readonly Uint8Array[]): unknown[] => [state, ...parts.map(slice)];
  const call = library.call("verify", "bool", ["void *", "Slice", "Slice", "Slice", "Slice"]);
  verify = (...parts) => Boolean(call(...slices(parts)));
  const finishCall = library.call("finishVerification", "bool", ["void *"]);
  finish = () => Boolean(finishCall(state));
  const internal = library.call("startInternal", "void", ["void *", "Slice", "Slice", "Slice"]);
  startInternal = (...parts) => void internal(...slices(parts));
  const pure = library.call("startPure", "void", ["void *", "Slice", "Slice", "Slice", "Slice"]);
  startPure = (own, ...parts) => void pure(own, ...parts.map(slice));
  const stepCall = library.call("step", "uint8_t", ["void *"]);
  step = (own) => Number(stepCall(own));
  const mu = library.call("startMu", "void", ["void *", "Slice", "Slice", "Slice"]);
  startMu = (...parts) => void mu(...slices(parts));
});

/** All groups of a file, which has `count` cases; none when it is not beside this checkout. */
function groupsOf(file: string, count: number): AcvpFile["testGroups"] {
  const vectors = acvp(`mldsa87_sigver_${file}`);
  if (vectors === null) return [];
  expect(vectors.testGroups.flatMap(({ tests }) => tests).length).toBe(count);
  return vectors.testGroups;
}

test("ACVP sigVer, external pure", () => {
  for (const group of groupsOf("external_pure", 15)) {
    for (const each of group.tests) {
      const [key, signature] = [fromHex(each.pk ?? group.pk), fromHex(each.signature)];
      expect(verify(key, signature, fromHex(each.context), fromHex(each.message)), `tcId ${each.tcId}`).toBe(
        each.testPassed,
      );
    }
  }
});

test("ACVP sigVer, internal", () => {
  for (const group of groupsOf("internal", 30)) {
    for (const each of group.tests) {
      const [key, signature] = [fromHex(each.pk ?? group.pk), fromHex(each.signature)];
      if (group.externalMu === true) startMu(key, signature, fromHex(each.mu));
      else startInternal(key, signature, fromHex(each.message));
      expect(finish(), `tcId ${each.tcId}`).toBe(each.testPassed);
    }
  }
});

test("ACVP sigVer, external with prehash", () => {
  for (const group of groupsOf("external_prehash", 15)) {
    for (const each of group.tests) {
      const [key, signature] = [fromHex(each.pk ?? group.pk), fromHex(each.signature)];
      const hash = String(each.hashAlg ?? group.hashAlg);
      startInternal(key, signature, formatPrehashed(hash, fromHex(each.context), fromHex(each.message)));
      expect(finish(), `tcId ${each.tcId}`).toBe(each.testPassed);
    }
  }
});

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
  return flipped;
}

const SIGNATURES = 200;
const CASES_EACH = 10;
const HINT_BYTES = 83;
/** Of the hint: one end a row, which are its last bytes. */
const ROWS = 8;

test(`equals noble's verdict in ${SIGNATURES * CASES_EACH} random cases`, () => {
  const random = new Random(SEED);
  const some = (bytes: Uint8Array, from = 0): Uint8Array =>
    bytes.length === 0 ? Uint8Array.of(1) : flip(bytes, from + random.below(bytes.length - from), random.below(8));
  let valid = 0;
  for (let i = 0; i < SIGNATURES; i++) {
    const { publicKey: key, secretKey } = ml_dsa87.keygen(random.bytes(32));
    const message = random.bytes(random.below(i % 4 === 0 ? 4_000 : 300));
    const context = random.bytes(random.below(256));
    const signature = ml_dsa87.sign(message, secretKey, { context });
    const cases: readonly (readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array])[] = [
      [key, signature, context, message],
      [some(key), signature, context, message],
      [key, some(signature), context, message],
      [key, some(signature, signature.length - HINT_BYTES), context, message],
      [key, some(some(signature)), context, message],
      [key, signature, some(context), message],
      [key, signature, context, some(message)],
      [key, signature, new Uint8Array(0), message],
      [key, signature, context, Uint8Array.of(...message, 0)],
      [key, random.bytes(signature.length), context, message],
    ];
    for (const [j, each] of cases.entries()) {
      const want = ml_dsa87.verify(each[1], each[3], each[0], { context: each[2] });
      expect(verify(...each), `seed ${SEED}, signature ${i}, case ${j}`).toBe(want);
      if (want) valid++;
    }
  }
  expect(valid).toBeGreaterThanOrEqual(SIGNATURES);
}, 120_000);

test("a verification moved to other memory after any number of steps comes to the same verdict, which stays", () => {
  const random = new Random(SEED);
  const { publicKey: key, secretKey } = ml_dsa87.keygen(random.bytes(32));
  const message = random.bytes(1_024);
  const signature = ml_dsa87.sign(message, secretKey);
  for (const [each, want] of [
    [signature, Verdict.Valid],
    [flip(signature, 0, 0), Verdict.Invalid],
  ] as const) {
    const state = new Uint8Array(STATE_BYTES);
    startPure(state, key, each, new Uint8Array(0), message);
    let verdict: number = Verdict.More;
    while (verdict === Verdict.More) {
      const moved = Uint8Array.from(state);
      let last: number = Verdict.More;
      while (last === Verdict.More) last = step(moved);
      expect(last).toBe(want);
      verdict = step(state);
    }
    const after = Uint8Array.from(state);
    for (let i = 0; i < 10; i++) expect(step(state)).toBe(want);
    expect(Buffer.compare(state, after)).toBe(0);
  }
}, 60_000);

test("a signature whose hint changes behind the machine's back comes to a verdict, not to a panic", () => {
  const { publicKey: key, secretKey } = ml_dsa87.keygen(new Uint8Array(32));
  const message = new Uint8Array(10);
  // Always the same one: with all 75 hints set, a row's end beyond the last would change nothing.
  const sound = ml_dsa87.sign(message, secretKey, { extraEntropy: false });
  const state = new Uint8Array(STATE_BYTES);
  for (let at = sound.length - HINT_BYTES; at < sound.length; at++) {
    const signature = Uint8Array.from(sound);
    startPure(state, key, signature, new Uint8Array(0), message);
    signature[at] = signature[at] === 255 ? 254 : 255;
    let verdict: number = Verdict.More;
    while (verdict === Verdict.More) verdict = step(state);
    // What has been used already, and unused places, do not count any more.
    if (at >= sound.length - ROWS) expect(verdict, `byte ${at}`).toBe(Verdict.Invalid);
  }
}, 60_000);

test("a verification writes to no more than 96 KiB", () => {
  const { publicKey: key, secretKey } = ml_dsa87.keygen(new Uint8Array(32));
  const message = new Uint8Array(1_024);
  const signature = ml_dsa87.sign(message, secretKey);
  for (const fill of [0x5a, 0xa5]) {
    const state = new Uint8Array(2 * STATE_BYTES).fill(fill);
    startPure(state, key, signature, new Uint8Array(0), message);
    while (step(state) === Verdict.More);
    expect(state.findLastIndex((byte) => byte !== fill)).toBeLessThan(STATE_BYTES);
  }
});

test("wrong lengths are invalid", () => {
  const { publicKey, secretKey } = ml_dsa87.keygen(new Uint8Array(32));
  const message = new Uint8Array(10);
  const none = new Uint8Array(0);
  const signature = ml_dsa87.sign(message, secretKey);
  expect(verify(publicKey, signature, none, message)).toBe(true);
  expect(verify(publicKey.slice(1), signature, none, message)).toBe(false);
  expect(verify(publicKey, signature.slice(1), none, message)).toBe(false);
  expect(verify(publicKey, signature, new Uint8Array(256), message)).toBe(false);
});
