/** What is wrong with a file that should be a program. @storage u8 */
export const enum ElfStatus {
  Ok,
  /** The file ends before its headers, or before a segment's contents. */
  Truncated,
  /** Not ELF, or not 64 bits, little-endian, version 1, System V. */
  BadIdent,
  /** Not an executable file without a loader's help (ET_EXEC). */
  NotExecutable,
  WrongMachine,
  /** A version, flags, or the size of a header or of an entry. */
  BadHeader,
  /** No program headers, more than MAX_HEADERS, or not at a multiple of 8. */
  BadTable,
  /** A type that asks for a loader: interpreter, dynamic linking, thread-local storage; or an unknown one. */
  UnsupportedSegment,
  /** The stack shall be executable. */
  ExecutableStack,
  TooManySegments,
  /** Flags other than read, write, execute; or not readable. */
  BadFlags,
  WritableAndExecutable,
  /** More bytes in the file than in memory, or more than MAX_SEGMENT_BYTES. */
  BadSize,
  /** Not a power of two, or address and offset differ by something else than its multiple. */
  BadAlignment,
  /** Below LEAST_ADDRESS, or not below the end of users' addresses. */
  BadAddress,
  /** Not behind the pages of the segment before. */
  Overlap,
  /** A segment follows the writable one. */
  WritableNotLast,
  /** The entry is not in the executable bytes of the file, or is no place for an instruction. */
  BadEntry,
  /** More than one segment is executable. */
  SecondExecutable,
  /** More than MAX_PROGRAM_BYTES from the first segment's address to the end of the last. */
  TooWide,
}
