/** How a verification stands after a step. @storage u8 */
export const enum Outcome {
  More,
  Sealed,
  Refused,
  /** The memory is too small for the program. */
  NoRoom,
  /** A capability that it needs has been revoked. */
  Lost,
  /** The trust set is in force. */
  Adopted,
}
