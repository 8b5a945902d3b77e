import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from "../../crypto/sha3";
import { sha384, sha512 } from "../../crypto/sha512";

/** What tests call of crypto/ by a number: the digest fills `to`. */

/** @entry hash_bytes */
export function hash(which: u32, message: Bytes, to: Bytes): void {
  switch (which) {
    case 0:
      sha3_256(message, to);
      break;
    case 1:
      sha3_384(message, to);
      break;
    case 2:
      sha3_512(message, to);
      break;
    case 3:
      shake128(message, to);
      break;
    case 4:
      shake256(message, to);
      break;
    case 5:
      sha384(message, to);
      break;
    default:
      sha512(message, to);
      break;
  }
}
