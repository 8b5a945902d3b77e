/** @unit O2 */
import { playTrace } from "../../test-qemu/replay/player";
import { SLOT_POOL } from "../../test-qemu/script/world";
import { bootWorld, mapMemory } from "./boot.kts";

/** Traces on the host; machine/traces.c reads them. */

/** @entry replay_begin */
export function begin(): void {
  mapMemory();
  bootWorld("invariants=64");
}

/** @entry replay_trace */
export function replay(bytes: Bytes): u32 {
  return playTrace(bytes, SLOT_POOL);
}
