import { createHash } from "node:crypto";
import { fromHex } from "../vectors.ts";

/** FIPS 204, section 5.4.1: the DER encodings of the hash functions' identifiers differ in their last byte only. */
const IDENTIFIER = fromHex("0609608648016503040200");
const PREHASHES: Readonly<Record<string, { last: number; node: string; bytes?: number }>> = {
  "SHA2-256": { last: 1, node: "sha256" },
  "SHA2-384": { last: 2, node: "sha384" },
  "SHA2-512": { last: 3, node: "sha512" },
  "SHA2-224": { last: 4, node: "sha224" },
  "SHA2-512/224": { last: 5, node: "sha512-224" },
  "SHA2-512/256": { last: 6, node: "sha512-256" },
  "SHA3-224": { last: 7, node: "sha3-224" },
  "SHA3-256": { last: 8, node: "sha3-256" },
  "SHA3-384": { last: 9, node: "sha3-384" },
  "SHA3-512": { last: 10, node: "sha3-512" },
  "SHAKE-128": { last: 11, node: "shake128", bytes: 32 },
  "SHAKE-256": { last: 12, node: "shake256", bytes: 64 },
};

/** M' of HashML-DSA (FIPS 204, algorithm 5, line 23). */
export function formatPrehashed(name: string, context: Uint8Array, message: Uint8Array): Uint8Array {
  const hash = PREHASHES[name];
  if (hash === undefined) throw new Error(`no hash function ${name}`);
  const options = hash.bytes === undefined ? {} : { outputLength: hash.bytes };
  const digest = createHash(hash.node, options).update(message).digest();
  const identifier = Uint8Array.from(IDENTIFIER);
  identifier[IDENTIFIER.length - 1] = hash.last;
  return Uint8Array.from([1, context.length, ...context, ...identifier, ...digest]);
}
