/**
 * The Monte Carlo chains of NIST's ACVP hash tests: 100 results with 1,000 hashes between one and the next, each
 * hash fed by the ones before it (ACVP's SHA, SHA-3 and SHAKE documents, section "Monte Carlo Tests").
 */

const RESULTS = 100;
const HASHES = 1_000;
/** Bytes of SHAKE's messages in the chain. */
const SHAKE_MESSAGE_BYTES = 16;

export type Hash = (message: Uint8Array, length: number) => Uint8Array;

/** SHA-3: each digest is the next message. */
export function sha3Chain(hash: Hash, seed: Uint8Array): Uint8Array[] {
  const results: Uint8Array[] = [];
  let digest = seed;
  for (let i = 0; i < RESULTS; i++) {
    for (let j = 0; j < HASHES; j++) digest = hash(digest, seed.length);
    results.push(digest);
  }
  return results;
}

/** SHAKE: the output's first 16 bytes are the next message, its last two choose the next output's length in bytes. */
export function shakeChain(hash: Hash, seed: Uint8Array, leastBytes: number, mostBytes: number): Uint8Array[] {
  const results: Uint8Array[] = [];
  let output = seed;
  let length = mostBytes;
  for (let i = 0; i < RESULTS; i++) {
    for (let j = 0; j < HASHES; j++) {
      const message = new Uint8Array(SHAKE_MESSAGE_BYTES);
      message.set(output.subarray(0, SHAKE_MESSAGE_BYTES));
      output = hash(message, length);
      const last = ((output.at(-2) ?? 0) << 8) | (output.at(-1) ?? 0);
      length = leastBytes + (last % (mostBytes - leastBytes + 1));
    }
    results.push(output);
  }
  return results;
}

/** SHA-2, "alternate": the last three digests, cut or filled with zeros to the seed's length, are the next message. */
export function sha2Chain(hash: Hash, seed: Uint8Array, digestBytes: number): Uint8Array[] {
  const results: Uint8Array[] = [];
  let next = seed;
  for (let i = 0; i < RESULTS; i++) {
    let [a, b, c] = [next, next, next];
    for (let j = 0; j < HASHES; j++) {
      const message = new Uint8Array(seed.length);
      message.set(Buffer.concat([a, b, c]).subarray(0, seed.length));
      const digest = hash(message, digestBytes);
      [a, b, c] = [b, c, digest];
    }
    results.push(c);
    next = c;
  }
  return results;
}
