import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the module is given, in the order of its manifest, and slots that nothing fills but itself. */

/** Empty when there is no such service. */
export const KV = SLOT_FIRST_GRANT;
export const LOG = SLOT_FIRST_GRANT + 1;
/** Wanted, and never given. */
export const POWER = SLOT_FIRST_GRANT + 2;
export const MEMORY = SLOT_FIRST_GRANT + 3;
export const MODULES = SLOT_FIRST_GRANT + 4;
export const DIRECTORY = SLOT_FIRST_GRANT + 5;

export const FREE = 32;
export const OTHER = 33;
export const ANSWERS = 34;
export const ONE_SHOT = 35;
/** From here on. */
export const FIRST_PIECE = 64;
export const SLOTS = 256;
