import { encodeItem } from "./cbor.ts";
import { Reader } from "./reader.ts";
import { digest } from "./sign.ts";

/**
 * What roots sign of a file that leaves the project as it is, such as an ISO: its name, its length and its SHA-512. The
 * statement and its signatures lie beside the file, in `FILE.sig`.
 */

export interface Release {
  readonly name: string;
  readonly bytes: number;
  readonly digest: Uint8Array;
}

const MAX_NAME_BYTES = 255;
const DIGEST_BYTES = 64;

/** Of a file with these contents. */
export function releaseOf(name: string, contents: Uint8Array): Release {
  return { name, bytes: contents.length, digest: digest(contents) };
}

export function encodeRelease(release: Release): Uint8Array<ArrayBuffer> {
  return encodeItem([release.name, release.bytes, release.digest]);
}

export function decodeRelease(bytes: Uint8Array): Release {
  const reader = new Reader(bytes);
  reader.tuple(3);
  const name = reader.text(MAX_NAME_BYTES);
  const length = reader.number(Number.MAX_SAFE_INTEGER);
  const sha512 = reader.fixed(DIGEST_BYTES);
  reader.close();
  return { name, bytes: length, digest: sha512 };
}
