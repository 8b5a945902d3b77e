import { CapType } from "../../kernel/cap/capability";
import { SLOT_INSPECT, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { invoke, type Message } from "../../user/message";
import { cycle, PIECE_SIZE } from "../conformance/cycle";
import {
  ask,
  check,
  checkEqual,
  FIRST,
  harness,
  prepareHarness,
  remove,
  retype,
  retypeFrom,
} from "../conformance/harness";

/**
 * Objects of every kind are made and destroyed CYCLES times; then all memory is where it was (I3, I11). Switches the
 * machine off, with status 1 when it is not.
 */

const CYCLES = 10_000;
const PIECE = FIRST;
const MADE = FIRST + 1;

/** Of all memory. */
function freeBytes(): u64 {
  const message = local<Message>();
  check(invoke(message, SLOT_INSPECT, u32(Invocation.InspectSystem), 0, 0) === 0, "system");
  return message.words[2];
}

/** @entry program_start */
export function main(info: u64): void {
  prepareHarness(info);
  check(retype(CapType.Untyped, PIECE_SIZE, PIECE) === 0, "memory");
  const before = freeBytes();
  for (let i: u32 = 0; i < CYCLES; i++) cycle(PIECE, MADE);
  checkEqual(freeBytes(), before, "as much is free as before");
  check(retypeFrom(PIECE, CapType.Untyped, PIECE_SIZE, 1, MADE) === 0, "and in one piece");
  check(remove(MADE) === 0, "given back");
  ask(SLOT_POWER_CONTROL, Invocation.PowerControlPowerOff, harness.failures === 0 ? 0n : 1n, 0n, 0);
}
