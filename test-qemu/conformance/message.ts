/** @unsafe passes names of functions, and writes what it has mapped */

import { CapType } from "../../kernel/cap/capability";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { type Buffer, errorOf, infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  bufferOf,
  check,
  checkEqual,
  copyTo,
  doneBy,
  endTest,
  FIRST,
  fails,
  harness,
  makeWorker,
  mapAt,
  messageOf,
  mint,
  newRegion,
  PAGE,
  pollBits,
  retype,
  revoke,
  sendWord,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
  zeroAll,
} from "./harness";

/** What a message carries: label, words, badge, capabilities, both ways. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const CLIENT = FIRST + 12;
const NOTIFICATION = FIRST + 13;
const GIVEN = FIRST + 20;
const ARRIVED = FIRST + 30;
const BUFFER = FIRST + 40;
const VA = 0x4000_0000n;
const HIGH = 200n;
const ALL = 7n;
const ALL_BITS = 0xffff_ffff_ffff_ffffn;
const ERROR_BIT = 0x8000_0000_0000_0000n;
const WORDS: u32 = 64;

function prepare(): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(ENDPOINT, CLIENT, ALL, 77n), "client's badge");
  makeWorker(0, HIGH);
}

/** `words` words that begin with `seed`: the first in `message`, the others in the buffer. */
function fill(message: Message, buffer: Buffer, seed: u64): void {
  for (let i: u32 = 0; i < WORDS; i++) buffer.words[i] = seed + u64(i);
  for (let i: u32 = 0; i < 4; i++) message.words[i] = seed + u64(i);
}

function checkFilled(message: Message, buffer: Buffer, seed: u64): void {
  for (let i: u32 = 0; i < 4; i++) checkEqual(message.words[i], seed + u64(i), "in registers");
  for (let i: u32 = 4; i < WORDS; i++) checkEqual(buffer.words[i], seed + u64(i), "in the buffer");
}

/** Main sends `count` capabilities, from slot GIVEN on, to the worker, which waits for them in slots from ARRIVED on. */
function give(count: u32): u32 {
  for (let i: u32 = 0; i < 4; i++) bufferOf(0).slots[i] = ARRIVED + i;
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  for (let i: u32 = 0; i < 4; i++) ownBuffer().sent[i] = GIVEN + i;
  const message = local<Message>();
  message.info = infoWord(0, 0, count);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  return errorOf(message);
}

/** How many capabilities have come with the worker's message. */
function arrivedCount(): u64 {
  return (messageOf(0).info >> 8n) & 0xffn;
}

function isEmpty(slot: u32): boolean {
  return copyTo(slot, FIRST, ALL) === u32(ErrorCode.InvalidCapability);
}

function longCall(): void {
  prepare();
  fill(messageOf(0), bufferOf(0), 1000n);
  messageOf(0).info = infoWord(9, 64, 0);
  startWorker(0, Syscall.Call, CLIENT, 0);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.info, infoWord(9, 64, 0), "label and length");
  checkFilled(message, ownBuffer(), 1000n);
  fill(message, ownBuffer(), 2000n);
  message.info = infoWord(8, 64, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(messageOf(0).info, infoWord(8, 64, 0), "the answer's");
  checkFilled(messageOf(0), bufferOf(0), 2000n);
}

/** The receiver waits and is as urgent as its caller: kernel/ipc/fastPath.ts. */
function fastLongCall(): void {
  prepare();
  makeWorker(1, HIGH);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  fill(messageOf(1), bufferOf(1), 3000n);
  messageOf(1).info = infoWord(9, 64, 0);
  startWorker(1, Syscall.Call, CLIENT, 0);
  checkEqual(messageOf(0).info, infoWord(9, 64, 0), "label and length");
  checkFilled(messageOf(0), bufferOf(0), 3000n);
  fill(messageOf(0), bufferOf(0), 4000n);
  messageOf(0).info = infoWord(8, 64, 0);
  startWorker(0, Syscall.ReplyRecv, ENDPOINT, REPLY);
  checkEqual(messageOf(1).info, infoWord(8, 64, 0), "the answer's");
  checkFilled(messageOf(1), bufferOf(1), 4000n);
  checkEqual(doneBy(0), 1n, "the server waits for the next");
}

function wholeLabel(): void {
  prepare();
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  const message = local<Message>();
  message.info = 0x7fff_ffff_ffff_0001n;
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(messageOf(0).info, 0x7fff_ffff_ffff_0001n, "all of them arrive");
}

/** A receiver believes an error because nobody but the kernel can say so. */
function errorBit(): void {
  prepare();
  makeWorker(1, HIGH);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  messageOf(1).info = ERROR_BIT | infoWord(5, 1, 0);
  startWorker(1, Syscall.Call, CLIENT, 0);
  checkEqual(messageOf(0).info, infoWord(5, 1, 0), "of a call");
  messageOf(0).info = ERROR_BIT | infoWord(6, 1, 0);
  startWorker(0, Syscall.Reply, 0, REPLY);
  checkEqual(messageOf(1).info, infoWord(6, 1, 0), "of an answer");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  messageOf(1).info = ERROR_BIT | infoWord(7, 6, 0);
  startWorker(1, Syscall.Send, CLIENT, 0);
  checkEqual(messageOf(0).info, infoWord(7, 6, 0), "of a long message");
}

