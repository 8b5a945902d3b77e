import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the ServiceDirectory is given, in the order of its manifest, and the slots that it fills. */

/** For objects of its own. */
export const MEMORY = SLOT_FIRST_GRANT;
/** To receive from. */
export const REQUESTS = SLOT_FIRST_GRANT + 1;
export const REPLY = 32;
/** Of a service that was looked up, with the finder's badge; given away at once. */
export const FOUND = 33;
/** Of the services, one for each place. */
export const FIRST_SERVICE = 64;
/** Of the watchers. */
export const FIRST_WATCHER = 128;
