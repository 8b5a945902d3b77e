/**
 * @unit O2
 * @unsafe is called by the host
 */
import { CapType } from "../../kernel/cap/capability";
import { retype, remove } from "../../user/calls";
import { bootWorld, mapMemory, SLOT_POOL } from "./boot.kts";

/** @entry smoke_run */
export function run(): u32 {
  mapMemory();
  bootWorld("invariants=1");
  const error = retype(SLOT_POOL, CapType.Endpoint, 4n, 3, 100);
  if (error !== 0) return error;
  return remove(100);
}
