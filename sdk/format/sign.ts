import { sha512 } from "@noble/hashes/sha2.js";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { concat, encodeItem, type Item } from "./cbor.ts";

/** COSE_Sign1 (RFC 9052) with ML-DSA-87 as codec/cose/sign1.ts reads it. */

export const PURPOSES = { package: 1, manifest: 2, binary: 3, certificate: 4, trust: 5, release: 7 } as const;
export type Purpose = keyof typeof PURPOSES;

export const ML_DSA_87 = -50;
export const LABEL_ALGORITHM = 1;
export const LABEL_KEY_ID = 4;
export const LABEL_PURPOSE = -65537;
export const SIGN1_TAG = 0xd2;

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** Signs without random bytes (FIPS 204, the deterministic variant): for fixed test keys, not for secret ones. */
  readonly isFixed?: boolean;
}

export function digest(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sha512(bytes));
}

/** A key's id is the SHA-512 of its bytes. */
export const keyId = digest;

/** From 32 bytes of seed, which is what a key file keeps. */
export function keyPairOf(seed: Uint8Array): KeyPair {
  const { publicKey, secretKey } = ml_dsa87.keygen(seed);
  return { publicKey: Uint8Array.from(publicKey), secretKey };
}

export function protectedHeader(id: Uint8Array, purpose: number): Uint8Array {
  return encodeItem(
    new Map<number, Item>([
      [LABEL_ALGORITHM, ML_DSA_87],
      [LABEL_KEY_ID, id],
      [LABEL_PURPOSE, purpose],
    ]),
  );
}

/** What is signed (RFC 9052, section 4.4). */
export function sigStructure(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeItem(["Signature1", header, new Uint8Array(), payload]);
}

/** Signs `payload`, which is inside. */
export function signAttached(key: KeyPair, purpose: Purpose, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return sign(key, purpose, payload, payload);
}

/** Signs the digest of `body`, which is elsewhere. */
export function signBody(key: KeyPair, purpose: Purpose, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return sign(key, purpose, digest(body), null);
}

function sign(key: KeyPair, purpose: Purpose, signed: Uint8Array, inside: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const header = protectedHeader(keyId(key.publicKey), PURPOSES[purpose]);
  const entropy = key.isFixed === true ? { extraEntropy: false as const } : {};
  const signature = Uint8Array.from(ml_dsa87.sign(sigStructure(header, signed), key.secretKey, entropy));
  return concat(Uint8Array.of(SIGN1_TAG), encodeItem([header, new Map(), inside, signature]));
}
