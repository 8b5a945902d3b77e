import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_PROCESS_CONTROL,
  SLOT_SCREEN,
  SLOT_SCREEN_MEMORY,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { ask, copyWith, isEmptySlot, mintInto, retypeInto, revoke } from "../../user/calls";
import { cutPage } from "../../user/device";
import { deviceUntyped, initInfo } from "../../user/initInfo";
import {
  CONSOLE_BADGE_AT_MANAGER,
  MAY_LOOK_UP,
  MAY_WATCH,
  SCREEN_BADGE_AT_CONSOLE,
  SERIAL_BADGE_AT_CONSOLE,
} from "../badges";
import {
  RESTART_UNPACKER,
  SLOT_CONSOLE,
  SLOT_DECOMPRESSION,
  SLOT_DEVICE,
  SLOT_DEVICE_PIECES,
  SLOT_DIRECTORY,
  SLOT_ENDED,
  SLOT_ENTRIES,
  SLOT_MANAGER,
  SLOT_PACKAGES,
  SLOT_PERSISTENT,
  SLOT_REPOSITORY,
  SLOT_SCREEN_REQUESTS,
  SLOT_SERIAL,
  SLOT_TRUST,
} from "./slots";

/**
 * What each module is given of what its manifest wants, by name: nothing else is in its reach. What stands in no row is
 * not given; if the manifest requires it, the kernel refuses the process.
 */

const READ = 1n;
const WRITE = 2n;
const READ_WRITE = 3n;
const WRITE_AND_PASS = 6n;
const ALL = 7n;
const UART_PORTS = 8n;
/** Of the PC: the keyboard's line on the ISA bus, the port of its data and its controller's. */
const KEYBOARD_LINE = 1n;
const KEYBOARD_DATA = 0x60n;
const KEYBOARD_CONTROLLER = 0x64n;
const CONSOLE_BADGE = 2n;
const OTHERS_BADGE = 4n;

/** A copy of one of init's capabilities. */
interface CopyRow extends Struct<"CopyRow"> {
  /** Empty: any that has no row of its own for the name. */
  module: Bytes;
  name: Bytes;
  /** The slot of what is copied. */
  from: u32;
  rights: u64;
  /** 0: none. */
  badge: u64;
}

