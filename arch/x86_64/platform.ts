/** @unsafe reads the firmware's tables through the physical window */
import type { BootInfo } from "../../boot/bootInfo";
import type { PhysAddr } from "../../kernel/memory/address";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { out8 } from "./cpu";

/**
 * The devices of this machine, as ACPI tells them (version 6.5): where the interrupt controller is and how the ISA
 * lines are wired (MADT, 5.2.12), the timer of known rate, how to switch off and how to restart (FADT, 5.2.9, and the
 * DSDT's \_S5). Without ACPI the defaults of the PC hold.
 *
 *   RSDP ──▶ XSDT or RSDT ──▶ MADT, FADT ──▶ DSDT
 */

const HEADER_BYTES = 36n;
const MAX_TABLE_BYTES = 0x10_0000;
const ISA_LINES = 16;
const DEFAULT_IO_APIC = 0xfec0_0000n;
/** `RSD PTR `, little-endian, as the names below. */
const SIGNATURE_ROOT = 0x2052_5450_2044_5352n;
const SIGNATURE_MADT = 0x4349_5041;
const SIGNATURE_FADT = 0x5043_4146;
const NAME_S5 = 0x5f35_535f;
const AML_PACKAGE = 0x12;
const AML_BYTE = 0x0a;

const MADT_IO_APIC = 1;
const MADT_OVERRIDE = 2;

/** Fields of the FADT (table 5.9) by their offsets. */
const FADT_DSDT = 40n;
const FADT_SMI_COMMAND = 48n;
const FADT_ACPI_ENABLE = 52n;
const FADT_PM1A_CONTROL = 64n;
const FADT_TIMER = 76n;
const FADT_FLAGS = 112n;
const FADT_RESET = 116n;
const FADT_RESET_VALUE = 128n;
const FADT_X_DSDT = 140n;
const FADT_SLEEP_CONTROL = 244n;
const FLAG_HAS_RESET = 0x400;

/** Address spaces of a generic address (table 5.1). */
const SPACE_MEMORY = 0;
const SPACE_IO = 1;

/** A register of 8 bits, in memory or behind a port; address 0n when the machine has none. */
export interface AcpiRegister extends Struct<"AcpiRegister"> {
  address: u64;
  isPort: boolean;
}

export interface Platform extends Struct<"Platform"> {
  ioApic: PhysAddr;
  /** The first global interrupt of the IO APIC. */
  ioApicFirstLine: u32;
  /** The global interrupt to which each ISA line is wired. */
  readonly lines: FixedArray<u32, typeof ISA_LINES>;
  /** Polarity in bits 0 and 1, trigger mode in bits 2 and 3 (table 5.26); 0 where the bus's own holds. */
  readonly flags: FixedArray<u16, typeof ISA_LINES>;
  /** Port of the 24-bit timer, or 0. */
  timer: u16;
  /** Port of the PM1a control register, or 0. */
  pm1Control: u16;
  /** Port and value that turn ACPI mode on, or 0. */
  smiCommand: u16;
  acpiEnable: u8;
  /** On machines without PM1. */
  readonly sleepControl: Inline<AcpiRegister>;
  /** The type of sleep that is soft-off. */
  softOff: u32;
  readonly reset: Inline<AcpiRegister>;
  resetValue: u8;
}

export const platform: Platform = zeroed();

export function initPlatform(info: BootInfo): void {
  platform.ioApic = DEFAULT_IO_APIC as PhysAddr;
  for (let line: u32 = 0; line < ISA_LINES; line++) platform.lines[line] = line;
  if (info.acpiRoot === 0n) return;
  const root = mapDevice(info.acpiRoot, HEADER_BYTES);
  if (load64(root) !== SIGNATURE_ROOT) return;
  const revision = load8(root + 15n);
  const isExtended = revision >= 2 && load64(root + 24n) !== 0n;
  const table = mapTable(isExtended ? load64(root + 24n) : u64(load32(root + 16n)));
  const entryBytes: u64 = isExtended ? 8n : 4n;
  const end = endOf(table);
  for (let entry = table + HEADER_BYTES; entry + entryBytes <= end; entry += entryBytes) {
    readTable(isExtended ? load64(entry) : u64(load32(entry)));
  }
}

