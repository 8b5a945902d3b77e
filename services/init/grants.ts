import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import {
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_PROCESS_CONTROL,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { ask, copyWith, mintInto, retypeInto, revoke } from "../../user/calls";
import { cutPage } from "../../user/device";
import { deviceUntyped, initInfo } from "../../user/initInfo";
import { CONSOLE_BADGE_AT_MANAGER, MAY_LOOK_UP, MAY_WATCH } from "../badges";
import {
  SLOT_CONSOLE,
  SLOT_DECOMPRESSION,
  SLOT_DEVICE,
  SLOT_DEVICE_PIECES,
  SLOT_DIRECTORY,
  SLOT_MANAGER,
  SLOT_PACKAGES,
  SLOT_PERSISTENT,
  SLOT_REPOSITORY,
  SLOT_SERIAL,
  SLOT_TRUST,
} from "./slots";

/**
 * What each module is given of what its manifest wants, by name: nothing else is in its reach. What stands in no row is
 * not given; if the manifest requires it, the kernel refuses the process.
 */

const RECEIVE = 1n;
const SEND = 2n;
const READ_WRITE = 3n;
const ALL = 7n;
const UART_PORTS = 8n;
const SERIAL_BADGE = 1n;
const CONSOLE_BADGE = 2n;
const OTHERS_BADGE = 4n;
const SEND_AND_PASS = 6n;

/** @storage u8 */
const enum How {
  /** A copy of the capability in slot `from`, with the badge `data` unless that is 0. */
  Copy,
  /** Memory of 2^data bytes. */
  Memory,
  /** The serial port's interrupt, its ports, its registers. */
  Line,
  Ports,
  Registers,
}

interface GrantRow extends Struct<"GrantRow"> {
  /** Empty: any that has no row of its own for the name. */
  module: Bytes;
  name: Bytes;
  how: How;
  from: u32;
  rights: u64;
  data: u64;
  /** Whether a device can write to memory by it: its holder is trusted for I5, and the boot log says so. */
  isForDma: boolean;
}

const ROWS = 30;
const rows: FixedArray<Inline<GrantRow>, typeof ROWS> = [
  { module: "sila.serial", name: "line", how: How.Line, from: 0, rights: ALL, data: 0n, isForDma: false },
  { module: "sila.serial", name: "ports", how: How.Ports, from: SLOT_IO_PORT, rights: ALL, data: 0n, isForDma: false },
  { module: "sila.serial", name: "memory", how: How.Memory, from: 0, rights: ALL, data: 12n, isForDma: false },
  {
    module: "sila.serial",
    name: "console",
    how: How.Copy,
    from: SLOT_CONSOLE,
    rights: SEND,
    data: SERIAL_BADGE,
    isForDma: false,
  },
  {
    module: "sila.serial",
    name: "requests",
    how: How.Copy,
    from: SLOT_SERIAL,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.serial",
    name: "registers",
    how: How.Registers,
    from: 0,
    rights: READ_WRITE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "power",
    how: How.Copy,
    from: SLOT_POWER_CONTROL,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "trace",
    how: How.Copy,
    from: SLOT_TRACE_CONTROL,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  { module: "sila.console", name: "memory", how: How.Memory, from: 0, rights: ALL, data: 18n, isForDma: false },
  {
    module: "sila.console",
    name: "serial",
    how: How.Copy,
    from: SLOT_SERIAL,
    rights: SEND,
    data: CONSOLE_BADGE,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "inspect",
    how: How.Copy,
    from: SLOT_INSPECT,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "requests",
    how: How.Copy,
    from: SLOT_CONSOLE,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "modules",
    how: How.Copy,
    from: SLOT_MANAGER,
    rights: SEND_AND_PASS,
    data: CONSOLE_BADGE_AT_MANAGER,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "directory",
    how: How.Copy,
    from: SLOT_DIRECTORY,
    rights: SEND,
    data: MAY_LOOK_UP | MAY_WATCH,
    isForDma: false,
  },
  {
    module: "sila.console",
    name: "repository",
    how: How.Copy,
    from: SLOT_REPOSITORY,
    rights: SEND,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.deep-compression",
    name: "requests",
    how: How.Copy,
    from: SLOT_DECOMPRESSION,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-repository",
    name: "packages",
    how: How.Copy,
    from: SLOT_PACKAGES,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-repository",
    name: "requests",
    how: How.Copy,
    from: SLOT_REPOSITORY,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.service-directory",
    name: "requests",
    how: How.Copy,
    from: SLOT_DIRECTORY,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "trust",
    how: How.Copy,
    from: SLOT_TRUST,
    rights: RECEIVE,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "requests",
    how: How.Copy,
    from: SLOT_MANAGER,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "directory",
    how: How.Copy,
    from: SLOT_DIRECTORY,
    rights: SEND_AND_PASS,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "processes",
    how: How.Copy,
    from: SLOT_PROCESS_CONTROL,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "persistent",
    how: How.Copy,
    from: SLOT_PERSISTENT,
    rights: ALL,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "repository",
    how: How.Copy,
    from: SLOT_REPOSITORY,
    rights: SEND,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-manager",
    name: "decompression",
    how: How.Copy,
    from: SLOT_DECOMPRESSION,
    rights: SEND_AND_PASS,
    data: 0n,
    isForDma: false,
  },
  {
    module: "sila.module-repository",
    name: "memory",
    how: How.Memory,
    from: 0,
    rights: ALL,
    data: 12n,
    isForDma: false,
  },
  {
    module: "sila.service-directory",
    name: "memory",
    how: How.Memory,
    from: 0,
    rights: ALL,
    data: 12n,
    isForDma: false,
  },
  { module: "sila.module-manager", name: "memory", how: How.Memory, from: 0, rights: ALL, data: 13n, isForDma: false },
  { module: "", name: "log", how: How.Copy, from: SLOT_CONSOLE, rights: SEND, data: OTHERS_BADGE, isForDma: false },
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
  const row = rowOf(module, name);
  return row !== null && row.how === How.Memory ? u32(row.data) : 0;
}

/** Puts what a module wants under `name` into slot `slot` of its endowment, or leaves that empty. */
export function grant(to: Endowing, module: Bytes, name: Bytes, slot: u32): void {
  const row = rowOf(module, name);
  if (row === null) return;
  const error = give(to, row, slot);
  if (to.error === 0) to.error = error;
  if (row.isForDma) to.holdsDma = true;
}

/** Device memory is not part of what a module is made from. */
export function takeBackDevices(info: u64, module: Bytes): void {
  const untyped =
    HAS_PORTS || rowOf(module, "registers") === null ? 0 : deviceUntyped(info, initInfo(info).uartAddress);
  if (untyped !== 0) revoke(untyped);
}

function rowOf(module: Bytes, name: Bytes): GrantRow | null {
  for (let i: u32 = 0; i < ROWS; i++) {
    const row = rows[i];
    if (isEqual(row.name, name) && (row.module.length === 0 || isEqual(row.module, module))) return row;
  }
  return null;
}

function give(to: Endowing, row: GrantRow, slot: u32): u32 {
  const info = initInfo(to.info);
  switch (row.how) {
    case How.Copy:
      if (row.data === 0n) return copyWith(to.endowment, row.from, slot, row.rights);
      return mintInto(to.endowment, row.from, slot, row.rights, row.data);
    case How.Memory:
      return retypeInto(to.endowment, to.memory, CapType.Untyped, row.data, slot);
    case How.Line:
      return ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, info.uartLine, u64(slot), to.endowment);
    case How.Ports: {
      if (!HAS_PORTS) return 0;
      const range = info.uartAddress | ((info.uartAddress + UART_PORTS - 1n) << 16n);
      return mintInto(to.endowment, row.from, slot, row.rights, range);
    }
    case How.Registers:
      return HAS_PORTS ? 0 : giveRegisters(to, row, slot);
    default:
      unreachable(row.how);
  }
}

function giveRegisters(to: Endowing, row: GrantRow, slot: u32): u32 {
  const address = initInfo(to.info).uartAddress;
  if (deviceUntyped(to.info, address) === 0) return 0;
  const error = cutPage(to.info, address, SLOT_DEVICE, SLOT_DEVICE_PIECES);
  if (error !== 0) return error;
  return copyWith(to.endowment, SLOT_DEVICE, slot, row.rights);
}
