import {
  absorb,
  finish,
  SHA3_256_RATE,
  SHA3_384_RATE,
  SHA3_512_RATE,
  SHA3_SUFFIX,
  SHAKE_SUFFIX,
  SHAKE128_RATE,
  SHAKE256_RATE,
  type Sponge,
  squeeze,
  startSponge,
} from "./sponge";

/** The hash functions of FIPS 202 in one call each; `digest` has the function's own length, or any for SHAKE. */

export function sha3_256(message: Bytes, digest: Bytes): void {
  assert(digest.length === 32, "SHA3-256 gives 32 bytes");
  hash(SHA3_256_RATE, SHA3_SUFFIX, message, digest);
}

export function sha3_384(message: Bytes, digest: Bytes): void {
  assert(digest.length === 48, "SHA3-384 gives 48 bytes");
  hash(SHA3_384_RATE, SHA3_SUFFIX, message, digest);
}

export function sha3_512(message: Bytes, digest: Bytes): void {
  assert(digest.length === 64, "SHA3-512 gives 64 bytes");
  hash(SHA3_512_RATE, SHA3_SUFFIX, message, digest);
}

export function shake128(message: Bytes, output: Bytes): void {
  hash(SHAKE128_RATE, SHAKE_SUFFIX, message, output);
}

export function shake256(message: Bytes, output: Bytes): void {
  hash(SHAKE256_RATE, SHAKE_SUFFIX, message, output);
}

function hash(rateBytes: u32, suffix: u8, message: Bytes, output: Bytes): void {
  const sponge = local<Sponge>();
  startSponge(sponge, rateBytes);
  absorb(sponge, message);
  finish(sponge, suffix);
  squeeze(sponge, output);
}
