import type { ObjectCalls, SystemCall } from "./operation.ts";

/**
 * The one declaration of every system call and of everything that a capability of the kernel can be asked for. Not part
 * of the kernel itself: `make syscalls` writes from it the numbers and the dispatch (invocation.ts, handlers.ts), the
 * stubs for KTS and C (user/stubs, user/c), the grammar of the hostile task and of the checks that every operation has
 * (test-qemu/hostile/grammar.ts), and the operations in docs/syscalls.md. The trace decoder reads it as it is.
 *
 * An operation's label is its place among all operations.
 */

/** By number. Call and ReplyRecv are told apart in the entry code. */
export const SYSTEM_CALLS: readonly SystemCall[] = [
  { name: "Call", does: "message, and wait for the answer" },
  {
    name: "Send",
    does: "message without an answer; waits for a receiver, unless the endpoint's ring has room. On a Notification: Signal",
  },
  { name: "NbSend", does: "the same, or `QueueFull` when nobody waits and the ring has no room" },
  { name: "Recv", does: "next message; a Reply takes its caller" },
  { name: "NbRecv", does: "the same, or `Busy` when there is none" },
  { name: "ReplyRecv", does: "answers the Reply's caller, then Recv" },
  { name: "Reply", does: "answers the Reply's caller" },
  { name: "Wait", does: "takes a Notification's bits, or waits for some" },
  { name: "Poll", does: "takes a Notification's bits, or 0" },
  { name: "Yield", does: "the turn to the next thread of the same priority" },
  { name: "DebugWrite", does: "one character to the console", isDebug: true },
];

/** Of every operation. */
export const COMMON_ERRORS: Readonly<Record<string, string>> = {
  FailedLookup: "the capability's address leads nowhere",
  IllegalOperation: "the capability is of another type, has not the right to write, or there is no such operation",
  TruncatedMessage: "too few words or capabilities",
};

const NO_COPY: Readonly<Record<string, string>> = {
  IllegalOperation:
    "the capability cannot be copied: an Untyped, a Reply, an IrqHandler, a protected Region, a one-shot one",
  NotEnoughMemory: "it lies too deep in the derivation tree",
};
const SLOT_TAKEN = "the slot is taken, or does not exist";

