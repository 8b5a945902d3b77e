import { CapType } from "../../kernel/cap/capability";
import type { InitInfo } from "../../kernel/initInfo";
import { SLOT_CNODE, SLOT_FIRST_MODULE } from "../../kernel/initSlots";
import { isEqual } from "../../kernel/text";
import { moduleNamed, NO_MODULE, nameOfModule } from "../../user/bootModule";
import { allocate, type Pool } from "../../user/buddy";
import { copyInto, retype, retypeInto, slotIn, zero } from "../../user/calls";
import {
  MODULE_MEMORY,
  MODULE_POOL_SIZE,
  PERSISTENT_RADIX,
  RECORDS,
  RECORDS_PAGES,
  SERVICE_MEMORY,
  SERVICE_POOL_SIZE,
} from "../module-manager/persistent";
import { DIRECTORY_RADIX, ENTRIES, ENTRIES_PAGES } from "../service-directory/slots";
import {
  SLOT_DECOMPRESSION,
  SLOT_DIRECTORY,
  SLOT_ENTRIES,
  SLOT_MANAGER,
  SLOT_PACKAGES,
  SLOT_PERSISTENT,
  SLOT_REPOSITORY,
  SLOT_TRUST,
} from "./slots";

/**
 * What the services that load modules share, and what outlives each of them: their endpoints, the packages of the boot
 * image, and the ModuleManager's memory and records.
 */

const STORES_SIZE = 18;
const PACKAGES_RADIX = 7n;
/** Messages that wait, of these so many with one badge; badged senders only. */
const MANAGER_POLICY = 32n | (8n << 32n) | (1n << 56n);
const DECOMPRESSION_POLICY = 16n;
const DIRECTORY_POLICY = 1n << 56n;
const TRUST_FILE: Bytes = "trust";
/** Of the names of files that are packages of the repository. */
const MODULE_FOLDER: Bytes = "modules/";
/** With a version behind it. */
const SCREEN_PACKAGE: Bytes = "sila.screen-";

/**
 * Whether boot module `index` is the package of a service that this machine is to have: neither a trust set nor a module for
 * the repository, and no driver of a screen without one.
 */
export function isService(info: InitInfo, index: u32): boolean {
  const name = nameOfModule(info, index);
  if (!hasScreen(info) && beginsWith(name, SCREEN_PACKAGE)) return false;
  return !isEqual(name, TRUST_FILE) && !isInFolder(name);
}

export function hasScreen(info: InitInfo): boolean {
  return info.screenBytes !== 0n;
}

function isInFolder(name: Bytes): boolean {
  return beginsWith(name, MODULE_FOLDER);
}

function beginsWith(name: Bytes, start: Bytes): boolean {
  return name.length >= start.length && isEqual(subslice(name, 0, start.length), start);
}

/** False when there is no memory. */
export function makeStores(pool: Pool, info: InitInfo): boolean {
  const memory = allocate(pool, STORES_SIZE);
  let error = retype(memory, CapType.CNode, PERSISTENT_RADIX, 1, SLOT_PERSISTENT);
  if (error === 0) error = retypeInto(SLOT_PERSISTENT, memory, CapType.Region, RECORDS_PAGES, RECORDS);
  if (error === 0) error = zero(slotIn(SLOT_PERSISTENT, RECORDS));
  if (error === 0) error = retype(memory, CapType.CNode, PACKAGES_RADIX, 1, SLOT_PACKAGES);
  if (error === 0) error = retype(memory, CapType.Endpoint, MANAGER_POLICY, 1, SLOT_MANAGER);
  if (error === 0) error = retype(memory, CapType.Endpoint, DECOMPRESSION_POLICY, 1, SLOT_DECOMPRESSION);
  if (error === 0) error = retype(memory, CapType.Endpoint, 0n, 1, SLOT_REPOSITORY);
  if (error === 0) error = retype(memory, CapType.Endpoint, DIRECTORY_POLICY, 1, SLOT_DIRECTORY);
  if (error === 0) error = retype(memory, CapType.CNode, DIRECTORY_RADIX, 1, SLOT_ENTRIES);
  if (error === 0) error = retypeInto(SLOT_ENTRIES, memory, CapType.Region, ENTRIES_PAGES, ENTRIES);
  if (error === 0) error = zero(slotIn(SLOT_ENTRIES, ENTRIES));
  if (error === 0) error = makePool(pool, MODULE_MEMORY, MODULE_POOL_SIZE);
  if (error === 0) error = makePool(pool, SERVICE_MEMORY, SERVICE_POOL_SIZE);
  givePackages(info);
  return error === 0;
}

/** Memory in slot `slot` of what outlives the ModuleManager. */
function makePool(pool: Pool, slot: u32, size: u32): u32 {
  const memory = allocate(pool, size);
  return retypeInto(SLOT_PERSISTENT, memory, CapType.Untyped, u64(size), slot);
}

/** The repository's packages, from slot 1 on, and the trust set. */
function givePackages(info: InitInfo): void {
  let next: u32 = 1;
  for (let i: u32 = 0; i < u32(info.moduleCount); i++) {
    if (!isInFolder(nameOfModule(info, i))) continue;
    copyInto(SLOT_PACKAGES, SLOT_FIRST_MODULE + i, next);
    next++;
  }
  const trust = moduleNamed(info, TRUST_FILE);
  if (trust !== NO_MODULE) copyInto(SLOT_CNODE, SLOT_FIRST_MODULE + trust, SLOT_TRUST);
}
