/** @unsafe places files in memory */
import type { PhysAddr } from "../../kernel/memory/address";
import { addModule, type BootInfo, MAX_COMMAND_LINE, setCommandLine } from "../bootInfo";
import { GicVersion, type Platform, readDeviceTree } from "../deviceTree";
import { TREE_BYTES, writeDeviceTree } from "../deviceTreeWriter";
import { readAcpi } from "./acpi";
import {
  allocate,
  configurationTable,
  exitBootServices,
  type Guid,
  getMemoryMap,
  LOAD_ERROR,
  type MemoryMap,
  openFirmware,
  refuse,
  SUCCESS,
  UNSUPPORTED,
  write,
  writeDecimal,
} from "./firmware";
import { ALIGNMENT, HEAD_BYTES, imageBytes } from "./kernelImage";
import { readMemoryMap } from "./memoryMap";
import { fileBytes, findFile, MEND, openFile, openVolume, readFile } from "./volume";

/**
 * The EFI application for aarch64: loads kernel and boot archive from its own volume, and enters the kernel as QEMU's
 * -kernel does.
 *
 *   \skyscope\kernel.img ───▶ a multiple of 2 MiB ──────────────┐
 *   \skyscope\boot.cpio ────▶ anywhere ─────────────┐           ├──▶ efi_enterKernel
 *   \skyscope\options.txt ──▶ command line ─────────┼─▶ tree ───┘
 *   firmware's device tree, or ACPI ──▶ devices ────┤
 *   firmware's memory map ──▶ memory, reserved ─────┘
 *
 * The kernel gets a device tree of this loader's, whatever the firmware has: the firmware's own, if any, does not tell what
 * the firmware keeps for itself.
 */

/** boot.S sees no memory behind it before the kernel has page tables of its own. */
const LAST_EARLY_ADDRESS = 0x3_ffff_ffffn;
const LAST_ADDRESS = 0xffff_ffff_ffffn;
/** The map changes when the firmware's own timers run: once more is usual. */
const MAX_ATTEMPTS = 8;
const TREE_LENGTH = 4n;

const kernelName: Bytes = "\\skyscope\\kernel.img";
const archiveName: Bytes = "\\skyscope\\boot.cpio";
const optionsName: Bytes = "\\skyscope\\options.txt";

const deviceTreeTable: Guid = { low: 0x41a5_f19c_b1b6_21d5n, high: 0xe0aa_692c_15d9_0b83n };
const acpiTable: Guid = { low: 0x11d3_e4f1_8868_e871n, high: 0x8188_3cc7_8000_22bcn };

const info: BootInfo = zeroed();
const platform: Platform = zeroed();
/** What else the firmware's tree says: nobody reads it. */
const discarded: BootInfo = zeroed();

interface Kernel extends Struct<"Kernel"> {
  start: u64;
  bytes: u64;
}

/** @extern efi_enterKernel @noreturn */
declare function enterKernel(tree: u64, kernel: u64, bytes: u64): never;

/**
 * Called by the firmware by way of start.S.
 *
 * @entry efi_main
 * @noreturn
 */
export function main(handle: u64, systemTable: u64): never {
  openFirmware(handle, systemTable);
  openVolume();
  const kernel = local<Kernel>();
  loadKernel(kernel);
  loadArchive();
  readOptions();
  findDevices();
  const tree = allocate(u64(TREE_BYTES), LAST_EARLY_ADDRESS, "The device tree");
  leaveFirmware(castSlice<u8>(tree, TREE_BYTES));
  enterKernel(tree, kernel.start, kernel.bytes);
}

