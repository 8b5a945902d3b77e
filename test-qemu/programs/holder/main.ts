import { SLOT_FIRST_GRANT } from "../../../kernel/object/processSlots";
import { receive } from "../../../services/serve";
import type { Message } from "../../../user/message";

/** A service that takes requests with all of their capabilities, and answers none. */

const REQUESTS = SLOT_FIRST_GRANT;

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  for (;;) receive(REQUESTS, 0, message);
}
