import { CapType } from "../../kernel/cap/capability";
import { isEqual } from "../../kernel/text";
import { allocate, type Pool } from "../../user/buddy";
import { isEmptySlot, remove, retype, revoke } from "../../user/calls";
import {
  SLOT_CONSOLE,
  SLOT_DECOMPRESSION,
  SLOT_DIRECTORY,
  SLOT_MANAGER,
  SLOT_REPOSITORY,
  SLOT_SCREEN_REQUESTS,
  SLOT_SERIAL,
} from "./slots";

/** What becomes of the others when a service cannot be made again: who receives from which endpoint, and who has to be. */

interface Role extends Struct<"Role"> {
  module: Bytes;
  endpoint: u32;
  /** Without it nobody can mend anything, or what has ended is not cleared away: the machine starts again. */
  isVital: boolean;
}

export const ROLES = 7;
const roles: FixedArray<Inline<Role>, typeof ROLES> = [
  { module: "sila.serial", endpoint: SLOT_SERIAL, isVital: true },
  { module: "sila.console", endpoint: SLOT_CONSOLE, isVital: true },
  { module: "sila.service-directory", endpoint: SLOT_DIRECTORY, isVital: false },
  { module: "sila.module-repository", endpoint: SLOT_REPOSITORY, isVital: false },
  { module: "sila.deep-compression", endpoint: SLOT_DECOMPRESSION, isVital: false },
  { module: "sila.module-manager", endpoint: SLOT_MANAGER, isVital: true },
  { module: "sila.screen", endpoint: SLOT_SCREEN_REQUESTS, isVital: false },
];
export const NO_ROLE = 0xffff_ffff;

/** An endpoint that takes no record: at most one word, no capability, no sender without a badge. */
const CLOSED_POLICY = (1n << 48n) | (3n << 56n);
const ENDPOINT_SIZE = 12;

/** The number of the role that a service has, or NO_ROLE. */
export function roleOf(module: Bytes): u32 {
  for (let i: u32 = 0; i < ROLES; i++) {
    if (isEqual(roles[i].module, module)) return i;
  }
  return NO_ROLE;
}

/** Who has this role. */
export function holderOf(role: u32): Bytes {
  return roles[role].module;
}

export function isVital(role: u32): boolean {
  return roles[role].isVital;
}

/**
 * Nobody will receive from the role's endpoint any more: whoever waits there learns it, what others hold is gone, and what
 * they are given from now on fails at once. Of a screen that there is not, nobody has any.
 */
export function closeRole(pool: Pool, role: u32): void {
  const endpoint = roles[role].endpoint;
  if (isEmptySlot(endpoint)) return;
  revoke(endpoint);
  remove(endpoint);
  retype(allocate(pool, ENDPOINT_SIZE), CapType.Endpoint, CLOSED_POLICY, 1, endpoint);
}
