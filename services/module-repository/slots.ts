import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the ModuleRepository is given, in the order of its manifest. */

/** For objects of its own. */
export const MEMORY = SLOT_FIRST_GRANT;
/** A CNode with the packages' Regions, from slot 1 on. */
export const PACKAGES = SLOT_FIRST_GRANT + 1;
/** To receive from. */
export const REQUESTS = SLOT_FIRST_GRANT + 2;
export const REPLY = 32;
