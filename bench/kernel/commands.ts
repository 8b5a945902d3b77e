import { readCounter } from "@arch/cpu";
import { type Lanes, permute } from "../../crypto/keccak";
import { bootCounts } from "../../kernel/bootCost";
import { Outcome, writeHelp } from "../../kernel/console/command";
import { writeByte, writeDecimal, writeText } from "../../kernel/console/output";
import { isEqual } from "../../kernel/text";

/**
 * The command `bench` of the bench image: one line `bench ID VALUE UNIT` a row. Counts are instructions when
 * QEMU runs with `-icount shift=0`; `calibration` must then be 1000.
 */

/** @extern bench_nops */
declare function thousandNops(): void;

const REPEATS = 4;

const state: Lanes = zeroed();

export function runImageCommand(name: Bytes, argument: Bytes): Outcome {
  if (!isEqual(name, "bench")) return Outcome.Unknown;
  const empty = emptyReading();
  report("calibration", calibrate());
  report("kernel.boot", bootCounts());
  report("crypto.keccak-f1600", measureKeccak() - empty);
  return Outcome.Ok;
}

export function printImageHelp(): void {
  writeHelp("bench", "", "the benchmarks");
}

/** What two readings in a row cost. */
function emptyReading(): u64 {
  const start = readCounter();
  return readCounter() - start;
}

/** A thousand instructions: the difference of two readings of the same shape, so that nothing else is in it. */
function calibrate(): u64 {
  return timeTwoThousand() - timeOneThousand();
}

/** @noinline */
function timeOneThousand(): u64 {
  const start = readCounter();
  thousandNops();
  return readCounter() - start;
}

/** @noinline */
function timeTwoThousand(): u64 {
  const start = readCounter();
  thousandNops();
  thousandNops();
  return readCounter() - start;
}

/** Counts of one permutation, its call included; the last of a few, when nothing is cold any more. */
function measureKeccak(): u64 {
  let counts: u64 = 0n;
  for (let i: u32 = 0; i < REPEATS; i++) {
    const start = readCounter();
    permute(state);
    counts = readCounter() - start;
  }
  return counts;
}

function report(id: Bytes, counts: u64): void {
  writeText("bench ");
  writeText(id);
  writeByte(0x20);
  writeDecimal(counts);
  writeText(" instructions\n");
}
