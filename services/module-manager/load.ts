import type { Bench } from "../../codec/package/bench";
import type { PackageVerification } from "../../codec/package/verify";
import type { LoadPurpose } from "../../protocol/load";
import type { LoadStage, Receipt } from "../../protocol/receipt";
import type { LoadStatus } from "../../protocol/status";
import type { Name, RangeText, VersionText } from "../../protocol/texts";
import { LoadEvent, LoadState } from "./loadState";

/** A load on its way: what was asked for, how far it is, and what has been made for it. */

export const MAX_LOADS = 8;
export const NO_LOAD = 0xffff_ffff;
/** Of the badge of a place to answer to; below it the load's number, so that no late answer counts for another load. */
const ONE_SHOT_BADGE = 0x8000_0000_0000_0000n;

export interface Load extends Struct<"Load"> {
  index: u32;
  state: LoadState;
  /** What comes next; None while a message is awaited. */
  event: LoadEvent;
  badge: u64;
  requestId: u64;
  purpose: LoadPurpose;
  isSecondAllowed: boolean;
  hasParameters: boolean;
  /** In uptime. */
  deadlineNs: u64;
  readonly name: Inline<Name>;
  readonly range: Inline<RangeText>;
  readonly version: Inline<VersionText>;
  /** How it will be answered. */
  status: LoadStatus;
  fault: u32;
  part: u32;
  place: u32;
  loadId: u32;
  readonly receipt: Inline<Receipt>;
  stage: LoadStage;
  /** When the stage began. */
  stageSinceNs: u64;
  /** Memory of the module pool that is given back at its end. */
  headersMemory: u32;
  workspace: u32;
  /** Of the record, or NO_MODULE. */
  module: u32;
  fileBytes: u64;
  headerBytes: u32;
  packedBytes: u32;
  binaryBytes: u32;
  /** Of payload or binary, so far. */
  doneBytes: u32;
  isPacked: boolean;
  /** Of the last request to the DeepCompressionService, which takes them in this order; and whether it is the second. */
  unpackNumber: u64;
  isSecondTry: boolean;
  readonly verification: Inline<PackageVerification>;
  readonly bench: Inline<Bench>;
}

interface Loads extends Struct<"Loads"> {
  readonly all: FixedArray<Inline<Load>, typeof MAX_LOADS>;
}

const loads: Loads = zeroed();

export function loadAt(index: u32): Load {
  return loads.all[index];
}

/** The number of a place without a load, or NO_LOAD. */
export function freeLoad(): u32 {
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    if (loads.all[i].state === LoadState.Free) return i;
  }
  return NO_LOAD;
}

/** Loads on their way for whoever has `badge`. */
export function inFlightOf(badge: u64): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loads.all[i];
    if (load.state !== LoadState.Free && load.badge === badge) count++;
  }
  return count;
}

export function oneShotBadge(load: Load): u64 {
  return ONE_SHOT_BADGE | (u64(load.index) << 32n) | u64(load.loadId);
}

/** Whether a message came by a place to answer to. */
export function isOneShotBadge(badge: u64): boolean {
  return (badge & ONE_SHOT_BADGE) !== 0n;
}

/** The number of the load that waits behind a badge, or NO_LOAD. */
export function loadOfBadge(badge: u64): u32 {
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const load = loads.all[i];
    if (load.state !== LoadState.Free && oneShotBadge(load) === badge) return i;
  }
  return NO_LOAD;
}

/** Whether the DeepCompressionService may be at work for it. */
export function isOut(load: Load): boolean {
  return (
    (load.state === LoadState.Unpacking && load.event === LoadEvent.None) ||
    load.state === LoadState.Draining ||
    load.state === LoadState.Stopping
  );
}

/** Whether the DeepCompressionService has another load's request to end before this one's. */
export function isBehindAnother(load: Load): boolean {
  for (let i: u32 = 0; i < MAX_LOADS; i++) {
    const other = loads.all[i];
    if (isOut(other) && other.unpackNumber < load.unpackNumber) return true;
  }
  return false;
}

/** Notes what is wrong, for the answer; the event that follows. */
export function failLoad(load: Load, status: LoadStatus): LoadEvent {
  load.status = status;
  return LoadEvent.Fault;
}

/** The same with what codec/package says. */
export function failAt(load: Load, status: LoadStatus, fault: u32, part: u32, place: u32): LoadEvent {
  load.fault = fault;
  load.part = part;
  load.place = place;
  return failLoad(load, status);
}
