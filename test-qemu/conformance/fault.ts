/** @unsafe breaks its own memory protection on purpose */
import { REGISTER_PC } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { infoWord, type Message, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  checkEqual,
  endTest,
  FIRST,
  makeThread,
  mint,
  resume,
  retype,
  setOwnPriority,
  type TestRow,
} from "./harness";

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
/** @extern test_privileged */
declare function privileged(): void;
/** @extern test_port */
declare function port(): void;
/** @extern test_jump */
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

function textIsReadOnly(): void {
  expectFault(addressOfFunction(writeText), FaultKind.Write, addressOfFunction(writeText));
}
function dataIsNotExecutable(): void {
  expectFault(addressOfFunction(executeData), FaultKind.Execute, addressOf(data));
}
function pageZeroIsUnmapped(): void {
  expectFault(addressOfFunction(readPageZero), FaultKind.Read, 8n);
}
function kernelIsUnreadable(): void {
  expectFault(addressOfFunction(readKernel), FaultKind.Read, KERNEL_WINDOW);
}
function kernelIsUnwritable(): void {
  expectFault(addressOfFunction(writeKernel), FaultKind.Write, KERNEL_IMAGE);
}
function kernelIsNotExecutable(): void {
  expectFault(addressOfFunction(executeKernel), FaultKind.Execute, KERNEL_IMAGE);
}
function illegalOpcodeFaults(): void {
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
function privilegedInstructionFaults(): void {
  expectRefusal(addressOfFunction(privilegedInstruction));
}
function portOrMaskFaults(): void {
  expectRefusal(addressOfFunction(portAccess));
}
function addressBeyondUsersFaults(): void {
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

function handlerMovesThread(): void {
  progress.reached = 0n;
  const message = local<Message>();
  provoke(addressOfFunction(resumed), message);
  const error = ask(THREAD, Invocation.ThreadWriteRegisters, u64(REGISTER_PC), addressOfFunction(elsewhere), 0);
  checkEqual(u64(error), 0n, "its registers can be written");
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(progress.reached, 1n, "it goes on there");
}

function refusedFaultStops(): void {
  const message = local<Message>();
  provoke(addressOfFunction(readPageZero), message);
  message.info = infoWord(1, 0, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(u64(ask(THREAD, Invocation.ThreadResume, 0n, 0n, 0)), 0n, "it was stopped");
}

function faultWithoutHandlerStops(): void {
  setOwnPriority(150n);
  makeThread(0, THREAD, addressOfFunction(readPageZero), HIGH);
  resume(THREAD);
  checkEqual(u64(ask(THREAD, Invocation.ThreadWriteRegisters, 0n, 0n, 0)), 0n, "it is stopped");
}

const TESTS = 13;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "fault: text is read only", run: textIsReadOnly },
  { name: "fault: data is not executable", run: dataIsNotExecutable },
  { name: "fault: page zero is unmapped", run: pageZeroIsUnmapped },
  { name: "fault: kernel is unreadable", run: kernelIsUnreadable },
  { name: "fault: kernel is unwritable", run: kernelIsUnwritable },
  { name: "fault: kernel is not executable", run: kernelIsNotExecutable },
  { name: "fault: illegal opcode faults", run: illegalOpcodeFaults },
  { name: "fault: privileged instruction faults", run: privilegedInstructionFaults },
  { name: "fault: port or mask faults", run: portOrMaskFaults },
  { name: "fault: address beyond users faults", run: addressBeyondUsersFaults },
  { name: "fault: handler moves thread", run: handlerMovesThread },
  { name: "fault: refused fault stops", run: refusedFaultStops },
  { name: "fault: fault without handler stops", run: faultWithoutHandlerStops },
];

export function runFault(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
