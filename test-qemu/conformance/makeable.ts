import { CapType } from "../../kernel/cap/capability";

/** What Retype makes: one of each kind, for programs that try them all. */

export const MAKEABLE = 12;
export const makeable: FixedArray<CapType, typeof MAKEABLE> = [
  CapType.Untyped,
  CapType.CNode,
  CapType.Thread,
  CapType.SchedContext,
  CapType.Endpoint,
  CapType.Notification,
  CapType.Reply,
  CapType.AddressSpace,
  CapType.Region,
  CapType.Timer,
  CapType.Verifier,
  CapType.Process,
];
