import type { TrapFrame } from "@arch/trap";
import type { Slot } from "../cap/slot";
import type { FaultKind } from "../fault/faultKind";
import type { ProcessEnd, ProcessState } from "./processState";
import type { Thread } from "./thread";

/**
 * A running program: an Image, the memory that it may use, and how it ended.
 *
 *           Create             Step, Step, … Step          Start             Exit, fault
 *   Empty ─────────▶ Filling ──────────────────▶ Prepared ───────▶ Running ─────────────▶ Ended
 *     ▲                 │                            │                │                     │
 *     │                 └──────── Terminate ─────────┴────────────────┘                     │ Terminate
 *     │                               ▼                                                     ▼
 *     │                             Dying ◀─────────────────────────────────────────────────┘
 *     └ Retype                        └── everything of its budget is gone ──▶ Gone
 *
 * The Process itself and its epitaph are the creator's: they stay until Delete.
 *
 * K1  `budget` holds the Untyped from which everything of the process was made, from Create until Delete.
 * K2  `thread` and that thread's `process` name each other, or nobody.
 * K3  The first thread of a process that is not Running is Inactive. Others that it has made end with its budget.
 * K4  `image` holds the capability whose mapping is the process's text (I7), while there is one.
 */
export interface Process extends Struct<"Process"> {
  state: ProcessState;
  end: ProcessEnd;
  /** Of Exit. */
  exitCode: u64;
  /** Of a fault. */
  faultKind: FaultKind;
  faultAddress: u64;
  /** The first thread, while it lives. */
  thread: Thread | null;
  /** Pages of text that are mapped, and of data, stack and buffer that are filled. */
  mappedPages: u32;
  filledPages: u32;
  /** Entries of the manifest that were refused: a bit each. */
  refused: u64;
  readonly budget: Inline<Slot>;
  readonly image: Inline<Slot>;
  /** The notification that tells of the end, or null. */
  readonly target: Inline<Slot>;
  /** Keeps the capability while the process ends, if the last one outside is deleted (cap/delete.ts). */
  readonly self: Inline<Slot>;
  /** For people: up to 32 bytes of text. */
  readonly name: FixedArray<u64, 4>;
  /** The spec's owner identity record, passed on as it came. */
  readonly owner: FixedArray<u64, 4>;
  /** The first thread's registers when the process ended. */
  readonly registers: Inline<TrapFrame>;
}
