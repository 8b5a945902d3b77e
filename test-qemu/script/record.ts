/**
 * A script: system calls of three workers and the keeper of a world (world.ts), in the order in which they were made on the
 * host (test/kernel/fuzz.kts.ts). Whose turn it is the kernel decides: it has to decide the same again.
 */
export interface ScriptRecord extends Struct<"ScriptRecord"> {
  /** The worker, or KEEPER, which rescues worker `number`. */
  actor: u32;
  number: u32;
  capabilities: u64;
  info: u64;
  /** What the worker's last call left it. */
  before: u64;
  readonly words: FixedArray<u64, 4>;
  /** Of the message buffer: words from the fifth on, and the addresses of capabilities. */
  readonly more: FixedArray<u64, 4>;
  readonly sent: FixedArray<u32, 4>;
  readonly slots: FixedArray<u32, 4>;
}

export const KEEPER = 3;
export const RECORD_BYTES = 128;
