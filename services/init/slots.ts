/** Init's own slots, between those that the kernel fills (kernel/initSlots.ts). */

/** Endpoints of the services, and of their faults. */
export const SLOT_SERIAL = 100;
export const SLOT_CONSOLE = 101;
export const SLOT_FAULTS = 102;
export const SLOT_REPLY = 103;
/** To send lines to the console. */
export const SLOT_LOG = 104;
/** Copies that are given away at once. */
export const SLOT_HANDLER = 105;
/** The serial port's registers, and the pieces of device memory before them. */
export const SLOT_DEVICE = 106;
export const SLOT_DEVICE_PIECES = 110;

/** Of the memory pool. */
export const SLOT_FIRST_NODE = 160;

const SLOT_FIRST_SERVICE = 400;
const SLOTS_OF_SERVICE = 32;

/** The first of service `index`. */
export function slotsOf(index: u32): u32 {
  return SLOT_FIRST_SERVICE + index * SLOTS_OF_SERVICE;
}
