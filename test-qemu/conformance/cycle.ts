import { HAS_PORTS } from "@arch/layout";
import { SLOT_CNODE, SLOT_IRQ_CONTROL } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, check, remove, retypeFrom } from "./harness";
import { MAKEABLE, makeable } from "./makeable";

/** Every kind of object that can be made, made and destroyed. */

/** A piece of 2^18 bytes has room for one of each, and needs to be whole for that. */
export const PIECE_SIZE = 18n;
/** A line that no device of these machines uses. */
const LINE: u64 = HAS_PORTS ? 5n : 40n;

export const sizes: FixedArray<u64, typeof MAKEABLE> = [8n, 4n, 0n, 0n, 4n, 0n, 0n, 1n, 1n, 0n, 0n, 0n];

const NOTIFICATION = 5;
const PROCESS = 11;

/** One object of each kind from `untyped`, in slots from `slot` on, and their end. */
export function cycle(untyped: u32, slot: u32): void {
  for (let kind: u32 = 0; kind < MAKEABLE; kind++) {
    check(retypeFrom(untyped, makeable[kind], sizes[kind], 1, slot + kind) === 0, "make");
  }
  check(ask(slot + PROCESS, Invocation.ProcessSetNotification, 0n, 0n, slot + NOTIFICATION) === 0, "tell of the end");
  check(ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, LINE, u64(slot + MAKEABLE), SLOT_CNODE) === 0, "claim");
  for (let kind: u32 = 0; kind <= MAKEABLE; kind++) check(remove(slot + kind) === 0, "destroy");
}
