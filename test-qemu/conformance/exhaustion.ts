/** @unsafe names functions by their addresses */
import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_IRQ_CONTROL } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import { cycle, PIECE_SIZE, sizes } from "./cycle";
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
  POOL,
  pollBits,
  remove,
  retype,
  retypeFrom,
  revoke,
  sendWord,
  succeeds,
  type TestRow,
} from "./harness";
import { MAKEABLE, makeable } from "./makeable";

/** Each resource used up, and there again: what fails then, and that it works afterwards as before. */

const PIECE = FIRST + 10;
const ENDPOINT = FIRST + 11;
const CNODE = FIRST + 12;
const NOTIFICATION = FIRST + 13;
const SIGNAL = FIRST + 14;
const MADE = FIRST + 20;
const DEEPEST: u32 = 255;
/** 256 messages of four words. */
const DEEPEST_RING = 0x4_0000_0000_0100n;
const CYCLES: u32 = 100;
const MINT_ONCE = 1n;

/** How many objects of a kind the piece of memory holds. */
function fillPiece(kind: u32): u32 {
  let made: u32 = 0;
  while (made < 600 && retypeFrom(PIECE, makeable[kind], sizes[kind], 1, MADE + made) === 0) made++;
  return made;
}

/** I3, I11: as many as before, each time. */
function memoryOfEachKind(): void {
  for (let kind: u32 = 0; kind < MAKEABLE; kind++) {
    succeeds(retype(CapType.Untyped, makeable[kind] === CapType.Verifier ? PIECE_SIZE : 14n, PIECE), "memory");
    const first = fillPiece(kind);
    check(first > 0, "some fit");
    fails(
      retypeFrom(PIECE, makeable[kind], sizes[kind], 1, MADE + first),
      ErrorCode.NotEnoughMemory,
      "and then no more",
    );
    succeeds(remove(MADE), "one goes");
    if (first > 1) {
      fails(retypeFrom(PIECE, makeable[kind], sizes[kind], 1, MADE), ErrorCode.NotEnoughMemory, "it leaves no room");
    }
    succeeds(revoke(PIECE), "all go");
    checkEqual(u64(fillPiece(kind)), u64(first), "as many again");
    succeeds(revoke(PIECE), "all go");
    succeeds(remove(PIECE), "the memory too");
  }
}

function slots(): void {
  succeeds(retype(CapType.CNode, 1n, CNODE), "one slot");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(ask(CNODE, Invocation.CNodeCopy, 1n, 7n, NOTIFICATION), "it is taken");
  fails(ask(CNODE, Invocation.CNodeCopy, 1n, 7n, NOTIFICATION), ErrorCode.DeleteFirst, "full");
  fails(ask(CNODE, Invocation.CNodeCopy, 2n, 7n, NOTIFICATION), ErrorCode.DeleteFirst, "no other slot");
  succeeds(ask(CNODE, Invocation.CNodeDelete, 1n, 0n, 0), "delete");
  succeeds(ask(CNODE, Invocation.CNodeCopy, 1n, 7n, NOTIFICATION), "free again");
}

function derivation(): void {
  succeeds(retype(CapType.Notification, 0n, MADE), "root");
  let depth: u32 = 0;
  while (depth < 400 && copyTo(MADE + depth, MADE + depth + 1, 7n) === 0) depth++;
  check(depth > 200 && depth <= DEEPEST, "as deep as a level has bits");
  fails(copyTo(MADE + depth, MADE + depth + 1, 7n), ErrorCode.NotEnoughMemory, "no deeper");
  fails(mint(MADE + depth, MADE + depth + 1, 7n, 5n), ErrorCode.NotEnoughMemory, "neither with a badge");
  succeeds(remove(MADE + depth), "the deepest goes");
  succeeds(copyTo(MADE + depth - 1, MADE + depth, 7n), "and comes again");
  succeeds(revoke(MADE), "all of them");
  fails(copyTo(MADE + 1, FIRST, 7n), ErrorCode.InvalidCapability, "are gone");
}

