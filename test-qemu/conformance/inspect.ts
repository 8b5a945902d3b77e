import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_IRQ_CONTROL, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { detailOf, infoWord, invoke, type Message, ownBuffer } from "../../user/message";
import { inspectProcessSlots } from "../../user/stubs/inspect";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  endTest,
  FIRST,
  harness,
  makeThread,
  makeWorker,
  messageOf,
  newRegion,
  POOL,
  resume,
  retype,
  revoke,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
} from "./harness";

/** The read-only view of the system, and the processor that a thread runs on. */

const PAGE = 4096n;
/** A line that no test device uses, on both machines. */
const LINE = 40n;
const LINE_X86 = 5n;
const THREAD = FIRST + 20;
/** Bytes 16 to 23 of its record: "arn  a u", of "warn  a user thread". */
const FAULT_TEXT = 0x7520_6120_206e_7261n;

function inspect(message: Message, label: Invocation, word: u64, sent: u32): u32 {
  message.words[0] = word;
  ownBuffer().sent[0] = sent;
  return invoke(message, SLOT_INSPECT, u32(label), 1, 1);
}

/** I3, I11: what is free shrinks by what an object takes, and grows back when it goes. */
function memoryIsCounted(): void {
  const message = local<Message>();
  checkEqual(u64(inspect(message, Invocation.InspectSystem, 0n, 0)), 0n, "system");
  const before = message.words[2];
  check(before > 0n && before < message.words[1], "some memory is free");
  checkEqual(u64(retype(CapType.Region, 3n, FIRST)), 0n, "region");
  inspect(message, Invocation.InspectSystem, 0n, 0);
  checkEqual(before - message.words[2], 3n * PAGE, "three pages less");
  checkEqual(u64(retype(CapType.Untyped, 12n, FIRST + 1)), 0n, "untyped");
  inspect(message, Invocation.InspectSystem, 0n, 0);
  checkEqual(before - message.words[2], 3n * PAGE, "an untyped is free memory");
  ask(SLOT_CNODE, Invocation.CNodeRevoke, u64(POOL), 0n, 0);
  inspect(message, Invocation.InspectSystem, 0n, 0);
  checkEqual(message.words[2], before, "all of it is back");
}

function uptimeGrows(): void {
  const message = local<Message>();
  inspect(message, Invocation.InspectSystem, 0n, 0);
  const first = message.words[0];
  inspect(message, Invocation.InspectSystem, 0n, 0);
  check(first > 0n && message.words[0] >= first, "time passes");
}

function versionIsText(): void {
  const message = local<Message>();
  checkEqual(u64(inspect(message, Invocation.InspectVersion, 0n, 0)), 0n, "version");
  check(message.words[0] > 16n && message.words[0] < 64n, "a line of text");
  checkEqual(message.words[1], 0x6570_6f63_7379_6b53n, "it begins with Skyscope");
  checkEqual(message.info & 0xffn, (message.words[0] + 7n) / 8n + 1n, "the answer is as long as the text");
}

/** The log is read in pieces, from a position on, up to its end. */
function logIsRead(): void {
  const message = local<Message>();
  let at: u64 = 0n;
  let pieces: u32 = 0;
  do {
    checkEqual(u64(inspect(message, Invocation.InspectLog, at, 0)), 0n, "log");
    if (at === 0n) checkEqual(message.words[2] & 0xffn, 0x5bn, "a record begins with a bracket");
    checkEqual(message.words[0] - at, message.words[1], "the position is behind the bytes");
    at = message.words[0];
    pieces++;
  } while (message.words[1] !== 0n && pieces < 100);
  check(pieces > 1 && pieces < 100, "the log ends");
  checkEqual(
    u64(inspect(message, Invocation.InspectLog, at + 1n, 0)),
    u64(u32(ErrorCode.RangeError)),
    "beyond the end",
  );
}

/** Whoever reads the log finds it there; the serial port does not see it (I13). */
function faultIsLogged(): void {
  const message = local<Message>();
  const before = logEnd(message);
  setOwnPriority(150n);
  makeThread(0, THREAD, 0x1000n, 200n);
  resume(THREAD);
  checkEqual(u64(inspect(message, Invocation.InspectLog, before, 0)), 0n, "log");
  checkEqual(message.words[2] & 0xffn, 0x5bn, "a record begins with a bracket");
  check(message.words[1] > 60n && message.words[1] < 160n, "one record");
  checkEqual(ownBuffer().words[4], FAULT_TEXT, "of a thread");
}

/** Its position. */
function logEnd(message: Message): u64 {
  let at: u64 = 0n;
  do {
    if (inspect(message, Invocation.InspectLog, at, 0) !== 0) return 0n;
    at = message.words[0];
  } while (message.words[1] !== 0n);
  return at;
}

function linesAreTold(): void {
  const message = local<Message>();
  const line = inspect(message, Invocation.InspectLine, LINE, 0) === 0 ? LINE : LINE_X86;
  inspect(message, Invocation.InspectLine, line, 0);
  checkEqual(message.words[0], 0n, "nobody's line");
  message.words[0] = line;
  message.words[1] = u64(FIRST);
  ownBuffer().sent[0] = SLOT_CNODE;
  checkEqual(u64(invoke(message, SLOT_IRQ_CONTROL, u32(Invocation.IrqControlClaim), 2, 1)), 0n, "claim");
  inspect(message, Invocation.InspectLine, line, 0);
  checkEqual(message.words[0], 1n, "claimed");
  checkEqual(u64(inspect(message, Invocation.InspectLine, 5000n, 0)), u64(u32(ErrorCode.RangeError)), "no such line");
}

