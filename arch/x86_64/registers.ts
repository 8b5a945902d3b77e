/** A thread's registers by number: 0 to 14 the general ones as they lie in the frame (R15 first), then RIP, RFLAGS, RSP. */

export const REGISTER_COUNT = 18;

/** Where a new thread's first argument, program counter and stack pointer are. */
export const REGISTER_ARGUMENT = 9;
export const REGISTER_PC = 15;
export const REGISTER_SP = 17;

/** As people call them. */
export const REGISTER_NAMES: FixedArray<Bytes, typeof REGISTER_COUNT> = [
  "r15",
  "r14",
  "r13",
  "r12",
  "r11",
  "r10",
  "r9",
  "r8",
  "rbp",
  "rdi",
  "rsi",
  "rdx",
  "rcx",
  "rbx",
  "rax",
  "rip",
  "rflags",
  "rsp",
];
