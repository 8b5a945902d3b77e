import type { Thread } from "../object/thread";

/** Nobody: what `cpu.current` names before the first thread runs, and when the one that ran is destroyed. Never runs. */
export const idleThread: Thread = zeroed();
