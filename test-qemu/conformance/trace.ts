/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_SPACE, SLOT_TRACE_CONTROL } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { TRACE_RECORDS, TraceKind } from "../../kernel/trace/record";
import { answerAt, errorOf, infoWord, type Message, systemCall, unknownCall } from "../../user/message";
import { inspectSystem } from "../../user/stubs/inspect";
import { timerArm } from "../../user/stubs/timer";
import { traceControlRead, traceControlStart, traceControlStop } from "../../user/stubs/traceControl";
import {
  beginTest,
  check,
  checkEqual,
  endTest,
  FIRST,
  fails,
  makeThread,
  makeWorker,
  mapAt,
  messageOf,
  newRegion,
  POOL,
  resume,
  retype,
  revoke,
  sendWord,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
} from "./harness";

/** The trace: what is recorded, and that what is traced goes on as it would without. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const TIMER = FIRST + 13;
const REGION = FIRST + 14;
const THREAD = FIRST + 20;
const VA = 0x5000_0000n;
const HIGH = 200n;
const ALL = 0x7fn;
const THREAD_MASK = 0xffff_ffff_ffffn;

/** A record as it is read. */
interface Seen extends Struct<"Seen"> {
  kind: u32;
  detail: u32;
  thread: u64;
  time: u64;
  word0: u64;
  word1: u64;
}

function start(events: u64): void {
  const message = local<Message>();
  succeeds(traceControlStart(message, SLOT_TRACE_CONTROL, events), "start");
}

function stop(): void {
  const message = local<Message>();
  succeeds(traceControlStop(message, SLOT_TRACE_CONTROL), "stop");
}

/** The first record from `from` on of this kind; answers the position behind it, or 0. */
function find(from: u64, kind: TraceKind, seen: Seen): u64 {
  for (let at = from; readOne(at, seen); at += 1n) {
    if (seen.kind === u32(kind)) return at + 1n;
  }
  return 0n;
}

/** Record number `at`; false when there is none. */
function readOne(at: u64, seen: Seen): boolean {
  const message = local<Message>();
  if (traceControlRead(message, SLOT_TRACE_CONTROL, at) !== 0 || message.words[1] === 0n) return false;
  const head = answerAt(message, 3);
  seen.time = answerAt(message, 2);
  seen.kind = u32(head >> 60n);
  seen.detail = u32((head >> 48n) & 0xfffn);
  seen.thread = head & THREAD_MASK;
  seen.word0 = answerAt(message, 4);
  seen.word1 = answerAt(message, 5);
  return true;
}

function entryAndExitAreRecorded(): void {
  const message = local<Message>();
  const seen = local<Seen>();
  start(ALL);
  systemCall(Syscall.Yield, 0, 0, message);
  stop();
  let at = find(0n, TraceKind.Entry, seen);
  checkEqual(u64(seen.detail), u64(u32(Syscall.Yield)), "the call");
  const time = seen.time;
  const thread = seen.thread;
  at = find(at, TraceKind.Exit, seen);
  check(at !== 0n && seen.time >= time && seen.thread === thread, "its exit, later, of the same thread");
  at = find(at, TraceKind.Entry, seen);
  checkEqual(u64(seen.detail), u64(u32(CapType.TraceControl) << 6), "a Call of the TraceControl");
  checkEqual(seen.word0, u64(SLOT_TRACE_CONTROL), "its address");
  checkEqual(seen.word1 >> 16n, u64(u32(Invocation.TraceControlStop)), "its label");
  checkEqual(find(at, TraceKind.Exit, seen), 0n, "and then it was off");
}

function nothingIsRecordedWhileOff(): void {
  const message = local<Message>();
  start(ALL);
  stop();
  succeeds(traceControlRead(message, SLOT_TRACE_CONTROL, 0n), "read");
  const before = message.words[0];
  systemCall(Syscall.Yield, 0, 0, message);
  succeeds(askSomething(), "a call");
  succeeds(traceControlRead(message, SLOT_TRACE_CONTROL, 0n), "read");
  checkEqual(message.words[0], before, "no more than before");
}

