/** What each operation takes. Written by `make syscalls` from kernel/syscall/table.ts. */
import { CapType } from "../../kernel/cap/capability";
import type { INVOCATIONS } from "../../kernel/syscall/invocation";

/** What a word is. @storage u8 */
export const enum WordKind {
  None,
  Address,
  Badge,
  Bytes,
  CapType,
  Count,
  Events,
  Flags,
  Index,
  Line,
  Ns,
  Pages,
  Port,
  Position,
  Priority,
  Register,
  Rights,
  Size,
  Slot,
  Status,
  Value,
}

export const MAX_RULE_WORDS = 8;
export const MAX_RULE_CAPS = 4;

export interface Rule extends Struct<"Rule"> {
  object: CapType;
  words: u8;
  caps: u8;
  /** WordKind each. */
  readonly kinds: FixedArray<u8, typeof MAX_RULE_WORDS>;
  /** CapType each, Null where any type will do. */
  readonly types: FixedArray<u8, typeof MAX_RULE_CAPS>;
}

/** In the order of `Invocation`. */
export const grammar: FixedArray<Inline<Rule>, typeof INVOCATIONS> = [
  { object: CapType.Untyped, words: 5, caps: 1, kinds: [4, 17, 5, 18, 7, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.CNode, words: 2, caps: 1, kinds: [18, 16, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.CNode, words: 4, caps: 1, kinds: [18, 16, 2, 7, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.CNode, words: 1, caps: 1, kinds: [18, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.CNode, words: 1, caps: 0, kinds: [18, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.CNode, words: 1, caps: 0, kinds: [18, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.CNode, words: 3, caps: 0, kinds: [18, 18, 18, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 1, caps: 3, kinds: [3, 0, 0, 0, 0, 0, 0, 0], types: [2, 9, 10, 0] },
  { object: CapType.Thread, words: 1, caps: 0, kinds: [15, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 2, caps: 0, kinds: [15, 20, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 2, caps: 0, kinds: [14, 14, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 1, caps: 0, kinds: [8, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Thread, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [7, 0, 0, 0] },
  { object: CapType.Thread, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [6, 0, 0, 0] },
  { object: CapType.Thread, words: 1, caps: 0, kinds: [1, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.SchedContext, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [3, 0, 0, 0] },
  { object: CapType.SchedContext, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.SchedContext, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.SchedControl, words: 2, caps: 1, kinds: [10, 10, 0, 0, 0, 0, 0, 0], types: [4, 0, 0, 0] },
  { object: CapType.AddressSpace, words: 3, caps: 1, kinds: [1, 11, 16, 0, 0, 0, 0, 0], types: [10, 0, 0, 0] },
  { object: CapType.AddressSpace, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [10, 0, 0, 0] },
  { object: CapType.AddressSpace, words: 3, caps: 1, kinds: [11, 11, 16, 0, 0, 0, 0, 0], types: [10, 0, 0, 0] },
  { object: CapType.AddressSpace, words: 1, caps: 0, kinds: [1, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Region, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Region, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Timer, words: 1, caps: 1, kinds: [10, 0, 0, 0, 0, 0, 0, 0], types: [7, 0, 0, 0] },
  { object: CapType.Timer, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Timer, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.IrqControl, words: 2, caps: 1, kinds: [9, 18, 0, 0, 0, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.IrqHandler, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [7, 0, 0, 0] },
  { object: CapType.IrqHandler, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.IoPort, words: 2, caps: 0, kinds: [3, 12, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.IoPort, words: 3, caps: 0, kinds: [3, 12, 20, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 1, caps: 0, kinds: [13, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 1, caps: 0, kinds: [9, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 1, caps: 1, kinds: [18, 0, 0, 0, 0, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.Inspect, words: 1, caps: 0, kinds: [8, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 2, caps: 0, kinds: [18, 8, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Inspect, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [3, 0, 0, 0] },
  { object: CapType.TraceControl, words: 1, caps: 0, kinds: [6, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.TraceControl, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.TraceControl, words: 1, caps: 0, kinds: [13, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.PowerControl, words: 1, caps: 0, kinds: [19, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.PowerControl, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Verifier, words: 2, caps: 3, kinds: [3, 3, 0, 0, 0, 0, 0, 0], types: [10, 10, 1, 0] },
  { object: CapType.Verifier, words: 1, caps: 1, kinds: [18, 0, 0, 0, 0, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.Process, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 1, caps: 0, kinds: [20, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 0, caps: 0, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 1, caps: 0, kinds: [15, 0, 0, 0, 0, 0, 0, 0], types: [0, 0, 0, 0] },
  { object: CapType.Process, words: 0, caps: 1, kinds: [0, 0, 0, 0, 0, 0, 0, 0], types: [7, 0, 0, 0] },
  { object: CapType.Process, words: 3, caps: 1, kinds: [3, 7, 18, 0, 0, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.Process, words: 2, caps: 1, kinds: [17, 18, 0, 0, 0, 0, 0, 0], types: [2, 0, 0, 0] },
  { object: CapType.ProcessControl, words: 8, caps: 4, kinds: [20, 20, 20, 20, 20, 20, 20, 20], types: [20, 11, 1, 2] },
  { object: CapType.TrustControl, words: 1, caps: 2, kinds: [3, 0, 0, 0, 0, 0, 0, 0], types: [10, 19, 0, 0] },
];
