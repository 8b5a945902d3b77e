/** @unsafe reads the firmware's tables */
import type { PhysAddr } from "../../kernel/memory/address";
import { GicVersion, type Platform, PsciMethod } from "../deviceTree";

/**
 * The devices that a kernel needs before it has drivers, as ACPI's static tables tell them (ACPI 6.5, chapter 5):
 *
 *   RSDP ──▶ XSDT ──┬──▶ FADT  how PSCI is called
 *                   ├──▶ MADT  the interrupt controller
 *                   └──▶ SPCR  the serial port (Microsoft, "Serial Port Console Redirection Table")
 *
 * What a table does not tell stays as it was in the platform.
 */

const RSDP_SIGNATURE = 0x2052_5450_2044_5352n; // "RSD PTR "
const XSDT_ADDRESS = 24n;

/** The head that every table has. */
const LENGTH = 4n;
const HEADER_BYTES = 36n;

const XSDT = 0x5444_5358;
const FADT = 0x5043_4146; // "FACP"
const MADT = 0x4349_5041; // "APIC"
const SPCR = 0x5243_5053;

/** FADT: ARM boot architecture flags. */
const ARM_FLAGS = 129n;
const ARM_FLAGS_END = 131n;
const HAS_PSCI = 1;
const USES_HVC = 2;

/** MADT: entries of a type byte, a length byte, and more. */
const FIRST_ENTRY = 44n;
const GICC = 11;
const GICC_END = 68n;
const GICC_CPU_INTERFACE = 32n;
const GICC_REDISTRIBUTOR = 60n;
const GICD = 12;
const GICD_END = 21n;
const GICD_ADDRESS = 8n;
const GICD_VERSION = 20n;
const GICR = 14;
const GICR_END = 12n;
const GICR_ADDRESS = 4n;

/** SPCR. */
const PORT_TYPE = 36n;
const PL011 = 3;
const PORT_SPACE = 40n;
const IN_MEMORY = 0;
const PORT_ADDRESS = 44n;
const PORT_INTERRUPT_TYPE = 52n;
const FROM_GIC = 8;
const PORT_INTERRUPT = 54n;
const SPCR_END = 58n;

/** What the MADT has told so far. */
interface Controllers extends Struct<"Controllers"> {
  version: u8;
  distributor: u64;
  cpuInterface: u64;
  redistributors: u64;
}

/** Fills `platform` from the tables behind the root pointer at `root`; nothing when that is none. */
export function readAcpi(platform: Platform, root: u64): void {
  if (load64(root) !== RSDP_SIGNATURE) return;
  const xsdt = load64(root + XSDT_ADDRESS);
  if (xsdt === 0n || load32(xsdt) !== XSDT) return;
  const end = xsdt + u64(load32(xsdt + LENGTH));
  for (let at = xsdt + HEADER_BYTES; at + 8n <= end; at += 8n) {
    const table = load64(at);
    if (table !== 0n) readTable(platform, table, u64(load32(table + LENGTH)));
  }
}

function readTable(platform: Platform, table: u64, bytes: u64): void {
  switch (load32(table)) {
    case FADT:
      if (bytes >= ARM_FLAGS_END) readPsci(platform, load16(table + ARM_FLAGS));
      return;
    case MADT:
      readControllers(platform, table, bytes);
      return;
    case SPCR:
      if (bytes >= SPCR_END) readPort(platform, table);
      return;
    default:
      return;
  }
}

function readPsci(platform: Platform, flags: u16): void {
  if ((flags & HAS_PSCI) === 0) return;
  platform.psci = (flags & USES_HVC) !== 0 ? PsciMethod.Hvc : PsciMethod.Smc;
}

function readControllers(platform: Platform, table: u64, bytes: u64): void {
  const found = local<Controllers>();
  const end = table + bytes;
  let at = table + FIRST_ENTRY;
  while (at + 2n <= end) {
    const length = u64(load8(at + 1n));
    if (length < 2n || at + length > end) break;
    readController(found, at, length);
    at += length;
  }
  if (found.distributor === 0n) return;
  const isV3 = found.version >= 3;
  platform.gicDistributor = found.distributor as PhysAddr;
  platform.gicVersion = isV3 ? GicVersion.V3 : GicVersion.V2;
  platform.gicSecond = (isV3 ? found.redistributors : found.cpuInterface) as PhysAddr;
}

/** The first of several entries of a kind is that of the processor that boots. */
function readController(found: Controllers, entry: u64, bytes: u64): void {
  const type = load8(entry);
  if (type === GICD && bytes >= GICD_END) {
    found.distributor = load64(entry + GICD_ADDRESS);
    found.version = load8(entry + GICD_VERSION);
  } else if (type === GICR && bytes >= GICR_END) {
    if (found.redistributors === 0n) found.redistributors = load64(entry + GICR_ADDRESS);
  } else if (type === GICC && bytes >= GICC_END) {
    if (found.cpuInterface === 0n) found.cpuInterface = load64(entry + GICC_CPU_INTERFACE);
    if (found.redistributors === 0n) found.redistributors = load64(entry + GICC_REDISTRIBUTOR);
  }
}

function readPort(platform: Platform, table: u64): void {
  if (load8(table + PORT_TYPE) !== PL011 || load8(table + PORT_SPACE) !== IN_MEMORY) return;
  platform.uart = load64(table + PORT_ADDRESS) as PhysAddr;
  if ((load8(table + PORT_INTERRUPT_TYPE) & FROM_GIC) !== 0) platform.uartLine = load32(table + PORT_INTERRUPT);
}
