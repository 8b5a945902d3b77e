/** Where the first services find what init has given them, in their own CNodes; up to 15 as kernel/initSlots.ts says. */

/** To receive from. */
export const SERIAL_ENDPOINT = 16;
export const SERIAL_REPLY = 17;
/** To send to. */
export const SERIAL_CONSOLE = 18;
export const SERIAL_IRQ = 19;
/** On machines with ports. */
export const SERIAL_PORTS = 20;
/** What comes with the driver's interrupts, in place of a sender's badge. */
export const SERIAL_IRQ_BADGE = 0x100n;

/** To receive from: input and log lines. */
export const CONSOLE_ENDPOINT = 16;
/** To call. */
export const CONSOLE_SERIAL = 17;
export const CONSOLE_INSPECT = 18;
export const CONSOLE_POWER = 19;
/** Memory for what `fault` makes. */
export const CONSOLE_MEMORY = 20;
export const CONSOLE_TIMER = 21;
export const CONSOLE_NOTIFICATION = 22;
/** A Reply, and an endpoint for faults. */
export const CONSOLE_REPLY = 23;
export const CONSOLE_FAULTS = 24;
/** The first of the slots that it may fill. */
export const CONSOLE_FREE = 32;
