import type { PhysAddr } from "../kernel/memory/address";
import { addMemoryRange, addModule, type BootInfo, MemoryKind, setCommandLine } from "./bootInfo";

/**
 * A flattened device tree (Devicetree Specification 0.4, chapter 5): memory, what is reserved, the command line, the
 * initial RAM disk, and the devices that a kernel needs before it has drivers.
 *
 *   header │ memory reservations │ structure: nodes and properties │ strings: names of properties
 *
 * A node's properties come before its children, so a node is judged when its first child or its end comes. Whatever
 * lies outside the tree's bytes reads as 0, so that a broken tree ends early and harms nothing.
 */

const MAGIC = 0xd00d_feed;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const NOP = 4;
const MAX_DEPTH = 16;

/** Shared-peripheral interrupts start here in the GIC's numbering. */
const FIRST_SPI = 32;

/** @storage u8 */
export const enum GicVersion {
  None,
  V2,
  V3,
}

/** @storage u8 */
export const enum PsciMethod {
  None,
  Hvc,
  Smc,
}

/** The devices found; addresses are 0n where there is none. */
export interface Platform extends Struct<"Platform"> {
  gicVersion: GicVersion;
  gicDistributor: PhysAddr;
  /** Version 2: the CPU interface; version 3: the redistributors. */
  gicSecond: PhysAddr;
  uart: PhysAddr;
  /** Interrupt number as the GIC counts. */
  uartLine: u32;
  psci: PsciMethod;
}

/** What the properties of the node at hand say. */
interface Node extends Struct<"Node"> {
  isOpen: boolean;
  isMemory: boolean;
  isChosen: boolean;
  isUart: boolean;
  isPsci: boolean;
  gic: GicVersion;
  psci: PsciMethod;
  /** Offset and bytes of `reg`. */
  reg: u32;
  regBytes: u32;
  /** Offset and bytes of `interrupts`. */
  interrupts: u32;
  interruptsBytes: u32;
  initrdStart: u64;
  initrdEnd: u64;
}

interface Cells extends Struct<"Cells"> {
  readonly address: FixedArray<u32, typeof MAX_DEPTH>;
  readonly size: FixedArray<u32, typeof MAX_DEPTH>;
}

/** Fills `info` and `platform` from the tree in `tree`; false when it is no device tree. */
export function readDeviceTree(info: BootInfo, platform: Platform, tree: Bytes): boolean {
  if (word(tree, 0) !== MAGIC) return false;
  readReservations(info, tree, word(tree, 16));
  const node = local<Node>();
  const cells = local<Cells>();
  const strings = word(tree, 12);
  let at = word(tree, 8);
  let depth: u32 = 0;
  for (;;) {
    const token = word(tree, at);
    at += 4;
    if (token === NOP) continue;
    if (token === BEGIN_NODE) {
      closeNode(info, platform, tree, node, cells, depth);
      depth++;
      if (depth >= MAX_DEPTH) return true;
      cells.address[depth] = 2;
      cells.size[depth] = 1;
      openNode(tree, at, node);
      at = aligned(at + textLength(tree, at) + 1);
    } else if (token === PROPERTY) {
      const bytes = word(tree, at);
      readProperty(info, tree, node, cells, depth, strings + word(tree, at + 4), at + 8, bytes);
      at = aligned(at + 8 + bytes);
    } else if (token === END_NODE && depth > 0) {
      closeNode(info, platform, tree, node, cells, depth);
      depth--;
    } else return true;
  }
}

function readReservations(info: BootInfo, tree: Bytes, from: u32): void {
  for (let at = from; at + 16 <= tree.length; at += 16) {
    const start = number(tree, at, 2);
    const bytes = number(tree, at + 8, 2);
    if (start === 0n && bytes === 0n) return;
    addMemoryRange(info, start as PhysAddr, bytes, MemoryKind.Reserved);
  }
}

function openNode(tree: Bytes, name: u32, node: Node): void {
  node.isOpen = true;
  node.isMemory = startsWith(tree, name, "memory@") || startsWith(tree, name, "memory\0");
  node.isChosen = startsWith(tree, name, "chosen\0");
  node.isUart = false;
  node.isPsci = startsWith(tree, name, "psci\0");
  node.gic = GicVersion.None;
  node.psci = PsciMethod.None;
  node.regBytes = 0;
  node.interruptsBytes = 0;
  node.initrdStart = 0n;
  node.initrdEnd = 0n;
}