/** Each capability of a CNode: its slot, type and rights. */
function slotsAreListed(): void {
  const message = local<Message>();
  checkEqual(u64(retype(CapType.CNode, 3n, FIRST)), 0n, "cnode");
  checkEqual(u64(inspect(message, Invocation.InspectSlots, 1n, FIRST)), 0n, "slots");
  checkEqual(message.words[1], 0n, "an empty one");
  ask(FIRST, Invocation.CNodeCopy, 6n, 1n, SLOT_THREAD);
  checkEqual(u64(inspect(message, Invocation.InspectSlots, 1n, FIRST)), 0n, "slots");
  checkEqual(message.words[0], 0n, "nothing is left");
  checkEqual(message.words[1], 1n, "one capability");
  checkEqual(message.words[2] & 0xffn, 6n, "its slot");
  checkEqual((message.words[2] >> 32n) & 0xffn, u64(u32(CapType.Thread)), "its type");
  checkEqual((message.words[2] >> 40n) & 0xffn, 1n, "its rights");
  checkEqual(u64(inspect(message, Invocation.InspectSlots, 8n, FIRST)), u64(u32(ErrorCode.RangeError)), "no such slot");
  checkEqual(
    u64(inspect(message, Invocation.InspectSlots, 1n, SLOT_THREAD)),
    u64(u32(ErrorCode.InvalidCapability)),
    "no CNode",
  );
  checkEqual(u64(detailOf(message)), 0n, "the capability");
}

/** More than one answer holds: the next call goes on where the last one ended. */
function slotsGoOn(): void {
  const message = local<Message>();
  checkEqual(u64(retype(CapType.CNode, 6n, FIRST)), 0n, "cnode");
  for (let i: u32 = 1; i < 64; i++) ask(FIRST, Invocation.CNodeCopy, u64(i), 7n, SLOT_THREAD);
  let found: u64 = 0n;
  let at: u64 = 1n;
  do {
    checkEqual(u64(inspect(message, Invocation.InspectSlots, at, FIRST)), 0n, "slots");
    found += message.words[1];
    at = message.words[0];
  } while (at !== 0n && found < 100n);
  checkEqual(found, 63n, "all of them, once");
}

/** The first task is none. */
function processesAreLooked(): void {
  const message = local<Message>();
  let at: u64 = 0n;
  let turns: u32 = 0;
  do {
    checkEqual(u64(inspect(message, Invocation.InspectProcess, at, 0)), 0n, "processes");
    checkEqual(message.words[0], 0n, "there is none");
    at = message.words[1];
    turns++;
  } while (at !== 0n && turns < 100);
  checkEqual(u64(turns), 16n, "256 numbers at a time");
  checkEqual(u64(inspect(message, Invocation.InspectProcess, 4096n, 0)), u64(u32(ErrorCode.RangeError)), "no number");
  const slots = inspectProcessSlots(message, SLOT_INSPECT, 1n, 1n);
  checkEqual(u64(slots), u64(u32(ErrorCode.RangeError)), "slots of no process");
  checkEqual(u64(detailOf(message)), 1n, "the process");
}

function threadIsTold(): void {
  const message = local<Message>();
  setOwnPriority(77n);
  checkEqual(u64(inspect(message, Invocation.InspectThread, 0n, SLOT_THREAD)), 0n, "thread");
  checkEqual(message.words[0], 2n, "it runs");
  checkEqual(message.words[1], 77n, "its priority");
  checkEqual(message.words[2], 255n, "its ceiling");
}

/** Whose buffer is gone has four words in registers, and what fits in them. */
function answersAreCutOff(): void {
  const buffers = harness.buffers;
  setOwnPriority(150n);
  newRegion(FIRST, 1n);
  harness.buffers = FIRST;
  makeWorker(0, 200n);
  harness.buffers = buffers;
  succeeds(revoke(FIRST), "the worker's buffer goes");
  messageOf(0).info = infoWord(u32(Invocation.InspectVersion), 0, 0);
  startWorker(0, Syscall.Call, SLOT_INSPECT, 0);
  checkEqual(messageOf(0).info, 4n, "four words");
  checkEqual(messageOf(0).words[0], 24n, "three of them text");
  messageOf(0).words[0] = 0n;
  messageOf(0).info = infoWord(u32(Invocation.InspectLog), 1, 0);
  startWorker(0, Syscall.Call, SLOT_INSPECT, 0);
  checkEqual(messageOf(0).words[0] - messageOf(0).words[1], 0n, "the log from its beginning");
  checkEqual(messageOf(0).words[1], 16n, "two words of it");
}

/** There is one processor. */
function affinityIsChecked(): void {
  checkEqual(u64(ask(SLOT_THREAD, Invocation.ThreadSetAffinity, 0n, 0n, 0)), 0n, "the one there is");
  const error = u64(ask(SLOT_THREAD, Invocation.ThreadSetAffinity, 1n, 0n, 0));
  checkEqual(error, u64(u32(ErrorCode.RangeError)), "there is no second");
}

const TESTS = 12;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "inspect: memory is counted", run: memoryIsCounted },
  { name: "inspect: uptime grows", run: uptimeGrows },
  { name: "inspect: version is text", run: versionIsText },
  { name: "inspect: log is read", run: logIsRead },
  { name: "inspect: a fault that nobody handles is logged", run: faultIsLogged },
  { name: "inspect: lines are told", run: linesAreTold },
  { name: "inspect: slots are listed", run: slotsAreListed },
  { name: "inspect: slots go on", run: slotsGoOn },
  { name: "inspect: processes are looked for", run: processesAreLooked },
  { name: "inspect: thread is told", run: threadIsTold },
  { name: "inspect: answers are cut off", run: answersAreCutOff },
  { name: "inspect: affinity is checked", run: affinityIsChecked },
];

export function runInspect(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
