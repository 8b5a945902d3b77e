import type { PhysAddr } from "../kernel/memory/address";

/**
 * What every loader hands over, whatever its own format: filled once by the architecture's `start`, read-only
 * from `kernelMain` on. Strings are copied, because the loader's memory is reused.
 *
 *   multiboot2 ─┐
 *   PVH ────────┼─▶ BootInfo ─▶ kernelMain
 *   device tree ┘
 *
 * B1  Ranges are kept in the loader's order and may overlap: what any range calls reserved is reserved.
 * B2  A range, module or character for which there is no room is counted in `dropped`, never lost in silence.
 */

export const MAX_MEMORY_RANGES = 128;
export const MAX_MODULES = 64;
export const MAX_MODULE_NAME = 64;
export const MAX_COMMAND_LINE = 512;

/** @storage u8 */
export const enum Loader {
  Multiboot2,
  Pvh,
  LinuxImage,
}

/** @storage u8 */
export const enum MemoryKind {
  Usable,
  Reserved,
  /** ACPI tables: usable once they have been read. */
  Reclaimable,
}

export interface MemoryRange extends Struct<"MemoryRange"> {
  start: PhysAddr;
  bytes: u64;
  kind: MemoryKind;
}

export interface BootModule extends Struct<"BootModule"> {
  start: PhysAddr;
  bytes: u64;
  nameLength: u32;
  readonly name: FixedArray<u8, typeof MAX_MODULE_NAME>;
}

/** A linear framebuffer, or the cells of a text mode, in which width and height count characters; `address` 0n when there is none. */
export interface Framebuffer extends Struct<"Framebuffer"> {
  address: PhysAddr;
  pitchBytes: u32;
  width: u32;
  height: u32;
  bitsPerPixel: u8;
  isText: boolean;
  /** Of a pixel: where each color's lowest bit is, and how many it has. */
  redPosition: u8;
  redBits: u8;
  greenPosition: u8;
  greenBits: u8;
  bluePosition: u8;
  blueBits: u8;
}

export interface BootInfo extends Struct<"BootInfo"> {
  loader: Loader;
  /** The architecture's instruction counter at the first instruction of the stub. */
  entryCounter: u64;
  memoryRangeCount: u32;
  readonly memoryRanges: FixedArray<Inline<MemoryRange>, typeof MAX_MEMORY_RANGES>;
  moduleCount: u32;
  readonly modules: FixedArray<Inline<BootModule>, typeof MAX_MODULES>;
  /** What holds modules as files, with what lies between them; of several archives the first. */
  archiveStart: PhysAddr;
  archiveBytes: u64;
  commandLineLength: u32;
  readonly commandLine: FixedArray<u8, typeof MAX_COMMAND_LINE>;
  readonly framebuffer: Inline<Framebuffer>;
  /** ACPI root pointer (RSDP), 0n when there is none. */
  acpiRoot: PhysAddr;
  /** Flattened device tree, 0n when there is none. */
  deviceTree: PhysAddr;
  deviceTreeBytes: u64;
  /** What did not fit (B2). */
  dropped: u32;
}

export const bootInfo: BootInfo = zeroed();

/** Adds what the loader says of `bytes` bytes from `start`; empty ranges are passed over. */
export function addMemoryRange(info: BootInfo, start: PhysAddr, bytes: u64, kind: MemoryKind): void {
  if (bytes === 0n) return;
  const index = info.memoryRangeCount;
  if (index >= MAX_MEMORY_RANGES) {
    info.dropped++;
    return;
  }
  const range = info.memoryRanges[index];
  range.start = start;
  range.bytes = bytes;
  range.kind = kind;
  info.memoryRangeCount = index + 1;
}

/** Adds a boot module; its memory is reserved by whoever reads `modules`. */
export function addModule(info: BootInfo, start: PhysAddr, bytes: u64, name: Bytes): void {
  const index = info.moduleCount;
  if (index >= MAX_MODULES) {
    info.dropped++;
    return;
  }
  const module = info.modules[index];
  module.start = start;
  module.bytes = bytes;
  module.nameLength = 0;
  for (let i: u32 = 0; i < name.length; i++) {
    if (i >= MAX_MODULE_NAME) {
      info.dropped++;
      break;
    }
    module.name[i] = name[i];
    module.nameLength = i + 1;
  }
  info.moduleCount = index + 1;
}

/** Takes module `index` out; those behind it move up. */
export function removeModule(info: BootInfo, index: u32): void {
  info.moduleCount--;
  for (let i = index; i < info.moduleCount; i++) copyStruct(info.modules[i], info.modules[i + 1]);
}

/** Takes the kernel's command line, without the kernel's own path. */
export function setCommandLine(info: BootInfo, text: Bytes): void {
  info.commandLineLength = 0;
  for (let i: u32 = 0; i < text.length; i++) {
    if (i >= MAX_COMMAND_LINE) {
      info.dropped++;
      return;
    }
    info.commandLine[i] = text[i];
    info.commandLineLength = i + 1;
  }
}

/**
 * The value of the last word `name=value` of the command line, of a bare word `name` the empty slice at its
 * end; false in `found` when no word has that name.
 */
export interface Option extends Struct<"Option"> {
  isFound: boolean;
  start: u32;
  length: u32;
}

/** Looks `name` up among the command line's words and fills `option` with the place of its value. */
export function findOption(info: BootInfo, name: Bytes, option: Option): void {
  option.isFound = false;
  let start: u32 = 0;
  while (start < info.commandLineLength) {
    let end = start;
    while (end < info.commandLineLength && info.commandLine[end] !== 0x20) end++;
    const equals = start + name.length;
    if (equals <= end && (equals === end || info.commandLine[equals] === 0x3d) && matchesAt(info, start, name)) {
      option.isFound = true;
      option.start = equals === end ? end : equals + 1;
      option.length = end - option.start;
    }
    start = end + 1;
  }
}

/** Whether the command line has the option `name` with exactly this value. */
export function isOption(info: BootInfo, name: Bytes, value: Bytes): boolean {
  const option = local<Option>();
  findOption(info, name, option);
  return option.isFound && option.length === value.length && matchesAt(info, option.start, value);
}

/** The caller checked that `text.length` characters follow `start`. */
function matchesAt(info: BootInfo, start: u32, text: Bytes): boolean {
  for (let i: u32 = 0; i < text.length; i++) {
    if (info.commandLine[start + i] !== text[i]) return false;
  }
  return true;
}
