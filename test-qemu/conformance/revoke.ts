/** @unsafe names functions by their addresses */

import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_SCHED_CONTROL } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, invoke, type Message, systemCall } from "../../user/message";
import {
  ask,
  BIG_POOL,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  harness,
  makeSpace,
  makeThread,
  makeThreadIn,
  makeWorker,
  mint,
  POOL,
  remove,
  resume,
  retype,
  retypeFrom,
  revoke,
  sendWord,
  setOwnPriority,
  startWord,
  succeeds,
  type TestRow,
} from "./harness";

/** Revoke and Delete: what goes, what stays, and what becomes of those who held it. */

const ROOT = FIRST + 10;
const ENDPOINT = FIRST + 20;
const REPLY = FIRST + 21;
const NOTIFICATION = FIRST + 22;
const HANDLER = FIRST + 23;
const CNODE = FIRST + 24;
const INNER = FIRST + 25;
const SPACE = FIRST + 26;
const PIECE = FIRST + 29;
const THREAD = FIRST + 30;
const TIMER = FIRST + 32;
const SIGNAL = FIRST + 33;
const MANY = FIRST + 40;
const COPIES: u32 = 50;
const ALL = 7n;
const HIGH = 200n;

interface Ran extends Struct<"Ran"> {
  count: u64;
  /** How often the rival came in when some of the copies had gone, and not all. */
  met: u32;
}
const ran: Ran = zeroed();

/** @entry revoke_count */
function countOn(): void {
  const message = local<Message>();
  for (;;) {
    ran.count += 1n;
    systemCall(Syscall.Yield, 0, 0, message);
  }
}

/** Waits, and then tells whether it can name anything; its end is a fault. @entry revoke_useCSpace */
function useCSpace(): void {
  const message = local<Message>();
  systemCall(Syscall.Wait, 1, 0, message);
  ran.count = u64(sendWord(Syscall.NbSend, 1, 0n));
  volatileLoad64(valueBarrier64(8n));
}

/** Revokes the pool in which it lives itself. @entry revoke_itself */
function revokeItself(): void {
  const message = local<Message>();
  message.words[0] = u64(POOL);
  invoke(message, SLOT_CNODE, u32(Invocation.CNodeRevoke), 1, 0);
  ran.count += 1n;
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}

/** Each time it is woken it takes away what main is taking away. @entry revoke_rival */
function rival(): void {
  const message = local<Message>();
  for (;;) {
    systemCall(Syscall.Wait, NOTIFICATION, 0, message);
    if (isHalfDone(message)) ran.met++;
    message.words[0] = u64(ROOT);
    invoke(message, SLOT_CNODE, u32(Invocation.CNodeRevoke), 1, 0);
    ran.count += 1n;
  }
}

/** The oldest copy is there, and the newest, which goes first, is not. Changes nothing: nothing moves to slot 0. */
function isHalfDone(message: Message): boolean {
  message.words[0] = u64(MANY);
  message.words[1] = u64(MANY + COPIES - 1);
  message.words[2] = 0n;
  const error = invoke(message, SLOT_CNODE, u32(Invocation.CNodeRotate), 3, 0);
  return error === u32(ErrorCode.FailedLookup) && detailOf(message) === 1;
}

function isEmpty(slot: u32): boolean {
  return copyTo(slot, FIRST, ALL) === u32(ErrorCode.InvalidCapability);
}

function now(): u64 {
  const message = local<Message>();
  invoke(message, SLOT_INSPECT, u32(Invocation.InspectSystem), 0, 0);
  return message.words[0];
}

function wholeTree(): void {
  succeeds(retype(CapType.Notification, 0n, ROOT), "root");
  for (let i: u32 = 0; i < 5; i++) succeeds(copyTo(ROOT + i, ROOT + i + 1, ALL), "child of the one before");
  succeeds(copyTo(ROOT + 1, FIRST + 1, ALL), "and a sibling");
  succeeds(revoke(ROOT + 1), "revoke in the middle");
  check(!isEmpty(ROOT + 1), "itself stays");
  succeeds(remove(FIRST), "the copy");
  check(!isEmpty(ROOT), "its parent too");
  for (let i: u32 = 2; i < 6; i++) check(isEmpty(ROOT + i), "what came from it is gone");
  check(isEmpty(FIRST + 1), "all of it");
}

