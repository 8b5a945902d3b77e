/** A thread's registers by number: 0 to 30 X0 to X30, then program counter, flags, stack pointer. */

export const REGISTER_COUNT = 34;

/** Where a new thread's first argument, program counter and stack pointer are. */
export const REGISTER_ARGUMENT = 0;
export const REGISTER_PC = 31;
export const REGISTER_SP = 33;

/** As people call them. */
export const REGISTER_NAMES: FixedArray<Bytes, typeof REGISTER_COUNT> = [
  "x0",
  "x1",
  "x2",
  "x3",
  "x4",
  "x5",
  "x6",
  "x7",
  "x8",
  "x9",
  "x10",
  "x11",
  "x12",
  "x13",
  "x14",
  "x15",
  "x16",
  "x17",
  "x18",
  "x19",
  "x20",
  "x21",
  "x22",
  "x23",
  "x24",
  "x25",
  "x26",
  "x27",
  "x28",
  "x29",
  "x30",
  "pc",
  "pstate",
  "sp",
];
