/** The slots of a new process's root CNode, and where its memory is, as the kernel makes them (processCreate.ts). */

export const SLOT_CNODE = 1;
export const SLOT_SPACE = 2;
export const SLOT_THREAD = 3;
export const SLOT_CONTEXT = 4;
/** The process itself: to exit, and to take memory from its budget. */
export const SLOT_PROCESS = 5;
/** The requester's parameters, a Region, or nothing. */
export const SLOT_PARAMETERS = 6;
export const SLOT_DATA = 8;
export const SLOT_STACK = 9;
export const SLOT_BUFFER = 10;
/** One for each entry of the manifest, in its order; one that was refused is empty. */
export const SLOT_FIRST_GRANT = 16;

/** The first thread's message buffer, and behind it ProcessInfo, whose address is the thread's first argument. */
export const BUFFER_ADDRESS = 0x11_0000n;
export const PROCESS_INFO_ADDRESS = 0x11_0400n;
/** Of the first thread's stack, below which nothing is mapped. */
export const STACK_TOP = 0x7fff_f000_0000n;
/** Between these lie programs: nothing else that the kernel maps for a process is there, nor in the pages beside. */
export const PROGRAM_START = 0x20_0000n;
export const PROGRAM_END = 0x7fff_0000_0000n;

/** What a process finds behind its first thread's message buffer; its first argument is the address. */
export interface ProcessInfo extends Struct<"ProcessInfo"> {
  /** Entries of the manifest that were refused: a bit each. */
  refused: u64;
  /** Of its budget that it can still use. */
  freeBytes: u64;
}
