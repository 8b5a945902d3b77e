/** A panic is a finding: libFuzzer prints the stack and saves the input. */

/** @extern abort @noreturn */
declare function abort(): never;

/** @entry kts_panic @noreturn */
export function endOnPanic(kind: u32, text: Bytes, a: u64, b: u64, site: u32): never {
  abort();
}
