/** A thread's registers by number: 0 to 14 the general ones as they lie in the frame (R15 first), then RIP, RFLAGS, RSP. */

export const REGISTER_COUNT = 18;

/** Where a new thread's first argument, program counter and stack pointer are. */
export const REGISTER_ARGUMENT = 9;
export const REGISTER_PC = 15;
export const REGISTER_SP = 17;
