import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the tampering manager is granted, in the order of its manifest: by the length of the names, then by the alphabet. */

export const GRANT_POOL = SLOT_FIRST_GRANT;
export const GRANT_CASES = SLOT_FIRST_GRANT + 1;
export const GRANT_TRUST = SLOT_FIRST_GRANT + 2;
export const GRANT_SIGNAL = SLOT_FIRST_GRANT + 3;
export const GRANT_CONTROL = SLOT_FIRST_GRANT + 4;
export const GRANT_SERVICE = SLOT_FIRST_GRANT + 5;
export const GRANTS = 6;
