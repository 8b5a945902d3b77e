/** What a user thread has done, the same on all architectures. @storage u8 */
export const enum FaultKind {
  Read,
  Write,
  Execute,
  IllegalInstruction,
  Arithmetic,
  Alignment,
  Breakpoint,
  Privileged,
  Other,
}
