import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the requester is given, in the order of its manifest, and the slots that it fills. */

export const LOG = SLOT_FIRST_GRANT;
export const TIMER = SLOT_FIRST_GRANT + 1;
/** To learn when services come and go. */
export const WATCH = SLOT_FIRST_GRANT + 2;
/** To ask for modules. May be empty. */
export const MODULES = SLOT_FIRST_GRANT + 3;
/** To look services up. */
export const DIRECTORY = SLOT_FIRST_GRANT + 4;
export const NOTIFICATION = SLOT_FIRST_GRANT + 5;

/** To send to the services that it has found. */
export const KV = 32;
export const LOGGING = 33;
/** Where answers come, and the place that one request brings. */
export const ANSWERS = 34;
export const ONE_SHOT = 35;
/** The notification, with the badges of the timer and of the directory. */
export const TIMER_SIGNAL = 36;
export const WATCH_SIGNAL = 37;
