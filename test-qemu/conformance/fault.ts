/** @unsafe breaks its own memory protection on purpose */
import { REGISTER_PC } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { Invocation, Syscall } from "../../kernel/syscall/table";
import { infoWord, type Message, systemCall } from "../../user/message";
import { ask, checkEqual, FIRST, makeThread, mint, resume, retype, setOwnPriority } from "./harness";

/** Every protection has a test in which it must fault; the fault comes as a message, and the kernel lives. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const HANDLER = FIRST + 12;
const THREAD = FIRST + 20;
const HIGH = 200n;
const KERNEL_WINDOW = 0xffff_8000_0000_1000n;
const KERNEL_IMAGE = 0xffff_ffff_8020_2000n;

/** @extern user_illegal */
declare function illegal(): void;
/** @extern user_privileged */
declare function privileged(): void;
/** @extern user_port */
declare function port(): void;
/** @extern user_jump */
declare function jump(address: u64): void;

const data: FixedArray<u64, 8> = zeroed();

/** @entry fault_write_text */
function writeText(): void {
  store32(addressOfFunction(writeText), 0);
}
/** @entry fault_execute_data */
function executeData(): void {
  jump(addressOf(data));
}
/** @entry fault_page_zero */
function readPageZero(): void {
  volatileLoad64(valueBarrier64(8n));
}
/** @entry fault_read_kernel */
function readKernel(): void {
  volatileLoad64(valueBarrier64(KERNEL_WINDOW));
}
/** @entry fault_write_kernel */
function writeKernel(): void {
  volatileStore64(valueBarrier64(KERNEL_IMAGE), 0n);
}
/** @entry fault_execute_kernel */
function executeKernel(): void {
  jump(valueBarrier64(KERNEL_IMAGE));
}
/** @entry fault_illegal */
function illegalOpcode(): void {
  illegal();
}
/** @entry fault_privileged */
function privilegedInstruction(): void {
  privileged();
}
/** @entry fault_port */
function portAccess(): void {
  port();
}
/** @entry fault_non_canonical */
function jumpNonCanonical(): void {
  volatileLoad64(valueBarrier64(0x8000_0000_0000n));
}

/** Runs `entry` in a thread whose faults come here; answers the message of its first one. */
function provoke(entry: u64, message: Message): void {
  setOwnPriority(150n);
  checkEqual(u64(retype(CapType.Endpoint, 0n, ENDPOINT)), 0n, "endpoint");
  checkEqual(u64(retype(CapType.Reply, 0n, REPLY)), 0n, "reply");
  checkEqual(u64(mint(ENDPOINT, HANDLER, 7n, 55n)), 0n, "badge");
  makeThread(0, THREAD, entry, HIGH);
  checkEqual(u64(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, HANDLER)), 0n, "handler");
  resume(THREAD);
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.badge, 55n, "the handler's badge");
  checkEqual(message.info, infoWord(0, 4, 0), "four words");
}

function expectFault(entry: u64, kind: FaultKind, address: u64): void {
  const message = local<Message>();
  provoke(entry, message);
  checkEqual(message.words[0], u64(u32(kind)), "kind");
  checkEqual(message.words[1], address, "address");
}

export function textIsReadOnly(): void {
  expectFault(addressOfFunction(writeText), FaultKind.Write, addressOfFunction(writeText));
}
export function dataIsNotExecutable(): void {
  expectFault(addressOfFunction(executeData), FaultKind.Execute, addressOf(data));
}
export function pageZeroIsUnmapped(): void {
  expectFault(addressOfFunction(readPageZero), FaultKind.Read, 8n);
}
export function kernelIsUnreadable(): void {
  expectFault(addressOfFunction(readKernel), FaultKind.Read, KERNEL_WINDOW);
}
export function kernelIsUnwritable(): void {
  expectFault(addressOfFunction(writeKernel), FaultKind.Write, KERNEL_IMAGE);
}
export function kernelIsNotExecutable(): void {
  expectFault(addressOfFunction(executeKernel), FaultKind.Execute, KERNEL_IMAGE);
}
export function illegalOpcodeFaults(): void {
  const message = local<Message>();
  provoke(addressOfFunction(illegalOpcode), message);
  checkEqual(message.words[0], u64(u32(FaultKind.IllegalInstruction)), "kind");
  checkEqual(message.words[1], message.words[2], "the address is the instruction's");
}
function expectRefusal(entry: u64): void {
  const message = local<Message>();
  provoke(entry, message);
  const isPrivileged = message.words[0] === u64(u32(FaultKind.Privileged));
  const isIllegal = message.words[0] === u64(u32(FaultKind.IllegalInstruction));
  checkEqual(isPrivileged || isIllegal ? 1n : 0n, 1n, "privileged or undefined at this level");
}
export function privilegedInstructionFaults(): void {
  expectRefusal(addressOfFunction(privilegedInstruction));
}
export function portOrMaskFaults(): void {
  expectRefusal(addressOfFunction(portAccess));
}
export function addressBeyondUsersFaults(): void {
  const message = local<Message>();
  provoke(addressOfFunction(jumpNonCanonical), message);
  const isRead = message.words[0] === u64(u32(FaultKind.Read));
  checkEqual(isRead || message.words[0] === u64(u32(FaultKind.Privileged)) ? 1n : 0n, 1n, "kind");
}

interface Progress extends Struct<"Progress"> {
  reached: u64;
}
const progress: Progress = zeroed();

/** Faults once, and goes on where the handler sends it. @entry fault_resumed */
function resumed(): void {
  const message = local<Message>();
  volatileLoad64(valueBarrier64(16n));
  for (;;) systemCall(Syscall.Yield, 0, 0, message);
}
/** @entry fault_elsewhere */
function elsewhere(): void {
  const message = local<Message>();
  progress.reached += 1n;
  for (;;) systemCall(Syscall.Recv, ENDPOINT, 0, message);
}

export function handlerMovesThread(): void {
  progress.reached = 0n;
  const message = local<Message>();
  provoke(addressOfFunction(resumed), message);
  const error = ask(THREAD, Invocation.ThreadWriteRegisters, u64(REGISTER_PC), addressOfFunction(elsewhere), 0);
  checkEqual(u64(error), 0n, "its registers can be written");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(progress.reached, 1n, "it goes on there");
}

export function refusedFaultStops(): void {
  const message = local<Message>();
  provoke(addressOfFunction(readPageZero), message);
  message.info = infoWord(1, 0, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(u64(ask(THREAD, Invocation.ThreadResume, 0n, 0n, 0)), 0n, "it was stopped");
}

export function faultWithoutHandlerStops(): void {
  setOwnPriority(150n);
  makeThread(0, THREAD, addressOfFunction(readPageZero), HIGH);
  resume(THREAD);
  checkEqual(u64(ask(THREAD, Invocation.ThreadWriteRegisters, 0n, 0n, 0)), 0n, "it is stopped");
}
