/** What is wrong with a message that should be a record. @storage u8 */
export const enum MessageFault {
  None,
  /** There is no such record, or not for this receiver. */
  Label,
  /** It has another number of words. */
  Length,
  /** A field has a value that its type has not. */
  Value,
  /** It has another number of capabilities. */
  Capabilities,
  /** The sender may not ask for this. */
  NotAllowed,
}

/**
 * The answer to a message that is no record, or not one for its receiver: in place of the record that would answer it.
 *
 * @message 256 answer
 */
export interface ErrorRecord extends Struct<"ErrorRecord"> {
  /** Of the request; 0 when it has none. */
  requestId: u64;
  /** What is wrong with it. */
  fault: MessageFault;
  /** The label that it came with. */
  label: u32;
}