function tooManyWords(): void {
  prepare();
  const message = local<Message>();
  message.info = infoWord(0, 65, 0);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  fails(errorOf(message), ErrorCode.Policy, "send");
  message.info = infoWord(0, 255, 0);
  systemCall(Syscall.Call, CLIENT, 0, message);
  fails(errorOf(message), ErrorCode.Policy, "call");
}

function cutAnswer(): void {
  prepare();
  messageOf(0).info = infoWord(1, 1, 0);
  startWorker(0, Syscall.Call, CLIENT, 0);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  message.info = infoWord(2, 255, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(messageOf(0).info, infoWord(2, 64, 0), "64 have come");
}

function tooManyCapabilities(): void {
  prepare();
  const message = local<Message>();
  message.info = infoWord(0, 0, 5);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  fails(errorOf(message), ErrorCode.Policy, "five");
}

/** I14: however many the server claims. */
function cutAnswerCapabilities(): void {
  prepare();
  for (let i: u32 = 0; i < 4; i++) {
    succeeds(copyTo(NOTIFICATION, GIVEN + i, ALL), "what is given");
    bufferOf(0).slots[i] = ARRIVED + i;
  }
  messageOf(0).info = infoWord(1, 1, 0);
  startWorker(0, Syscall.Call, CLIENT, 0);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  for (let i: u32 = 0; i < 4; i++) ownBuffer().sent[i] = GIVEN + i;
  message.info = infoWord(2, 0, 255);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(messageOf(0).info, infoWord(2, 0, 4), "four have come");
}

function fourCapabilities(): void {
  prepare();
  for (let i: u32 = 0; i < 4; i++) succeeds(mint(NOTIFICATION, GIVEN + i, ALL, 1n << u64(i)), "badge");
  succeeds(give(4), "sent");
  checkEqual(arrivedCount(), 4n, "all of them");
  for (let i: u32 = 0; i < 4; i++) {
    succeeds(sendWord(Syscall.NbSend, ARRIVED + i, 0n), "it works");
    checkEqual(pollBits(NOTIFICATION), 1n << u64(i), "and is the one of that place");
  }
}

function gapInCapabilities(): void {
  prepare();
  succeeds(copyTo(NOTIFICATION, GIVEN, ALL), "first");
  succeeds(copyTo(NOTIFICATION, GIVEN + 2, ALL), "third");
  succeeds(give(3), "sent");
  checkEqual(arrivedCount(), 1n, "the first alone");
  check(isEmpty(ARRIVED + 2), "not the third");
}

function soleHolder(): void {
  prepare();
  succeeds(retype(CapType.Reply, 0n, GIVEN), "a reply");
  succeeds(give(1), "sent");
  checkEqual(arrivedCount(), 1n, "it has come");
  check(isEmpty(GIVEN), "and left");
}

function noSlot(): void {
  prepare();
  succeeds(retype(CapType.Reply, 0n, GIVEN), "a reply");
  succeeds(copyTo(NOTIFICATION, ARRIVED, ALL), "the slot is taken");
  succeeds(give(1), "sent");
  checkEqual(arrivedCount(), 0n, "nothing has come");
  fails(copyTo(GIVEN, FIRST, ALL), ErrorCode.IllegalOperation, "it is still there");
}

/** I2. */
function rightsOnTheWay(): void {
  prepare();
  succeeds(copyTo(NOTIFICATION, GIVEN, 1n), "to be read");
  succeeds(give(1), "sent");
  fails(sendWord(Syscall.NbSend, ARRIVED, 0n), ErrorCode.IllegalOperation, "it cannot signal");
  checkEqual(pollBits(ARRIVED), 0n, "it can be read");
}

function badgeOnTheWay(): void {
  prepare();
  succeeds(mint(ENDPOINT, GIVEN, ALL, 99n), "badge");
  succeeds(give(1), "sent");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  succeeds(sendWord(Syscall.NbSend, ARRIVED, 0n), "used");
  checkEqual(messageOf(0).badge, 99n, "it tells who");
}

/** I7: one mapping a capability. */
function regionOnTheWay(): void {
  prepare();
  newRegion(GIVEN, 1n);
  succeeds(mapAt(SLOT_SPACE, GIVEN, VA, 1n, 3n), "map");
  succeeds(give(1), "sent");
  store64(VA, 5n);
  succeeds(mapAt(SLOT_SPACE, ARRIVED, VA + PAGE, 1n, 1n), "a mapping of its own");
  checkEqual(load64(VA + PAGE), 5n, "of the same page");
}

function unzeroedOnTheWay(): void {
  prepare();
  succeeds(retype(CapType.Region, 1n, GIVEN), "not zeroed");
  succeeds(give(1), "sent");
  checkEqual(arrivedCount(), 0n, "nothing has come");
  zeroAll(GIVEN);
}

function bothWays(): void {
  prepare();
  succeeds(mint(NOTIFICATION, GIVEN, ALL, 4n), "the caller's");
  succeeds(mint(NOTIFICATION, GIVEN + 1, ALL, 8n), "the server's");
  bufferOf(0).sent[0] = GIVEN;
  bufferOf(0).slots[0] = ARRIVED;
  messageOf(0).info = infoWord(0, 0, 1);
  startWorker(0, Syscall.Call, CLIENT, 0);
  const message = local<Message>();
  ownBuffer().slots[0] = ARRIVED + 1;
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  ownBuffer().sent[0] = GIVEN + 1;
  message.info = infoWord(0, 0, 1);
  systemCall(Syscall.Reply, 0, REPLY, message);
  succeeds(sendWord(Syscall.NbSend, ARRIVED + 1, 0n), "the server has the caller's");
  checkEqual(pollBits(NOTIFICATION), 4n, "its badge");
  succeeds(sendWord(Syscall.NbSend, ARRIVED, 0n), "and the caller the server's");
  checkEqual(pollBits(NOTIFICATION), 8n, "its badge");
}

function lostBuffer(): void {
  setOwnPriority(150n);
  newRegion(BUFFER, 1n);
  harness.buffers = BUFFER;
  prepare();
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  succeeds(revoke(BUFFER), "its buffer is gone");
  const message = local<Message>();
  fill(message, ownBuffer(), 10n);
  message.info = infoWord(3, 64, 0);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(messageOf(0).info, infoWord(3, 4, 0), "what fits in registers");
  checkEqual(messageOf(0).words[3], 13n, "the last of them");
}

/** I6: the kernel reaches it by its physical address, and never by a user's. */
function unmappedBuffer(): void {
  newRegion(BUFFER, 1n);
  succeeds(mapAt(SLOT_SPACE, BUFFER, VA, 1n, 3n), "map");
  harness.buffers = BUFFER;
  prepare();
  fill(messageOf(0), cast<Buffer>(VA), 500n);
  succeeds(ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, BUFFER), "unmap");
  messageOf(0).info = infoWord(0, 64, 0);
  startWorker(0, Syscall.Send, CLIENT, 0);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkFilled(message, ownBuffer(), 500n);
}

