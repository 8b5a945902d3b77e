/** Init's own slots, between those that the kernel fills (kernel/initSlots.ts). */

/** Endpoints of the services. */
export const SLOT_SERIAL = 100;
export const SLOT_CONSOLE = 101;
/** To send lines to the console. */
export const SLOT_LOG = 102;
/** A bit for each process that ends, and those below. */
export const SLOT_ENDED = 103;
/** The DeepCompressionService does not answer. */
export const RESTART_UNPACKER = 1n << 40n;
/** It is time to make a service again. */
export const ALARM = 1n << 41n;
/** The same with one process's badge, given away at once. */
export const SLOT_ENDED_ONE = 104;
export const SLOT_VERIFIER = 105;
/** A package's binary, while it is verified. */
export const SLOT_BINARY = 106;
/** The serial port's registers, and the pieces of device memory before them. */
export const SLOT_DEVICE = 107;
export const SLOT_DEVICE_PIECES = 110;
/** The screen's driver's endpoint, where there is a screen. */
export const SLOT_SCREEN_REQUESTS = 108;

/** Of the services that load modules. */
export const SLOT_MANAGER = 120;
export const SLOT_REPOSITORY = 121;
export const SLOT_DIRECTORY = 122;
export const SLOT_DECOMPRESSION = 123;
/** CNodes: what outlives the ModuleManager, and the packages of the ModuleRepository. */
export const SLOT_PERSISTENT = 124;
export const SLOT_PACKAGES = 125;
/** The trust set, to be read. */
export const SLOT_TRUST = 126;

/** A CNode: what outlives the ServiceDirectory. */
export const SLOT_ENTRIES = 129;
/** A Timer, and SLOT_ENDED with its badge. */
export const SLOT_TIMER = 127;
export const SLOT_ALARM = 128;

/** Of the memory pool. */
export const SLOT_FIRST_NODE = 160;

const SLOT_FIRST_SERVICE = 400;
const SLOTS_OF_SERVICE = 8;

/** Of a service, behind its first: what it is made from, and itself. */
export const IMAGE = 0;
export const PROCESS = 1;
export const BUDGET = 2;
export const ENDOWMENT = 3;

/** The first of service `index`. */
export function slotsOf(index: u32): u32 {
  return SLOT_FIRST_SERVICE + index * SLOTS_OF_SERVICE;
}
