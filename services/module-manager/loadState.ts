/**
 * The life of a load, as a table: in a state an event comes, an action is done, and that is the next state. An action takes
 * a short time and answers the next event, or None when a message has to come first; so several loads go on side by side.
 *
 *   Free ─▶ Finding ─▶ Verifying ─▶ Copying ─▶ Unpacking ─▶ Hashing ─▶ Sealing ─▶ Endowing ─▶ Filling ─▶ Starting ─▶ Free
 *              │           │           └──── not packed ───────▶│          │ only verified ─▶ Free
 *              └───────────┴── Fault, Lost, Deadline, Abandoned ┴──────────┴─────────────▶ Free
 *
 * L1  A load that fails in any state is Free next, and has left nothing: every row to Free but `Settle` releases all.
 * L2  Each request gets one answer: every row to Free answers, but those of requests whose sender is gone.
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
  /** It is gone, with the request or without. */
  Lost,
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
  /** Release everything: nobody waits for an answer. */
  Release,
}

export interface Transition extends Struct<"Transition"> {
  state: LoadState;
  event: LoadEvent;
  action: LoadAction;
  next: LoadState;
}

const TRANSITIONS = 19;
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
  { state: LoadState.Unpacking, event: LoadEvent.Lost, action: LoadAction.NoteLoss, next: LoadState.Free },
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

/** The rows that all states of a load in flight have in common. */
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
    if (row.state === state && row.event === event) take(row, found);
  }
  if (state === LoadState.Free) return;
  for (let i: u32 = 0; i < endings.length; i++) {
    const row = endings[i];
    if (row.event === event) take(row, found);
  }
}

function take(row: Transition, found: Transition): void {
  found.action = row.action;
  found.next = row.next;
}
