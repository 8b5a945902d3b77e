/**
 * Rules of the kernel, each taken away by one change of its text, to see that a test or the checker of the invariants
 * notices (`make mutate-kernel`): one or more for each invariant of docs/invariants.md, and checks drawn at random from
 * what decodes system calls.
 */
export interface Mutation {
  readonly name: string;
  /** That the rule upholds. */
  readonly invariant: string;
  readonly file: string;
  /** The rule's text, which the file holds once, and what stands there without the rule. */
  readonly from: string;
  readonly to: string;
}

const BY_INVARIANT: readonly Mutation[] = [
  {
    name: "an emptied slot keeps its data",
    invariant: "I1",
    file: "kernel/cap/slot.ts",
    from: "  slot.data = 0n;\n  slot.next = 0n;\n  slot.prev = 0n;\n",
    to: "  slot.next = 0n;\n  slot.prev = 0n;\n",
  },
  {
    name: "a new object keeps what lay in its memory",
    invariant: "I1",
    file: "kernel/object/untyped.ts",
    from: "    fillMemory(windowOf(start), 0, count * bytes);\n",
    to: "",
  },
  {
    name: "a copy has the rights that are asked for",
    invariant: "I2",
    file: "kernel/cap/capability.ts",
    from: "return word & ~(ALL_RIGHTS & ~((rights << RIGHTS_SHIFT) & ALL_RIGHTS));",
    to: "return (word & ~ALL_RIGHTS) | ((rights << RIGHTS_SHIFT) & ALL_RIGHTS);",
  },
  {
    name: "a removed slot's place is not inherited",
    invariant: "I2",
    file: "kernel/cap/slot.ts",
    from: "if (startOf(next) > start) next.next =",
    to: "if (startOf(next) < start) next.next =",
  },
  {
    name: "Retype goes beyond the end of the Untyped",
    invariant: "I3",
    file: "kernel/object/untyped.ts",
    from: "  if (start + bytes > end) return ErrorCode.NotEnoughMemory;\n",
    to: "",
  },
  {
    name: "the watermark stays when the last child goes",
    invariant: "I3",
    file: "kernel/cap/delete.ts",
    from: "  before.data = 0n;\n",
    to: "",
  },
  {
    name: "a table that goes back to the pool stays in use",
    invariant: "I4",
    file: "kernel/object/addressSpace.ts",
    from: "    tableAt(above).entries[slotOf(va, at + 1)] = 0n;\n",
    to: "",
  },
  {
    name: "an Image is mapped to be written",
    invariant: "I5",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "    if (isWrite) return wrong(ErrorCode.Policy, 2);\n    pages = imageRun(imageOf(slot), mapping.count, pages);\n    flags = imageLeaf(imageOf(slot), mapping.count);\n",
    to: "    pages = imageRun(imageOf(slot), mapping.count, pages);\n    flags = isWrite ? LEAF_WRITE : imageLeaf(imageOf(slot), mapping.count);\n",
  },
  {
    name: "Map takes addresses that are not the user's",
    invariant: "I6",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "  if (va < USER_START || va >= USER_END) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "a device's memory can be a message buffer",
    invariant: "I6",
    file: "kernel/object/threadCalls.ts",
    from: "  if (isCapWith(buffer.word, CapType.Region, FLAG_DEVICE)) return wrong(ErrorCode.Policy, 2);\n",
    to: "",
  },
  {
    name: "translations outlive Unmap",
    invariant: "I7",
    file: "kernel/object/addressSpace.ts",
    from: "  flushRun(space, mapping.start + u64(mapping.count) * PAGE_BYTES, count);\n",
    to: "",
  },
  {
    name: "what is read-only is mapped to be written",
    invariant: "I7",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "    if (isWrite && !isWritable(slot)) return wrong(ErrorCode.IllegalOperation, 2);\n",
    to: "",
  },
  {
    name: "Resume takes a thread that waits",
    invariant: "I8",
    file: "kernel/object/threadCalls.ts",
    from: "  if (to.state !== ThreadState.Inactive) return ErrorCode.Busy;\n",
    to: "",
  },
  {
    name: "a ready thread that stops stays in its queue",
    invariant: "I8",
    file: "kernel/sched/scheduler.ts",
    from: "  else if (thread.state === ThreadState.Ready && hasTime(thread)) takeOut(thread);\n",
    to: "",
  },
  {
    name: "a ring takes more than its depth",
    invariant: "I9",
    file: "kernel/ipc/ring.ts",
    from: "  if (endpoint.used >= endpoint.depth) return false;\n",
    to: "",
  },
  {
    name: "a badge takes more than its share",
    invariant: "I9",
    file: "kernel/ipc/ring.ts",
    from: "return endpoint.share >= endpoint.depth || countOf(endpoint, badge) < endpoint.share;",
    to: "return endpoint.share >= endpoint.depth || countOf(endpoint, badge) < endpoint.depth;",
  },
  {
    name: "a Reply takes a second caller",
    invariant: "I10",
    file: "kernel/syscall/syscall.ts",
    from: "reply !== null && (reply.caller !== null || reply.receiver !== null)",
    to: "reply !== null && reply.caller !== null && reply.receiver !== null",
  },
  {
    name: "a Reply names a caller that was suspended",
    invariant: "I10",
    file: "kernel/cap/delete.ts",
    from: "      if (reply !== null) reply.caller = null;\n",
    to: "",
  },
  {
    name: "padding is not counted",
    invariant: "I11",
    file: "kernel/object/untyped.ts",
    from: "  untyped.data = start + bytes - base;",
    to: "  untyped.data += bytes;",
  },
  {
    name: "Map takes more tables than the pool has",
    invariant: "I11",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "    if (missingTables(space, va, isLarge ? 1 : pages) > space.freeCount) return ErrorCode.NotEnoughMemory;\n",
    to: "",
  },
  {
    name: "SetPriority sets the ceiling before it has checked it",
    invariant: "I12",
    file: "kernel/object/threadCalls.ts",
    from: "  if (argument(1) > ceiling) return wrong(ErrorCode.RangeError, 1);\n  const to = thread();\n  to.maxPriority = u8(argument(1));\n",
    to: "  const to = thread();\n  to.maxPriority = u8(argument(1));\n  if (argument(1) > ceiling) return wrong(ErrorCode.RangeError, 1);\n",
  },
  {
    name: "Mint reserves a place before it has a slot",
    invariant: "I12",
    file: "kernel/object/cnode.ts",
    from: "  const problem = copyTo(source, once, argument(2));\n  if (problem === ErrorCode.None) endpoint.used++;\n",
    to: "  endpoint.used++;\n  const problem = copyTo(source, once, argument(2));\n",
  },
  {
    name: "Configure gives the CNode before it has checked the buffer",
    invariant: "I12",
    file: "kernel/object/threadCalls.ts",
    from: "  if (whyNoCopy(space) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 1);\n  if (whyNoCopy(buffer) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 2);\n  const to = thread();\n  if (!isNull(to.cspace) || !isNull(to.space) || !isNull(to.buffer)) return ErrorCode.DeleteFirst;\n  derive(cspace, to.cspace, cspace.word, cspace.data);\n",
    to: "  const to = thread();\n  if (!isNull(to.cspace) || !isNull(to.space) || !isNull(to.buffer)) return ErrorCode.DeleteFirst;\n  derive(cspace, to.cspace, cspace.word, cspace.data);\n  if (whyNoCopy(space) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 1);\n  if (whyNoCopy(buffer) !== ErrorCode.None) return wrong(ErrorCode.NotEnoughMemory, 2);\n",
  },
  {
    name: "Retype makes any number of objects",
    invariant: "I13",
    file: "kernel/object/untyped.ts",
    from: "if (count === 0n || count > MAX_OBJECTS)",
    to: "if (count === 0n)",
  },
  {
    name: "Retype clears any number of bytes",
    invariant: "I13",
    file: "kernel/object/untyped.ts",
    from: "  if (count * written > limit) return wrong(ErrorCode.RangeError, ARGUMENT_COUNT);\n",
    to: "",
  },
  {
    name: "Revoke lets no interrupt in",
    invariant: "I13",
    file: "kernel/cap/delete.ts",
    from: "return pollInterrupts() || cpu.current.state",
    to: "return cpu.current.state",
  },
  {
    name: "WriteRegisters writes behind the registers",
    invariant: "I14",
    file: "kernel/object/threadCalls.ts",
    from: "  if (index >= u64(REGISTER_COUNT)) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "a slot's index may lie outside its CNode",
    invariant: "I14",
    file: "kernel/cap/cspace.ts",
    from: "if (index === 0n || index >= cnode.data) return null;",
    to: "if (index === 0n) return null;",
  },
  {
    name: "an answer may claim more words than a buffer has",
    invariant: "I14",
    file: "kernel/object/endpoint.ts",
    from: "claimed > MAX_WORDS ? MAX_WORDS : claimed",
    to: "claimed",
  },
];

