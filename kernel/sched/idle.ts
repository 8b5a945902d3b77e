import type { Thread } from "../object/thread";

/** Nobody: what `cpu.current` names when the thread that ran has been destroyed. Never runs. */
export const idleThread: Thread = zeroed();