const COPIES = 29;
const copies: FixedArray<Inline<CopyRow>, typeof COPIES> = [
  { module: "sila.serial", name: "console", from: SLOT_CONSOLE, rights: WRITE, badge: SERIAL_BADGE_AT_CONSOLE },
  { module: "sila.serial", name: "requests", from: SLOT_SERIAL, rights: READ, badge: 0n },
  { module: "sila.screen", name: "console", from: SLOT_CONSOLE, rights: WRITE, badge: SCREEN_BADGE_AT_CONSOLE },
  { module: "sila.screen", name: "requests", from: SLOT_SCREEN_REQUESTS, rights: READ, badge: 0n },
  { module: "sila.screen", name: "registers", from: SLOT_SCREEN_MEMORY, rights: READ_WRITE, badge: 0n },
  { module: "sila.screen", name: "screen-before", from: SLOT_SCREEN, rights: READ, badge: 0n },
  { module: "sila.console", name: "screen", from: SLOT_SCREEN_REQUESTS, rights: WRITE, badge: CONSOLE_BADGE },
  { module: "sila.console", name: "power", from: SLOT_POWER_CONTROL, rights: ALL, badge: 0n },
  { module: "sila.console", name: "trace", from: SLOT_TRACE_CONTROL, rights: ALL, badge: 0n },
  { module: "sila.console", name: "serial", from: SLOT_SERIAL, rights: WRITE, badge: CONSOLE_BADGE },
  { module: "sila.console", name: "inspect", from: SLOT_INSPECT, rights: ALL, badge: 0n },
  { module: "sila.console", name: "requests", from: SLOT_CONSOLE, rights: READ, badge: 0n },
  {
    module: "sila.console",
    name: "modules",
    from: SLOT_MANAGER,
    rights: WRITE_AND_PASS,
    badge: CONSOLE_BADGE_AT_MANAGER,
  },
  { module: "sila.console", name: "directory", from: SLOT_DIRECTORY, rights: WRITE, badge: MAY_LOOK_UP | MAY_WATCH },
  { module: "sila.console", name: "repository", from: SLOT_REPOSITORY, rights: WRITE, badge: 0n },
  { module: "sila.service-directory", name: "requests", from: SLOT_DIRECTORY, rights: READ, badge: 0n },
  { module: "sila.service-directory", name: "persistent", from: SLOT_ENTRIES, rights: ALL, badge: 0n },
  { module: "sila.module-repository", name: "packages", from: SLOT_PACKAGES, rights: READ, badge: 0n },
  { module: "sila.module-repository", name: "requests", from: SLOT_REPOSITORY, rights: READ, badge: 0n },
  { module: "sila.deep-compression", name: "requests", from: SLOT_DECOMPRESSION, rights: READ, badge: 0n },
  { module: "sila.module-manager", name: "trust", from: SLOT_TRUST, rights: READ, badge: 0n },
  { module: "sila.module-manager", name: "requests", from: SLOT_MANAGER, rights: ALL, badge: 0n },
  { module: "sila.module-manager", name: "restart", from: SLOT_ENDED, rights: WRITE, badge: RESTART_UNPACKER },
  {
    module: "sila.module-manager",
    name: "directory",
    from: SLOT_DIRECTORY,
    rights: WRITE_AND_PASS,
    badge: 0n,
  },
  { module: "sila.module-manager", name: "processes", from: SLOT_PROCESS_CONTROL, rights: ALL, badge: 0n },
  { module: "sila.module-manager", name: "persistent", from: SLOT_PERSISTENT, rights: ALL, badge: 0n },
  { module: "sila.module-manager", name: "repository", from: SLOT_REPOSITORY, rights: WRITE, badge: 0n },
  { module: "sila.module-manager", name: "decompression", from: SLOT_DECOMPRESSION, rights: WRITE_AND_PASS, badge: 0n },
  { module: "", name: "log", from: SLOT_CONSOLE, rights: WRITE, badge: OTHERS_BADGE },
];

/** @storage u8 */
const enum How {
  /** 2^value bytes of memory. */
  Memory,
  /** The serial port's interrupt, its ports, its registers. */
  UartLine,
  UartPorts,
  UartRegisters,
  /** An interrupt, and a port, by its number. */
  Line,
  Port,
}

/** What is made for it alone. */
interface MadeRow extends Struct<"MadeRow"> {
  module: Bytes;
  name: Bytes;
  how: How;
  value: u64;
}

const MADE = 12;
const made: FixedArray<Inline<MadeRow>, typeof MADE> = [
  { module: "sila.serial", name: "line", how: How.UartLine, value: 0n },
  { module: "sila.serial", name: "ports", how: How.UartPorts, value: 0n },
  { module: "sila.serial", name: "memory", how: How.Memory, value: 12n },
  { module: "sila.serial", name: "registers", how: How.UartRegisters, value: 0n },
  { module: "sila.screen", name: "line", how: How.Line, value: KEYBOARD_LINE },
  { module: "sila.screen", name: "ports", how: How.Port, value: KEYBOARD_DATA },
  { module: "sila.screen", name: "memory", how: How.Memory, value: 12n },
  { module: "sila.screen", name: "keyboard-controller", how: How.Port, value: KEYBOARD_CONTROLLER },
  { module: "sila.console", name: "memory", how: How.Memory, value: 18n },
  { module: "sila.service-directory", name: "memory", how: How.Memory, value: 12n },
  { module: "sila.module-repository", name: "memory", how: How.Memory, value: 12n },
  { module: "sila.module-manager", name: "memory", how: How.Memory, value: 13n },
];

/** Who is being given something, and what has come of it. */
export interface Endowing extends Struct<"Endowing"> {
  /** The address of what the kernel tells init. */
  info: u64;
  /** Untyped for its memory, and the slot that the CNode has which it is endowed with. */
  memory: u32;
  endowment: u32;
  /** The first error. */
  error: u32;
  holdsDma: boolean;
}