/**
 * Drawn with the seed 20261126 from the checks of one line in kernel/object/*Calls.ts, cnode.ts and untyped.ts and in
 * kernel/syscall/syscall.ts, without those that the compiler needs to know that something is not null.
 */
const DRAWN: readonly Mutation[] = [
  {
    name: "Protect begins behind the mapping",
    invariant: "I7",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "  if (first >= u64(mapping.count)) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "a thread pointer may be the kernel's",
    invariant: "I14",
    file: "kernel/object/threadCalls.ts",
    from: "  if (!isUserAddress(argument(0))) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "a budget may be too short to use",
    invariant: "I13",
    file: "kernel/object/schedContextCalls.ts",
    from: "  if (budgetNs !== 0n && budgetNs < MIN_BUDGET_NS) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "WriteRegisters takes a thread that runs",
    invariant: "I8",
    file: "kernel/object/threadCalls.ts",
    from: "  if (to.state !== ThreadState.Inactive && !to.isFaulted) return ErrorCode.Busy;\n",
    to: "",
  },
  {
    name: "Map of an Image forgets that writing was asked for",
    invariant: "I5",
    file: "kernel/object/addressSpaceCalls.ts",
    from: "    if (isWrite) return wrong(ErrorCode.Policy, 2);\n",
    to: "",
  },
  {
    name: "Mint takes capabilities of any type",
    invariant: "I2",
    file: "kernel/object/cnode.ts",
    from: "  if (type !== CapType.Endpoint && type !== CapType.Notification) return wrong(ErrorCode.InvalidCapability, 0);\n",
    to: "",
  },
  {
    name: "an endpoint may have any policy",
    invariant: "I9",
    file: "kernel/object/untyped.ts",
    from: "      if (!isPolicy(size)) return wrong(ErrorCode.InvalidArgument, ARGUMENT_SIZE);\n",
    to: "",
  },
  {
    name: "SetPriority goes above the ceiling",
    invariant: "I2",
    file: "kernel/object/threadCalls.ts",
    from: "  if (argument(0) > ceiling || argument(0) > argument(1)) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "a CNode may have any size",
    invariant: "I13",
    file: "kernel/object/untyped.ts",
    from: "      if (size < 1n || size > MAX_RADIX) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);\n",
    to: "",
  },
  {
    name: "a pool of tables may have any size",
    invariant: "I13",
    file: "kernel/object/untyped.ts",
    from: "      if (size > u64(MAX_POOL)) return wrong(ErrorCode.RangeError, ARGUMENT_SIZE);\n",
    to: "",
  },
  {
    name: "Retype overwrites capabilities",
    invariant: "I1",
    file: "kernel/object/untyped.ts",
    from: "  if (!areEmpty(cnode, first, count)) return wrong(ErrorCode.DeleteFirst, ARGUMENT_SLOT);\n",
    to: "",
  },
  {
    name: "ReadRegisters reads behind the registers",
    invariant: "I14",
    file: "kernel/object/threadCalls.ts",
    from: "  if (first >= u64(REGISTER_COUNT)) return wrong(ErrorCode.RangeError, 0);\n",
    to: "",
  },
  {
    name: "one-shot capabilities reserve more places than there are",
    invariant: "I9",
    file: "kernel/object/cnode.ts",
    from: "  if (endpoint.used >= endpoint.depth) return ErrorCode.QueueFull;\n",
    to: "",
  },
];

export const MUTATIONS: readonly Mutation[] = [...BY_INVARIANT, ...DRAWN];
