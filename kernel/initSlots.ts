/** The slots of init's root CNode, as the kernel fills them (initTask.ts). */

export const SLOT_CNODE = 1;
export const SLOT_SPACE = 2;
export const SLOT_THREAD = 3;
export const SLOT_CONTEXT = 4;
export const SLOT_SCHED_CONTROL = 5;
export const SLOT_POWER_CONTROL = 6;
export const SLOT_IMAGE = 7;
export const SLOT_DATA = 8;
export const SLOT_STACK = 9;
export const SLOT_BUFFER = 10;
export const SLOT_INFO = 11;
export const SLOT_IRQ_CONTROL = 12;
/** On machines that have ports. */
export const SLOT_IO_PORT = 13;
export const SLOT_INSPECT = 14;
export const SLOT_TRACE_CONTROL = 15;
export const SLOT_FIRST_UNTYPED = 16;
/** Untypeds of devices. */
export const SLOT_FIRST_DEVICE = 768;
/** Regions of the boot modules behind init's own. */
export const SLOT_FIRST_MODULE = 896;
export const SLOT_PROCESS_CONTROL = 1000;
export const SLOT_TRUST_CONTROL = 1001;
/** Where there is a screen: Regions of its memory, and of what the kernel's driver of it has made (drivers/screen.ts). */
export const SLOT_SCREEN_MEMORY = 1002;
export const SLOT_SCREEN = 1003;
