import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the ModuleManager is given, in the order of its manifest, and the slots that it fills. */

/** To send lines to the console. */
export const LOG = SLOT_FIRST_GRANT;
/** The trust set, to be read. */
export const TRUST = SLOT_FIRST_GRANT + 1;
/** For objects of its own. */
export const MEMORY = SLOT_FIRST_GRANT + 2;
/** A Notification: the DeepCompressionService is to be made again. */
export const RESTART = SLOT_FIRST_GRANT + 3;
/** To receive from, and to make places to answer to. */
export const REQUESTS = SLOT_FIRST_GRANT + 4;
/** The directory's, without a badge: for its own, and for those of modules. */
export const DIRECTORY = SLOT_FIRST_GRANT + 5;
/** To create processes. */
export const PROCESSES = SLOT_FIRST_GRANT + 6;
/** What outlives it (persistent.ts). */
export const PERSISTENT = SLOT_FIRST_GRANT + 7;
/** To find packages. */
export const REPOSITORY = SLOT_FIRST_GRANT + 8;
/** To have payloads unpacked. */
export const DECOMPRESSION = SLOT_FIRST_GRANT + 9;

export const REPLY = 32;
export const NOTIFICATION = 33;
export const TIMER = 34;
/** With the badge of the timer, and with that of a process that is given away at once. */
export const TIMER_SIGNAL = 35;
export const ENDED_SIGNAL = 36;
/** To register services. */
export const OWN_DIRECTORY = 37;
/** Of a service, while it is entered in the directory. */
export const OFFER = 38;
/** Always empty. */
export const FREE = 39;

/** Of each load. */
const FIRST_LOAD = 64;
const SLOTS_OF_LOAD = 16;
export const REPLY_TO = 0;
export const PARAMETERS = 1;
export const FILE = 2;
export const HEADERS = 3;
export const PAYLOAD = 4;
export const PAYLOAD_TO_READ = 5;
export const BINARY = 6;
export const VERIFIER = 7;
export const ONE_SHOT = 8;
export const LOAD_SLOTS = 9;

/** The first of load `index`. */
export function slotsOfLoad(index: u32): u32 {
  return FIRST_LOAD + index * SLOTS_OF_LOAD;
}
