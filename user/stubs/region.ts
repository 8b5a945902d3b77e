import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../message";

/**
 * Operations of a Region's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** Region.Zero: clears the next 128 KiB of a new Region → left (pages). */
export function regionZero(message: Message, region: u32): u32 {
  return invoke(message, region, u32(Invocation.RegionZero), 0, 0);
}

/** Region.Address: the physical address, to be told to a device → address (address). */
export function regionAddress(message: Message, region: u32): u32 {
  return invoke(message, region, u32(Invocation.RegionAddress), 0, 0);
}
