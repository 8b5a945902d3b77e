import { HAS_PORTS } from "@arch/layout";
import { readPort, writePort } from "@arch/ports";
import { ErrorCode } from "../ipc/messageInfo";
import { answerWord, argument, target, wrong } from "../syscall/request";

/**
 * A range of I/O ports. There is no object: the range is the capability's data, and CNode.Mint makes a narrower one.
 *
 *   data   ┌──────┬───────┐   both included
 *          │ last │ first │
 *          └──────┴───────┘
 *           31  16 15    0
 */

const PORT_MASK = 0xffffn;
const LAST_SHIFT = 16n;
export const ALL_PORTS = 0xffff_0000n;

/** Whether `inner` is a range, and part of `outer`. */
export function isWithin(inner: u64, outer: u64): boolean {
  const first = inner & PORT_MASK;
  const last = inner >> LAST_SHIFT;
  return first <= last && first >= (outer & PORT_MASK) && last <= outer >> LAST_SHIFT;
}

/** Why `bytes` bytes from `port` on cannot be reached by the capability, or None. */
function whyNoAccess(bytes: u64, port: u64): ErrorCode {
  if (!HAS_PORTS) return ErrorCode.IllegalOperation;
  if (bytes !== 1n && bytes !== 2n && bytes !== 4n) return wrong(ErrorCode.InvalidArgument, 0);
  const isInside = port <= PORT_MASK && isWithin(port | ((port + bytes - 1n) << LAST_SHIFT), target().data);
  return isInside ? ErrorCode.None : wrong(ErrorCode.RangeError, 1);
}

/** IoPort.In: bytes (1, 2 or 4), port; answers the value. */
export function portIn(): ErrorCode {
  const problem = whyNoAccess(argument(0), argument(1));
  if (problem !== ErrorCode.None) return problem;
  answerWord(0, u64(readPort(u16(argument(1)), u32(argument(0)))));
  return ErrorCode.None;
}

/** IoPort.Out: bytes (1, 2 or 4), port, value. */
export function portOut(): ErrorCode {
  const problem = whyNoAccess(argument(0), argument(1));
  if (problem !== ErrorCode.None) return problem;
  writePort(u16(argument(1)), u32(argument(0)), u32(argument(2) & 0xffff_ffffn));
  return ErrorCode.None;
}
