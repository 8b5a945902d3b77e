import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from "../../crypto/sha3";
import { sha384, sha512 } from "../../crypto/sha512";
import { Kind } from "./kind";

/** One hash of the kind that a case names; `digest` has the function's own length, or any for SHAKE. */
export function hash(kind: u32, message: Bytes, digest: Bytes): void {
  switch (kind) {
    case u32(Kind.Sha512):
      sha512(message, digest);
      break;
    case u32(Kind.Sha384):
      sha384(message, digest);
      break;
    case u32(Kind.Sha3x256):
      sha3_256(message, digest);
      break;
    case u32(Kind.Sha3x384):
      sha3_384(message, digest);
      break;
    case u32(Kind.Sha3x512):
      sha3_512(message, digest);
      break;
    case u32(Kind.Shake128):
      shake128(message, digest);
      break;
    default:
      shake256(message, digest);
      break;
  }
}

export function isEqual(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i: u32 = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
