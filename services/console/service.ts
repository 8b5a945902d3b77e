import { Syscall } from "../../kernel/syscall/invocation";
import { type Message, systemCall } from "../../user/message";

/** Asking services. */

export const NO_ANSWER: Bytes = "the service does not answer; it may be made again just now: try once more";

/** Calls a service; a failure leaves a message that is no record. */
export function call(endpoint: u32, message: Message): void {
  systemCall(Syscall.Call, endpoint, 0, message);
}
