import type { FpuState } from "@arch/fpu";
import type { TrapFrame } from "@arch/trap";
import type { Slot } from "../cap/slot";
import type { FaultKind } from "../fault/faultKind";
import type { Link } from "../ipc/link";
import type { Endpoint } from "./endpoint";
import type { Notification } from "./notification";
import type { Process } from "./process";
import type { Reply } from "./reply";
import type { SchedContext } from "./schedContext";

/**
 * A thread: registers, what it may name (CSpace) and see (AddressSpace), and what it waits for.
 *
 *               Resume                   Send, Call            received
 *   Inactive ──────────▶ Ready ◀──▶ Running ──────▶ Sending ──────────────▶ Ready, or AwaitingReply after a Call
 *       ▲                                   Recv          message
 *       │ Suspend, fault without handler  ──────▶ Receiving ──────▶ Ready
 *       └──────────── from any               Wait         signal
 *                                         ──────▶ Waiting ────────▶ Ready
 *
 * T1  A thread is in at most one queue, the one that its state names: the ready queue of its priority (Ready), that
 *     of `endpoint` (Sending, Receiving), of `notification` (Waiting), none otherwise (I8).
 * T2  `reply` and the Reply's `caller` name each other or nobody (I10).
 * T3  `schedContext` and its `thread` name each other or nobody; a thread without one does not run.
 *
 * @layout
 */
export interface Thread extends Struct<"Thread"> {
  /** What the entry code fills and the exit restores: at offset 0. */
  readonly frame: Inline<TrapFrame>;
  readonly fpu: Inline<FpuState>;
  /** In the queue of T1. */
  next: Thread | null;
  previous: Thread | null;
  state: ThreadState;
  /** What it does when it has sent: waits for an answer. */
  isCall: boolean;
  /** Its sender's capability allows capabilities in the message. */
  canGrant: boolean;
  /** Has used the FPU, so that its state is kept from then on. */
  hasFpuState: boolean;
  priority: u8;
  /** No one gives it more by this thread's own capability. */
  maxPriority: u8;
  /** Of what it sends, while Sending. */
  badge: u64;
  /** Where it stands among its endpoint's messages and other waiting threads, while Sending. */
  ticket: u64;
  /** Its messages that endpoints keep. */
  readonly outbox: Inline<Link>;
  /** Ready but its budget is used up: not in the ready queue until the refill. */
  isThrottled: boolean;
  endpoint: Endpoint | null;
  notification: Notification | null;
  /** The notification bound to it, whose signals end a Recv. */
  bound: Notification | null;
  /** Who answers it, while AwaitingReply. */
  reply: Reply | null;
  /** While Receiving: the Reply that takes the next caller. */
  receiver: Reply | null;
  schedContext: SchedContext | null;
  /** The process of which it is the first thread; each names the other, or nobody (K2). */
  process: Process | null;
  /** Loaded into the architecture's thread pointer. */
  tls: u64;
  /** A fault has been reported and not yet answered: what it was, and the address that it is about. */
  isFaulted: boolean;
  faultKind: FaultKind;
  faultAddress: u64;
  /** Of the message buffer within its Region. */
  bufferOffset: u32;
  readonly cspace: Inline<Slot>;
  readonly space: Inline<Slot>;
  readonly buffer: Inline<Slot>;
  readonly handler: Inline<Slot>;
}

/** @storage u8 */
export const enum ThreadState {
  Inactive,
  Ready,
  Running,
  Sending,
  Receiving,
  AwaitingReply,
  Waiting,
}
