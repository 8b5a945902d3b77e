/** @unsafe reads the firmware's tables through the physical window */
import type { BootInfo } from "../../boot/bootInfo";
import type { PhysAddr } from "../../kernel/memory/address";
import { mapDevice } from "../../kernel/memory/kernelSpace";

/**
 * The devices of this machine, as ACPI tells them (version 6.5): where the interrupt controllers are and how the ISA lines are wired
 * (MADT, 5.2.12), and how to switch off (FADT, 5.2.9, and the DSDT's \_S5). Without ACPI the defaults of the PC hold.
 *
 *   RSDP ──▶ XSDT or RSDT ──▶ MADT, FADT ──▶ DSDT
 */

const HEADER_BYTES = 36n;
const MAX_TABLE_BYTES = 0x10_0000;
const ISA_LINES = 16;
const SIGNATURE_MADT = 0x4349_5041;
const SIGNATURE_FADT = 0x5043_4146;
const MADT_IO_APIC = 1;
const MADT_OVERRIDE = 2;
/** `_S5_`, little-endian. */
const NAME_S5 = 0x5f35_535f;
const AML_PACKAGE = 0x12;
const AML_BYTE = 0x0a;

interface Acpi extends Struct<"Acpi"> {
  ioApic: PhysAddr;
  ioApicFirstLine: u32;
  sleepControl: u16;
  softOff: u32;
  /** Global interrupt of each ISA line, and the flags of its override. */
  readonly lines: FixedArray<u32, typeof ISA_LINES>;
  readonly flags: FixedArray<u16, typeof ISA_LINES>;
}

const acpi: Acpi = zeroed();

export function initPlatform(info: BootInfo): void {
  acpi.ioApic = 0xfec0_0000n as PhysAddr;
  for (let line: u32 = 0; line < ISA_LINES; line++) acpi.lines[line] = line;
  if (info.acpiRoot === 0n) return;
  const root = mapDevice(info.acpiRoot, HEADER_BYTES);
  const revision = load8(root + 15n);
  const isExtended = revision >= 2 && load64(root + 24n) !== 0n;
  const tableOfTables = isExtended ? load64(root + 24n) : u64(load32(root + 16n));
  const entryBytes: u64 = isExtended ? 8n : 4n;
  const table = mapTable(tableOfTables);
  const end = table + u64(load32(table + 4n));
  for (let entry = table + HEADER_BYTES; entry + entryBytes <= end; entry += entryBytes) {
    readTable(isExtended ? load64(entry) : u64(load32(entry)));
  }
}

export function ioApicAddress(): PhysAddr {
  return acpi.ioApic;
}

/** The first global interrupt of the IO APIC. */
export function ioApicFirstLine(): u32 {
  return acpi.ioApicFirstLine;
}

/** The global interrupt to which an ISA line (0 to 15) is wired. */
export function lineOfIsa(line: u32): u32 {
  return acpi.lines[line];
}

/** Polarity in bits 0 and 1, trigger mode in bits 2 and 3 (table 5.26); 0 where the bus's own holds. */
export function flagsOfIsa(line: u32): u16 {
  return acpi.flags[line];
}

/** The port of the PM1a control register, or 0. */
export function sleepControlPort(): u16 {
  return acpi.sleepControl;
}

/** The sleep type of soft-off. */
export function softOffType(): u32 {
  return acpi.softOff;
}

/** The whole table at a physical address, in the window. */
function mapTable(p: u64): u64 {
  const header = mapDevice(p as PhysAddr, HEADER_BYTES);
  const bytes = load32(header + 4n);
  return mapDevice(p as PhysAddr, u64(bytes < MAX_TABLE_BYTES ? bytes : MAX_TABLE_BYTES));
}

function readTable(p: u64): void {
  if (p === 0n) return;
  const table = mapTable(p);
  const signature = load32(table);
  if (signature === SIGNATURE_MADT) readMadt(table);
  else if (signature === SIGNATURE_FADT) readFadt(table);
}

function readMadt(table: u64): void {
  const end = table + u64(load32(table + 4n));
  let entry = table + 44n;
  let hasIoApic = false;
  while (entry + 2n <= end) {
    const type = load8(entry);
    const bytes = load8(entry + 1n);
    if (bytes < 2) return;
    if (type === MADT_IO_APIC && !hasIoApic) {
      acpi.ioApic = u64(load32(entry + 4n)) as PhysAddr;
      acpi.ioApicFirstLine = load32(entry + 8n);
      hasIoApic = true;
    } else if (type === MADT_OVERRIDE && load8(entry + 3n) < ISA_LINES) {
      const line = load8(entry + 3n);
      acpi.lines[line] = load32(entry + 4n);
      acpi.flags[line] = load16(entry + 8n);
    }
    entry += u64(u32(bytes));
  }
}

function readFadt(table: u64): void {
  acpi.sleepControl = u16(load32(table + 64n));
  const dsdt = load32(table + 40n);
  if (dsdt !== 0) readSoftOff(mapTable(u64(dsdt)));
}

/** Finds the package \_S5 in the DSDT's bytes; its first element is the sleep type (7.4.2). */
function readSoftOff(table: u64): void {
  const end = table + u64(load32(table + 4n));
  for (let at = table + HEADER_BYTES; at + 10n < end; at += 1n) {
    if (load32(at) !== NAME_S5 || load8(at + 4n) !== AML_PACKAGE) continue;
    // The upper two bits of a package's length say how many bytes of length follow.
    let element = at + 7n + u64(u32(load8(at + 5n) >>> 6));
    if (load8(element) === AML_BYTE) element += 1n;
    acpi.softOff = load8(element) & 7;
    return;
  }
}
