import { ErrorCode } from "../kernel/ipc/messageInfo";
import { detailOf, errorOf, type Message } from "./message";

/** What became of a request, as its sender learns it: exactly one of these, whatever happens to the receiver. @storage u8 */
export const enum Fate {
  Answered,
  /** The receiver is gone and has not seen it: it has had no effect. */
  NeverReceived,
  /** The receiver has taken it, and is gone: whether it had an effect nobody knows. */
  NotAnswered,
  /** The kernel has not sent it. */
  Refused,
  /** What has come is no answer to it. */
  Garbled,
}

/** Any but Garbled, of the request whose answer, or the news that there will be none, is in `message`. */
export function fateOf(message: Message): Fate {
  const error = errorOf(message);
  if (error === 0) return Fate.Answered;
  if (error !== u32(ErrorCode.Gone)) return Fate.Refused;
  return detailOf(message) === 0 ? Fate.NeverReceived : Fate.NotAnswered;
}
