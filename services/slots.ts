import { SLOT_FIRST_GRANT } from "../kernel/object/processSlots";

/**
 * Where the first services find what they are given: in the order of their manifests, which is that of the names'
 * encodings (shorter ones first). Behind these the slots are their own.
 */

/** Of the drivers of terminals: serial, and screen with the keyboard. */
export const TERMINAL_IRQ = SLOT_FIRST_GRANT;
/** Of the serial port, on machines with ports; of the keyboard's data. */
export const TERMINAL_PORTS = SLOT_FIRST_GRANT + 1;
/** For objects of its own. */
export const TERMINAL_MEMORY = SLOT_FIRST_GRANT + 2;
/** To send to. */
export const TERMINAL_CONSOLE = SLOT_FIRST_GRANT + 3;
/** To receive from. */
export const TERMINAL_REQUESTS = SLOT_FIRST_GRANT + 4;
/** Of the serial port, on machines without ports; the screen's memory. */
export const TERMINAL_REGISTERS = SLOT_FIRST_GRANT + 5;
/** Of the screen: what the kernel has made of it, and the port of the keyboard's controller. */
export const SCREEN_BEFORE = SLOT_FIRST_GRANT + 6;
export const SCREEN_CONTROLLER = SLOT_FIRST_GRANT + 7;
export const TERMINAL_REPLY = 32;
export const TERMINAL_NOTIFICATION = 33;
export const TERMINAL_IRQ_SIGNAL = 34;
/** What comes with the driver's interrupts, in place of a sender's badge. */
export const TERMINAL_IRQ_BADGE = 0x100n;

export const CONSOLE_POWER = SLOT_FIRST_GRANT;
export const CONSOLE_TRACE = SLOT_FIRST_GRANT + 1;
/** For objects of its own, and for what `fault` makes. */
export const CONSOLE_MEMORY = SLOT_FIRST_GRANT + 2;
/** To call: the drivers of the terminals; the screen's where there is one. */
export const CONSOLE_SCREEN = SLOT_FIRST_GRANT + 3;
export const CONSOLE_SERIAL = SLOT_FIRST_GRANT + 4;
export const CONSOLE_INSPECT = SLOT_FIRST_GRANT + 5;
/** To load modules, and to ask about them. */
export const CONSOLE_MODULES = SLOT_FIRST_GRANT + 6;
/** To receive from: input and log lines. */
export const CONSOLE_ENDPOINT = SLOT_FIRST_GRANT + 7;
/** To ask what services there are. */
export const CONSOLE_DIRECTORY = SLOT_FIRST_GRANT + 8;
/** To ask what packages there are. */
export const CONSOLE_REPOSITORY = SLOT_FIRST_GRANT + 9;
export const CONSOLE_TIMER = 32;
export const CONSOLE_NOTIFICATION = 33;
/** A Reply, and an endpoint for faults. */
export const CONSOLE_REPLY = 34;
export const CONSOLE_FAULTS = 35;
/** Memory of what `fault` makes, and the first of the slots for that. */
export const CONSOLE_VICTIMS = 36;
export const CONSOLE_FREE = 40;
/** Where answers to requests come, and the place that one request brings. */
export const CONSOLE_ANSWERS = 64;
export const CONSOLE_ONE_SHOT = 65;
/** Of a load with parameters. */
export const CONSOLE_PARAMETERS = 67;
export const CONSOLE_PARAMETERS_TO_READ = 68;
/** A page each, for the parameters of modules that run. */
export const CONSOLE_PARAMETERS_MEMORY = 80;
export const CONSOLE_PARAMETERS_PAGES = 16;
