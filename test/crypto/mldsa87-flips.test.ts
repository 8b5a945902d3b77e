import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random } from "../random.ts";

/** Every single bit of what a verification reads counts: flipped, it makes the signature invalid. */

const SEED = 20_261_124;
const STATE_BYTES = 96 * 1024;

test("every one-bit flip of a signature, a key, a short message and its context is rejected", async () => {
  const library = await loadNative("mldsa87-flips", ["crypto/mldsa87/verify.ts"]);
  const verify = library.call("verify", "bool", ["void *", "Slice", "Slice", "Slice", "Slice"]);
  const state = new Uint8Array(STATE_BYTES);
  const random = new Random(SEED);
  const { publicKey, secretKey } = ml_dsa87.keygen(random.bytes(32));
  const [message, context] = [random.bytes(24), random.bytes(8)];
  const signature = Uint8Array.from(ml_dsa87.sign(message, secretKey, { context }));
  const parts = { key: Uint8Array.from(publicKey), signature, context, message };
  const slices = Object.values(parts).map(slice);
  expect(verify(state, ...slices)).toBe(true);
  const accepted: string[] = [];
  for (const [name, bytes] of Object.entries(parts)) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const [at, mask] = [bit >> 3, 1 << (bit & 7)];
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      if (verify(state, ...slices) !== false) accepted.push(`${name}, bit ${bit}`);
      bytes[at] = (bytes[at] ?? 0) ^ mask;
    }
  }
  expect(accepted, `seed ${SEED}`).toEqual([]);
  expect(verify(state, ...slices)).toBe(true);
}, 300_000);
