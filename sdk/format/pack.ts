import { encodeItem } from "./cbor.ts";
import { encodeChain, encodeCompression, encodeManifest, encodePackage, type Parts } from "./encode.ts";
import { digest, type KeyPair, signAttached } from "./sign.ts";
import type { Compression, Manifest, Method } from "./types.ts";

/** Signs and joins the parts of a package. */

export interface PackRequest {
  /** Certificates of the publisher: its own last, perhaps one before it. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyPair;
  readonly manifest: Omit<Manifest, "binaryBytes" | "binaryDigest">;
  readonly binary: Uint8Array;
  /** The binary as it is, or as a zstd frame with this window. */
  readonly packed: { readonly method: Method; readonly bytes: Uint8Array; readonly windowBytes: number };
}

export function packModule(request: PackRequest): Uint8Array<ArrayBuffer> {
  return encodePackage(makeParts(request));
}

export function makeParts({ chain, key, manifest, binary, packed }: PackRequest): Parts {
  const binaryDigest = digest(binary);
  const compression: Compression = {
    method: packed.method,
    packedBytes: packed.bytes.length,
    packedDigest: digest(packed.bytes),
    binaryBytes: binary.length,
    binaryDigest,
    windowBytes: packed.windowBytes,
  };
  const whole: Manifest = { ...manifest, binaryBytes: binary.length, binaryDigest };
  const signed = signAttached(key, "manifest", encodeManifest(whole));
  return finishParts(key, {
    chain: encodeChain(chain),
    manifest: signed,
    compression: encodeCompression(compression),
    binarySignature: signBinary(key, signed, binaryDigest, binary.length),
    payload: packed.bytes,
  });
}

/** The binary's signature, which ties it to the signed manifest. */
export function signBinary(
  key: KeyPair,
  manifest: Uint8Array,
  binaryDigest: Uint8Array,
  binaryBytes: number,
): Uint8Array<ArrayBuffer> {
  return signAttached(key, "binary", encodeItem([digest(manifest), binaryDigest, binaryBytes]));
}

/** Adds the package's signature to the other parts. */
export function finishParts(key: KeyPair, parts: Omit<Parts, "packageSignature">): Parts {
  const { chain, manifest, compression, binarySignature } = parts;
  const digests = [chain, manifest, compression, binarySignature].map(digest);
  return { ...parts, packageSignature: signAttached(key, "package", encodeItem(digests)) };
}