function shortMessage(): void {
  prepare();
  fill(messageOf(0), bufferOf(0), 700n);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  const message = local<Message>();
  message.info = infoWord(0, 5, 0);
  ownBuffer().words[4] = 1n;
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(bufferOf(0).words[4], 1n, "the fifth word");
  checkEqual(bufferOf(0).words[5], 705n, "not the sixth");
}

function wholeBadge(): void {
  prepare();
  succeeds(mint(ENDPOINT, GIVEN, ALL, ALL_BITS), "badge");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  succeeds(sendWord(Syscall.NbSend, GIVEN, 0n), "sent");
  checkEqual(messageOf(0).badge, ALL_BITS, "all of them");
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  succeeds(sendWord(Syscall.NbSend, ENDPOINT, 0n), "sent");
  checkEqual(messageOf(0).badge, 0n, "without a badge");
}

const TESTS = 21;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "message: 64 words go both ways", run: longCall },
  { name: "message: the short way carries 64 words too", run: fastLongCall },
  { name: "message: labels have 47 bits", run: wholeLabel },
  { name: "message: the error bit is the kernel's", run: errorBit },
  { name: "message: more than 64 words are refused", run: tooManyWords },
  { name: "message: an answer's words beyond 64 are cut off", run: cutAnswer },
  { name: "message: more than four capabilities are refused", run: tooManyCapabilities },
  { name: "message: an answer's capabilities beyond four are cut off", run: cutAnswerCapabilities },
  { name: "message: four capabilities arrive in order", run: fourCapabilities },
  { name: "message: capabilities stop at the first gap", run: gapInCapabilities },
  { name: "message: what has one holder moves", run: soleHolder },
  { name: "message: without a slot the sender keeps it", run: noSlot },
  { name: "message: rights do not grow on the way", run: rightsOnTheWay },
  { name: "message: a badge goes with its capability", run: badgeOnTheWay },
  { name: "message: a mapped region arrives unmapped", run: regionOnTheWay },
  { name: "message: unknown contents stay at home", run: unzeroedOnTheWay },
  { name: "message: capabilities go both ways", run: bothWays },
  { name: "message: a receiver without buffer gets four words", run: lostBuffer },
  { name: "message: a buffer needs no mapping", run: unmappedBuffer },
  { name: "message: a short message leaves the buffer alone", run: shortMessage },
  { name: "message: badges have 64 bits, and none is 0", run: wholeBadge },
];

export function runMessage(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
