import { isCapWith, RIGHT_WRITE } from "../cap/capability";
import { capsIn, ErrorCode, errorInfo, labelIn, lengthIn, MAX_CAPS, MAX_WORDS } from "../ipc/messageInfo";
import { map, protect, translate, unmap, zero } from "../object/addressSpaceCalls";
import { copy, mint, move, remove, revokeSlot, rotate } from "../object/cnode";
import { inspectLine, inspectLog, inspectSlots, inspectSystem, inspectThread, inspectVersion } from "../object/inspect";
import { portIn, portOut } from "../object/ioPort";
import { acknowledge, claim, setNotification } from "../object/irqCalls";
import { powerOff, reboot } from "../object/powerControl";
import { bind, configureContext, consumed, unbind } from "../object/schedContextCalls";
import {
  bindNotification,
  configure,
  readRegisters,
  resume,
  setAffinity,
  setFaultHandler,
  setPriority,
  setTls,
  suspend,
  writeRegisters,
} from "../object/threadCalls";
import { arm, cancel } from "../object/timerCalls";
import { retype } from "../object/untyped";
import { finish, request, target } from "./request";
import { INVOCATIONS, invocations } from "./table";

/** From a Call on a capability of the kernel to the function that serves it. */

type Handler = () => ErrorCode;

/** In the order of `Invocation`. */
const handlers: FixedArray<Handler, typeof INVOCATIONS> = [
  retype,
  copy,
  mint,
  move,
  remove,
  revokeSlot,
  rotate,
  configure,
  readRegisters,
  writeRegisters,
  setPriority,
  resume,
  suspend,
  bindNotification,
  setFaultHandler,
  setTls,
  bind,
  unbind,
  consumed,
  configureContext,
  map,
  unmap,
  protect,
  translate,
  zero,
  arm,
  cancel,
  powerOff,
  claim,
  setNotification,
  acknowledge,
  portIn,
  portOut,
  setAffinity,
  reboot,
  inspectSystem,
  inspectVersion,
  inspectLog,
  inspectLine,
  inspectSlots,
  inspectThread,
];

/** Serves the request; its answer, or the error, is in the caller's registers then. */
export function invoke(info: u64): void {
  request.detail = 0;
  request.answers = 0;
  request.isRestarted = false;
  const code = serve(info);
  if (request.isRestarted) return;
  finish(code === ErrorCode.None ? u64(request.answers) : errorInfo(code, u64(request.detail)));
}

function serve(info: u64): ErrorCode {
  const label = labelIn(info);
  if (label >= u64(INVOCATIONS)) return ErrorCode.IllegalOperation;
  const row = invocations[u32(label)];
  const slot = target();
  if (!isCapWith(slot.word, row.object, RIGHT_WRITE)) return ErrorCode.IllegalOperation;
  if (lengthIn(info) > MAX_WORDS || capsIn(info) > MAX_CAPS) return ErrorCode.TruncatedMessage;
  if (lengthIn(info) < row.words || capsIn(info) < row.caps) return ErrorCode.TruncatedMessage;
  return handlers[u32(label)]();
}
