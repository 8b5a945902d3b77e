import { type InitInfo, MAX_UNTYPEDS } from "./initInfo";
import type { PhysAddr } from "./memory/address";

/** Which free memory init is given: all of it, or of firmware that has left it in many pieces the largest ones. */

/** Tells init of 2^size bytes, perhaps in the place of a smaller piece. */
export function addUntyped(info: InitInfo, start: PhysAddr, size: u32): void {
  const count = u32(info.untypedCount);
  const index = count < MAX_UNTYPEDS ? count : smallestUntyped(info);
  if (index === count) info.untypedCount++;
  else if (info.untypeds[index].size >= u64(size)) return;
  info.untypeds[index].start = start;
  info.untypeds[index].size = u64(size);
}

/** Of all MAX_UNTYPEDS. */
function smallestUntyped(info: InitInfo): u32 {
  let smallest: u32 = 0;
  for (let i: u32 = 1; i < MAX_UNTYPEDS; i++) {
    if (info.untypeds[i].size < info.untypeds[smallest].size) smallest = i;
  }
  return smallest;
}