/** Its memory behind the file is zero, as efi_enterKernel has it. */
function loadKernel(kernel: Kernel): void {
  const file = openFile(kernelName);
  const bytes = fileBytes(file, kernelName);
  const head = local<FixedArray<u8, typeof HEAD_BYTES>>();
  const headBytes = bytes < u64(HEAD_BYTES) ? bytes : u64(HEAD_BYTES);
  readFile(file, kernelName, addressOf(head), headBytes);
  kernel.bytes = imageBytes(sliceOf(head, 0, HEAD_BYTES), bytes);
  if (kernel.bytes === 0n) refuse(kernelName, "is no kernel for this machine", LOAD_ERROR, MEND);
  const room = allocate(kernel.bytes + ALIGNMENT, LAST_EARLY_ADDRESS, kernelName);
  kernel.start = (room + ALIGNMENT - 1n) & ~(ALIGNMENT - 1n);
  copyMemory(kernel.start, addressOf(head), headBytes);
  readFile(file, kernelName, kernel.start + headBytes, bytes - headBytes);
  fillMemory(kernel.start + bytes, 0, kernel.bytes - bytes);
  write("Skyscope: kernel of ");
  writeDecimal(bytes);
}

function loadArchive(): void {
  const file = openFile(archiveName);
  const bytes = fileBytes(file, archiveName);
  if (bytes === 0n) refuse(archiveName, "is empty", LOAD_ERROR, MEND);
  const start = allocate(bytes, LAST_ADDRESS, archiveName);
  readFile(file, archiveName, start, bytes);
  addModule(info, start as PhysAddr, bytes, "initrd");
  write(" bytes, boot archive of ");
  writeDecimal(bytes);
  write(" bytes");
}

/** The kernel's command line is the first line of a file that need not be there. */
function readOptions(): void {
  const file = findFile(optionsName);
  if (file === 0n) return;
  const text = local<FixedArray<u8, typeof MAX_COMMAND_LINE>>();
  const bytes = fileBytes(file, optionsName);
  const length = bytes < u64(MAX_COMMAND_LINE) ? u32(bytes) : u32(MAX_COMMAND_LINE);
  readFile(file, optionsName, addressOf(text), u64(length));
  let end: u32 = 0;
  while (end < length && text[end] >= 0x20) end++;
  setCommandLine(info, sliceOf(text, 0, end));
}

function findDevices(): void {
  const tree = configurationTable(deviceTreeTable);
  if (tree !== 0n) {
    readDeviceTree(discarded, platform, castSlice<u8>(tree, byteSwap32(load32(tree + TREE_LENGTH))));
  }
  const isFromTree = platform.gicVersion !== GicVersion.None;
  const acpi = configurationTable(acpiTable);
  if (!isFromTree && acpi !== 0n) readAcpi(platform, acpi);
  if (platform.gicVersion === GicVersion.None) {
    refuse(
      "The firmware",
      "tells of no interrupt controller, neither by a device tree nor by ACPI",
      UNSUPPORTED,
      "A machine with a GIC of version 2 or 3 is needed.",
    );
  }
  if (platform.uart === 0n) {
    refuse(
      "The firmware",
      "tells of no PL011 serial port",
      UNSUPPORTED,
      "The console needs one: add it to the machine.",
    );
  }
  write(isFromTree ? ", devices by the device tree\n" : ", devices by ACPI\n");
}

/** Writes the tree by the firmware's last map, and leaves the firmware. */
function leaveFirmware(tree: Bytes): void {
  const map = local<MemoryMap>();
  let status = SUCCESS;
  for (let attempt: u32 = 0; attempt < MAX_ATTEMPTS; attempt++) {
    status = getMemoryMap(map);
    if (status !== SUCCESS) break;
    info.memoryRangeCount = 0;
    readMemoryMap(info, map.address, map.bytes, map.descriptorBytes);
    writeDeviceTree(tree, info, platform);
    status = exitBootServices(map.key);
    if (status === SUCCESS) return;
  }
  refuse("The firmware", "does not let go of the machine", status, "Reset the machine and try again.");
}

/**
 * A failed check of the language: says where, and ends the loader.
 *
 * @entry kts_panic
 * @noreturn
 */
export function onFailedCheck(kind: u32, text: Bytes, a: u64, b: u64, site: u32): never {
  write(text);
  write(" at ");
  write(siteFile(site));
  write(":");
  writeDecimal(u64(siteLine(site)));
  refuse("\nThe loader", "has an error", LOAD_ERROR, "Please report the line above.");
}
