/** @unsafe is given the address of what the kernel tells init */
import { SLOT_FIRST_DEVICE, SLOT_FIRST_UNTYPED } from "../kernel/initSlots";

/** Behind magic, count, and 64 Untypeds of memory. */
const DEVICES_OFFSET = 1040n;

/** The slot of the largest Untyped that init got. `info`: magic, count, start and size of each (kernel/initTask.ts). */
export function largestUntyped(info: u64): u32 {
  const count = u32(load64(info + 8n));
  let best: u32 = 0;
  for (let i: u32 = 1; i < count; i++) {
    if (load64(info + 24n + u64(i) * 16n) > load64(info + 24n + u64(best) * 16n)) best = i;
  }
  return SLOT_FIRST_UNTYPED + best;
}

/** The slot of the device Untyped in which physical `address` lies, or 0. */
export function deviceUntyped(info: u64, address: u64): u32 {
  const devices = info + DEVICES_OFFSET;
  const count = u32(load64(devices));
  for (let i: u32 = 0; i < count; i++) {
    const start = load64(devices + 8n + u64(i) * 16n);
    const size = load64(devices + 16n + u64(i) * 16n);
    if (address >= start && address - start < 1n << size) return SLOT_FIRST_DEVICE + i;
  }
  return 0;
}

/** Where that Untyped begins. */
export function deviceStart(info: u64, slot: u32): u64 {
  return load64(info + DEVICES_OFFSET + 8n + u64(slot - SLOT_FIRST_DEVICE) * 16n);
}
