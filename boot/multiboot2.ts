/** @unsafe reads the loader's record through the physical window */
import { windowOf } from "@arch/mmu";
import type { PhysAddr } from "../kernel/memory/address";
import { addMemoryRange, addModule, type BootInfo, MemoryKind, setCommandLine } from "./bootInfo";
import { kindOf, textAt } from "./pvh";

/** What a multiboot2 loader such as GRUB hands over: a list of tags, each 8-aligned (specification 2.0, 3.6). */

const TAG_END = 0;
const TAG_COMMAND_LINE = 1;
const TAG_MODULE = 3;
const TAG_MEMORY_MAP = 6;
const TAG_FRAMEBUFFER = 8;
const TAG_ACPI_OLD = 14;
const TAG_ACPI_NEW = 15;
const FRAMEBUFFER_RGB = 1;
const FRAMEBUFFER_TEXT = 2;

/** The record stays reserved: the ACPI root pointer is a copy in it. */
export function readMultiboot2(info: BootInfo, record: PhysAddr): void {
  const start = windowOf(record);
  const total = u64(load32(start));
  addMemoryRange(info, record, total, MemoryKind.Reserved);
  const end = start + total;
  let tag = start + 8n;
  while (tag + 8n <= end) {
    const bytes = u64(load32(tag + 4n));
    if (bytes < 8n || load32(tag) === TAG_END) return;
    readTag(info, tag, bytes, u64(record) + (tag - start));
    tag += (bytes + 7n) & ~7n;
  }
}

/** `physical` is the tag's own address: the ACPI tags hold the root pointer itself. */
function readTag(info: BootInfo, tag: u64, bytes: u64, physical: u64): void {
  switch (load32(tag)) {
    case TAG_COMMAND_LINE:
      setCommandLine(info, textAt(physical + 8n));
      return;
    case TAG_MODULE: {
      const from = load32(tag + 8n);
      const to = load32(tag + 12n);
      addModule(info, u64(from) as PhysAddr, u64(to - from), textAt(physical + 16n));
      return;
    }
    case TAG_MEMORY_MAP:
      readMap(info, tag, bytes);
      return;
    case TAG_FRAMEBUFFER:
      readFramebuffer(info, tag);
      return;
    case TAG_ACPI_OLD:
      if (info.acpiRoot === 0n) info.acpiRoot = (physical + 8n) as PhysAddr;
      return;
    case TAG_ACPI_NEW:
      info.acpiRoot = (physical + 8n) as PhysAddr;
      return;
    default:
      return;
  }
}

function readMap(info: BootInfo, tag: u64, bytes: u64): void {
  const entryBytes = u64(load32(tag + 8n));
  if (entryBytes < 24n) return;
  for (let entry = tag + 16n; entry + entryBytes <= tag + bytes; entry += entryBytes) {
    addMemoryRange(info, load64(entry) as PhysAddr, load64(entry + 8n), kindOf(load32(entry + 16n)));
  }
}

function readFramebuffer(info: BootInfo, tag: u64): void {
  const type = load8(tag + 29n);
  if (type !== FRAMEBUFFER_RGB && type !== FRAMEBUFFER_TEXT) return;
  const framebuffer = info.framebuffer;
  framebuffer.address = load64(tag + 8n) as PhysAddr;
  framebuffer.pitchBytes = load32(tag + 16n);
  framebuffer.width = load32(tag + 20n);
  framebuffer.height = load32(tag + 24n);
  framebuffer.bitsPerPixel = load8(tag + 28n);
  framebuffer.isText = type === FRAMEBUFFER_TEXT;
  if (framebuffer.isText) return;
  framebuffer.redPosition = load8(tag + 32n);
  framebuffer.redBits = load8(tag + 33n);
  framebuffer.greenPosition = load8(tag + 34n);
  framebuffer.greenBits = load8(tag + 35n);
  framebuffer.bluePosition = load8(tag + 36n);
  framebuffer.blueBits = load8(tag + 37n);
}
