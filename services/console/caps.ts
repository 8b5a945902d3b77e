import type { MAX_WORDS } from "../../kernel/ipc/messageInfo";
import { writeByte, writeHex, writeText } from "../../kernel/output";
import { answerAt, type Message } from "../../user/message";
import { beginNumbers, type NumberLine, putDecimal, putHex, textOfNumbers } from "../../user/numberLine";
import { inspectProcess, inspectProcessSlots } from "../../user/stubs/inspect";
import { CONSOLE_INSPECT } from "../slots";
import { nameOfCapType } from "./capTypes";
import { NAME_WIDTH, writeCell, writeNumber, writeNumberCell } from "./columns";
import { fail, Outcome } from "./command";
import { writeHeading } from "./terminal";
import { beforeOptions, isWord, nextOption, numberIn } from "./words";

/**
 * The command `caps`: processes, and the capabilities in their root CNodes. With `--tree` in the form that sdk/trace on the
 * host reads: `process: PID NAME`, and `cap: PID` with the three words that Inspect.Slots has for each.
 */

const NAME_BYTES = 32;
const SLOT_WORDS = 3;
const TREE = "--tree";
/** Of the numbers that processes have. */
const MOST = 4095;

/** One process, and the answer that is being written: writing uses the message buffer. */
interface Looked extends Struct<"Looked"> {
  pid: u32;
  next: u64;
  nameLength: u32;
  readonly name: FixedArray<u8, typeof NAME_BYTES>;
  count: u32;
  readonly words: FixedArray<u64, typeof MAX_WORDS>;
  readonly line: Inline<NumberLine>;
}

const looked: Looked = zeroed();

/** `caps`, `caps PID`, either with `--tree`. */
export function caps(argument: Bytes): Outcome {
  const option = nextOption(argument, 0);
  const isTree = isWord(argument, option, TREE);
  if (option < argument.length && !isTree) return fail("the only option is --tree");
  const text = beforeOptions(argument, 0);
  if (text.length === 0) return everyone(isTree);
  const pid = numberIn(text, MOST);
  if (pid > MOST) return fail("caps takes a PID, a number; caps alone lists all processes");
  if (!find(u64(pid)) || looked.pid !== pid) return fail("no process has this PID; caps alone lists them");
  if (!isTree) writeHeading("SLOT TYPE             RIGHTS OBJECT          DATA");
  return tell(isTree);
}

function everyone(isTree: boolean): Outcome {
  if (!isTree) writeHeading("  PID NAME                     CAPABILITIES");
  looked.next = 0n;
  for (;;) {
    if (!find(looked.next)) return Outcome.Ok;
    const next = looked.next;
    if (isTree) tell(true);
    else listProcess();
    if (next === 0n) return Outcome.Ok;
    looked.next = next;
  }
}

/** Finds the next process from number `first` on; false when there is none. */
function find(first: u64): boolean {
  const message = local<Message>();
  let at = first;
  do {
    if (inspectProcess(message, CONSOLE_INSPECT, at) !== 0) return false;
    at = message.words[1];
    if (message.words[0] === 0n) continue;
    looked.pid = u32(message.words[0]);
    looked.next = at;
    takeName(message);
    return true;
  } while (at !== 0n);
  return false;
}

function takeName(message: Message): void {
  looked.nameLength = 0;
  for (let i: u32 = 0; i < NAME_BYTES; i++) {
    const byte = u8((answerAt(message, 2 + i / 8) >> u64((i % 8) * 8)) & 0xffn);
    if (byte === 0) return;
    looked.name[i] = byte > 0x20 && byte < 0x7f ? byte : 0x3f;
    looked.nameLength = i + 1;
  }
}

function listProcess(): void {
  let held: u64 = 0n;
  let at: u64 = 1n;
  do {
    at = takeSlots(at);
    held += u64(looked.count);
  } while (at !== 0n);
  writeNumberCell(u64(looked.pid), 5);
  writeCell(sliceOf(looked.name, 0, looked.nameLength), NAME_WIDTH);
  writeNumber(held, 12);
  writeByte(0x0a);
}

/** All that the process has. */
function tell(isTree: boolean): Outcome {
  beginNumbers(looked.line, "process:");
  if (isTree) {
    putDecimal(looked.line, looked.pid);
    const head = textOfNumbers(looked.line);
    writeText(subslice(head, 0, head.length - 1));
    writeByte(0x20);
    writeText(sliceOf(looked.name, 0, looked.nameLength));
    writeByte(0x0a);
  }
  let at: u64 = 1n;
  do {
    at = takeSlots(at);
    for (let i: u32 = 0; i < looked.count; i++) {
      if (isTree) writeWords(i);
      else writeCapability(i);
    }
  } while (at !== 0n);
  return Outcome.Ok;
}

/** Takes the capabilities from slot `first` on; answers where to go on, 0 at the end. */
function takeSlots(first: u64): u64 {
  const message = local<Message>();
  looked.count = 0;
  if (inspectProcessSlots(message, CONSOLE_INSPECT, first, u64(looked.pid)) !== 0) return 0n;
  looked.count = u32(message.words[1]);
  for (let i: u32 = 0; i < looked.count * SLOT_WORDS; i++) looked.words[i] = answerAt(message, 2 + i);
  return message.words[0];
}

function writeWords(index: u32): void {
  beginNumbers(looked.line, "cap:");
  putDecimal(looked.line, looked.pid);
  for (let i: u32 = 0; i < SLOT_WORDS; i++) putHex(looked.line, looked.words[index * SLOT_WORDS + i]);
  writeText(textOfNumbers(looked.line));
}

/** Slot, type, rights, object, and a word of the type's own. */
function writeCapability(index: u32): void {
  const word = looked.words[index * SLOT_WORDS];
  const name = nameOfCapType(u32((word >> 32n) & 0xffn));
  const rights = u32((word >> 40n) & 7n);
  writeNumberCell(word & 0xffffn, 4);
  writeCell(name, 16);
  writeByte((rights & 1) !== 0 ? 0x72 : 0x2d);
  writeByte((rights & 2) !== 0 ? 0x77 : 0x2d);
  writeByte((rights & 4) !== 0 ? 0x70 : 0x2d);
  writeText("    ");
  writeHex(looked.words[index * SLOT_WORDS + 1], 12);
  writeText("  ");
  writeHex(looked.words[index * SLOT_WORDS + 2], 0);
  writeByte(0x0a);
}
