/** What is wrong with a version or a range. @storage u8 */
export const enum SemverStatus {
  Ok,
  /** More than MAX_VERSION_BYTES. */
  TooLong,
  /** A number, x or * has to stand here. */
  NumberExpected,
  /** A number has leading zeros. */
  LeadingZero,
  /** A number is above 2^53 - 1, or the next one is. */
  OutOfRange,
  /** An identifier of a prerelease or build is empty. */
  IdentifierExpected,
  /** A number stands behind an x. */
  NumberBehindX,
  /** More than one v, or an =, before a version. */
  BadPrefix,
  /** Something follows that is no part of it. */
  Unexpected,
}
