/** A thread's registers by number: 0 to 30 X0 to X30, then program counter, flags, stack pointer. */

export const REGISTER_COUNT = 34;

/** Where a new thread's first argument, program counter and stack pointer are. */
export const REGISTER_ARGUMENT = 0;
export const REGISTER_PC = 31;
export const REGISTER_SP = 33;
