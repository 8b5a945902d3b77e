/** What is wrong with bytes that should be a COSE_Sign1. @storage u8 */
export const enum CoseStatus {
  Ok,
  /** Not deterministic CBOR: `fault` is the CborStatus. */
  BadCbor,
  /** Not tag 18 and an array of four of the right types. */
  BadStructure,
  /** The unprotected header has something in it. */
  UnprotectedHeader,
  /** The protected header lacks one of its three entries, or has another. */
  BadHeader,
  /** Not ML-DSA-87. */
  WrongAlgorithm,
  /** Signed for another purpose. */
  WrongPurpose,
  /** The signature has not 4,627 bytes. */
  BadSignatureLength,
  /** A payload is inside, and the caller has another. */
  BadPayload,
  /** The scratch cannot hold the structure that is signed. */
  NoRoom,
}
