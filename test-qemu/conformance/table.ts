import { HAS_PORTS } from "@arch/layout";
import { CAP_TYPES, CapType } from "../../kernel/cap/capability";
import {
  SLOT_CNODE,
  SLOT_IMAGE,
  SLOT_INSPECT,
  SLOT_IO_PORT,
  SLOT_IRQ_CONTROL,
  SLOT_POWER_CONTROL,
  SLOT_SCHED_CONTROL,
  SLOT_TRACE_CONTROL,
} from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { INVOCATIONS } from "../../kernel/syscall/invocation";
import { detailOf, invoke, type Message, ownBuffer } from "../../user/message";
import { inspectSlots, inspectSystem } from "../../user/stubs/inspect";
import { irqControlClaim } from "../../user/stubs/irqControl";
import { grammar, MAX_RULE_CAPS, type Rule } from "../hostile/grammar";
import {
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  retype,
  succeeds,
  type TestRow,
  zeroAll,
} from "./harness";

/**
 * What holds for every row of the table of operations: too short a message, a capability of another type or without the
 * right to write are refused with their error, and leave everything as it was (I12).
 */

const COPY = FIRST + 40;
const ROOT_SLOTS = 1024n;
const LINE: u64 = HAS_PORTS ? 5n : 40n;

type Objects = FixedArray<u32, typeof CAP_TYPES>;
/** The slot of a capability of each type; 0 where this machine has none. */
const objects: Objects = zeroed();

function make(type: CapType, size: u64): void {
  const slot = FIRST + u32(type);
  succeeds(retype(type, size, slot), "an object of each type");
  objects[u32(type)] = slot;
}

function makeObjects(): void {
  fillObjects();
  make(CapType.Untyped, 12n);
  make(CapType.CNode, 3n);
  make(CapType.Thread, 0n);
  make(CapType.SchedContext, 0n);
  make(CapType.Endpoint, 4n);
  make(CapType.Notification, 0n);
  make(CapType.Reply, 0n);
  make(CapType.AddressSpace, 4n);
  make(CapType.Region, 1n);
  make(CapType.Timer, 0n);
  zeroAll(objects[u32(CapType.Region)]);
  const message = local<Message>();
  const handler = FIRST + u32(CapType.IrqHandler);
  succeeds(irqControlClaim(message, SLOT_IRQ_CONTROL, LINE, u64(handler), SLOT_CNODE), "claim");
  objects[u32(CapType.IrqHandler)] = handler;
}

/** Those that init has. */
function fillObjects(): void {
  objects[u32(CapType.SchedControl)] = SLOT_SCHED_CONTROL;
  objects[u32(CapType.Image)] = SLOT_IMAGE;
  objects[u32(CapType.IrqControl)] = SLOT_IRQ_CONTROL;
  objects[u32(CapType.IoPort)] = HAS_PORTS ? SLOT_IO_PORT : 0;
  objects[u32(CapType.Inspect)] = SLOT_INSPECT;
  objects[u32(CapType.TraceControl)] = SLOT_TRACE_CONTROL;
  objects[u32(CapType.PowerControl)] = SLOT_POWER_CONTROL;
}

/** A number for all capabilities of the root CNode and for all free memory. */
function fingerprint(): u64 {
  const message = local<Message>();
  let hash: u64 = 0xcbf2_9ce4_8422_2325n;
  let at: u64 = 1n;
  do {
    succeeds(inspectSlots(message, SLOT_INSPECT, at, SLOT_CNODE), "slots");
    const words = 2 + u32(message.words[1]) * 3;
    for (let i: u32 = 2; i < words; i++) {
      hash = (hash ^ (i < 4 ? message.words[i] : ownBuffer().words[i])) * 0x100_0000_01b3n;
    }
    at = message.words[0];
  } while (at !== 0n && at < ROOT_SLOTS);
  succeeds(inspectSystem(message, SLOT_INSPECT), "system");
  return (hash ^ message.words[2]) * 0x100_0000_01b3n;
}

/** The capabilities that the rule asks for. */
function sendRight(rule: Rule): void {
  for (let i: u32 = 0; i < MAX_RULE_CAPS; i++) {
    const type = u32(rule.types[i]);
    ownBuffer().sent[i] = objects[type === 0 ? u32(CapType.Notification) : type];
  }
}

/** The call has to fail with `code`, and to leave the words of the message as they were. Answers what the error is about. */
function refused(capability: u32, label: u32, words: u32, caps: u32, code: ErrorCode, what: Bytes): u32 {
  const message = local<Message>();
  for (let i: u32 = 0; i < 4; i++) message.words[i] = u64(i) + 0x1111n;
  const error = invoke(message, capability, label, words, caps);
  if (error !== u32(code)) checkEqual(u64(label), u64(INVOCATIONS), "the operation");
  fails(error, code, what);
  for (let i: u32 = 0; i < 4; i++) checkEqual(message.words[i], u64(i) + 0x1111n, "a word of the message");
  return detailOf(message);
}