function readProperty(
  info: BootInfo,
  tree: Bytes,
  node: Node,
  cells: Cells,
  depth: u32,
  name: u32,
  at: u32,
  bytes: u32,
): void {
  if (startsWith(tree, name, "#address-cells\0")) cells.address[depth & (MAX_DEPTH - 1)] = word(tree, at);
  else if (startsWith(tree, name, "#size-cells\0")) cells.size[depth & (MAX_DEPTH - 1)] = word(tree, at);
  else if (startsWith(tree, name, "reg\0")) {
    node.reg = at;
    node.regBytes = bytes;
  } else if (startsWith(tree, name, "interrupts\0")) {
    node.interrupts = at;
    node.interruptsBytes = bytes;
  } else if (startsWith(tree, name, "compatible\0")) {
    if (startsWith(tree, at, "arm,pl011\0")) node.isUart = true;
    else if (startsWith(tree, at, "arm,gic-v3\0")) node.gic = GicVersion.V3;
    else if (startsWith(tree, at, "arm,cortex-a15-gic\0") || startsWith(tree, at, "arm,gic-400\0"))
      node.gic = GicVersion.V2;
  } else if (startsWith(tree, name, "method\0")) {
    node.psci = startsWith(tree, at, "smc\0") ? PsciMethod.Smc : PsciMethod.Hvc;
  } else if (node.isChosen && startsWith(tree, name, "bootargs\0")) setCommandLine(info, textOf(tree, at));
  else if (startsWith(tree, name, "linux,initrd-start\0")) node.initrdStart = number(tree, at, bytes >>> 2);
  else if (startsWith(tree, name, "linux,initrd-end\0")) node.initrdEnd = number(tree, at, bytes >>> 2);
}

/** Takes over what the node's properties have told; a second call for the same node does nothing. */
function closeNode(info: BootInfo, platform: Platform, tree: Bytes, node: Node, cells: Cells, depth: u32): void {
  if (!node.isOpen || depth === 0) return;
  node.isOpen = false;
  const addressCells = cells.address[(depth - 1) & (MAX_DEPTH - 1)];
  const sizeCells = cells.size[(depth - 1) & (MAX_DEPTH - 1)];
  if (node.isMemory) readMemory(info, tree, node, addressCells, sizeCells);
  if (node.initrdEnd > node.initrdStart) {
    addModule(info, node.initrdStart as PhysAddr, node.initrdEnd - node.initrdStart, "initrd");
  }
  if (node.isPsci) platform.psci = node.psci;
  if (node.regBytes === 0) return;
  const address = number(tree, node.reg, addressCells) as PhysAddr;
  if (node.isUart && platform.uart === 0n) {
    platform.uart = address;
    platform.uartLine = FIRST_SPI + word(tree, node.interrupts + 4);
  }
  if (node.gic !== GicVersion.None && platform.gicVersion === GicVersion.None) {
    platform.gicVersion = node.gic;
    platform.gicDistributor = address;
    platform.gicSecond = number(tree, node.reg + 4 * (addressCells + sizeCells), addressCells) as PhysAddr;
  }
}

function readMemory(info: BootInfo, tree: Bytes, node: Node, addressCells: u32, sizeCells: u32): void {
  const entryBytes = 4 * (addressCells + sizeCells);
  if (entryBytes === 0 || entryBytes > 32) return;
  for (let at: u32 = 0; at + entryBytes <= node.regBytes; at += entryBytes) {
    const start = number(tree, node.reg + at, addressCells);
    const bytes = number(tree, node.reg + at + 4 * addressCells, sizeCells);
    addMemoryRange(info, start as PhysAddr, bytes, MemoryKind.Usable);
  }
}

/** Four bytes, big-endian; 0 outside the tree. */
function word(tree: Bytes, at: u32): u32 {
  if (at > tree.length || tree.length - at < 4) return 0;
  return (u32(tree[at]) << 24) | (u32(tree[at + 1]) << 16) | (u32(tree[at + 2]) << 8) | u32(tree[at + 3]);
}

/** The value of one or two cells. */
function number(tree: Bytes, at: u32, cells: u32): u64 {
  if (cells === 1) return u64(word(tree, at));
  return (u64(word(tree, at)) << 32n) | u64(word(tree, at + 4));
}

function startsWith(tree: Bytes, at: u32, text: Bytes): boolean {
  if (at > tree.length || tree.length - at < text.length) return false;
  for (let i: u32 = 0; i < text.length; i++) {
    if (tree[at + i] !== text[i]) return false;
  }
  return true;
}

/** Bytes of the text at `at`, without its 0. */
function textLength(tree: Bytes, at: u32): u32 {
  let length: u32 = 0;
  while (at + length < tree.length && tree[at + length] !== 0) length++;
  return length;
}

function textOf(tree: Bytes, at: u32): Bytes {
  return at > tree.length ? "" : subslice(tree, at, textLength(tree, at));
}

function aligned(at: u32): u32 {
  return (at + 3) & ~3;
}