/** The size of the memory that a module is given under this name, as a power of two; 0 when it is given none. */
export function memorySize(module: Bytes, name: Bytes): u32 {
  const row = madeRow(module, name);
  return row !== null && row.how === How.Memory ? u32(row.value) : 0;
}

/** Puts what a module wants under `name` into slot `slot` of its endowment, or leaves that empty. */
export function grant(to: Endowing, module: Bytes, name: Bytes, slot: u32): void {
  const own = madeRow(module, name);
  const copied = copyRow(module, name);
  let error: u32 = 0;
  if (own !== null) {
    error = make(to, own, slot);
    if (isForDma(own.how)) to.holdsDma = true;
  } else if (copied !== null && !isEmptySlot(copied.from)) error = copy(to, copied, slot);
  if (to.error === 0) to.error = error;
}

/** Device memory is not part of what a module is made from. */
export function takeBackDevices(info: u64, module: Bytes): void {
  const untyped =
    HAS_PORTS || madeRow(module, "registers") === null ? 0 : deviceUntyped(info, initInfo(info).uartAddress);
  if (untyped !== 0) revoke(untyped);
}

function copyRow(module: Bytes, name: Bytes): CopyRow | null {
  for (let i: u32 = 0; i < COPIES; i++) {
    const row = copies[i];
    if (isEqual(row.name, name) && (row.module.length === 0 || isEqual(row.module, module))) return row;
  }
  return null;
}

function madeRow(module: Bytes, name: Bytes): MadeRow | null {
  for (let i: u32 = 0; i < MADE; i++) {
    const row = made[i];
    if (isEqual(row.name, name) && isEqual(row.module, module)) return row;
  }
  return null;
}

function copy(to: Endowing, row: CopyRow, slot: u32): u32 {
  if (row.badge === 0n) return copyWith(to.endowment, row.from, slot, row.rights);
  return mintInto(to.endowment, row.from, slot, row.rights, row.badge);
}

function make(to: Endowing, row: MadeRow, slot: u32): u32 {
  const info = initInfo(to.info);
  switch (row.how) {
    case How.Memory:
      return retypeInto(to.endowment, to.memory, CapType.Untyped, row.value, slot);
    case How.UartLine:
      return claim(to, info.uartLine, slot);
    case How.UartPorts:
      return HAS_PORTS ? givePorts(to, info.uartAddress, UART_PORTS, slot) : 0;
    case How.UartRegisters:
      return HAS_PORTS ? 0 : giveRegisters(to, slot);
    case How.Line:
      return claim(to, row.value, slot);
    case How.Port:
      return givePorts(to, row.value, 1n, slot);
    default:
      unreachable(row.how);
  }
}

/** Whether a device can write to memory by it: its holder is trusted for I5, and the boot log says so. */
function isForDma(how: How): boolean {
  switch (how) {
    case How.Memory:
    // The bytes of serial port and keyboard go through their registers.
    case How.UartLine:
    case How.UartPorts:
    case How.UartRegisters:
    case How.Line:
    case How.Port:
      return false;
    default:
      unreachable(how);
  }
}

function claim(to: Endowing, line: u64, slot: u32): u32 {
  return ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, line, u64(slot), to.endowment);
}

function givePorts(to: Endowing, first: u64, count: u64, slot: u32): u32 {
  return mintInto(to.endowment, SLOT_IO_PORT, slot, ALL, first | ((first + count - 1n) << 16n));
}

function giveRegisters(to: Endowing, slot: u32): u32 {
  const address = initInfo(to.info).uartAddress;
  if (deviceUntyped(to.info, address) === 0) return 0;
  const error = cutPage(to.info, address, SLOT_DEVICE, SLOT_DEVICE_PIECES);
  if (error !== 0) return error;
  return copyWith(to.endowment, SLOT_DEVICE, slot, READ_WRITE);
}
