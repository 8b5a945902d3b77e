/** Kinds of capabilities and rights, as the format numbers them (codec/package/kind.ts). */
export const KINDS = [
  "Untyped",
  "CNode",
  "Thread",
  "SchedContext",
  "SchedControl",
  "Endpoint",
  "Notification",
  "Reply",
  "AddressSpace",
  "Region",
  "Image",
  "Timer",
  "IrqControl",
  "IrqHandler",
  "IoPort",
  "Inspect",
  "TraceControl",
  "PowerControl",
  "Verifier",
  "Process",
  "ProcessControl",
  "TrustControl",
] as const;

export type Kind = (typeof KINDS)[number];

export const RIGHTS = ["read", "write", "pass"] as const;
export type Right = (typeof RIGHTS)[number];

export function kindNumber(kind: Kind): number {
  return KINDS.indexOf(kind) + 1;
}

export function kindName(number: number): Kind | undefined {
  return KINDS[number - 1];
}

export function rightsBits(rights: readonly Right[]): number {
  return rights.reduce((bits, right) => bits | (1 << RIGHTS.indexOf(right)), 0);
}

export function rightsNames(bits: number): readonly Right[] {
  return RIGHTS.filter((_, i) => (bits & (1 << i)) !== 0);
}
