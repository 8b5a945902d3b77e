import { SLOT_CNODE } from "../../kernel/initSlots";
import { ProcessEnd } from "../../kernel/object/processState";
import type { Message } from "../../user/message";
import { cnodeDelete } from "../../user/stubs/cnode";
import { processTerminate } from "../../user/stubs/process";
import { check, checkEqual, finish, freeBytes, IMAGE, POOL, preparePools, revoke, settle } from "./harness";
import {
  checkEnd,
  create,
  EXIT_CODE,
  first,
  makeNeeds,
  openPackage,
  PROCESS,
  prepare,
  runToEnd,
  sealChild,
} from "./making";

/**
 * Seal, create, start, terminate, as often as the first case's parameter says: all memory is where it was.
 */

function cycle(): void {
  const message = local<Message>();
  sealChild();
  makeNeeds(POOL, false);
  checkEqual(u64(create()), 0n, "created");
  prepare();
  runToEnd();
  checkEnd(ProcessEnd.Exited, EXIT_CODE, "it ran");
  checkEqual(u64(processTerminate(message, PROCESS)), 0n, "terminated");
  cnodeDelete(message, SLOT_CNODE, u64(IMAGE));
  revoke(POOL);
}

/** @entry program_start */
export function main(info: u64): void {
  preparePools(info);
  openPackage(info);
  const before = freeBytes();
  for (let i: u32 = 0; i < first.parameter; i++) {
    cycle();
    checkEqual(freeBytes(), before, "all memory is free again");
  }
  check(first.parameter > 0, "there were some");
  settle();
  finish();
}
