import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the ServiceDirectory is given, in the order of its manifest, and the slots that it fills. */

/** For objects of its own. */
export const MEMORY = SLOT_FIRST_GRANT;
/** To receive from. */
export const REQUESTS = SLOT_FIRST_GRANT + 1;
/** A CNode of init's that outlives this process, with what follows. */
export const PERSISTENT = SLOT_FIRST_GRANT + 2;
export const REPLY = 32;
/** Of a service that was looked up, with the finder's badge; given away at once. */
export const FOUND = 33;

/** Slots of that CNode: the entries' Region, which init makes; the services, one for each place; the watchers. */
export const ENTRIES = 1;
export const FIRST_SERVICE = 64;
export const FIRST_WATCHER = 128;
export const DIRECTORY_RADIX = 8n;
export const ENTRIES_PAGES = 8n;
