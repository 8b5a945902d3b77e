import type { Thread } from "./thread";

/**
 * The right to answer one caller. A server passes it to Recv, which ties it to the caller whose message arrives.
 *
 *   Idle ──Recv──▶ Waiting (named by its receiver) ──message of a Call──▶ Tied ──Reply, or destroyed──▶ Idle
 *
 * R1  `caller` and the caller's `reply` name each other, or nobody (I10).
 * R2  `receiver` and that thread's `receiver` name each other, or nobody.
 */
export interface Reply extends Struct<"Reply"> {
  caller: Thread | null;
  receiver: Thread | null;
}
