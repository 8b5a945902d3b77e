/** @unsafe is given the address of what the kernel tells init */
import { SLOT_FIRST_UNTYPED } from "../kernel/initSlots";

/** The slot of the largest Untyped that init got. `info`: magic, count, start and size of each (kernel/initTask.ts). */
export function largestUntyped(info: u64): u32 {
  const count = u32(load64(info + 8n));
  let best: u32 = 0;
  for (let i: u32 = 1; i < count; i++) {
    if (load64(info + 24n + u64(i) * 16n) > load64(info + 24n + u64(best) * 16n)) best = i;
  }
  return SLOT_FIRST_UNTYPED + best;
}
