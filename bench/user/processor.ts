import { type Lanes, permute } from "../../crypto/keccak";
import { SLOT_CONTEXT } from "../../kernel/initSlots";
import { report, used } from "./measure";

/** What needs no kernel: a thousand instructions, which show that the clock counts them, and Keccak's permutation. */

/** @extern bench_nops */
declare function thousandNops(): void;

const ROUNDS = 100;

const state: Lanes = zeroed();

/** The difference of two loops of the same shape, so that nothing else is in it, rounded. */
export function reportCalibration(): void {
  report("calibration", timeTwoThousand() - timeOneThousand() + u64(ROUNDS / 2), u64(ROUNDS));
}

/** @noinline */
function timeOneThousand(): u64 {
  const start = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < ROUNDS; i++) thousandNops();
  return used(SLOT_CONTEXT) - start;
}

/** @noinline */
function timeTwoThousand(): u64 {
  const start = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < ROUNDS; i++) {
    thousandNops();
    thousandNops();
  }
  return used(SLOT_CONTEXT) - start;
}

/** Its call and the loop included; `empty` is what two readings in a row cost. */
export function measureKeccak(empty: u64): void {
  const start = used(SLOT_CONTEXT);
  for (let i: u32 = 0; i < ROUNDS; i++) permute(state);
  report("crypto.keccak-f1600", used(SLOT_CONTEXT) - start - empty, u64(ROUNDS));
}
