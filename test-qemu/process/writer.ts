/** @unsafe names a function by its address, and reaches mapped memory */

import { REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE, SLOT_THREAD } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { Syscall } from "../../kernel/syscall/invocation";
import { infoWord, type Message, systemCall } from "../../user/message";
import { nextRandom } from "../../user/random";
import { addressSpaceMap } from "../../user/stubs/addressSpace";
import { schedContextBind } from "../../user/stubs/schedContext";
import { threadConfigure, threadResume, threadSetPriority, threadWriteRegisters } from "../../user/stubs/thread";
import {
  type Answer,
  BINARY_VA,
  beginWith,
  check,
  checkEqual,
  freeBytes,
  HEADERS_VA,
  IMAGE,
  makeRegion,
  prepareVerification,
  retype,
  settle,
  stepOnce,
} from "./harness";
import { FREE_SLOT, first } from "./making";

/**
 * Another thread writes into headers and binary between any two steps of a verification. What the kernel has copied
 * decides: either that carried the signatures, and the Image is just that, or it is refused.
 */

const THREAD = FREE_SLOT;
const CONTEXT = FREE_SLOT + 1;
const STACK = FREE_SLOT + 2;
const STACK_VA = 0x3100_0000n;
const STACK_BYTES = 4096n;
const IMAGE_VA = 0x3000_0000n;
const PRIORITY = 150n;
const OWN_PRIORITY = 200n;
const ROUNDS = 40;
/** Of ELF: the number of program headers, and of each header. */
const ELF_COUNT = 56;
const ELF_TABLE = 64;
const ELF_ENTRY = 56;
const ELF_WRITE = 2;

interface Writer extends Struct<"Writer"> {
  random: u64;
  headersBytes: u32;
  binaryBytes: u32;
  turns: u32;
}
const writer: Writer = { random: 0x9e37_79b9_7f4a_7c15n, headersBytes: 0, binaryBytes: 0, turns: 0 };

function random(): u64 {
  writer.random = nextRandom(writer.random);
  return writer.random;
}

/** A bit is another one for a turn of everybody else's, then it is itself again. @entry process_writer */
function write(): void {
  const message = local<Message>();
  for (;;) {
    const place = random() % u64(writer.headersBytes + writer.binaryBytes);
    const isHeader = place < u64(writer.headersBytes);
    const va = isHeader ? HEADERS_VA + place : BINARY_VA + place - u64(writer.headersBytes);
    const bit = u8(1 << u32(random() & 7n));
    for (let i: u32 = 0; i < 2; i++) {
      volatileStore8(va, u8(u32(volatileLoad8(va)) ^ u32(bit)));
      writer.turns++;
      systemCall(Syscall.Yield, 0, 0, message);
    }
  }
}

function startWriter(): void {
  const message = local<Message>();
  const nothing = local<FixedArray<u8, 8>>();
  makeRegion(STACK, STACK_VA, sliceOf(nothing, 0, 8));
  retype(CapType.Thread, 0n, THREAD);
  retype(CapType.SchedContext, 0n, CONTEXT);
  checkEqual(u64(threadConfigure(message, THREAD, 0n, SLOT_CNODE, SLOT_SPACE, STACK)), 0n, "configure");
  threadWriteRegisters(message, THREAD, u64(REGISTER_PC), addressOfFunction(write));
  threadWriteRegisters(message, THREAD, u64(REGISTER_SP), STACK_VA + STACK_BYTES - 16n);
  threadSetPriority(message, THREAD, PRIORITY, PRIORITY);
  schedContextBind(message, CONTEXT, THREAD);
  checkEqual(u64(threadResume(message, THREAD)), 0n, "resume");
}

/** The program header of this number; those of what is not written come first. */
function headerAt(binary: u64, index: u32): u64 {
  return binary + u64(ELF_TABLE + ELF_ENTRY * index);
}

/** How many of the program's headers are of text and constants. */
function countReadOnly(binary: u64): u32 {
  const all = u32(load16(binary + u64(ELF_COUNT)));
  let count: u32 = 0;
  while (count < all && (load32(headerAt(binary, count) + 4n) & ELF_WRITE) === 0) count++;
  return count;
}

/** The Image's text and constants are those of the binary that was signed. */
function checkImage(): void {
  const message = local<Message>();
  const binary = addressOf(first.parts[2]);
  const count = countReadOnly(binary);
  const last = headerAt(binary, count - 1);
  const lowest = load64(headerAt(binary, 0) + 16n) & ~0xfffn;
  const pages = (load64(last + 16n) + load64(last + 40n) - lowest + 0xfffn) / 4096n;
  for (let done: u64 = 0n; done < pages; done += message.words[0]) {
    const error = addressSpaceMap(message, SLOT_SPACE, IMAGE_VA + done * 4096n, pages - done, 1n, IMAGE);
    checkEqual(u64(error), 0n, "map the Image");
    if (error !== 0) return;
  }
  let differences: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const header = headerAt(binary, i);
    const from = binary + load64(header + 8n);
    const at = IMAGE_VA + load64(header + 16n) - lowest;
    for (let k: u64 = 0n; k < load64(header + 32n); k += 1n) {
      if (load8(from + k) !== load8(at + k)) differences++;
    }
  }
  check(count > 0, "there is a program");
  checkEqual(u64(differences), 0n, "the Image is what was signed");
}

export function testWriter(): void {
  const message = local<Message>();
  const answer = local<Answer>();
  let sealed: u32 = 0;
  writer.headersBytes = first.parts[1].length;
  writer.binaryBytes = first.parts[2].length;
  threadSetPriority(message, SLOT_THREAD, PRIORITY, OWN_PRIORITY);
  for (let round: u32 = 0; round < ROUNDS; round++) {
    prepareVerification(first);
    startWriter();
    const before = freeBytes();
    checkEqual(u64(beginWith(writer.headersBytes, writer.binaryBytes)), 0n, "begin");
    while (stepOnce(answer)) {
      message.info = infoWord(0, 0, 0);
      systemCall(Syscall.Yield, 0, 0, message);
    }
    if (answer.outcome === u32(Outcome.Sealed)) {
      sealed++;
      checkImage();
    } else {
      checkEqual(u64(answer.outcome), u64(u32(Outcome.Refused)), "sealed, or refused");
      checkEqual(freeBytes(), before, "and then nothing is left");
    }
    settle();
  }
  threadSetPriority(message, SLOT_THREAD, OWN_PRIORITY, OWN_PRIORITY);
  check(sealed > 0 && sealed < ROUNDS, "some rounds went either way");
  check(writer.turns > 1000, "the other thread has had its turns");
}
