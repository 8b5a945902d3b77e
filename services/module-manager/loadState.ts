/**
 * The life of a load, as a table: in a state an event comes, an action is done, and that is the next state. An action takes
 * a short time and answers the next event, or None when a message has to come first; so several loads go on side by side.
 *
 *   Free ─▶ Finding ─▶ Verifying ─▶ Copying ─▶ Unpacking ─▶ Hashing ─▶ Sealing ─▶ Endowing ─▶ Filling ─▶ Starting ─▶ Free
 *              │           │           └──── not packed ───────▶│          │ only verified ─▶ Free
 *              └───────────┴───── Fault, Deadline, Abandoned ───┴──────────┴─────────────▶ Free
 *
 *   Unpacking ──Deadline, Abandoned──▶ Draining ──Deadline──▶ Stopping ──Answered, Lost, Deadline──▶ Free
 *                                         └──────── Answered, Lost ────────────────────────────────▶ Free
 *
 * L1  A load that fails has left nothing once it is Free: every row to Free but `Settle` releases all.
 * L2  Each request gets one answer: `GiveUp` and every row to Free from a state before Draining answer, but those of
 *     requests whose sender is gone.
 * L3  While the DeepCompressionService may hold a load's Regions these are not taken from it: a load that ends while its
 *     request is out drains first. Should the service not answer then, it is ended.
 */

/** @storage u8 */
export const enum LoadState {
  Free,
  /** The repository is asked. */
  Finding,
  /** The headers are verified. */
  Verifying,
  /** The payload is copied and hashed. */
  Copying,
  /** The DeepCompressionService is at work. */
  Unpacking,
  /** Nobody waits for the load any more, but the service may still be at work for it. */
  Draining,
  /** It has had its time: it is being made again. */
  Stopping,
  /** The binary is hashed. */
  Hashing,
  /** The kernel verifies. */
  Sealing,
  /** Sealed; its capabilities are gathered, and the process is made. */
  Endowing,
  /** The process is mapped and filled. */
  Filling,
  /** It may start. */
  Starting,
}

/** @storage u8 */
export const enum LoadEvent {
  /** Nothing: a message has to come. */
  None,
  Admitted,
  /** The action has to be done again. */
  More,
  Done,
  /** The payload is the binary. */
  Stored,
  /** It has to be unpacked. */
  Packed,
  /** The DeepCompressionService has answered. */
  Answered,
  /** It has ended, or never got the request: nobody has the Regions. */
  Lost,
  /** The same a second time. */
  LostAgain,
  /** No process was asked for. */
  VerifiedOnly,
  /** The load's status says what is wrong. */
  Fault,
  /** Its time is over. */
  Deadline,
  /** The requester does not exist any more. */
  Abandoned,
}

/** @storage u8 */
export const enum LoadAction {
  /** No such event is expected: nothing is done. */
  Ignore,
  Find,
  CopyHeaders,
  StepHeaders,
  BeginPayload,
  StepPayload,
  BeginUnpacking,
  /** Ask the service that has been made again. */
  UnpackAgain,
  TakeBack,
  BeginBinary,
  StepBinary,
  BeginSealing,
  StepSealing,
  Endow,
  Create,
  Fill,
  Start,
  /** The module runs: answer, and keep what it is made of. */
  Settle,
  /** Answer the verdict, and release everything. */
  Conclude,
  /** The same for a load whose unpacking was lost. */
  NoteLoss,
  /** The same for one whose time is over. */
  NoteTimeout,
  /** Answer that the time is over, and release nothing yet. */
  GiveUp,
  /** Nobody waits for an answer, and nothing is released yet. */
  Drain,
  /** Have the DeepCompressionService ended. */
  StopUnpacker,
  /** Release everything: nobody waits for an answer. */
  Release,
}

export interface Transition extends Struct<"Transition"> {
  state: LoadState;
  event: LoadEvent;
  action: LoadAction;
  next: LoadState;
}