/** I9. */
function ringPlaces(): void {
  succeeds(retype(CapType.Endpoint, DEEPEST_RING, ENDPOINT), "the deepest");
  for (let round: u32 = 0; round < 2; round++) {
    for (let i: u64 = 0n; i < 256n; i += 1n) check(sendWord(Syscall.NbSend, ENDPOINT, i) === 0, "sent");
    fails(sendWord(Syscall.NbSend, ENDPOINT, 256n), ErrorCode.QueueFull, "full");
    const message = local<Message>();
    for (let i: u64 = 0n; i < 256n; i += 1n) {
      systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
      checkEqual(message.words[0], i, "in order");
    }
  }
}

function reservations(): void {
  const message = local<Message>();
  succeeds(retype(CapType.Endpoint, 16n, ENDPOINT), "endpoint");
  for (let round: u32 = 0; round < 2; round++) {
    for (let i: u32 = 0; i <= 16; i++) {
      message.words[0] = u64(MADE + i);
      message.words[1] = 7n;
      message.words[2] = u64(i) + 1n;
      message.words[3] = MINT_ONCE;
      ownBuffer().sent[0] = ENDPOINT;
      const error = invoke(message, SLOT_CNODE, u32(Invocation.CNodeMint), 4, 1);
      if (i < 16) succeeds(error, "reserved");
      else fails(error, ErrorCode.QueueFull, "no place left");
    }
    for (let i: u32 = 0; i < 16; i++) check(sendWord(Syscall.NbSend, MADE + i, 1n) === 0, "used");
    for (let i: u32 = 0; i < 16; i++) systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
  }
}

function interruptLines(): void {
  let claimed: u64 = 0n;
  const lines: u64 = HAS_PORTS ? 24n : 64n;
  for (let round: u32 = 0; round < 2; round++) {
    let count: u64 = 0n;
    for (let line: u64 = 0n; line < lines; line += 1n) {
      const error = ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, line, u64(MADE) + line, SLOT_CNODE);
      if (error === 0) count += 1n;
      else fails(error, ErrorCode.RangeError, "the kernel's own");
    }
    check(count > 15n, "many");
    if (round === 0) claimed = count;
    checkEqual(count, claimed, "as many again");
    const again = ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, lines - 1n, u64(MADE) - 1n, SLOT_CNODE);
    fails(again, ErrorCode.Busy, "each once");
    succeeds(revoke(SLOT_IRQ_CONTROL), "all of them");
  }
}

function timers(): void {
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(NOTIFICATION, SIGNAL, 7n, 1n), "signal");
  succeeds(retypeFrom(POOL, CapType.Timer, 0n, 128, MADE), "128");
  succeeds(retypeFrom(POOL, CapType.Timer, 0n, 128, MADE + 128), "256");
  for (let i: u32 = 0; i < 256; i++) {
    check(ask(MADE + i, Invocation.TimerArm, 0x1_0000_0000_0000n + (u64(i) << 30n), 0n, SIGNAL) === 0, "armed");
  }
  for (let i: u32 = 0; i < 256; i += 2) check(remove(MADE + i) === 0, "every other one goes");
  succeeds(revoke(NOTIFICATION), "what the others would signal goes");
  checkEqual(pollBits(NOTIFICATION), 0n, "nothing has come");
}

/** I3, I11. */
function cycles(): void {
  succeeds(retype(CapType.Untyped, PIECE_SIZE, PIECE), "memory");
  for (let i: u32 = 0; i < CYCLES; i++) cycle(PIECE, MADE);
  succeeds(retypeFrom(PIECE, CapType.Untyped, PIECE_SIZE, 1, MADE), "it is whole");
}

const TESTS = 8;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "exhaustion: memory, by objects of each kind", run: memoryOfEachKind },
  { name: "exhaustion: slots of a c node", run: slots },
  { name: "exhaustion: depth of the derivation tree", run: derivation },
  { name: "exhaustion: places of the deepest ring", run: ringPlaces },
  { name: "exhaustion: places that are reserved", run: reservations },
  { name: "exhaustion: interrupt lines", run: interruptLines },
  { name: "exhaustion: timers by the hundred", run: timers },
  { name: "exhaustion: cycles of every kind leave nothing", run: cycles },
];

export function runExhaustion(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
