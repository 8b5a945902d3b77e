/** @unsafe is given the address of what the kernel tells init */
import type { InitInfo } from "../kernel/initInfo";
import { SLOT_FIRST_DEVICE, SLOT_FIRST_UNTYPED } from "../kernel/initSlots";

/** What the kernel has told init; `address` is what init's program starts with. */
export function initInfo(address: u64): InitInfo {
  return cast<InitInfo>(address);
}

/** The slot of the largest Untyped that init got. */
export function largestUntyped(address: u64): u32 {
  const info = initInfo(address);
  let best: u32 = 0;
  for (let i: u32 = 1; i < u32(info.untypedCount); i++) {
    if (info.untypeds[i].size > info.untypeds[best].size) best = i;
  }
  return SLOT_FIRST_UNTYPED + best;
}

/** The slot of the device Untyped in which physical `place` lies, or 0. */
export function deviceUntyped(address: u64, place: u64): u32 {
  const info = initInfo(address);
  for (let i: u32 = 0; i < u32(info.deviceCount); i++) {
    const start = u64(info.devices[i].start);
    if (place >= start && place - start < 1n << info.devices[i].size) return SLOT_FIRST_DEVICE + i;
  }
  return 0;
}

/** Where that Untyped begins. */
export function deviceStart(address: u64, slot: u32): u64 {
  return u64(initInfo(address).devices[slot - SLOT_FIRST_DEVICE].start);
}
