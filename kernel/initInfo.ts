import type { MAX_MODULE_NAME } from "../boot/bootInfo";
import type { PhysAddr } from "./memory/address";

/** What the kernel tells the first user task in the pages at INFO_ADDRESS, which it can read (initTask.ts writes them). */

export const INFO_ADDRESS = 0x10_0000n;
export const INFO_PAGES = 2n;
/** Where the first thread's message buffer is. */
export const BUFFER_ADDRESS = 0x11_0000n;
/** So many that those of any firmware hold nearly all memory, and so few that a program can keep account of them and split them. */
export const MAX_UNTYPEDS = 48;
export const MAX_DEVICES = 128;
export const MAX_MODULES = 32;
export const INFO_MAGIC = 0x4f46_4e49_5449_4e49n;

export interface UntypedInfo extends Struct<"UntypedInfo"> {
  start: PhysAddr;
  size: u64;
}

/** A boot module behind init's: its bytes are in the read-only Region in slot SLOT_FIRST_MODULE + i, zeros behind them. */
export interface ModuleInfo extends Struct<"ModuleInfo"> {
  bytes: u64;
  nameLength: u64;
  readonly name: FixedArray<u8, typeof MAX_MODULE_NAME>;
}

export interface InitInfo extends Struct<"InitInfo"> {
  magic: u64;
  untypedCount: u64;
  readonly untypeds: FixedArray<Inline<UntypedInfo>, typeof MAX_UNTYPEDS>;
  deviceCount: u64;
  readonly devices: FixedArray<Inline<UntypedInfo>, typeof MAX_DEVICES>;
  moduleCount: u64;
  readonly modules: FixedArray<Inline<ModuleInfo>, typeof MAX_MODULES>;
  /** The serial port that the log has gone to: its first port or the address of its registers (0 when there is none), and its line. */
  uartAddress: u64;
  uartLine: u64;
  /** Of the screen's memory; 0n when there is no screen. */
  screenBytes: u64;
}
