import { isCapWith, RIGHT_WRITE } from "../cap/capability";
import { capsIn, ErrorCode, errorInfo, labelIn, lengthIn, MAX_CAPS, MAX_WORDS } from "../ipc/messageInfo";
import { handlers } from "./handlers";
import { INVOCATIONS } from "./invocation";
import { finish, request, target } from "./request";

/** From a Call on a capability of the kernel to the function that serves it. */

/** Serves the request; its answer, or the error, is in the caller's registers then. @hot @inline */
export function invoke(info: u64): void {
  request.detail = 0;
  request.answers = 0;
  request.isRestarted = false;
  const code = serve(info);
  if (request.isRestarted) return;
  finish(code === ErrorCode.None ? u64(request.answers) : errorInfo(code, u64(request.detail)));
}

/** @hot @inline */
function serve(info: u64): ErrorCode {
  const label = labelIn(info);
  if (label >= u64(INVOCATIONS)) return ErrorCode.IllegalOperation;
  const row = handlers[u32(label)];
  const slot = target();
  if (!isCapWith(slot.word, row.object, RIGHT_WRITE)) return ErrorCode.IllegalOperation;
  if (lengthIn(info) > MAX_WORDS || capsIn(info) > MAX_CAPS) return ErrorCode.TruncatedMessage;
  if (lengthIn(info) < row.words || capsIn(info) < row.caps) return ErrorCode.TruncatedMessage;
  return row.serve();
}