export const OBJECTS: readonly ObjectCalls[] = [
  {
    type: "Untyped",
    file: "untyped",
    means: "memory from which objects are made",
    operations: [
      {
        name: "Retype",
        handler: "retype",
        does: "makes `count` objects in consecutive empty slots",
        words: { type: "capType", size: "size", count: "count", slot: "slot", attributes: "flags" },
        caps: { cnode: "CNode" },
        errors: {
          InvalidArgument: "no such type, policy or attribute; a device becomes Untypeds and Regions only",
          RangeError: "no such size or count, or memory for DMA from 4 GiB on",
          DeleteFirst: "a slot is taken, or does not exist",
          NotEnoughMemory: "no room, too deep in the derivation tree, or every address space is in use",
        },
      },
    ],
  },
  {
    type: "CNode",
    file: "cnode",
    means: "slots for capabilities",
    operations: [
      {
        name: "Copy",
        handler: "copy",
        does: "a child of the source, with no more than these rights",
        words: { slot: "slot", rights: "rights" },
        caps: { source: "Any" },
        errors: { DeleteFirst: SLOT_TAKEN, Busy: "a Region that is not zeroed", ...NO_COPY },
      },
      {
        name: "Mint",
        handler: "mint",
        does: "the same with a badge, a narrower range of ports, or (flag 1) to be used once",
        words: { slot: "slot", rights: "rights", badge: "badge", flags: "flags" },
        caps: { source: "Any" },
        errors: {
          DeleteFirst: SLOT_TAKEN,
          IllegalOperation: "the source has a badge, cannot be copied, or not the right to send once",
          NotEnoughMemory: NO_COPY.NotEnoughMemory ?? "",
          InvalidArgument: "no such flag, or a one-shot capability without a badge",
          RangeError: "ports that the source has not",
          QueueFull: "the ring has no place for a one-shot capability",
        },
      },
      {
        name: "Move",
        handler: "move",
        does: "the capability itself to another slot",
        words: { slot: "slot" },
        caps: { source: "Any" },
        errors: { DeleteFirst: SLOT_TAKEN },
      },
      {
        name: "Delete",
        handler: "remove",
        does: "empties the slot; an object dies with its last capability",
        words: { slot: "slot" },
        errors: { RangeError: "no such slot" },
      },
      {
        name: "Revoke",
        handler: "revokeSlot",
        does: "deletes everything that was derived from the capability, the newest first; should the capability itself go with it, in a CNode of what was derived, the rest stays with its parent",
        words: { slot: "slot" },
        errors: { RangeError: "no such slot" },
      },
      {
        name: "Rotate",
        handler: "rotate",
        does: "what is in the first slot goes to the second, and that to the third",
        words: { first: "slot", second: "slot", third: "slot" },
        errors: { FailedLookup: "the first or the second slot is empty", DeleteFirst: "the third slot is taken" },
      },
    ],
  },
  {
    type: "Thread",
    file: "threadCalls",
    means: "registers, a CSpace and an address space",
    operations: [
      {
        name: "Configure",
        handler: "configure",
        does: "gives it what it may name and see, and its message buffer: `offset` bytes into the Region",
        words: { offset: "bytes" },
        caps: { cspace: "CNode", space: "AddressSpace", region: "Region" },
        errors: {
          Policy: "the buffer is a device's memory",
          AlignmentError: "offset is no multiple of 1024",
          RangeError: "offset lies outside the Region",
          NotEnoughMemory: "a capability that cannot be copied",
          DeleteFirst: "it has been configured",
        },
      },
      {
        name: "ReadRegisters",
        handler: "readRegisters",
        does: "up to four registers",
        words: { first: "register" },
        answers: { register0: "value", register1: "value", register2: "value", register3: "value" },
        errors: { RangeError: "no such register" },
      },
      {
        name: "WriteRegisters",
        handler: "writeRegisters",
        does: "one register of a thread that is stopped",
        words: { index: "register", value: "value" },
        errors: { RangeError: "no such register, or no user's address", Busy: "the thread is not stopped" },
      },
      {
        name: "SetPriority",
        handler: "setPriority",
        does: "neither above the caller's ceiling",
        words: { priority: "priority", ceiling: "priority" },
        errors: { RangeError: "above a ceiling" },
      },
      {
        name: "SetAffinity",
        handler: "setAffinity",
        does: "the processor that it runs on",
        words: { cpu: "index" },
        errors: { RangeError: "there is no such processor" },
      },
      {
        name: "Resume",
        handler: "resume",
        does: "a stopped thread goes on",
        errors: {
          Busy: "it is not stopped",
          IllegalOperation: "it is the first thread of a process that has not started, or has ended",
        },
      },
      {
        name: "Suspend",
        handler: "suspend",
        does: "stops it; what it waited for is given up",
      },
      {
        name: "BindNotification",
        handler: "bindNotification",
        does: "signals end its Recv",
        caps: { notification: "Notification" },
        errors: { DeleteFirst: "the thread or the notification is bound" },
      },
      {
        name: "SetFaultHandler",
        handler: "setFaultHandler",
        does: "its faults are calls to this endpoint",
        caps: { endpoint: "Endpoint" },
        errors: { DeleteFirst: "it has one", ...NO_COPY },
      },
      {
        name: "SetTls",
        handler: "setTls",
        does: "the thread pointer",
        words: { address: "address" },
        errors: { RangeError: "no user's address" },
      },
    ],
  },
  {
    type: "SchedContext",
    file: "schedContextCalls",
    means: "the right to use a processor",
    operations: [
      {
        name: "Bind",
        handler: "bind",
        does: "the thread may run",
        caps: { thread: "Thread" },
        errors: { DeleteFirst: "the thread or the context is bound" },
      },
      { name: "Unbind", handler: "unbind", does: "its thread does not run any more" },
      { name: "Consumed", handler: "consumed", does: "time used since it was made", answers: { used: "ns" } },
    ],
  },
  {
    type: "SchedControl",
    file: "schedContextCalls",
    means: "authority over budgets",
    operations: [
      {
        name: "Configure",
        handler: "configureContext",
        does: "budget and period; a budget of 0 is no limit",
        words: { budget: "ns", period: "ns" },
        caps: { context: "SchedContext" },
        errors: { RangeError: "a budget below 10 µs, or a period below the budget or above 18 minutes" },
      },
    ],
  },
  {
    type: "AddressSpace",
    file: "addressSpaceCalls",
    means: "page tables, and the memory that they take",
    operations: [
      {
        name: "Map",
        handler: "map",
        does: "the next pages of the capability, as many as one call may",
        words: { address: "address", pages: "pages", rights: "rights" },
        caps: { region: "Region" },
        answers: { mapped: "pages" },
        errors: {
          Busy: "the Region is not zeroed",
          DeleteFirst: "mapped elsewhere, or the place is taken",
          AlignmentError: "no page's address",
          RangeError: "no user's address, or more pages than are left",
          Policy: "an Image is not written",
          IllegalOperation: "the Region is not writable",
          NotEnoughMemory: "no memory for tables",
        },
      },
      {
        name: "Unmap",
        handler: "unmap",
        does: "the last pages of the capability, as many as one call may",
        caps: { region: "Region" },
        answers: { left: "pages" },
      },
      {
        name: "Protect",
        handler: "protect",
        does: "takes the right to write from pages of the mapping",
        words: { first: "pages", pages: "pages", rights: "rights" },
        caps: { region: "Region" },
        errors: {
          RangeError: "pages that are not mapped, or more than 256",
          IllegalOperation: "it cannot give the right to write",
          AlignmentError: "a part of a page of 2 MiB",
        },
      },
      {
        name: "Translate",
        handler: "translate",
        does: "0: not mapped, 1: to be read, 3: to be read and written",
        words: { address: "address" },
        answers: { rights: "rights" },
        errors: { RangeError: "no user's address" },
      },
    ],
  },
  {
    type: "Region",
    file: "addressSpaceCalls",
    means: "pages of memory",
    operations: [
      {
        name: "Zero",
        handler: "zero",
        does: "clears the next 128 KiB of a new Region",
        answers: { left: "pages" },
      },
      {
        name: "Address",
        handler: "address",
        does: "the physical address, to be told to a device",
        answers: { address: "address" },
        errors: { IllegalOperation: "neither device memory nor for DMA" },
      },
    ],
  },
  {
    type: "Timer",
    file: "timerCalls",
    means: "signals a notification at a time",
    operations: [
      {
        name: "Arm",
        handler: "arm",
        does: "at this uptime the notification gets its badge's bits",
        words: { at: "ns" },
        caps: { notification: "Notification" },
        errors: NO_COPY,
      },
      { name: "Cancel", handler: "cancel", does: "harmless when it is not armed" },
      { name: "Now", handler: "now", does: "the uptime, by which Arm counts", answers: { uptime: "ns" } },
    ],
  },
  {
    type: "IrqControl",
    file: "irqCalls",
    means: "authority over interrupt lines",
    operations: [
      {
        name: "Claim",
        handler: "claim",
        does: "the one IrqHandler of a line, as a child of this capability",
        words: { line: "line", slot: "slot" },
        caps: { cnode: "CNode" },
        errors: {
          RangeError: "no such line",
          Busy: "it is claimed",
          DeleteFirst: SLOT_TAKEN,
          NotEnoughMemory: "too deep in the derivation tree",
        },
      },
    ],
  },
  {
    type: "IrqHandler",
    file: "irqCalls",
    means: "an interrupt line",
    operations: [
      {
        name: "SetNotification",
        handler: "setNotification",
        does: "gets its badge's bits with every interrupt from now on",
        caps: { notification: "Notification" },
        errors: NO_COPY,
      },
      { name: "Acknowledge", handler: "acknowledge", does: "the device has been served, the next interrupt may come" },
    ],
  },
  {
    type: "IoPort",
    file: "ioPort",
    means: "a range of ports (x86_64)",
    operations: [
      {
        name: "In",
        handler: "portIn",
        does: "reads 1, 2 or 4 bytes",
        words: { bytes: "bytes", port: "port" },
        answers: { value: "value" },
        errors: { InvalidArgument: "no such width", RangeError: "not within the range" },
      },
      {
        name: "Out",
        handler: "portOut",
        does: "writes 1, 2 or 4 bytes",
        words: { bytes: "bytes", port: "port", value: "value" },
        errors: { InvalidArgument: "no such width", RangeError: "not within the range" },
      },
    ],
  },
  {
    type: "Inspect",
    file: "inspect",
    means: "a read-only view; long answers are cut off where the caller has no message buffer",
    operations: [
      {
        name: "System",
        handler: "inspectSystem",
        does: "memory is free in Untypeds above their watermarks",
        answers: { uptime: "ns", memory: "bytes", free: "bytes", timerInterrupts: "count", bootCounts: "count" },
      },
      {
        name: "Version",
        handler: "inspectVersion",
        does: "name, version, architecture and build as text",
        answers: { length: "bytes", text: "value" },
      },
      {
        name: "Log",
        handler: "inspectLog",
        does: "the log from a position on, at first 0; what has been overwritten is left out",
        words: { position: "position" },
        answers: { next: "position", length: "bytes", text: "value" },
        errors: { RangeError: "beyond the end" },
      },
      {
        name: "Line",
        handler: "inspectLine",
        does: "whether somebody has claimed it, and how many interrupts have come",
        words: { line: "line" },
        answers: { claimed: "flags", interrupts: "count" },
        errors: { RangeError: "no such line" },
      },
      {
        name: "Slots",
        handler: "inspectSlots",
        does: "the capabilities of a CNode, three words each; `next` is 0 at the end",
        words: { first: "slot" },
        caps: { cnode: "CNode" },
        answers: { next: "slot", found: "count", capabilities: "value" },
        errors: { RangeError: "no such slot" },
      },
      {
        name: "Process",
        handler: "inspectProcess",
        does: "the next process from a number on, at first 0, with its name and state; numbers are those of address spaces",
        words: { first: "index" },
        answers: { number: "index", next: "index", name: "value", state: "value" },
        errors: { RangeError: "no such number" },
      },
      {
        name: "ProcessSlots",
        handler: "inspectProcessSlots",
        does: "the same as Slots, of a process's root CNode",
        words: { first: "slot", process: "index" },
        answers: { next: "slot", found: "count", capabilities: "value" },
        errors: { RangeError: "no such slot, or no such process" },
      },
      {
        name: "Thread",
        handler: "inspectThread",
        does: "what a thread does, and has used",
        caps: { thread: "Thread" },
        answers: { state: "value", priority: "priority", ceiling: "priority", used: "ns" },
      },
    ],
  },
  {
    type: "TraceControl",
    file: "traceControl",
    means: "authority over the trace",
    operations: [
      {
        name: "Start",
        handler: "startTrace",
        does: "empties the ring, and records these kinds of events from now on, a bit each",
        words: { events: "events" },
        errors: { InvalidArgument: "no such kind, or none" },
      },
      { name: "Stop", handler: "stopTrace", does: "what has been recorded stays to be read" },
      {
        name: "Read",
        handler: "readTrace",
        does: "records from a position on, at first 0, four words each; what has been overwritten is left out",
        words: { position: "position" },
        answers: { next: "position", found: "count", records: "value" },
        errors: { RangeError: "beyond the end" },
      },
    ],
  },
  {
    type: "PowerControl",
    file: "powerControl",
    means: "authority to switch off",
    operations: [
      {
        name: "PowerOff",
        handler: "powerOff",
        does: "the status, 0 to 15, is for the emulator's runner",
        words: { status: "status" },
        errors: { RangeError: "no such status", Busy: "the machine stays on" },
      },
      {
        name: "Reboot",
        handler: "reboot",
        does: "starts the machine again",
        errors: { Busy: "the machine goes on" },
      },
    ],
  },
  {
    type: "Verifier",
    file: "verifierCalls",
    means: "verifies a package for the kernel itself, and makes its Image",
    operations: [
      {
        name: "Begin",
        handler: "beginPackage",
        does: "from headers and uncompressed binary, which are copied before they are looked at; the Image takes all of the Untyped",
        words: { headersBytes: "bytes", binaryBytes: "bytes" },
        caps: { headers: "Region", binary: "Region", memory: "Untyped" },
        errors: {
          RangeError: "no bytes, or more than the format allows",
          Busy: "it has begun already",
          RevokeFirst: "the Untyped has children",
          IllegalOperation: "a protected Region has no copies",
          NotEnoughMemory:
            "the Untyped is not made of whole pages, or a capability lies too deep in the derivation tree",
        },
      },
      {
        name: "Step",
        handler: "stepPackage",
        does: "at most 20,000 instructions; the Image's capability goes to the slot when it is sealed",
        words: { slot: "slot" },
        caps: { cnode: "CNode" },
        answers: { outcome: "value", status: "status", fault: "value", place: "position" },
        errors: { IllegalOperation: "nothing has begun", DeleteFirst: SLOT_TAKEN },
      },
    ],
  },
  {
    type: "Process",
    file: "processCalls",
    means:
      "a running program; its own capability exits, its creator's makes, starts and ends it; both take memory from its budget",
    operations: [
      {
        name: "Step",
        handler: "stepProcess",
        does: "maps and fills the next pages of one that was created",
        answers: { left: "pages" },
        errors: { IllegalOperation: "it is not being filled", Gone: "its memory has been revoked" },
      },
      {
        name: "Start",
        handler: "startProcess",
        does: "runs it, unless the trust set has an objection now",
        answers: { fault: "value" },
        errors: { IllegalOperation: "it is not prepared", Gone: "its memory has been revoked" },
      },
      {
        name: "Terminate",
        handler: "terminateProcess",
        does: "ends it and deletes all that was made from its budget; restarts",
        errors: { IllegalOperation: "there is none" },
      },
      {
        name: "Exit",
        handler: "exitProcess",
        does: "by its own capability: its first thread stops, and its creator is told",
        words: { code: "value" },
        errors: { IllegalOperation: "it does not run" },
      },
      {
        name: "Status",
        handler: "processStatus",
        does: "its state, why it ended, its exit code or the kind of fault, and the fault's address",
        answers: { state: "value", end: "value", code: "value", address: "address" },
      },
      {
        name: "ReadEpitaph",
        handler: "readEpitaph",
        does: "up to four registers of the first thread, as they were at the end",
        words: { first: "register" },
        answers: { registers: "value" },
        errors: { RangeError: "no such register" },
      },
      {
        name: "SetNotification",
        handler: "setEndNotification",
        does: "gets its badge's bits when the process ends",
        caps: { notification: "Notification" },
        errors: NO_COPY,
      },
      {
        name: "AllocateMemoryRegion",
        handler: "allocateRegion",
        does: "a Region from the process's budget, to be zeroed before it is mapped",
        words: { bytes: "bytes", attributes: "flags", slot: "slot" },
        caps: { cnode: "CNode" },
        errors: {
          IllegalOperation: "it has no budget",
          Policy: "memory to execute is what Images are for",
          InvalidArgument: "no such attribute",
          RangeError: "no bytes, or too many",
          DeleteFirst: SLOT_TAKEN,
          NotEnoughMemory: "the budget has no room",
        },
      },
      {
        name: "CreateEndpoint",
        handler: "createEndpoint",
        does: "an Endpoint from the process's budget",
        words: { policy: "size", slot: "slot" },
        caps: { cnode: "CNode" },
        errors: {
          IllegalOperation: "it has no budget",
          InvalidArgument: "no such policy",
          RangeError: "its ring would be longer than 128 KiB",
          DeleteFirst: SLOT_TAKEN,
          NotEnoughMemory: "the budget has no room",
        },
      },
    ],
  },
  {
    type: "ProcessControl",
    file: "processCreate",
    means: "authority to create processes",
    operations: [
      {
        name: "Create",
        handler: "createProcess",
        does: "a process from a sealed Image; the endowment has the parameters in slot 1, and behind it a capability or nothing for each entry of the manifest",
        words: {
          owner0: "value",
          owner1: "value",
          owner2: "value",
          owner3: "value",
          name0: "value",
          name1: "value",
          name2: "value",
          name3: "value",
        },
        caps: { process: "Process", image: "Image", budget: "Untyped", endowment: "CNode" },
        answers: { status: "status", fault: "value", entry: "index", refused: "flags", number: "value" },
        errors: {
          RangeError: "the endowment has more than 64 slots",
          InvalidArgument: "the budget lies in the endowment",
          RevokeFirst: "the budget has children",
          DeleteFirst: "the Process is in use",
          NotEnoughMemory: "too deep in the derivation tree",
        },
      },
    ],
  },
  {
    type: "TrustControl",
    file: "verifierCalls",
    means: "authority to offer a newer trust set",
    operations: [
      {
        name: "Begin",
        handler: "beginTrust",
        does: "one that enough roots of the present one have signed; the Verifier's Step reads it",
        words: { bytes: "bytes" },
        caps: { set: "Region", verifier: "Verifier" },
        errors: {
          ...NO_COPY,
          RangeError: "no bytes, or more than the format allows",
          Busy: "the Verifier, or another for a trust set, has begun already",
        },
      },
    ],
  },
];
