/** @unsafe reads the loader's record through the physical window */
import { windowOf } from "@arch/mmu";
import type { PhysAddr } from "../kernel/memory/address";
import { addMemoryRange, addModule, type BootInfo, MemoryKind, setCommandLine } from "./bootInfo";

/**
 * What PVH hands over (Xen, include/public/arch-x86/hvm/start_info.h): QEMU's -kernel with an ELF file.
 *
 *   start_info ──▶ module list, command line, RSDP, memory map
 */

const MAGIC = 0x336e_c578;
const MODULE_BYTES = 32n;
const MAP_ENTRY_BYTES = 24n;
const E820_USABLE = 1;
const E820_ACPI = 3;
const MAX_TEXT = 4096;

export function readPvh(info: BootInfo, record: PhysAddr): void {
  const start = windowOf(record);
  assert(load32(start) === MAGIC, "the PVH start record has its magic number");
  const hasMap = load32(start + 4n) >= 1;
  const moduleCount = load32(start + 12n);
  const modules = windowOf(load64(start + 16n) as PhysAddr);
  setCommandLine(info, textAt(load64(start + 24n)));
  info.acpiRoot = load64(start + 32n) as PhysAddr;
  if (hasMap) readMap(info, windowOf(load64(start + 40n) as PhysAddr), load32(start + 48n));
  for (let i: u32 = 0; i < moduleCount; i++) {
    const module = modules + u64(i) * MODULE_BYTES;
    addModule(info, load64(module) as PhysAddr, load64(module + 8n), textAt(load64(module + 16n)));
  }
}

function readMap(info: BootInfo, map: u64, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const entry = map + u64(i) * MAP_ENTRY_BYTES;
    addMemoryRange(info, load64(entry) as PhysAddr, load64(entry + 8n), kindOf(load32(entry + 16n)));
  }
}

/** Every type but these two is reserved (ACPI 6.5, table 15.4). */
export function kindOf(type: u32): MemoryKind {
  if (type === E820_USABLE) return MemoryKind.Usable;
  return type === E820_ACPI ? MemoryKind.Reclaimable : MemoryKind.Reserved;
}

/** The text at a physical address up to its 0; empty for address 0. */
export function textAt(p: u64): Bytes {
  if (p === 0n) return "";
  const address = windowOf(p as PhysAddr);
  let length: u32 = 0;
  while (length < MAX_TEXT && load8(address + u64(length)) !== 0) length++;
  return castSlice<u8>(address, length);
}
