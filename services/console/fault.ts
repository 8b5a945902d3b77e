/** @unsafe names a function by its address */
import { REGISTER_ARGUMENT, REGISTER_COUNT, REGISTER_NAMES, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/object/processSlots";
import { writeByte, writeHex, writeText } from "../../kernel/output";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { ask, mapAll, retype, revoke, zero } from "../../user/calls";
import { flushText } from "../../user/io/uart";
import { invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import { CONSOLE_FAULTS, CONSOLE_FREE, CONSOLE_REPLY, CONSOLE_VICTIMS } from "../slots";
import { fail, Outcome } from "./command";
import { FAULT_KINDS, kindName, VICTIM_STACK, VICTIM_STACK_PAGES, victim } from "./victim";

/**
 * The command `fault KIND`: makes a thread whose faults come here, lets it fault, and shows the fault's message and the
 * thread's registers. Then the thread and everything else of it is gone.
 */

const THREAD = CONSOLE_FREE;
const CONTEXT = CONSOLE_FREE + 1;
const STACK = CONSOLE_FREE + 2;
const BUFFER = CONSOLE_FREE + 3;
const BUFFER_VA = 0x6100_0000n;
const PAGE_BYTES = 4096n;
const READ_WRITE = 3n;
/** Below the console's own. */
const PRIORITY = 100n;
const REGISTERS_A_CALL = 4;
const REGISTERS_A_LINE = 3;

export function fault(kind: Bytes): Outcome {
  for (let i: u32 = 0; i < FAULT_KINDS; i++) {
    if (!isEqual(kind, kindName(i))) continue;
    flushText();
    const error = runVictim(u64(i));
    revoke(CONSOLE_VICTIMS);
    return error === 0 ? Outcome.Ok : fail("the thread could not be made");
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
  let error = retype(CONSOLE_VICTIMS, CapType.Thread, 0n, 1, THREAD);
  if (error === 0) error = retype(CONSOLE_VICTIMS, CapType.SchedContext, 0n, 1, CONTEXT);
  if (error === 0) error = newRegion(STACK, VICTIM_STACK, VICTIM_STACK_PAGES);
  if (error === 0) error = newRegion(BUFFER, BUFFER_VA, 1n);
  if (error === 0) error = configure();
  if (error === 0) error = setRegister(REGISTER_PC, addressOfFunction(victim));
  if (error === 0) error = setRegister(REGISTER_SP, VICTIM_STACK + VICTIM_STACK_PAGES * PAGE_BYTES);
  if (error === 0) error = setRegister(REGISTER_ARGUMENT, kind);
  if (error === 0) error = ask(THREAD, Invocation.ThreadSetPriority, PRIORITY, PRIORITY, 0);
  if (error === 0) error = ask(CONTEXT, Invocation.SchedContextBind, 0n, 0n, THREAD);
  if (error === 0) error = ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, CONSOLE_FAULTS);
  if (error === 0) error = ask(THREAD, Invocation.ThreadResume, 0n, 0n, 0);
  if (error !== 0) return error;
  const message = local<Message>();
  systemCall(Syscall.Recv, CONSOLE_FAULTS, CONSOLE_REPLY, message);
  printFault(message);
  return 0;
}

function newRegion(slot: u32, va: u64, pages: u64): u32 {
  let error = retype(CONSOLE_VICTIMS, CapType.Region, pages, 1, slot);
  if (error === 0) error = zero(slot);
  return error === 0 ? mapAll(SLOT_SPACE, slot, va, pages, READ_WRITE) : error;
}

function configure(): u32 {
  const message = local<Message>();
  message.words[0] = 0n;
  ownBuffer().sent[0] = SLOT_CNODE;
  ownBuffer().sent[1] = SLOT_SPACE;
  ownBuffer().sent[2] = BUFFER;
  return invoke(message, THREAD, u32(Invocation.ThreadConfigure), 1, 3);
}

function setRegister(register: u32, value: u64): u32 {
  return ask(THREAD, Invocation.ThreadWriteRegisters, u64(register), value, 0);
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
      if (invoke(answer, THREAD, u32(Invocation.ThreadReadRegisters), 1, 0) !== 0) return;
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