function siblingsStay(): void {
  succeeds(retype(CapType.Notification, 0n, ROOT), "root");
  for (let i: u32 = 1; i < 4; i++) succeeds(copyTo(ROOT, ROOT + i, ALL), "child");
  succeeds(copyTo(ROOT + 2, ROOT + 4, ALL), "child of the second");
  succeeds(revoke(ROOT + 2), "revoke");
  check(isEmpty(ROOT + 4), "gone");
  check(!isEmpty(ROOT + 1) && remove(FIRST) === 0 && !isEmpty(ROOT + 3), "the others are there");
}

function nothingToRevoke(): void {
  succeeds(revoke(ROOT), "an empty slot");
  succeeds(retype(CapType.Notification, 0n, ROOT), "root");
  succeeds(revoke(ROOT), "no children");
  fails(revoke(0), ErrorCode.RangeError, "the kernel's slot");
  fails(revoke(1024), ErrorCode.RangeError, "no slot");
}

function otherCNodes(): void {
  succeeds(retype(CapType.Notification, 0n, ROOT), "root");
  succeeds(retype(CapType.CNode, 4n, CNODE), "c node");
  succeeds(ask(CNODE, Invocation.CNodeCopy, 5n, ALL, ROOT), "into it");
  check(!isEmpty((5 << 16) | CNODE), "there");
  succeeds(remove(FIRST), "the copy");
  succeeds(revoke(ROOT), "revoke");
  check(isEmpty((5 << 16) | CNODE), "gone");
}

function deleteLeavesChildren(): void {
  succeeds(retype(CapType.Notification, 0n, ROOT), "root");
  succeeds(copyTo(ROOT, ROOT + 1, ALL), "child");
  succeeds(copyTo(ROOT + 1, ROOT + 2, ALL), "grandchild");
  succeeds(remove(ROOT + 1), "delete");
  check(!isEmpty(ROOT + 2), "the grandchild is there");
  succeeds(remove(FIRST), "the copy");
  succeeds(revoke(ROOT), "revoke");
  check(isEmpty(ROOT + 2), "as a child of its grandparent");
}

function deleteNothing(): void {
  succeeds(remove(ROOT), "empty");
  fails(remove(0), ErrorCode.RangeError, "the kernel's slot");
  fails(remove(1024), ErrorCode.RangeError, "no slot");
}

function losesCSpace(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  succeeds(retype(CapType.CNode, 4n, CNODE), "c node");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(ask(CNODE, Invocation.CNodeCopy, 1n, ALL, NOTIFICATION), "its only capability");
  harness.cnode = CNODE;
  makeThread(0, THREAD, addressOfFunction(useCSpace), HIGH);
  resume(THREAD);
  succeeds(revoke(CNODE), "what the thread holds");
  succeeds(sendWord(Syscall.NbSend, NOTIFICATION, 0n), "it goes on");
  checkEqual(ran.count, u64(u32(ErrorCode.FailedLookup)), "and finds nothing any more");
}

/** I7: it cannot fetch its next instruction. */
function losesSpace(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  makeSpace(SPACE);
  makeThreadIn(SPACE, 0, THREAD, addressOfFunction(countOn), 150n);
  succeeds(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, ENDPOINT), "handler");
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.Yield, 0, 0, message);
  // From here on it has no turn until this thread waits.
  setOwnPriority(200n);
  const count = ran.count;
  check(count !== 0n, "it runs");
  succeeds(revoke(SPACE), "what the thread holds");
  succeeds(remove(SPACE), "and this one");
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.words[0], u64(u32(FaultKind.Execute)), "it faults");
  checkEqual(message.words[1], message.words[2], "where it was");
  checkEqual(ran.count, count, "and has done nothing more");
}

