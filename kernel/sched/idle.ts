import type { Thread } from "../object/thread";
import { cpu } from "./cpu";

/** Nobody: what `cpu.current` names before there are threads, and when the one that ran is destroyed. Never runs. */
export const idleThread: Thread = zeroed();

/** Before the first interrupt. */
export function initCpu(): void {
  cpu.current = idleThread;
}
