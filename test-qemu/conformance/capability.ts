import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import {
  detailOf,
  errorOf,
  infoWord,
  invoke,
  type Message,
  ownBuffer,
  systemCall,
  unknownCall,
} from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  mint,
  moveTo,
  POOL,
  POOL_SIZE,
  pollBits,
  remove,
  retype,
  retypeFrom,
  revoke,
  succeeds,
  type TestRow,
} from "./harness";

/** Capabilities, CNodes, Untypeds, Revoke. */

function code(error: ErrorCode): u64 {
  return u64(u32(error));
}

function unknownNumber(): void {
  const message = local<Message>();
  unknownCall(message);
  checkEqual(u64(errorOf(message)), code(ErrorCode.IllegalOperation), "an unknown system call is refused");
}

function emptyAddress(): void {
  checkEqual(u64(ask(FIRST, Invocation.ThreadResume, 0n, 0n, 0)), code(ErrorCode.IllegalOperation), "a null slot");
  checkEqual(u64(ask(0, Invocation.ThreadResume, 0n, 0n, 0)), code(ErrorCode.IllegalOperation), "address 0");
  checkEqual(u64(ask(0xffff, Invocation.ThreadResume, 0n, 0n, 0)), code(ErrorCode.FailedLookup), "beyond the root");
  checkEqual(u64(ask(0x10005, Invocation.ThreadResume, 0n, 0n, 0)), code(ErrorCode.FailedLookup), "below no CNode");
}

function wrongType(): void {
  checkEqual(u64(ask(SLOT_THREAD, Invocation.UntypedRetype, 0n, 0n, 0)), code(ErrorCode.IllegalOperation), "type");
}

function wrongLabel(): void {
  const message = local<Message>();
  checkEqual(u64(invoke(message, SLOT_THREAD, 999, 0, 0)), code(ErrorCode.IllegalOperation), "label");
}

function truncated(): void {
  const message = local<Message>();
  const error = invoke(message, SLOT_THREAD, u32(Invocation.ThreadSetPriority), 1, 0);
  checkEqual(u64(error), code(ErrorCode.TruncatedMessage), "too few words");
  checkEqual(
    u64(invoke(message, SLOT_CNODE, u32(Invocation.CNodeCopy), 2, 0)),
    code(ErrorCode.TruncatedMessage),
    "caps",
  );
}

function retypeEveryType(): void {
  checkEqual(u64(retype(CapType.Endpoint, 0n, FIRST)), 0n, "endpoint");
  checkEqual(u64(retype(CapType.Notification, 0n, FIRST + 1)), 0n, "notification");
  checkEqual(u64(retype(CapType.Reply, 0n, FIRST + 2)), 0n, "reply");
  checkEqual(u64(retype(CapType.Timer, 0n, FIRST + 3)), 0n, "timer");
  checkEqual(u64(retype(CapType.CNode, 4n, FIRST + 4)), 0n, "cnode");
  checkEqual(u64(retype(CapType.AddressSpace, 2n, FIRST + 5)), 0n, "address space");
  checkEqual(u64(retype(CapType.Region, 1n, FIRST + 6)), 0n, "region");
  checkEqual(u64(retype(CapType.Untyped, 12n, FIRST + 7)), 0n, "untyped");
}

function retypeWrongArguments(): void {
  checkEqual(u64(retype(CapType.SchedControl, 0n, FIRST)), code(ErrorCode.InvalidArgument), "no such object");
  checkEqual(u64(retype(CapType.CNode, 13n, FIRST)), code(ErrorCode.RangeError), "radix");
  checkEqual(u64(retypeFrom(POOL, CapType.Endpoint, 0n, 0, FIRST)), code(ErrorCode.RangeError), "none");
  checkEqual(u64(retypeFrom(POOL, CapType.Endpoint, 0n, 129, FIRST)), code(ErrorCode.RangeError), "too many");
  checkEqual(u64(retype(CapType.Endpoint, 0n, SLOT_SPACE)), code(ErrorCode.DeleteFirst), "a full slot");
  checkEqual(u64(retype(CapType.Endpoint, 0n, 5000)), code(ErrorCode.DeleteFirst), "beyond the CNode");
}

/** A failed call changes nothing (I12): the pool can still be filled to its last byte. */
function untypedIsExact(): void {
  checkEqual(u64(retype(CapType.Untyped, u64(POOL_SIZE + 1), FIRST)), code(ErrorCode.NotEnoughMemory), "larger");
  checkEqual(u64(retype(CapType.Untyped, u64(POOL_SIZE - 1), FIRST)), 0n, "first half");
  checkEqual(u64(retype(CapType.Untyped, u64(POOL_SIZE - 1), FIRST + 1)), 0n, "second half");
  checkEqual(u64(retype(CapType.Reply, 0n, FIRST + 2)), code(ErrorCode.NotEnoughMemory), "full");
  remove(FIRST);
  checkEqual(u64(retype(CapType.Reply, 0n, FIRST + 2)), code(ErrorCode.NotEnoughMemory), "one child is left");
  remove(FIRST + 1);
  checkEqual(u64(retype(CapType.Untyped, u64(POOL_SIZE), FIRST + 2)), 0n, "whole again (I3)");
}

