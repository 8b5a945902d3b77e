/** @unsafe reads address spaces by their addresses */
import { MACHINE_AARCH64 } from "../../codec/elf/elf";
import { CapType, isCapWith, objectIn } from "../../kernel/cap/capability";
import type { PhysAddr } from "../../kernel/memory/address";
import type { AddressSpace } from "../../kernel/object/addressSpace";
import { cpu } from "../../kernel/sched/cpu";
import { ATTRIBUTE_DEVICE } from "./layout";
import { physicalOf, publishTables, windowOf } from "./mmu";

/** Page tables of users on aarch64 (Arm ARM, D5.3): TTBR0 is theirs, TTBR1 the kernel's. */

/** Of programs for this machine. */
export const ELF_MACHINE = MACHINE_AARCH64;

const VALID = 1n;
const TABLE = 2n;
const USER_ACCESS = 0x40n;
const READ_ONLY = 0x80n;
const ACCESSED = 0x400n;
const NOT_GLOBAL = 0x800n;
const PRIVILEGED_NO_EXECUTE = 0x20_0000_0000_0000n;
const USER_NO_EXECUTE = 0x40_0000_0000_0000n;
const KIND_MASK = 0x31cn;
const ID_SHIFT = 48n;

/** Rights of a leaf, for `userLeaf`. */
export const LEAF_READ = 0x40_0000_0000_0384n;
export const LEAF_WRITE = 0x40_0000_0000_0304n;
export const LEAF_EXECUTE = 0x384n;
/** Taken off the kind: device memory is neither normal nor shareable. */
export const LEAF_DEVICE = 0x8000_0000_0000_0000n;

export interface Root extends Struct<"Root"> {
  readonly entries: FixedArray<u64, 512>;
}

/** @extern cpu_write_ttbr0 */
declare function writeTtbr0(value: u64): void;
/** @extern cpu_write_tpidr_el0 */
declare function writeThreadPointer(value: u64): void;
/** @extern cpu_flushUserPage */
declare function invalidatePage(operand: u64): void;
/** @extern cpu_flushUserSpace */
declare function invalidateSpace(operand: u64): void;
/** @extern cpu_publishCode */
declare function cleanCode(address: u64, bytes: u64): void;
/** @extern cpu_enableLowerHalf */
declare function enableLowerHalf(): void;

/** A root in which nothing is. */
const emptyRoot: FixedArray<u64, 1024> = zeroed();
let emptySpace: u64 = 0n;

/** Lets TTBR0 be walked again, with 16-bit identifiers where the processor has them. */
export function initUserSpaces(): void {
  emptySpace = physicalOf((addressOf(emptyRoot) + 4095n) & ~4095n);
  activateSpace(emptySpace);
  enableLowerHalf();
}

/** A page at `level` that users may reach with `flags`. @inline */
export function userLeaf(page: PhysAddr, flags: u64, level: u32): u64 {
  const kind = (flags & LEAF_DEVICE) === 0n ? flags : (flags & ~(LEAF_DEVICE | KIND_MASK)) | u64(ATTRIBUTE_DEVICE << 2);
  return (
    u64(page) | VALID | (level === 0 ? TABLE : 0n) | USER_ACCESS | ACCESSED | NOT_GLOBAL | PRIVILEGED_NO_EXECUTE | kind
  );
}

export function userTable(table: PhysAddr): u64 {
  return u64(table) | VALID | TABLE;
}

export function isUserWritable(entry: u64): boolean {
  return (entry & READ_ONLY) === 0n;
}

export function isUserExecutable(entry: u64): boolean {
  return (entry & USER_NO_EXECUTE) === 0n;
}

/** Whether users may reach the page, and the kernel does not execute it. */
export function isOpenToUsers(entry: u64): boolean {
  return (entry & USER_ACCESS) !== 0n && (entry & PRIVILEGED_NO_EXECUTE) !== 0n;
}

/** The root whose upper half stands in every root; null where nothing does: the kernel has tables of its own. */
export function upperHalf(): Root | null {
  return null;
}

export function newRoot(p: PhysAddr): void {
  const root = cast<Root>(windowOf(p));
  for (let i: u32 = 0; i < 512; i++) root.entries[i] = 0n;
  publishTables();
}

/** What activates a space: its root, and its identifier in the upper bits. */
export function newSpaceRegister(root: PhysAddr, id: u32): u64 {
  return u64(root) | (u64(id) << ID_SHIFT);
}

/** The register of a thread's space; without one, a space in which nothing is mapped. @inline */
export function spaceOf(word: u64): u64 {
  return isCapWith(word, CapType.AddressSpace, 0n) ? cast<AddressSpace>(objectIn(word)).register : emptySpace;
}

/** @inline */
export function activateSpace(register: u64): void {
  writeTtbr0(register);
  cpu.space = register;
}

/** No translation of the page is used any more, on any processor. @hot */
export function flushPage(register: u64, id: u32, va: u64): void {
  invalidatePage((u64(id) << ID_SHIFT) | (va >> 12n));
}

/** None of the space is, nor the tables themselves: they may be reused. @hot */
export function flushSpace(register: u64, id: u32): void {
  invalidateSpace(u64(id) << ID_SHIFT);
}

/** The space is about to end: the processor must not walk its tables any more. */
export function leaveSpace(register: u64, id: u32): void {
  if (cpu.space === register) activateSpace(emptySpace);
  invalidateSpace(u64(id) << ID_SHIFT);
}

/** For thread-local storage. The user can change it too: it is always loaded. @inline */
export function loadThreadPointer(address: u64): void {
  writeThreadPointer(address);
}

/** Instructions were written to memory as data: what is fetched must see them (B2.4.4). */
export function publishCode(address: u64, bytes: u64): void {
  cleanCode(address, bytes);
}
