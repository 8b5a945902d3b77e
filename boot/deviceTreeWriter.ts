import { type BootInfo, MemoryKind } from "./bootInfo";
import { GicVersion, type Platform, PsciMethod } from "./deviceTree";

/**
 * The inverse of deviceTree.ts: a flattened tree of what a BootInfo and a Platform hold, for a kernel that reads nothing
 * else. The first module is the initial RAM disk.
 *
 *   header │ reserved ranges │ / ── memory, psci, interrupt controller, serial port, chosen │ names of properties
 *
 * Whatever BootInfo holds, the tree stays below TREE_BYTES: two cells of 8 bytes for each range, the command line, and
 * less than 1 KiB besides.
 */

export const TREE_BYTES = 8192;

const MAGIC = 0xd00d_feed;
const HEADER_BYTES = 40;
const VERSION = 17;
const OLDEST_READER = 16;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const END = 9;

const FIRST_SPI = 32;
const SHARED = 0;
const ACTIVE_HIGH_LEVEL = 4;
const DISTRIBUTOR_BYTES = 0x1_0000n;
const SECOND_BYTES = 0x2_0000n;
const PORT_BYTES = 0x1000n;

/** Every property's name; one is told by its place here. */
const names: Bytes =
  "#address-cells\0#size-cells\0device_type\0reg\0compatible\0method\0#interrupt-cells\0interrupt-controller\0interrupts\0bootargs\0linux,initrd-start\0linux,initrd-end\0";

interface Output extends Struct<"Output"> {
  tree: Bytes;
  at: u32;
}

/** Writes the tree into `tree`, which has TREE_BYTES; answers its length. */
export function writeDeviceTree(tree: Bytes, info: BootInfo, platform: Platform): u32 {
  assert(tree.length >= TREE_BYTES, "a tree has room for all of BootInfo");
  const out = local<Output>();
  out.tree = tree;
  out.at = HEADER_BYTES;
  writeReservations(out, info);
  const structure = out.at;
  beginNode(out, "");
  putCell(out, "#address-cells", 2);
  putCell(out, "#size-cells", 2);
  writeMemory(out, info);
  if (platform.psci !== PsciMethod.None) writePsci(out, platform.psci);
  if (platform.gicVersion !== GicVersion.None) writeController(out, platform);
  if (platform.uart !== 0n) writePort(out, platform);
  writeChosen(out, info);
  endNode(out);
  put32(out, END);
  const strings = out.at;
  putBytes(out, names);
  const end = out.at;
  out.at = 0;
  put32(out, MAGIC);
  put32(out, end);
  put32(out, structure);
  put32(out, strings);
  put32(out, HEADER_BYTES);
  put32(out, VERSION);
  put32(out, OLDEST_READER);
  put32(out, 0);
  put32(out, names.length);
  put32(out, strings - structure);
  return end;
}

function writeReservations(out: Output, info: BootInfo): void {
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind !== MemoryKind.Usable) putRange(out, range.start, range.bytes);
  }
  putRange(out, 0n, 0n);
}

function writeMemory(out: Output, info: BootInfo): void {
  beginNode(out, "memory");
  putString(out, "device_type", "memory");
  let count: u32 = 0;
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    if (info.memoryRanges[i].kind === MemoryKind.Usable) count++;
  }
  beginProperty(out, "reg", count * 16);
  for (let i: u32 = 0; i < info.memoryRangeCount; i++) {
    const range = info.memoryRanges[i];
    if (range.kind === MemoryKind.Usable) putRange(out, range.start, range.bytes);
  }
  endNode(out);
}

function writePsci(out: Output, method: PsciMethod): void {
  beginNode(out, "psci");
  putString(out, "compatible", "arm,psci-0.2");
  putString(out, "method", method === PsciMethod.Smc ? "smc" : "hvc");
  endNode(out);
}

function writeController(out: Output, platform: Platform): void {
  beginNode(out, "interrupt-controller");
  putString(out, "compatible", platform.gicVersion === GicVersion.V3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
  putCell(out, "#interrupt-cells", 3);
  beginProperty(out, "interrupt-controller", 0);
  beginProperty(out, "reg", 32);
  putRange(out, platform.gicDistributor, DISTRIBUTOR_BYTES);
  putRange(out, platform.gicSecond, SECOND_BYTES);
  endNode(out);
}

function writePort(out: Output, platform: Platform): void {
  beginNode(out, "serial");
  putString(out, "compatible", "arm,pl011");
  beginProperty(out, "reg", 16);
  putRange(out, platform.uart, PORT_BYTES);
  if (platform.uartLine >= FIRST_SPI) {
    beginProperty(out, "interrupts", 12);
    put32(out, SHARED);
    put32(out, platform.uartLine - FIRST_SPI);
    put32(out, ACTIVE_HIGH_LEVEL);
  }
  endNode(out);
}

function writeChosen(out: Output, info: BootInfo): void {
  beginNode(out, "chosen");
  putString(out, "bootargs", sliceOf(info.commandLine, 0, info.commandLineLength));
  if (info.moduleCount !== 0) {
    const archive = info.modules[0];
    beginProperty(out, "linux,initrd-start", 8);
    put64(out, archive.start);
    beginProperty(out, "linux,initrd-end", 8);
    put64(out, archive.start + archive.bytes);
  }
  endNode(out);
}

function beginNode(out: Output, name: Bytes): void {
  put32(out, BEGIN_NODE);
  putText(out, name);
}

function endNode(out: Output): void {
  put32(out, END_NODE);
}

/** Its `bytes` bytes follow; a value of whole cells needs no padding. */
function beginProperty(out: Output, name: Bytes, bytes: u32): void {
  put32(out, PROPERTY);
  put32(out, bytes);
  put32(out, placeOf(name));
}

function putCell(out: Output, name: Bytes, value: u32): void {
  beginProperty(out, name, 4);
  put32(out, value);
}

function putString(out: Output, name: Bytes, text: Bytes): void {
  beginProperty(out, name, text.length + 1);
  putText(out, text);
}

function putRange(out: Output, start: u64, bytes: u64): void {
  put64(out, start);
  put64(out, bytes);
}

/** With its 0, up to the next cell. */
function putText(out: Output, text: Bytes): void {
  putBytes(out, text);
  do putByte(out, 0);
  while ((out.at & 3) !== 0);
}

function putBytes(out: Output, bytes: Bytes): void {
  for (let i: u32 = 0; i < bytes.length; i++) putByte(out, bytes[i]);
}

function put64(out: Output, value: u64): void {
  put32(out, u32(value >> 32n));
  put32(out, u32(value));
}

function put32(out: Output, value: u32): void {
  for (let shift: u32 = 32; shift > 0; shift -= 8) putByte(out, u8(value >>> (shift - 8)));
}

function putByte(out: Output, byte: u8): void {
  out.tree[out.at] = byte;
  out.at++;
}

/** Where a property's name stands in `names`, which has it. */
function placeOf(name: Bytes): u32 {
  let at: u32 = 0;
  while (!isNameAt(at, name)) at++;
  return at;
}

/** `at` is the start of a name, or lies within one whose rest is none that is looked for. */
function isNameAt(at: u32, name: Bytes): boolean {
  for (let i: u32 = 0; i < name.length; i++) {
    if (names[at + i] !== name[i]) return false;
  }
  return names[at + name.length] === 0;
}
