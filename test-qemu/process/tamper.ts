import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_FIRST_MODULE, SLOT_PROCESS_CONTROL, SLOT_TRUST_CONTROL } from "../../kernel/initSlots";
import { ProcessEnd } from "../../kernel/object/processState";
import { moduleNamed } from "../../user/bootModule";
import { initInfo } from "../../user/initInfo";
import type { Message } from "../../user/message";
import { cnodeCopy, cnodeMint, cnodeMove } from "../../user/stubs/cnode";
import {
  ALL,
  checkEqual,
  finish,
  OTHER_POOL,
  OTHER_POOL_SIZE,
  preparePools,
  retype,
  retypeFrom,
  settle,
} from "./harness";
import {
  BUDGET,
  checkEnd,
  create,
  ENDING,
  ENDOWMENT,
  FREE_SLOT,
  openPackage,
  PROCESS,
  prepare,
  runToEnd,
  sealChild,
} from "./making";
import { GRANTS } from "./managerSlots";

/**
 * Starts the tampering manager (manager.ts) with all that a ModuleManager holds: a pool, the packages, the offer of a trust set,
 * the right to create processes, a notification, and its clients' side of an endpoint. Its exit code is how many of its
 * attacks did not fail as they should.
 */

const MANAGER_POOL = FREE_SLOT;
const SIGNAL = FREE_SLOT + 1;
const SERVICE = FREE_SLOT + 2;
const BADGED = FREE_SLOT + 3;
const BADGE = 7n;
const ENDOWED_FIRST = 2n;
const RADIX = 4n;
const BUDGET_SIZE = 21n;

/** In the order of managerSlots.ts; the pool moves. */
function endow(info: u64): void {
  const message = local<Message>();
  const packages = SLOT_FIRST_MODULE + moduleNamed(initInfo(info), "attacks");
  let slot = ENDOWED_FIRST;
  checkEqual(u64(cnodeMove(message, ENDOWMENT, slot, MANAGER_POOL)), 0n, "the pool");
  slot += 1n;
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, slot, 1n, packages)), 0n, "the packages");
  slot += 1n;
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, slot, 2n, SLOT_TRUST_CONTROL)), 0n, "the offer of a trust set");
  slot += 1n;
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, slot, 2n, SIGNAL)), 0n, "a notification");
  slot += 1n;
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, slot, 2n, SLOT_PROCESS_CONTROL)), 0n, "the right to create");
  slot += 1n;
  checkEqual(u64(cnodeCopy(message, ENDOWMENT, slot, 2n, BADGED)), 0n, "an endpoint");
  checkEqual(slot - ENDOWED_FIRST + 1n, u64(GRANTS), "all of them");
}

/** @entry program_start */
export function main(info: u64): void {
  const message = local<Message>();
  preparePools(info);
  openPackage(info);
  sealChild();
  retype(CapType.Process, 0n, PROCESS);
  retype(CapType.Untyped, BUDGET_SIZE, BUDGET);
  retype(CapType.CNode, RADIX, ENDOWMENT);
  retype(CapType.Notification, 0n, ENDING);
  retype(CapType.Notification, 0n, SIGNAL);
  retype(CapType.Endpoint, 4n, SERVICE);
  checkEqual(u64(retypeFrom(OTHER_POOL, CapType.Untyped, OTHER_POOL_SIZE, MANAGER_POOL)), 0n, "a pool for the manager");
  checkEqual(u64(cnodeMint(message, SLOT_CNODE, u64(BADGED), ALL, BADGE, 0n, SERVICE)), 0n, "a badge");
  endow(info);
  checkEqual(u64(create()), 0n, "created");
  prepare();
  runToEnd();
  checkEnd(ProcessEnd.Exited, 0n, "every attack has failed as it should");
  settle();
  finish();
}
