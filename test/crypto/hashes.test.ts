import { sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";
import { beforeAll, describe, expect, test } from "vitest";
import { loadNative, slice } from "../native.ts";
import { Random } from "../random.ts";
import { acvp, fromHex } from "../vectors.ts";
import { type Hash, sha2Chain, sha3Chain, shakeChain } from "./monte-carlo.ts";

const CASES = 2_000;
const SEED = 20_261_124;
/** FIPS 202: bytes of a block. */
const RATES = { sha3_256: 136, sha3_384: 104, sha3_512: 72, shake128: 168, shake256: 136 };

const ours: Record<string, Hash> = {};
/** The same in pieces: `cut` says how many of the bytes that are left come next. */
const inPieces: Record<string, (message: Uint8Array, length: number, cut: (left: number) => number) => Uint8Array> = {};
const STATE_BYTES = 4_096;

beforeAll(async () => {
  const library = await loadNative("hashes", ["crypto/sha3.ts", "crypto/sha512.ts"]);
  const state = new Uint8Array(STATE_BYTES);
  const feed = (call: (...values: unknown[]) => unknown, message: Uint8Array, cut: (left: number) => number): void => {
    for (let from = 0; from < message.length; ) {
      const count = cut(message.length - from);
      call(state, slice(message.slice(from, from + count)));
      from += count;
    }
  };
  const sponge = await loadNative("sponge", ["crypto/sponge.ts"]);
  const begin = sponge.call("startSponge", "void", ["void *", "uint32_t"]);
  const absorb = sponge.call("absorb", "void", ["void *", "Slice"]);
  const end = sponge.call("finish", "void", ["void *", "uint8_t"]);
  const squeeze = sponge.call("squeeze", "void", ["void *", "Slice"]);
  for (const [name, rate] of Object.entries(RATES)) {
    inPieces[name] = (message, length, cut) => {
      begin(state, rate);
      feed(absorb, message, cut);
      end(state, name.startsWith("shake") ? 0x1f : 0x06);
      const output = new Uint8Array(length);
      for (let from = 0; from < length; ) {
        const count = cut(length - from);
        squeeze(state, slice(output.subarray(from, from + count)));
        from += count;
      }
      return output;
    };
  }

  const update = library.call("update", "void", ["void *", "Slice"]);
  const finish512 = library.call("finish512", "void", ["void *", "Slice"]);
  for (const name of ["sha512", "sha384"]) {
    const start = library.call(name.replace("sha", "start"), "void", ["void *"]);
    inPieces[name] = (message, length, cut) => {
      start(state);
      feed(update, message, cut);
      const digest = new Uint8Array(length);
      finish512(state, slice(digest));
      return digest;
    };
  }
  for (const name of ["sha3_256", "sha3_384", "sha3_512", "shake128", "shake256", "sha512", "sha384"]) {
    const call = library.call(name, "void", ["Slice", "Slice"]);
    ours[name] = (message, length) => {
      const digest = new Uint8Array(length);
      call(slice(message), slice(digest));
      return digest;
    };
  }
});

const noble: Record<string, { bytes: number | null; hash: Hash }> = {
  sha3_256: { bytes: 32, hash: (message) => sha3_256(message) },
  sha3_384: { bytes: 48, hash: (message) => sha3_384(message) },
  sha3_512: { bytes: 64, hash: (message) => sha3_512(message) },
  shake128: { bytes: null, hash: (message, dkLen) => shake128(message, { dkLen }) },
  shake256: { bytes: null, hash: (message, dkLen) => shake256(message, { dkLen }) },
  sha512: { bytes: 64, hash: (message) => sha512(message) },
  sha384: { bytes: 48, hash: (message) => sha384(message) },
};

describe.each(Object.entries(noble))("%s", (name, { bytes, hash }) => {
  test(`equals noble's in ${CASES} random cases`, () => {
    const random = new Random(SEED);
    for (let i = 0; i < CASES; i++) {
      const message = random.bytes(random.below(i % 10 === 0 ? 2_000 : 300));
      const length = bytes ?? 1 + random.below(500);
      const want = hash(message, length);
      expect(ours[name]?.(message, length), `seed ${SEED}, case ${i}`).toEqual(want);
      const pieces = inPieces[name]?.(message, length, (left) => 1 + random.below(left));
      expect(pieces, `seed ${SEED}, case ${i}, in pieces`).toEqual(want);
    }
  });
});

const FILES = [
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "shake128",
  "shake256",
  "shake128_fips202",
  "shake256_fips202",
  "sha2_512",
];

test.each(FILES)("ACVP %s", (file) => {
  const name = file === "sha2_512" ? "sha512" : file.replace("_fips202", "");
  const vectors = acvp(file);
  let checked = 0;
  for (const group of vectors?.testGroups ?? []) {
    for (const each of group.tests) {
      if (each.md === undefined) continue;
      const want = fromHex(each.md);
      expect(ours[name]?.(fromHex(each.msg).slice(0, Number(each.len) / 8), want.length)).toEqual(want);
      checked++;
    }
  }
  expect(checked > 0 || vectors === null).toBe(true);
});

function chain(name: string, seed: Uint8Array, group: Readonly<Record<string, unknown>>): Uint8Array[] {
  const hash = ours[name];
  if (hash === undefined) throw new Error(`no function ${name}`);
  if (name === "sha512") return sha2Chain(hash, seed, 64);
  if (name.startsWith("sha3")) return sha3Chain(hash, seed);
  return shakeChain(hash, seed, Number(group.minOutLen) / 8, Number(group.maxOutLen) / 8);
}

test.each(FILES.filter((file) => !file.endsWith("_fips202")))(
  "ACVP %s, Monte Carlo",
  (file) => {
    const vectors = acvp(file);
    let checked = 0;
    for (const group of vectors?.testGroups ?? []) {
      if (group.testType !== "MCT") continue;
      for (const each of group.tests) {
        const want = each.resultsArray as readonly { readonly md: string }[];
        const got = chain(file === "sha2_512" ? "sha512" : file, fromHex(each.msg), group);
        expect(got).toEqual(want.map(({ md }) => fromHex(md)));
        checked++;
      }
    }
    expect(checked > 0 || vectors === null).toBe(true);
  },
  60_000,
);
