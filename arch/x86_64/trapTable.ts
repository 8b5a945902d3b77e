/** @unsafe hands the addresses of the descriptor tables to the processor */
import type { Thread } from "../../kernel/object/thread";
import { writeMsr } from "./cpu";
import { TRAP_STACK_SIZE } from "./layout";
import type { TrapFrame } from "./trap";

/**
 * GDT, TSS and IDT (SDM volume 3, chapters 3, 7 and 6). Faults that can come from a broken stack, and those that
 * come at any time, run on stacks of their own (interrupt stack table):
 *
 *   IST 1 debug (#DB)   IST 2 NMI   IST 3 double fault (#DF)   IST 4 machine check (#MC)
 */

const GDT_ENTRIES = 7;
/** Where SYSCALL and SYSRET find the code and data segments (SDM volume 3, 5.8.8): user data 0x18, user code 0x20. */
const STAR = 0x0010_0008_0000_0000n;
/** Cleared by SYSCALL: all that a user may have set. */
const SYSCALL_MASK = 0x4_7700n;
const MSR_STAR = 0xc000_0081;
const MSR_LSTAR = 0xc000_0082;
const MSR_SYSCALL_MASK = 0xc000_0084;
/** RSP0 in the TSS: where a trap of a user thread pushes. */
const TSS_RSP0 = 4n;
export const KERNEL_CODE = 0x08;
export const KERNEL_DATA = 0x10;
const TASK_STATE = 0x28;
const VECTORS = 256;
/** Bytes between two stubs in trapEntry.asm. */
const STUB_BYTES = 16n;
const IST_COUNT = 4;

const VECTOR_DEBUG = 1;
const VECTOR_NMI = 2;
const VECTOR_BREAKPOINT = 3;
const VECTOR_DOUBLE_FAULT = 8;
const VECTOR_MACHINE_CHECK = 18;

/** 104 bytes in words, because its 64-bit fields are not aligned (volume 3, figure 7-11). */
const TSS_WORDS = 26;
const TSS_IST1_WORD = 9;
const TSS_IO_MAP_WORD = 25;

/** Interrupt gate, present; of level 0, or of level 3 for the one instruction that users may trap by: INT3. */
const GATE = 0x8en;
const USER_GATE = 0xeen;

type IstStack = FixedArray<u8, typeof TRAP_STACK_SIZE>;

/** What LGDT and LIDT read: a 16-bit limit, and the address right behind it. */
interface TablePointer extends Struct<"TablePointer"> {
  readonly bytes: FixedArray<u16, 5>;
}

const gdt: FixedArray<u64, typeof GDT_ENTRIES> = zeroed();
const tss: FixedArray<u32, typeof TSS_WORDS> = zeroed();
const idt: FixedArray<u64, 512> = zeroed();
const istStacks: FixedArray<IstStack, typeof IST_COUNT> = zeroed();
const pointer: TablePointer = zeroed();

/** @extern syscall_entry_traced */
declare const tracedSyscallEntry: FixedArray<u8, 1>;
/** @extern syscall_entry */
declare const syscallEntry: FixedArray<u8, 1>;
/** @extern trap_stubs */
declare const trapStubs: FixedArray<u8, 4096>;
/** @extern cpu_loadGdt */
declare function loadGdt(pointer: u64, code: u16, data: u16, task: u16): void;
/** @extern cpu_loadIdt */
declare function loadIdt(pointer: u64): void;

/** Loads all three; from here on every exception reaches `handle_trap`. */
export function initTrapTable(): void {
  fillTss();
  fillGdt();
  for (let vector: u32 = 0; vector < VECTORS; vector++) setGate(vector, istOf(vector));
  setPointer(addressOf(gdt), GDT_ENTRIES * 8 - 1);
  loadGdt(addressOf(pointer), KERNEL_CODE, KERNEL_DATA, TASK_STATE);
  setPointer(addressOf(idt), VECTORS * 16 - 1);
  loadIdt(addressOf(pointer));
  initSyscall();
}

/** Traps of `thread` save its registers in its own frame. @inline */
export function setTrapFrame(thread: Thread): void {
  store64(addressOf(tss) + TSS_RSP0, addressOf(thread.frame) + sizeOf<TrapFrame>());
}

/** From here on SYSCALL reaches `handle_syscall`. */
function initSyscall(): void {
  writeMsr(MSR_STAR, STAR);
  writeMsr(MSR_LSTAR, addressOf(syscallEntry));
  writeMsr(MSR_SYSCALL_MASK, SYSCALL_MASK);
}

/** Whether `address` lies in one of the interrupt stacks. */
export function isTrapStack(address: u64): boolean {
  const start = addressOf(istStacks);
  return address >= start && address < start + sizeOf<FixedArray<IstStack, typeof IST_COUNT>>();
}

function fillTss(): void {
  for (let i: u32 = 0; i < IST_COUNT; i++) {
    const top = addressOf(istStacks) + u64((i + 1) * TRAP_STACK_SIZE);
    tss[TSS_IST1_WORD + 2 * i] = u32(top);
    tss[TSS_IST1_WORD + 2 * i + 1] = u32(top >> 32n);
  }
  tss[TSS_IO_MAP_WORD] = u32(TSS_WORDS * 4) << 16;
}

/** From now on system calls reach `handle_traced`. */
export function traceCalls(): void {
  writeMsr(MSR_LSTAR, addressOf(tracedSyscallEntry));
}

export function traceNoCalls(): void {
  writeMsr(MSR_LSTAR, addressOf(syscallEntry));
}

function fillGdt(): void {
  gdt[1] = 0x00af_9b00_0000_ffffn;
  gdt[2] = 0x00cf_9300_0000_ffffn;
  gdt[3] = 0x00cf_f300_0000_ffffn;
  gdt[4] = 0x00af_fb00_0000_ffffn;
  const base = addressOf(tss);
  const limit = u64(TSS_WORDS * 4 - 1);
  gdt[5] = limit | ((base & 0xff_ffffn) << 16n) | (0x89n << 40n) | (((base >> 24n) & 0xffn) << 56n);
  gdt[6] = base >> 32n;
}

function istOf(vector: u32): u64 {
  switch (vector) {
    case VECTOR_DEBUG:
      return 1n;
    case VECTOR_NMI:
      return 2n;
    case VECTOR_DOUBLE_FAULT:
      return 3n;
    case VECTOR_MACHINE_CHECK:
      return 4n;
    default:
      return 0n;
  }
}

/** An interrupt gate: interrupts stay off in the handler (volume 3, figure 6-8). */
function setGate(vector: u32, ist: u64): void {
  const kind = vector === VECTOR_BREAKPOINT ? USER_GATE : GATE;
  const target = addressOf(trapStubs) + u64(vector) * STUB_BYTES;
  idt[2 * vector] =
    (target & 0xffffn) |
    (u64(KERNEL_CODE) << 16n) |
    (ist << 32n) |
    (kind << 40n) |
    (((target >> 16n) & 0xffffn) << 48n);
  idt[2 * vector + 1] = target >> 32n;
}

function setPointer(base: u64, limit: u32): void {
  pointer.bytes[0] = u16(limit);
  for (let i: u32 = 0; i < 4; i++) pointer.bytes[1 + i] = u16(base >> u64(16 * i));
}