/** The siblings of a removed slot's children are not their parents. */
function orphansAreNotAdopted(): void {
  retype(CapType.Endpoint, 0n, FIRST);
  retype(CapType.Endpoint, 0n, FIRST + 1);
  mint(FIRST, FIRST + 2, 7n, 1n);
  remove(FIRST);
  revoke(FIRST + 1);
  checkEqual(u64(copyTo(FIRST + 2, FIRST + 3, 7n)), 0n, "the orphan lives");
  revoke(POOL);
  checkEqual(u64(copyTo(FIRST + 2, FIRST + 4, 7n)), code(ErrorCode.InvalidCapability), "and dies with the pool");
}

function rightsOnlyShrink(): void {
  const message = local<Message>();
  retype(CapType.Notification, 0n, FIRST);
  checkEqual(u64(copyTo(FIRST, FIRST + 1, 1n)), 0n, "read only");
  checkEqual(u64(copyTo(FIRST + 1, FIRST + 2, 7n)), 0n, "a copy that asks for all");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.NbSend, FIRST + 2, 0, message);
  checkEqual(u64(errorOf(message)), code(ErrorCode.IllegalOperation), "still cannot signal (I2)");
}

function badgesAreFinal(): void {
  retype(CapType.Endpoint, 0n, FIRST);
  checkEqual(u64(mint(FIRST, FIRST + 1, 7n, 5n)), 0n, "first badge");
  checkEqual(u64(mint(FIRST + 1, FIRST + 2, 7n, 6n)), code(ErrorCode.IllegalOperation), "no second one");
  checkEqual(u64(mint(SLOT_THREAD, FIRST + 2, 7n, 6n)), code(ErrorCode.InvalidCapability), "threads have none");
}

function untypedHasOneHolder(): void {
  checkEqual(u64(copyTo(POOL, FIRST, 7n)), code(ErrorCode.IllegalOperation), "no copy of an Untyped");
}

function moveKeepsThePlace(): void {
  retype(CapType.Endpoint, 0n, FIRST);
  copyTo(FIRST, FIRST + 1, 7n);
  checkEqual(u64(moveTo(FIRST, FIRST + 2)), 0n, "move");
  checkEqual(u64(copyTo(FIRST, FIRST + 3, 7n)), code(ErrorCode.InvalidCapability), "the old slot is empty");
  revoke(FIRST + 2);
  checkEqual(u64(copyTo(FIRST + 1, FIRST + 3, 7n)), code(ErrorCode.InvalidCapability), "its child went with it");
}

function rotateMoves(): void {
  const message = local<Message>();
  retype(CapType.Endpoint, 0n, FIRST);
  retype(CapType.Notification, 0n, FIRST + 1);
  message.words[0] = u64(FIRST);
  message.words[1] = u64(FIRST + 1);
  message.words[2] = u64(FIRST + 2);
  checkEqual(u64(invoke(message, SLOT_CNODE, u32(Invocation.CNodeRotate), 3, 0)), 0n, "rotate");
  checkEqual(u64(mint(FIRST + 1, FIRST + 3, 7n, 1n)), 0n, "the endpoint is in the second slot");
  checkEqual(u64(ask(FIRST + 2, Invocation.TimerCancel, 0n, 0n, 0)), code(ErrorCode.IllegalOperation), "the third");
}

function deletedCNodeIsEmptied(): void {
  retype(CapType.CNode, 4n, FIRST);
  retype(CapType.Untyped, 12n, FIRST + 1);
  const message = local<Message>();
  const buffer = ownBuffer();
  message.words[0] = u64(u32(CapType.Endpoint));
  message.words[1] = 0n;
  message.words[2] = 3n;
  message.words[3] = 1n;
  buffer.words[4] = 0n;
  buffer.sent[0] = FIRST;
  checkEqual(u64(invoke(message, FIRST + 1, u32(Invocation.UntypedRetype), 5, 1)), 0n, "three endpoints in it");
  remove(FIRST);
  checkEqual(u64(retypeFrom(FIRST + 1, CapType.Untyped, 12n, 1, FIRST + 2)), 0n, "all three have gone (I3)");
}

function innerAddress(): void {
  retype(CapType.CNode, 4n, FIRST);
  retype(CapType.Endpoint, 0n, FIRST + 1);
  const message = local<Message>();
  message.words[0] = 3n;
  ownBuffer().sent[0] = FIRST + 1;
  checkEqual(u64(invoke(message, FIRST, u32(Invocation.CNodeMove), 1, 1)), 0n, "into the inner CNode");
  checkEqual(u64(copyTo((3 << 16) | FIRST, FIRST + 2, 7n)), 0n, "in two steps");
  checkEqual(u64(copyTo((16 << 16) | FIRST, FIRST + 3, 7n)), code(ErrorCode.InvalidCapability), "out of range");
  const beyond = ask((16 << 16) | FIRST, Invocation.ThreadResume, 0n, 0n, 0);
  checkEqual(u64(beyond), code(ErrorCode.FailedLookup), "there is no such slot");
}

