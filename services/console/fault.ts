/** @unsafe names a function, and the ends of this program's image, by their addresses */
import { REGISTER_COUNT, REGISTER_NAMES } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import type { ProgramInfo } from "../../kernel/initInfo";
import { SLOT_IMAGE } from "../../kernel/initSlots";
import { writeByte, writeHex, writeText } from "../../kernel/output";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { ask, retype, revoke } from "../../user/calls";
import { flushText } from "../../user/io/uart";
import { invoke, type Message, systemCall } from "../../user/message";
import { forgetProcess, makeProcess, type ProcessSpec, startProcess, THREAD } from "../../user/process";
import { CONSOLE_FAULTS, CONSOLE_FREE, CONSOLE_MEMORY, CONSOLE_REPLY } from "../slots";
import { fail, Outcome } from "./command";
import { FAULT_KINDS, kindName, victim } from "./victim";

/**
 * The command `fault KIND`: makes a process of this program's image, whose faults come here, lets it fault, and shows
 * the fault's message and the thread's registers. Then the process and everything else of it is gone.
 */

const BUDGET = CONSOLE_FREE;
const PROCESS = CONSOLE_FREE + 1;
const BUDGET_SIZE = 17n;
/** Below the console's own. */
const PRIORITY = 100n;
const REGISTERS_A_CALL = 4;
const REGISTERS_A_LINE = 3;

/** @extern program_image_start */
declare const imageStart: FixedArray<u8, 1>;
/** @extern program_image_end */
declare const imageEnd: FixedArray<u8, 1>;

export function fault(kind: Bytes): Outcome {
  for (let i: u32 = 0; i < FAULT_KINDS; i++) {
    if (!isEqual(kind, kindName(i))) continue;
    flushText();
    const error = runVictim(u64(i));
    revoke(CONSOLE_MEMORY);
    forgetProcess(PROCESS);
    return error === 0 ? Outcome.Ok : fail("the process could not be made");
  }
  writeText("kinds:");
  for (let i: u32 = 0; i < FAULT_KINDS; i++) {
    writeByte(0x20);
    writeText(kindName(i));
  }
  writeByte(0x0a);
  return kind.length === 0 ? Outcome.Ok : fail("no such kind; the kinds are listed above");
}

/** Answers the first error of making it. */
function runVictim(kind: u64): u32 {
  const program = local<ProgramInfo>();
  program.entry = addressOfFunction(victim);
  program.imageAddress = addressOf(imageStart);
  program.imagePages = (addressOf(imageEnd) - addressOf(imageStart)) / 4096n;
  const spec = local<ProcessSpec>();
  spec.image = SLOT_IMAGE;
  spec.budget = BUDGET;
  spec.first = PROCESS;
  spec.priority = PRIORITY;
  let error = retype(CONSOLE_MEMORY, CapType.Untyped, BUDGET_SIZE, 1, BUDGET);
  if (error === 0) error = makeProcess(spec, program);
  if (error === 0) {
    error = ask(PROCESS + THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, CONSOLE_FAULTS);
  }
  if (error === 0) error = startProcess(PROCESS, kind);
  if (error !== 0) return error;
  const message = local<Message>();
  systemCall(Syscall.Recv, CONSOLE_FAULTS, CONSOLE_REPLY, message);
  printFault(message);
  return 0;
}

function printFault(message: Message): void {
  const kind = message.words[0];
  const address = message.words[1];
  writeText("fault: ");
  writeText(isEnum<FaultKind>(u32(kind)) ? nameOf(toEnum<FaultKind>(u32(kind))) : "unknown");
  writeText(", address ");
  writeHex(address, 0);
  writeText(", program counter ");
  writeHex(message.words[2], 0);
  writeText(", stack pointer ");
  writeHex(message.words[3], 0);
  writeByte(0x0a);
  printRegisters();
}

function printRegisters(): void {
  const answer = local<Message>();
  const registers = local<FixedArray<u64, typeof REGISTERS_A_CALL>>();
  for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
    if (i % REGISTERS_A_CALL === 0) {
      answer.words[0] = u64(i);
      if (invoke(answer, PROCESS + THREAD, u32(Invocation.ThreadReadRegisters), 1, 0) !== 0) return;
      copyStruct(registers, answer.words);
    }
    const name = REGISTER_NAMES[i];
    for (let width = name.length; width < 7; width++) writeByte(0x20);
    writeText(name);
    writeByte(0x20);
    writeHex(registers[i % REGISTERS_A_CALL], 16);
    if (i % REGISTERS_A_LINE === REGISTERS_A_LINE - 1 || i === REGISTER_COUNT - 1) writeByte(0x0a);
  }
}

function nameOf(kind: FaultKind): Bytes {
  switch (kind) {
    case FaultKind.Read:
      return "read";
    case FaultKind.Write:
      return "write";
    case FaultKind.Execute:
      return "execute";
    case FaultKind.IllegalInstruction:
      return "illegal instruction";
    case FaultKind.Arithmetic:
      return "arithmetic";
    case FaultKind.Alignment:
      return "alignment";
    case FaultKind.Breakpoint:
      return "breakpoint";
    case FaultKind.Privileged:
      return "privileged instruction";
    case FaultKind.Other:
      return "other";
    default:
      unreachable(kind);
  }
}
