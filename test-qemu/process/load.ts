import { SLOT_CNODE, SLOT_THREAD } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { ProcessEnd } from "../../kernel/object/processState";
import { debugDecimal, debugWrite, type Message } from "../../user/message";
import { processSetNotification, processStart, processStep } from "../../user/stubs/process";
import { threadSetPriority } from "../../user/stubs/thread";
import { verifierStep } from "../../user/stubs/verifier";
import {
  beginWith,
  checkEqual,
  finish,
  freeBytes,
  IMAGE,
  OTHER_POOL,
  preparePools,
  prepareVerification,
  settle,
  settleOther,
  used,
  VERIFIER,
} from "./harness";
import { checkEnd, create, ENDING, EXIT_CODE, first, makeNeeds, openPackage, PROCESS } from "./making";

/**
 * What it costs to seal a package, create its process and run the first of its instructions, in instructions: from Begin
 * until Start has switched to the process, which is the more urgent one. The longest call, with its stub, is counted
 * beside, and what the load has taken of memory.
 */

/** Below the module's. */
const LOW = 10n;
const OWN_PRIORITY = 200n;

interface Cost extends Struct<"Cost"> {
  longest: u64;
  /** What two readings of the clock take. */
  empty: u64;
}
const cost: Cost = zeroed();

/** A call has ended that began at `before`. */
function note(before: u64): void {
  const spent = used() - before - cost.empty;
  if (spent > cost.longest) cost.longest = spent;
}

function report(name: Bytes, value: u64, unit: Bytes): void {
  debugWrite("load ");
  debugWrite(name);
  debugWrite(" ");
  debugDecimal(value);
  debugWrite(unit);
}

/** Once without a look at the clock, then once with one after each call. */
function run(isWatched: boolean): u64 {
  const message = local<Message>();
  const free = freeBytes();
  prepareVerification(first);
  makeNeeds(OTHER_POOL, false);
  checkEqual(u64(processSetNotification(message, PROCESS, ENDING)), 0n, "notification of the end");
  const start = used();
  checkEqual(u64(beginWith(first.parts[1].length, first.parts[2].length)), 0n, "begin");
  if (isWatched) note(start);
  do {
    const before = isWatched ? used() : 0n;
    verifierStep(message, VERIFIER, u64(IMAGE), SLOT_CNODE);
    if (isWatched) note(before);
  } while (message.words[0] === u64(u32(Outcome.More)));
  checkEqual(message.words[0], u64(u32(Outcome.Sealed)), "sealed");
  const beforeCreate = used();
  checkEqual(u64(create()), 0n, "created");
  if (isWatched) note(beforeCreate);
  do {
    const before = isWatched ? used() : 0n;
    processStep(message, PROCESS);
    if (isWatched) note(before);
  } while (message.words[0] !== 0n);
  const taken = free - freeBytes();
  processStart(message, PROCESS);
  const total = used() - start - cost.empty;
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "it has run");
  if (!isWatched) report("memory-peak", taken, " bytes\n");
  settleOther();
  settle();
  return total;
}

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  preparePools(info);
  openPackage(info);
  checkEqual(u64(threadSetPriority(message, SLOT_THREAD, LOW, OWN_PRIORITY)), 0n, "priority");
  const before = used();
  cost.empty = used() - before;
  report("seal-create", run(false), " instructions\n");
  run(true);
  report("longest-call", cost.longest, " instructions\n");
  finish();
}