function missingWordsAreNoticed(): void {
  makeObjects();
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const rule = grammar[label];
    if (rule.words === 0 || objects[u32(rule.object)] === 0) continue;
    sendRight(rule);
    const object = objects[u32(rule.object)];
    refused(object, label, u32(rule.words) - 1, u32(rule.caps), ErrorCode.TruncatedMessage, "a word too few");
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

function missingCapabilitiesAreNoticed(): void {
  makeObjects();
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const rule = grammar[label];
    if (rule.caps === 0 || objects[u32(rule.object)] === 0) continue;
    sendRight(rule);
    const object = objects[u32(rule.object)];
    refused(object, label, u32(rule.words), u32(rule.caps) - 1, ErrorCode.TruncatedMessage, "a capability too few");
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

function overlongMessagesAreNoticed(): void {
  makeObjects();
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const object = objects[u32(grammar[label].object)];
    if (object === 0) continue;
    sendRight(grammar[label]);
    refused(object, label, 65, 4, ErrorCode.TruncatedMessage, "65 words");
    refused(object, label, 64, 5, ErrorCode.TruncatedMessage, "five capabilities");
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

/** An endpoint has no operations, but is sent the message: it waits. */
function otherObjectsAreRefused(): void {
  makeObjects();
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const rule = grammar[label];
    sendRight(rule);
    for (let type: u32 = 1; type < CAP_TYPES; type++) {
      if (type === u32(rule.object) || type === u32(CapType.Endpoint) || objects[type] === 0) continue;
      refused(objects[type], label, u32(rule.words), u32(rule.caps), ErrorCode.IllegalOperation, "another object");
    }
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

function rightToWriteIsNeeded(): void {
  let copies: u32 = 0;
  makeObjects();
  for (let type: u32 = 1; type < CAP_TYPES; type++) {
    // What has one holder keeps its rights.
    if (objects[type] === 0 || copyTo(objects[type], COPY + type, 5n) !== 0) continue;
    objects[type] = COPY + type;
    copies++;
  }
  check(copies > 10, "most types can be copied");
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const rule = grammar[label];
    const object = objects[u32(rule.object)];
    if (object <= COPY) continue;
    sendRight(rule);
    refused(object, label, u32(rule.words), u32(rule.caps), ErrorCode.IllegalOperation, "without the right to write");
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

/** Each capability of each operation in turn: null, and of another type. */
function wrongCapabilitiesAreNamed(): void {
  makeObjects();
  const before = fingerprint();
  for (let label: u32 = 0; label < INVOCATIONS; label++) {
    const rule = grammar[label];
    if (objects[u32(rule.object)] === 0) continue;
    for (let i: u32 = 0; i < u32(rule.caps); i++) {
      sendRight(rule);
      ownBuffer().sent[i] = 0;
      refuseCapability(label, i);
      const type = u32(rule.types[i]);
      if (type === 0) continue;
      ownBuffer().sent[i] = type === u32(CapType.Timer) ? SLOT_CNODE : objects[u32(CapType.Timer)];
      refuseCapability(label, i);
    }
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

function refuseCapability(label: u32, index: u32): void {
  const rule = grammar[label];
  const object = objects[u32(rule.object)];
  const words = u32(rule.words);
  const detail = refused(object, label, words, u32(rule.caps), ErrorCode.InvalidCapability, "a wrong capability");
  checkEqual(u64(detail), u64(index), "the error names it");
}

/** Behind the last operation there is none. */
function unknownLabelsAreRefused(): void {
  makeObjects();
  const before = fingerprint();
  for (let type: u32 = 1; type < CAP_TYPES; type++) {
    if (objects[type] === 0 || type === u32(CapType.Endpoint)) continue;
    refused(objects[type], INVOCATIONS, 4, 4, ErrorCode.IllegalOperation, "no such operation");
    refused(objects[type], 0xffff_ffff, 4, 4, ErrorCode.IllegalOperation, "no such operation");
  }
  checkEqual(fingerprint(), before, "nothing has changed");
}

const TESTS = 7;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "table: missing words are noticed", run: missingWordsAreNoticed },
  { name: "table: missing capabilities are noticed", run: missingCapabilitiesAreNoticed },
  { name: "table: overlong messages are noticed", run: overlongMessagesAreNoticed },
  { name: "table: other objects are refused", run: otherObjectsAreRefused },
  { name: "table: right to write is needed", run: rightToWriteIsNeeded },
  { name: "table: wrong capabilities are named", run: wrongCapabilitiesAreNamed },
  { name: "table: unknown labels are refused", run: unknownLabelsAreRefused },
];

export function runTable(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
