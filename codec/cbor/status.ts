/** What is wrong with bytes that should be deterministic CBOR. @storage u8 */
export const enum CborStatus {
  Ok,
  /** The item goes on behind the end of the bytes. */
  Truncated,
  /** Bytes follow the item. */
  TrailingBytes,
  /** A length, number, tag or float that a shorter encoding can hold. */
  NotShortest,
  /** Additional information 28 to 30. */
  Reserved,
  /** A string, array or map of indefinite length, or the break that ends one. */
  Indefinite,
  /** A simple value other than false, true, null and undefined. */
  UnknownSimple,
  /** A text string that is not UTF-8. */
  BadText,
  /** A map's key stands before its predecessor in the order of their encodings. */
  UnsortedKeys,
  DuplicateKey,
  /** More than MAX_DEPTH arrays, maps and tags inside each other. */
  TooDeep,
  /** The next item is of another type, or there is none. */
  WrongType,
  /** A number outside the range that was asked for. */
  OutOfRange,
}
