import { LOAD_STAGES, LoadStage, type Receipt } from "../../protocol/receipt";
import { setName } from "../../protocol/texts";
import { type Crashes, noteCrash } from "../../services/init/crashes";
import { mayAsk, mayLoad, type Wish } from "../../services/module-manager/admission";
import {
  type LoadEvent,
  type LoadState,
  type Transition,
  transitionOf,
  transitions,
} from "../../services/module-manager/loadState";
import { beginReceipt, countStage, keepReceipt, receiptOf } from "../../services/module-manager/receipts";
import { addPackage, type Found, findPackage, type PackageIndex } from "../../services/module-repository/packageIndex";
import {
  type Directory,
  enter,
  freePlace,
  NO_SERVICE,
  reopen,
  serviceAt,
  serviceNamed,
  takeOut,
  whyNoEntry,
} from "../../services/service-directory/entries";

/** What test/services/*.test.ts call of the services' decisions. */

const index: PackageIndex = zeroed();
const found: Found = zeroed();
const transition: Transition = zeroed();
const inFlight: Receipt = zeroed();
const directory: Directory = zeroed();

const crashes: Crashes = zeroed();

/** How long to wait. @entry note_crash */
export function noteOne(now: u64): u64 {
  return noteCrash(crashes, now);
}

/** @entry clear_packages */
export function clearPackages(): void {
  index.count = 0;
}

/** @entry add_package */
export function addOne(name: Bytes, version: Bytes): boolean {
  return addPackage(index, name, version, 1n, 1);
}

/** The status, and the entry's number behind it. @entry find_package */
export function findOne(name: Bytes, range: Bytes): u64 {
  findPackage(index, name, range, found);
  return u64(u32(found.status)) | (u64(found.entry) << 32n);
}

/** @entry may_ask */
export function mayOne(badge: u64, wish: u32): boolean {
  return mayAsk(badge, toEnum<Wish>(wish));
}

/** @entry may_load */
export function mayLoadOne(badge: u64, own: Bytes, name: Bytes, inFlight: u32): boolean {
  return mayLoad(badge, own, name, inFlight);
}

/** Action and next state behind it. @entry transition_of */
export function transitionFrom(state: u32, event: u32): u32 {
  transitionOf(toEnum<LoadState>(state), toEnum<LoadEvent>(event), transition);
  return u32(transition.action) | (u32(transition.next) << 8);
}

/** State and event of a row, or 0xffff behind the last. @entry transition_row */
export function transitionRow(row: u32): u32 {
  if (row >= transitions.length) return 0xffff;
  return u32(transitions[row].state) | (u32(transitions[row].event) << 8);
}

/** The number of a load that has begun and ended. @entry new_receipt */
export function newOne(): u32 {
  const receipt = local<Receipt>();
  beginReceipt(receipt);
  keepReceipt(receipt);
  return receipt.loadId;
}

/** The number of a load that has begun. @entry begin_receipt */
export function beginOne(): u32 {
  beginReceipt(inFlight);
  return inFlight.loadId;
}

/** Ends it, with this time for its first stage. @entry end_receipt */
export function endOne(ns: u64): void {
  countStage(inFlight, LoadStage.Find, ns);
  keepReceipt(inFlight);
}

/** False when it is not known. @entry count_stage */
export function countOne(loadId: u32, stage: u32, ns: u64): boolean {
  const receipt = receiptOf(loadId);
  if (receipt === null) return false;
  countStage(receipt, toEnum<LoadStage>(stage), ns);
  return true;
}

/** @entry total_of */
export function totalOfOne(loadId: u32): u64 {
  const receipt = receiptOf(loadId);
  if (receipt === null) return 0xffff_ffffn;
  let sum: u64 = 0n;
  for (let i: u32 = 0; i < LOAD_STAGES; i++) sum += receipt.stages[i];
  return sum;
}

/** DirectoryStatus. @entry enter_service */
export function enterOne(name: Bytes, processId: u32): u32 {
  const why = whyNoEntry(directory, name, processId);
  if (u32(why) !== 0 || serviceNamed(directory, name) !== NO_SERVICE) return u32(why);
  const place = freePlace(directory);
  setName(directory.entries[place].name, name);
  directory.entries[place].processId = processId;
  enter(directory, place);
  return 0;
}

/** @entry reopen_directory */
export function reopenOne(): void {
  reopen(directory);
}

/** @entry take_out_service */
export function takeOutOne(name: Bytes): boolean {
  const place = serviceNamed(directory, name);
  if (place === NO_SERVICE) return false;
  takeOut(directory, place);
  return true;
}

/** The name's length, or NO_SERVICE. @entry service_at */
export function nameAt(at: u32, to: Bytes): u32 {
  const place = serviceAt(directory, at);
  if (place === NO_SERVICE) return NO_SERVICE;
  const name = directory.entries[place].name;
  for (let i: u32 = 0; i < name.length; i++) to[i] = name.bytes[i];
  return name.length;
}

/** Count, and revision behind it. @entry directory_counts */
export function directoryCounts(): u64 {
  return u64(directory.count) | (directory.revision << 32n);
}