const TRANSITIONS = 28;
export const transitions: FixedArray<Inline<Transition>, typeof TRANSITIONS> = [
  { state: LoadState.Free, event: LoadEvent.Admitted, action: LoadAction.Find, next: LoadState.Finding },
  { state: LoadState.Finding, event: LoadEvent.Done, action: LoadAction.CopyHeaders, next: LoadState.Verifying },
  { state: LoadState.Verifying, event: LoadEvent.More, action: LoadAction.StepHeaders, next: LoadState.Verifying },
  { state: LoadState.Verifying, event: LoadEvent.Done, action: LoadAction.BeginPayload, next: LoadState.Copying },
  { state: LoadState.Copying, event: LoadEvent.More, action: LoadAction.StepPayload, next: LoadState.Copying },
  { state: LoadState.Copying, event: LoadEvent.Packed, action: LoadAction.BeginUnpacking, next: LoadState.Unpacking },
  { state: LoadState.Copying, event: LoadEvent.Stored, action: LoadAction.BeginBinary, next: LoadState.Hashing },
  { state: LoadState.Unpacking, event: LoadEvent.Answered, action: LoadAction.TakeBack, next: LoadState.Unpacking },
  { state: LoadState.Unpacking, event: LoadEvent.Done, action: LoadAction.BeginBinary, next: LoadState.Hashing },
  { state: LoadState.Unpacking, event: LoadEvent.Lost, action: LoadAction.UnpackAgain, next: LoadState.Unpacking },
  { state: LoadState.Unpacking, event: LoadEvent.LostAgain, action: LoadAction.NoteLoss, next: LoadState.Free },
  { state: LoadState.Unpacking, event: LoadEvent.Deadline, action: LoadAction.GiveUp, next: LoadState.Draining },
  { state: LoadState.Unpacking, event: LoadEvent.Abandoned, action: LoadAction.Drain, next: LoadState.Draining },
  { state: LoadState.Draining, event: LoadEvent.Answered, action: LoadAction.Release, next: LoadState.Free },
  { state: LoadState.Draining, event: LoadEvent.Lost, action: LoadAction.Release, next: LoadState.Free },
  { state: LoadState.Draining, event: LoadEvent.Deadline, action: LoadAction.StopUnpacker, next: LoadState.Stopping },
  { state: LoadState.Stopping, event: LoadEvent.Answered, action: LoadAction.Release, next: LoadState.Free },
  { state: LoadState.Stopping, event: LoadEvent.Lost, action: LoadAction.Release, next: LoadState.Free },
  { state: LoadState.Stopping, event: LoadEvent.Deadline, action: LoadAction.Release, next: LoadState.Free },
  { state: LoadState.Hashing, event: LoadEvent.More, action: LoadAction.StepBinary, next: LoadState.Hashing },
  { state: LoadState.Hashing, event: LoadEvent.Done, action: LoadAction.BeginSealing, next: LoadState.Sealing },
  { state: LoadState.Sealing, event: LoadEvent.More, action: LoadAction.StepSealing, next: LoadState.Sealing },
  { state: LoadState.Sealing, event: LoadEvent.Done, action: LoadAction.Endow, next: LoadState.Endowing },
  { state: LoadState.Sealing, event: LoadEvent.VerifiedOnly, action: LoadAction.Conclude, next: LoadState.Free },
  { state: LoadState.Endowing, event: LoadEvent.Done, action: LoadAction.Create, next: LoadState.Filling },
  { state: LoadState.Filling, event: LoadEvent.More, action: LoadAction.Fill, next: LoadState.Filling },
  { state: LoadState.Filling, event: LoadEvent.Done, action: LoadAction.Start, next: LoadState.Starting },
  { state: LoadState.Starting, event: LoadEvent.Done, action: LoadAction.Settle, next: LoadState.Free },
];

/** The rows that all states have in common that have none of their own for the event, but those without a requester. */
const ENDINGS = 3;
export const endings: FixedArray<Inline<Transition>, typeof ENDINGS> = [
  { state: LoadState.Free, event: LoadEvent.Fault, action: LoadAction.Conclude, next: LoadState.Free },
  { state: LoadState.Free, event: LoadEvent.Deadline, action: LoadAction.NoteTimeout, next: LoadState.Free },
  { state: LoadState.Free, event: LoadEvent.Abandoned, action: LoadAction.Release, next: LoadState.Free },
];

/** What to do when `event` comes in `state`, and what state is next: in `found`. */
export function transitionOf(state: LoadState, event: LoadEvent, found: Transition): void {
  found.state = state;
  found.event = event;
  found.action = LoadAction.Ignore;
  found.next = state;
  for (let i: u32 = 0; i < transitions.length; i++) {
    const row = transitions[i];
    if (row.state === state && row.event === event) {
      take(row, found);
      return;
    }
  }
  if (!hasRequester(state)) return;
  for (let i: u32 = 0; i < endings.length; i++) {
    const row = endings[i];
    if (row.event === event) take(row, found);
  }
}

/** Whether somebody is to be answered in this state. */
export function hasRequester(state: LoadState): boolean {
  return state !== LoadState.Free && state !== LoadState.Draining && state !== LoadState.Stopping;
}

function take(row: Transition, found: Transition): void {
  found.action = row.action;
  found.next = row.next;
}