function askSomething(): u32 {
  const message = local<Message>();
  return inspectSystem(message, SLOT_INSPECT);
}

function errorsAreTheSame(): void {
  const message = local<Message>();
  const seen = local<Seen>();
  start(ALL);
  unknownCall(message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.IllegalOperation)), "an unknown call");
  fails(sendWord(Syscall.Call, 0xffff, 1n), ErrorCode.FailedLookup, "an empty address");
  stop();
  const at = find(0n, TraceKind.Entry, seen);
  checkEqual(u64(seen.detail), 63n, "an unknown number");
  find(at, TraceKind.Exit, seen);
  checkEqual((seen.word1 >> 16n) & 0xffffn, u64(u32(ErrorCode.IllegalOperation)), "its error");
}

/** Answers every call with its word plus one. @entry trace_server */
function server(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  for (;;) {
    message.words[0] += 1n;
    message.info = infoWord(0, 1, 0);
    systemCall(Syscall.ReplyRecv, ENDPOINT, REPLY, message);
  }
}

/** The call, the switch to the server, the answer, and the switch back. */
function messagesNameTheReceiver(): void {
  const message = local<Message>();
  const seen = local<Seen>();
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  makeThread(0, THREAD, addressOfFunction(server), HIGH);
  resume(THREAD);
  start(ALL);
  message.words[0] = 41n;
  message.info = infoWord(9, 1, 0);
  systemCall(Syscall.Call, ENDPOINT, 0, message);
  stop();
  checkEqual(message.words[0], 42n, "the answer");
  let at = find(0n, TraceKind.Ipc, seen);
  const client = seen.thread;
  const receiver = seen.word0;
  checkEqual(seen.word1, infoWord(9, 1, 0), "the message as it arrives");
  at = find(at, TraceKind.Switch, seen);
  check(seen.thread === client && seen.word0 === receiver, "the receiver goes on");
  at = find(at, TraceKind.Exit, seen);
  checkEqual(seen.thread, receiver, "its call returns");
  at = find(at, TraceKind.Ipc, seen);
  check(seen.thread === receiver && seen.word0 === client, "the answer goes back");
  find(at, TraceKind.Switch, seen);
  checkEqual(seen.word0, client, "the caller goes on");
}

/** @entry trace_fault */
function fault(): void {
  volatileLoad64(valueBarrier64(16n));
}

function faultsAreRecorded(): void {
  const seen = local<Seen>();
  setOwnPriority(150n);
  makeThread(0, THREAD, addressOfFunction(fault), HIGH);
  start(ALL);
  resume(THREAD);
  stop();
  const at = find(0n, TraceKind.Fault, seen);
  checkEqual(u64(seen.detail), u64(u32(FaultKind.Read)), "its kind");
  checkEqual(seen.word0, 16n, "its address");
  check(seen.word1 >= addressOfFunction(fault), "where it was");
  const thread = seen.thread;
  find(at, TraceKind.Switch, seen);
  checkEqual(seen.thread, thread, "another thread goes on");
}

function interruptsAreRecorded(): void {
  const message = local<Message>();
  const seen = local<Seen>();
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(retype(CapType.Timer, 0n, TIMER), "timer");
  succeeds(inspectSystem(message, SLOT_INSPECT), "uptime");
  const at = message.words[0] + 500_000n;
  start(1n << u64(u32(TraceKind.Irq)));
  succeeds(timerArm(message, TIMER, at, NOTIFICATION), "arm");
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  stop();
  check(find(0n, TraceKind.Irq, seen) !== 0n, "an interrupt");
  checkEqual(u64(seen.detail), 1n, "the timer's");
}

