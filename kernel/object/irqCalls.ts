import { ALL_RIGHTS, CapType, capWord } from "../cap/capability";
import { emptySlotOf } from "../cap/cspace";
import { dropTarget } from "../cap/delete";
import { derive, whyNoCopy } from "../cap/derive";
import { insertChild, levelOf, MAX_LEVEL, objectOf } from "../cap/slot";
import { ErrorCode } from "../ipc/messageInfo";
import { argument, capability, target, wrong } from "../syscall/request";
import { claimLine, isClaimed, isLine, openLine, targetOfLine } from "./irqHandler";

/** What an IrqControl's and an IrqHandler's capability can be asked for. */

/** IrqControl.Claim: line, slot; CNode. The IrqHandler is a child of the IrqControl, with its rights (I2). */
export function claim(): ErrorCode {
  const cnode = capability(0, CapType.CNode);
  if (cnode === null) return wrong(ErrorCode.InvalidCapability, 0);
  const line = argument(0);
  if (!isLine(line)) return wrong(ErrorCode.RangeError, 0);
  if (isClaimed(u32(line))) return wrong(ErrorCode.Busy, 0);
  const slot = emptySlotOf(cnode, argument(1));
  if (slot === null) return wrong(ErrorCode.DeleteFirst, 1);
  if (levelOf(target()) >= MAX_LEVEL) return ErrorCode.NotEnoughMemory;
  claimLine(u32(line));
  insertChild(target(), slot, capWord(CapType.IrqHandler, target().word & ALL_RIGHTS, line), 0n, 0);
  return ErrorCode.None;
}

/** IrqHandler.SetNotification: Notification, which gets its badge's bits with every interrupt from now on. */
export function setNotification(): ErrorCode {
  const slot = capability(0, CapType.Notification);
  if (slot === null) return wrong(ErrorCode.InvalidCapability, 0);
  const problem = whyNoCopy(slot);
  if (problem !== ErrorCode.None) return wrong(problem, 0);
  const line = u32(objectOf(target()));
  const word = slot.word;
  const data = slot.data;
  dropTarget(targetOfLine(line));
  derive(slot, targetOfLine(line), word, data);
  openLine(line);
  return ErrorCode.None;
}

/** IrqHandler.Acknowledge: the device has been served, the next interrupt may come. */
export function acknowledge(): ErrorCode {
  openLine(u32(objectOf(target())));
  return ErrorCode.None;
}