function selfContainingCNode(): void {
  retype(CapType.CNode, 4n, FIRST);
  const message = local<Message>();
  message.words[0] = 2n;
  ownBuffer().sent[0] = FIRST;
  checkEqual(u64(invoke(message, FIRST, u32(Invocation.CNodeMove), 1, 1)), 0n, "a CNode into itself");
  revoke(POOL);
  checkEqual(u64(retype(CapType.Untyped, u64(POOL_SIZE), FIRST)), 0n, "revoke breaks the circle");
}

function errorsNameTheArgument(): void {
  const message = local<Message>();
  message.words[0] = 9n;
  message.words[1] = 256n;
  invoke(message, SLOT_THREAD, u32(Invocation.ThreadSetPriority), 2, 0);
  checkEqual(u64(errorOf(message)), code(ErrorCode.RangeError), "a ceiling above one's own");
  check(detailOf(message) === 1, "is argument 1");
}

/** Rotate of these slots has to fail; `argument` is told. */
function rotateFails(first: u64, second: u64, third: u64, error: ErrorCode, argument: u32): void {
  const message = local<Message>();
  message.words[0] = first;
  message.words[1] = second;
  message.words[2] = third;
  fails(invoke(message, SLOT_CNODE, u32(Invocation.CNodeRotate), 3, 0), error, "rotate");
  checkEqual(u64(detailOf(message)), u64(argument), "the argument");
}

/** I12: all slots are as they were. */
function degenerateRotations(): void {
  retype(CapType.Endpoint, 0n, FIRST);
  retype(CapType.Notification, 0n, FIRST + 1);
  retype(CapType.Timer, 0n, FIRST + 2);
  const full = u64(FIRST);
  const empty = full + 5n;
  rotateFails(empty, full, empty + 1n, ErrorCode.FailedLookup, 0);
  rotateFails(full, empty, empty + 1n, ErrorCode.FailedLookup, 1);
  rotateFails(full, full + 1n, full + 2n, ErrorCode.DeleteFirst, 2);
  rotateFails(full, full, empty, ErrorCode.DeleteFirst, 2);
  rotateFails(full, full + 1n, full, ErrorCode.DeleteFirst, 2);
  rotateFails(full, full + 1n, full + 1n, ErrorCode.DeleteFirst, 2);
  rotateFails(0n, full, empty, ErrorCode.FailedLookup, 0);
  rotateFails(full, full + 1n, 5000n, ErrorCode.DeleteFirst, 2);
  succeeds(mint(FIRST, FIRST + 3, 7n, 1n), "the endpoint is where it was");
  checkEqual(pollBits(FIRST + 1), 0n, "the notification");
  succeeds(ask(FIRST + 2, Invocation.TimerCancel, 0n, 0n, 0), "the timer");
}

/** I2: what was derived goes with what it was derived from. */
function rotateKeepsTheTree(): void {
  retype(CapType.Endpoint, 0n, FIRST);
  retype(CapType.Notification, 0n, FIRST + 1);
  succeeds(copyTo(FIRST, FIRST + 3, 7n), "child of the first");
  succeeds(copyTo(FIRST + 1, FIRST + 4, 7n), "child of the second");
  const message = local<Message>();
  for (let i: u32 = 0; i < 3; i++) message.words[i] = u64(FIRST + i);
  succeeds(invoke(message, SLOT_CNODE, u32(Invocation.CNodeRotate), 3, 0), "rotate");
  succeeds(revoke(FIRST + 1), "the first is in the second slot");
  fails(copyTo(FIRST + 3, FIRST + 5, 7n), ErrorCode.InvalidCapability, "its child is gone");
  succeeds(copyTo(FIRST + 4, FIRST + 5, 7n), "the other's is not");
}

const TESTS = 20;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "capability: unknown number", run: unknownNumber },
  { name: "capability: empty address", run: emptyAddress },
  { name: "capability: wrong type", run: wrongType },
  { name: "capability: wrong label", run: wrongLabel },
  { name: "capability: truncated", run: truncated },
  { name: "capability: retype every type", run: retypeEveryType },
  { name: "capability: retype wrong arguments", run: retypeWrongArguments },
  { name: "capability: untyped is exact", run: untypedIsExact },
  { name: "capability: orphans are not adopted", run: orphansAreNotAdopted },
  { name: "capability: rights only shrink", run: rightsOnlyShrink },
  { name: "capability: badges are final", run: badgesAreFinal },
  { name: "capability: untyped has one holder", run: untypedHasOneHolder },
  { name: "capability: move keeps the place", run: moveKeepsThePlace },
  { name: "capability: rotate moves", run: rotateMoves },
  { name: "capability: deleted c node is emptied", run: deletedCNodeIsEmptied },
  { name: "capability: inner address", run: innerAddress },
  { name: "capability: self containing c node", run: selfContainingCNode },
  { name: "capability: errors name the argument", run: errorsNameTheArgument },
  { name: "capability: degenerate rotations are refused", run: degenerateRotations },
  { name: "capability: rotate keeps the places in the tree", run: rotateKeepsTheTree },
];

export function runCapability(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
