import type { PhysAddr } from "./memory/address";

/** What the kernel tells the first user task in the pages at INFO_ADDRESS, which it can read (initTask.ts writes them). */

export const INFO_ADDRESS = 0x10_0000n;
export const INFO_PAGES = 2n;
/** Where the first thread's message buffer is. */
export const BUFFER_ADDRESS = 0x11_0000n;
export const MAX_UNTYPEDS = 64;
export const MAX_DEVICES = 128;
export const MAX_PROGRAMS = 32;
export const MAX_PROGRAM_NAME = 32;
export const INFO_MAGIC = 0x4f46_4e49_5449_4e49n;

export interface UntypedInfo extends Struct<"UntypedInfo"> {
  start: PhysAddr;
  size: u64;
}

/** A boot module behind the first one that is a program too: what a process needs to be made from it. */
export interface ProgramInfo extends Struct<"ProgramInfo"> {
  entry: u64;
  /** Of the Image in slot SLOT_FIRST_PROGRAM + 2 i: text and constants, to be mapped from here on. */
  imageAddress: u64;
  imagePages: u64;
  /** Where its writable pages are to be: zero behind what the first ones have to hold. */
  dataAddress: u64;
  dataPages: u64;
  /** Of the read-only Region in the slot after the Image's: those contents. 0 when there are none, and no Region. */
  contentPages: u64;
  nameLength: u64;
  readonly name: FixedArray<u8, typeof MAX_PROGRAM_NAME>;
}

export interface InitInfo extends Struct<"InitInfo"> {
  magic: u64;
  untypedCount: u64;
  readonly untypeds: FixedArray<Inline<UntypedInfo>, typeof MAX_UNTYPEDS>;
  deviceCount: u64;
  readonly devices: FixedArray<Inline<UntypedInfo>, typeof MAX_DEVICES>;
  programCount: u64;
  readonly programs: FixedArray<Inline<ProgramInfo>, typeof MAX_PROGRAMS>;
  /** The serial port that the log has gone to: its first port or the address of its registers (0 when there is none), and its line. */
  uartAddress: u64;
  uartLine: u64;
}
