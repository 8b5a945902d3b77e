/** @unsafe copies the kernel's half of the page tables */
import { MACHINE_X86_64 } from "../../codec/elf/elf";
import { CapType, isCapWith, objectIn } from "../../kernel/cap/capability";
import type { PhysAddr } from "../../kernel/memory/address";
import type { AddressSpace } from "../../kernel/object/addressSpace";
import { cpu } from "../../kernel/sched/cpu";
import { readCr3, writeCr3, writeMsr } from "./cpu";
import { windowOf } from "./mmu";

/** Page tables of users on x86_64 (SDM volume 3, 4.5): the lower half is theirs, the upper half the kernel's. */

/** Of programs for this machine. */
export const ELF_MACHINE = MACHINE_X86_64;

const PRESENT = 1n;
const WRITABLE = 2n;
const USER = 4n;
const LARGE = 0x80n;
const NO_EXECUTE = 0x8000_0000_0000_0000n;
const HALF = 256;
const MSR_FS_BASE = 0xc000_0100;

/** Rights of a leaf, for `userLeaf`. */
export const LEAF_READ = NO_EXECUTE;
export const LEAF_WRITE = 0x8000_0000_0000_0002n;
export const LEAF_EXECUTE = 0n;
export const LEAF_DEVICE = 0x18n;

export interface Root extends Struct<"Root"> {
  readonly entries: FixedArray<u64, 512>;
}

/** @extern cpu_flushPage */
declare function invalidatePage(va: u64): void;

/** The kernel's own root, in which no user page is. */
let emptySpace: u64 = 0n;

export function initUserSpaces(): void {
  emptySpace = readCr3();
  cpu.space = emptySpace;
}

/** A page at `level` that users may reach with `flags`. @inline */
export function userLeaf(page: PhysAddr, flags: u64, level: u32): u64 {
  return u64(page) | PRESENT | USER | flags | (level === 0 ? 0n : LARGE);
}

export function userTable(table: PhysAddr): u64 {
  return u64(table) | PRESENT | WRITABLE | USER;
}

export function isUserWritable(entry: u64): boolean {
  return (entry & WRITABLE) !== 0n;
}

export function isUserExecutable(entry: u64): boolean {
  return (entry & NO_EXECUTE) === 0n;
}

/** Whether users may reach the page. */
export function isOpenToUsers(entry: u64): boolean {
  return (entry & USER) !== 0n;
}

/** The root whose upper half stands in every root; null where nothing does. */
export function upperHalf(): Root | null {
  return cast<Root>(windowOf(emptySpace as PhysAddr));
}

/** An empty lower half under the kernel's upper half. */
export function newRoot(p: PhysAddr): void {
  const root = cast<Root>(windowOf(p));
  const kernel = cast<Root>(windowOf(emptySpace as PhysAddr));
  for (let i: u32 = 0; i < HALF; i++) root.entries[i] = 0n;
  for (let i: u32 = HALF; i < 2 * HALF; i++) root.entries[i] = kernel.entries[i];
}

/** What activates a space. QEMU's processors have no PCID: identifiers are the kernel's alone. */
export function newSpaceRegister(root: PhysAddr, id: u32): u64 {
  return root;
}

/** The register of a thread's space; without one, a space in which nothing is mapped. @inline */
export function spaceOf(word: u64): u64 {
  return isCapWith(word, CapType.AddressSpace, 0n) ? cast<AddressSpace>(objectIn(word)).register : emptySpace;
}

/** @inline */
export function activateSpace(register: u64): void {
  writeCr3(register);
  cpu.space = register;
}

/** No translation of the page is used any more. @hot */
export function flushPage(register: u64, id: u32, va: u64): void {
  if (cpu.space === register) invalidatePage(va);
}

/** None of the space is, nor the tables themselves: they may be reused. @hot */
export function flushSpace(register: u64, id: u32): void {
  if (cpu.space === register) writeCr3(register);
}

/** The space is about to end: the processor must not walk its tables any more. */
export function leaveSpace(register: u64, id: u32): void {
  if (cpu.space === register) activateSpace(emptySpace);
}

/** The base of FS, for thread-local storage. Users change it only by loading FS, which harms nobody without one. @inline */
export function loadThreadPointer(address: u64): void {
  if ((address | cpu.tls) !== 0n) writeThreadPointer(address);
}

/** @noinline */
function writeThreadPointer(address: u64): void {
  writeMsr(MSR_FS_BASE, address);
  cpu.tls = address;
}

/** Instructions were written to memory as data: nothing to do here (volume 3, 11.6). */
export function publishCode(address: u64, bytes: u64): void {}