function mappingsAreRecorded(): void {
  const seen = local<Seen>();
  newRegion(REGION, 2n);
  start(ALL);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 2n, 3n), "map");
  fails(mapAt(SLOT_SPACE, REGION, VA, 2n, 3n), ErrorCode.DeleteFirst, "map again");
  stop();
  const at = find(0n, TraceKind.Map, seen);
  checkEqual(seen.word0, VA, "where");
  checkEqual(seen.word1, 2n, "how many pages");
  checkEqual(u64(seen.detail), 3n, "with what rights");
  checkEqual(find(at, TraceKind.Map, seen), 0n, "what failed is no mapping");
}

function kindsAreChosen(): void {
  const message = local<Message>();
  const seen = local<Seen>();
  newRegion(REGION, 1n);
  start(1n << u64(u32(TraceKind.Map)));
  systemCall(Syscall.Yield, 0, 0, message);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 1n), "map");
  stop();
  succeeds(traceControlRead(message, SLOT_TRACE_CONTROL, 0n), "read");
  checkEqual(message.words[1], 1n, "one record");
  find(0n, TraceKind.Map, seen);
  checkEqual(seen.word0, VA, "of the kind that was asked for");
}

function newestAreKept(): void {
  const message = local<Message>();
  start(ALL);
  for (let i: u32 = 0; i < TRACE_RECORDS; i++) systemCall(Syscall.Yield, 0, 0, message);
  stop();
  let at: u64 = 0n;
  let found: u64 = 0n;
  do {
    succeeds(traceControlRead(message, SLOT_TRACE_CONTROL, at), "read");
    at = message.words[0];
    found += message.words[1];
  } while (message.words[1] !== 0n);
  checkEqual(found, u64(TRACE_RECORDS), "as many as there is room for");
  check(at > u64(TRACE_RECORDS), "the oldest are gone");
  start(ALL);
  stop();
  succeeds(traceControlRead(message, SLOT_TRACE_CONTROL, 0n), "read");
  check(message.words[0] < 4n, "a new start begins anew");
}

function traceArgumentsAreChecked(): void {
  const message = local<Message>();
  fails(traceControlStart(message, SLOT_TRACE_CONTROL, 0n), ErrorCode.InvalidArgument, "no kind");
  fails(traceControlStart(message, SLOT_TRACE_CONTROL, 0x80n), ErrorCode.InvalidArgument, "an unknown kind");
  start(ALL);
  stop();
  fails(traceControlRead(message, SLOT_TRACE_CONTROL, 100n), ErrorCode.RangeError, "beyond the end");
}

/** A long operation is interrupted and made again; a thread that deletes itself has no exit. */
function endsAreTraced(): void {
  setOwnPriority(150n);
  makeWorker(0, HIGH);
  messageOf(0).words[0] = u64(POOL);
  messageOf(0).info = infoWord(u32(Invocation.CNodeRevoke), 1, 0);
  start(ALL);
  startWorker(0, Syscall.Call, SLOT_CNODE, 0);
  stop();
  succeeds(retype(CapType.Untyped, 20n, FIRST), "the worker's memory is whole");
  revoke(POOL);
}

const TESTS = 11;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "trace: entry and exit are recorded", run: entryAndExitAreRecorded },
  { name: "trace: nothing is recorded while off", run: nothingIsRecordedWhileOff },
  { name: "trace: errors are the same", run: errorsAreTheSame },
  { name: "trace: messages name the receiver", run: messagesNameTheReceiver },
  { name: "trace: faults are recorded", run: faultsAreRecorded },
  { name: "trace: interrupts are recorded", run: interruptsAreRecorded },
  { name: "trace: mappings are recorded", run: mappingsAreRecorded },
  { name: "trace: kinds are chosen", run: kindsAreChosen },
  { name: "trace: newest are kept", run: newestAreKept },
  { name: "trace: arguments are checked", run: traceArgumentsAreChecked },
  { name: "trace: ends are traced", run: endsAreTraced },
];

export function runTrace(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
