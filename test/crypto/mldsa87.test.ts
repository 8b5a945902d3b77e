import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { beforeAll, expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random } from "../random.ts";
import { acvp, fromHex } from "../vectors.ts";

const SEED = 20_261_124;
const STATE_BYTES = 96 * 1024;

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
  const mu = library.call("startMu", "void", ["void *", "Slice", "Slice", "Slice"]);
  startMu = (...parts) => void mu(...slices(parts));
});

test("ACVP sigVer, external pure", () => {
  for (const group of acvp("mldsa87_sigver_external_pure")?.testGroups ?? []) {
    for (const each of group.tests) {
      const [key, signature] = [fromHex(each.pk ?? group.pk), fromHex(each.signature)];
      expect(verify(key, signature, fromHex(each.context), fromHex(each.message)), `tcId ${each.tcId}`).toBe(
        each.testPassed,
      );
    }
  }
});

test("ACVP sigVer, internal", () => {
  for (const group of acvp("mldsa87_sigver_internal")?.testGroups ?? []) {
    for (const each of group.tests) {
      const [key, signature] = [fromHex(each.pk ?? group.pk), fromHex(each.signature)];
      if (group.externalMu === true) startMu(key, signature, fromHex(each.mu));
      else startInternal(key, signature, fromHex(each.message));
      expect(finish(), `tcId ${each.tcId}`).toBe(each.testPassed);
    }
  }
});

test("random signatures of noble's are valid, and with one bit flipped are not", () => {
  const random = new Random(SEED);
  for (let i = 0; i < 40; i++) {
    const { publicKey, secretKey } = ml_dsa87.keygen(random.bytes(32));
    const message = random.bytes(random.below(3_000));
    const context = random.bytes(random.below(256));
    const signature = ml_dsa87.sign(message, secretKey, { context });
    expect(verify(publicKey, signature, context, message), `seed ${SEED}, case ${i}`).toBe(true);
    for (const part of [publicKey, signature, context, message]) {
      if (part.length === 0) continue;
      const at = random.below(part.length);
      const bit = 1 << random.below(8);
      part[at] = (part[at] ?? 0) ^ bit;
      expect(verify(publicKey, signature, context, message), `seed ${SEED}, case ${i}, byte ${at}`).toBe(false);
      part[at] = (part[at] ?? 0) ^ bit;
    }
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
