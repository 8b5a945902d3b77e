import { isEqual } from "../../kernel/text";
import { DirectoryStatus } from "../../protocol/directory";
import { type Name, textOfName, type VersionText } from "../../protocol/texts";

/**
 * The services that can be found: a name, who is behind it, and the slot of a capability to send to it. Every change is one
 * step and counts the revision up; so whoever has read the list at one revision has read it whole.
 *
 * N1  Names are unique.
 *
 * The directory outlives its process, which can end between any two instructions: an entry is written before it is taken,
 * and the revision goes on with every incarnation, so that whoever has read the list looks again.
 */

export const MAX_SERVICES = 64;
export const NO_SERVICE = 0xffff_ffff;

export interface ServiceEntry extends Struct<"ServiceEntry"> {
  /** False: the place is free. */
  isTaken: boolean;
  processId: u32;
  /** When it was last changed. */
  revision: u64;
  readonly name: Inline<Name>;
  readonly protocol: Inline<Name>;
  readonly version: Inline<VersionText>;
}

export interface Directory extends Struct<"Directory"> {
  /** Of one that was written. */
  magic: u64;
  /** Changes so far. */
  revision: u64;
  count: u32;
  readonly entries: FixedArray<Inline<ServiceEntry>, typeof MAX_SERVICES>;
}

const MAGIC = 0x7972_6f74_6365_7269n;

/** Begins with what the incarnation before has left, or with nothing. */
export function reopen(directory: Directory): void {
  const isKept = directory.magic === MAGIC;
  directory.magic = MAGIC;
  directory.revision++;
  directory.count = 0;
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    if (!isKept) directory.entries[i].isTaken = false;
    if (directory.entries[i].isTaken) directory.count++;
  }
}

/** The number of the service with this name, or NO_SERVICE. */
export function serviceNamed(directory: Directory, name: Bytes): u32 {
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    const entry = directory.entries[i];
    if (entry.isTaken && isEqual(textOfName(entry.name), name)) return i;
  }
  return NO_SERVICE;
}

/** The place for another service, or NO_SERVICE. */
export function freePlace(directory: Directory): u32 {
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    if (!directory.entries[i].isTaken) return i;
  }
  return NO_SERVICE;
}

/** Why a service of this name cannot be entered, or Success, also for the process that has entered it. */
export function whyNoEntry(directory: Directory, name: Bytes, processId: u32): DirectoryStatus {
  const place = serviceNamed(directory, name);
  if (place !== NO_SERVICE) {
    return directory.entries[place].processId === processId ? DirectoryStatus.Success : DirectoryStatus.Taken;
  }
  return freePlace(directory) === NO_SERVICE ? DirectoryStatus.Full : DirectoryStatus.Success;
}

/** Enters what has been written into the free place `place`. */
export function enter(directory: Directory, place: u32): void {
  const entry = directory.entries[place];
  entry.isTaken = true;
  directory.revision++;
  directory.count++;
  entry.revision = directory.revision;
}

/** Takes the service in `place` out. */
export function takeOut(directory: Directory, place: u32): void {
  const entry = directory.entries[place];
  if (!entry.isTaken) return;
  entry.isTaken = false;
  directory.revision++;
  directory.count--;
}

/** The service that has `index` others before it, or NO_SERVICE. */
export function serviceAt(directory: Directory, index: u32): u32 {
  let left = index;
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    if (!directory.entries[i].isTaken) continue;
    if (left === 0) return i;
    left--;
  }
  return NO_SERVICE;
}