function losesHandler(): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(mint(ENDPOINT, HANDLER, ALL, 5n), "handler");
  makeThread(0, THREAD, 0x1000n, HIGH);
  succeeds(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, HANDLER), "set");
  succeeds(revoke(HANDLER), "revoke");
  resume(THREAD);
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
  fails(errorOf(message), ErrorCode.Busy, "nobody is told");
  succeeds(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, HANDLER), "it can have another");
}

/** The endpoint is there, and the message on its way. */
function senderWithoutCapability(): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(mint(ENDPOINT, HANDLER, ALL, 5n), "badge");
  makeWorker(0, HIGH);
  startWord(0, Syscall.Send, HANDLER, 8n);
  succeeds(revoke(ENDPOINT), "revoke");
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
  checkEqual(message.words[0], 8n, "it is received");
  checkEqual(message.badge, 5n, "with its badge");
}

function endsThread(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  const message = local<Message>();
  makeThread(0, THREAD, addressOfFunction(countOn), 150n);
  resume(THREAD);
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(ran.count, 1n, "it runs");
  succeeds(revoke(POOL), "its memory");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(ran.count, 1n, "it does not any more");
}

function revokesItself(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  for (let i: u32 = 0; i < 20; i++) succeeds(retype(CapType.Notification, 0n, MANY + i), "before it");
  makeThread(0, THREAD, addressOfFunction(revokeItself), HIGH);
  resume(THREAD);
  checkEqual(ran.count, 0n, "it did not come back");
  check(isEmpty(THREAD), "it is gone");
  succeeds(revoke(POOL), "what it has left over goes with the next call");
  for (let i: u32 = 0; i < 20; i++) check(isEmpty(MANY + i), "all of it");
}

/** I13: the second comes in by an interrupt, between two steps of the first. */
function rivals(): void {
  ran.count = 0n;
  ran.met = 0;
  setOwnPriority(150n);
  succeeds(retypeFrom(BIG_POOL, CapType.Notification, 0n, 1, ROOT), "root");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(NOTIFICATION, SIGNAL, ALL, 1n), "signal");
  succeeds(retype(CapType.Timer, 0n, TIMER), "timer");
  makeThread(0, THREAD, addressOfFunction(rival), HIGH);
  resume(THREAD);
  for (let round: u64 = 1n; round <= 20n; round += 1n) {
    for (let i: u32 = 0; i < COPIES; i++) check(copyTo(ROOT, MANY + i, ALL) === 0, "copy");
    const before = ran.count;
    succeeds(ask(TIMER, Invocation.TimerArm, now() + round * 2000n, 0n, SIGNAL), "arm");
    succeeds(revoke(ROOT), "revoke");
    for (let i: u32 = 0; i < COPIES; i++) check(isEmpty(MANY + i), "gone");
    while (ran.count === before) now();
  }
  check(ran.met > 0, "they have met");
}

/** Delete is made again after each, and goes on where it was. */
function deleteUnderInterrupts(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  succeeds(retype(CapType.CNode, 10n, CNODE), "c node");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  for (let i: u64 = 1n; i < 1024n; i += 1n) {
    check(ask(CNODE, Invocation.CNodeCopy, i, ALL, NOTIFICATION) === 0, "fill it");
  }
  makeThread(0, THREAD, addressOfFunction(countOn), HIGH);
  const budget = ask(SLOT_SCHED_CONTROL, Invocation.SchedControlConfigure, 10_000n, 50_000n, THREAD + 1);
  succeeds(budget, "a budget, so that there is an alarm every 50 us");
  resume(THREAD);
  const before = ran.count;
  succeeds(remove(CNODE), "delete");
  check(ran.count > before, "others ran between");
  check(isEmpty(CNODE), "it is gone");
  succeeds(retype(CapType.CNode, 4n, CNODE), "its slot is free");
}

