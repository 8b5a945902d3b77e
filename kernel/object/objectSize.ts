import { CapType } from "../cap/capability";
import type { Notification } from "./notification";
import type { Process } from "./process";
import type { Reply } from "./reply";
import type { SchedContext } from "./schedContext";
import type { Thread } from "./thread";
import type { Timer } from "./timer";
import type { Verifier } from "./verifier";

/** How large objects are of which one is as large as the other. */

/** Bytes of an object of `type`; 0n where they differ, or there is no object. */
export function fixedBytes(type: CapType): u64 {
  switch (u32(type)) {
    case u32(CapType.Thread):
      return sizeOf<Thread>();
    case u32(CapType.SchedContext):
      return sizeOf<SchedContext>();
    case u32(CapType.Notification):
      return sizeOf<Notification>();
    case u32(CapType.Reply):
      return sizeOf<Reply>();
    case u32(CapType.Timer):
      return sizeOf<Timer>();
    case u32(CapType.Verifier):
      return sizeOf<Verifier>();
    case u32(CapType.Process):
      return sizeOf<Process>();
    default:
      return 0n;
  }
}
