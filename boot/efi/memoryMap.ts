/** @unsafe reads the firmware's map */
import type { PhysAddr } from "../../kernel/memory/address";
import { addMemoryRange, type BootInfo, MemoryKind } from "../bootInfo";

/**
 * The firmware's memory map (UEFI 2.10, 7.2.3), as it is for whoever has left the firmware:
 *
 *   loader, boot services, conventional, if cacheable ──▶ usable
 *   devices' registers, holes ──▶ nothing: what no range names is no memory
 *   all other: runtime services, ACPI, reserved, broken ──▶ reserved
 *
 * Neighbours of one kind become one range: firmware has far more descriptors than BootInfo has room for.
 */

const DESCRIPTOR_BYTES = 40n;
const TYPE = 0n;
const START = 8n;
const PAGES = 24n;
const ATTRIBUTES = 32n;
const WRITE_BACK = 8n;
const PAGE_BYTES = 4096n;

const LOADER_CODE = 1;
const LOADER_DATA = 2;
const BOOT_SERVICES_CODE = 3;
const BOOT_SERVICES_DATA = 4;
const CONVENTIONAL = 7;
const DEVICE = 11;
const DEVICE_PORTS = 12;

/** Adds what the map of `bytes` bytes at `map` says, with a descriptor every `descriptorBytes` bytes. */
export function readMemoryMap(info: BootInfo, map: u64, bytes: u64, descriptorBytes: u64): void {
  if (descriptorBytes < DESCRIPTOR_BYTES) return;
  let start: u64 = 0n;
  let end: u64 = 0n;
  let kind = MemoryKind.Reserved;
  for (let at = map; at + descriptorBytes <= map + bytes; at += descriptorBytes) {
    const type = load32(at + TYPE);
    if (type === DEVICE || type === DEVICE_PORTS) continue;
    const nextStart = load64(at + START);
    const nextKind = kindOf(type, load64(at + ATTRIBUTES));
    if (nextStart !== end || nextKind !== kind) {
      addMemoryRange(info, start as PhysAddr, end - start, kind);
      start = nextStart;
      kind = nextKind;
    }
    end = nextStart + load64(at + PAGES) * PAGE_BYTES;
  }
  addMemoryRange(info, start as PhysAddr, end - start, kind);
}

function kindOf(type: u32, attributes: u64): MemoryKind {
  switch (type) {
    case LOADER_CODE:
    case LOADER_DATA:
    case BOOT_SERVICES_CODE:
    case BOOT_SERVICES_DATA:
    case CONVENTIONAL:
      return (attributes & WRITE_BACK) !== 0n ? MemoryKind.Usable : MemoryKind.Reserved;
    default:
      return MemoryKind.Reserved;
  }
}
