import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";

/** What the DeepCompressionService is given, in the order of its manifest. */

/** To receive from. */
export const REQUESTS = SLOT_FIRST_GRANT;
