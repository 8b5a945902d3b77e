import { CapType } from "../kernel/cap/capability";
import { retype } from "./calls";
import { deviceStart, deviceUntyped } from "./initInfo";

/** Device memory for a driver, cut out of the Untyped that init has of it. */

/**
 * The page at physical `address` as a Region in slot `region`; what lies before it takes slots from `pieces` on, at most one
 * for each power of two. Revoking the device's Untyped gives it back. Answers the error.
 */
export function cutPage(info: u64, address: u64, region: u32, pieces: u32): u32 {
  const untyped = deviceUntyped(info, address);
  let left = address - deviceStart(info, untyped);
  let piece = pieces;
  while (left !== 0n) {
    const size = 63 - clz64(left);
    const error = retype(untyped, CapType.Untyped, u64(size), 1, piece);
    if (error !== 0) return error;
    left -= 1n << u64(size);
    piece++;
  }
  return retype(untyped, CapType.Region, 1n, 1, region);
}