/** Writes `value` if the machine has such a register. */
export function writeRegister(register: AcpiRegister, value: u8): void {
  if (register.address === 0n) return;
  if (register.isPort) out8(u16(register.address), value);
  else volatileStore8(mapDevice(register.address as PhysAddr, 1n), value);
}

/** The whole table at a physical address, in the window; of longer ones the first MiB. */
function mapTable(p: u64): u64 {
  const table = mapDevice(p as PhysAddr, HEADER_BYTES);
  mapDevice(p as PhysAddr, endOf(table) - table);
  return table;
}

function endOf(table: u64): u64 {
  const bytes = load32(table + 4n);
  return table + u64(bytes < MAX_TABLE_BYTES ? bytes : MAX_TABLE_BYTES);
}

function readTable(p: u64): void {
  if (p === 0n) return;
  const table = mapTable(p);
  const signature = load32(table);
  if (signature === SIGNATURE_MADT) readMadt(table);
  else if (signature === SIGNATURE_FADT) readFadt(table);
}

/** Of several IO APICs the one with the lowest interrupts has the ISA lines. */
function readMadt(table: u64): void {
  const end = endOf(table);
  let hasIoApic = false;
  let entry = table + 44n;
  while (entry + 2n <= end) {
    const type = load8(entry);
    const bytes = load8(entry + 1n);
    if (bytes < 2) return;
    if (type === MADT_IO_APIC && (!hasIoApic || load32(entry + 8n) < platform.ioApicFirstLine)) {
      platform.ioApic = u64(load32(entry + 4n)) as PhysAddr;
      platform.ioApicFirstLine = load32(entry + 8n);
      hasIoApic = true;
    } else if (type === MADT_OVERRIDE && load8(entry + 3n) < ISA_LINES) {
      const line = load8(entry + 3n);
      platform.lines[line] = load32(entry + 4n);
      platform.flags[line] = load16(entry + 8n);
    }
    entry += u64(u32(bytes));
  }
}

/** Fields past the table's end are those of a later version than the firmware's. */
function readFadt(table: u64): void {
  const bytes = endOf(table) - table;
  platform.smiCommand = u16(load32(table + FADT_SMI_COMMAND));
  platform.acpiEnable = load8(table + FADT_ACPI_ENABLE);
  platform.pm1Control = u16(load32(table + FADT_PM1A_CONTROL));
  platform.timer = u16(load32(table + FADT_TIMER));
  if (bytes > FADT_RESET_VALUE && (load32(table + FADT_FLAGS) & FLAG_HAS_RESET) !== 0) {
    readRegister(platform.reset, table + FADT_RESET);
    platform.resetValue = load8(table + FADT_RESET_VALUE);
  }
  if (bytes >= FADT_SLEEP_CONTROL + 12n) readRegister(platform.sleepControl, table + FADT_SLEEP_CONTROL);
  const isExtended = bytes >= FADT_X_DSDT + 8n && load64(table + FADT_X_DSDT) !== 0n;
  const dsdt = isExtended ? load64(table + FADT_X_DSDT) : u64(load32(table + FADT_DSDT));
  if (dsdt !== 0n) readSoftOff(mapTable(dsdt));
}

/** A generic address (5.2.3.2): space, three bytes on width and access, address. */
function readRegister(register: AcpiRegister, from: u64): void {
  const space = load8(from);
  if (space !== SPACE_MEMORY && space !== SPACE_IO) return;
  register.isPort = space === SPACE_IO;
  register.address = load64(from + 4n);
}

/** Finds the package \_S5 in the DSDT's bytes; its first element is the type of sleep (7.4.2). */
function readSoftOff(table: u64): void {
  const end = endOf(table);
  for (let at = table + HEADER_BYTES; at + 10n < end; at += 1n) {
    if (load32(at) !== NAME_S5 || load8(at + 4n) !== AML_PACKAGE) continue;
    // The upper two bits of a package's length say how many bytes of length follow.
    let element = at + 7n + u64(u32(load8(at + 5n) >>> 6));
    if (load8(element) === AML_BYTE) element += 1n;
    platform.softOff = load8(element) & 7;
    return;
  }
}