function nestedCNodes(): void {
  succeeds(retypeFrom(BIG_POOL, CapType.Untyped, 12n, 1, PIECE), "memory");
  succeeds(retype(CapType.CNode, 4n, CNODE), "outer");
  succeeds(retype(CapType.CNode, 4n, INNER), "inner");
  succeeds(retypeFrom(PIECE, CapType.Notification, 0n, 1, ROOT), "content");
  succeeds(ask(INNER, Invocation.CNodeMove, 3n, 0n, ROOT), "into the inner");
  succeeds(ask(CNODE, Invocation.CNodeMove, 3n, 0n, INNER), "into the outer");
  succeeds(remove(CNODE), "delete");
  succeeds(retypeFrom(PIECE, CapType.Untyped, 12n, 1, ROOT), "nothing is left of the content (I3)");
}

function losesContext(): void {
  ran.count = 0n;
  setOwnPriority(150n);
  const message = local<Message>();
  makeThread(0, THREAD, addressOfFunction(countOn), 150n);
  resume(THREAD);
  succeeds(remove(THREAD + 1), "its scheduling context");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(ran.count, 0n, "it does not run");
  succeeds(retype(CapType.SchedContext, 0n, THREAD + 1), "another");
  succeeds(ask(THREAD + 1, Invocation.SchedContextBind, 0n, 0n, THREAD), "bind");
  systemCall(Syscall.Yield, 0, 0, message);
  checkEqual(ran.count, 1n, "it does");
}

/** I1: else its slot would lie in memory that is something else's then. */
function emptyProcess(): void {
  succeeds(retype(CapType.Untyped, 12n, PIECE), "memory of its own");
  succeeds(retypeFrom(PIECE, CapType.Process, 0n, 1, ROOT), "a process that is never created");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "what it would signal");
  succeeds(ask(ROOT, Invocation.ProcessSetNotification, 0n, 0n, NOTIFICATION), "set");
  succeeds(remove(ROOT), "delete the process");
  succeeds(retypeFrom(PIECE, CapType.CNode, 7n, 1, CNODE), "its memory is a c node's");
  succeeds(retype(CapType.Notification, 0n, MANY), "another notification");
  for (let i: u64 = 1n; i < 128n; i += 1n) {
    check(ask(CNODE, Invocation.CNodeCopy, i, ALL, MANY) === 0, "fill the c node");
  }
  succeeds(revoke(NOTIFICATION), "revoke what it would have signalled");
  for (let i: u64 = 1n; i < 128n; i += 1n) {
    checkEqual(
      u64(ask(CNODE, Invocation.CNodeCopy, i, ALL, MANY)),
      u64(u32(ErrorCode.DeleteFirst)),
      "it is still there",
    );
  }
}

const TESTS = 17;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "revoke: revoke takes all descendants and nothing else", run: wholeTree },
  { name: "revoke: revoke leaves siblings", run: siblingsStay },
  { name: "revoke: revoke without descendants is no error", run: nothingToRevoke },
  { name: "revoke: revoke reaches other c nodes", run: otherCNodes },
  { name: "revoke: delete leaves the children", run: deleteLeavesChildren },
  { name: "revoke: delete of an empty slot is no error", run: deleteNothing },
  { name: "revoke: a thread loses its c space", run: losesCSpace },
  { name: "revoke: a thread loses its address space", run: losesSpace },
  { name: "revoke: a thread loses its fault handler", run: losesHandler },
  { name: "revoke: a waiting sender survives its capability", run: senderWithoutCapability },
  { name: "revoke: revoke ends a thread that runs", run: endsThread },
  { name: "revoke: a thread can revoke the memory in which it lives", run: revokesItself },
  { name: "revoke: two may revoke the same", run: rivals },
  { name: "revoke: a c node is deleted under interrupts", run: deleteUnderInterrupts },
  { name: "revoke: a nested c node goes with the outer one", run: nestedCNodes },
  { name: "revoke: a revoked context stops its thread", run: losesContext },
  { name: "revoke: a process that was never created leaves nothing behind", run: emptyProcess },
];

export function runRevoke(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
