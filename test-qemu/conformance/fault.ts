/** @unsafe breaks its own memory protection on purpose */
import { HAS_PORTS } from "@arch/layout";
import { REGISTER_ARGUMENT, REGISTER_PC, REGISTER_SP } from "@arch/registers";
import { CapType } from "../../kernel/cap/capability";
import { FaultKind } from "../../kernel/fault/faultKind";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { errorOf, infoWord, invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  fails,
  makeSpace,
  makeThread,
  makeThreadIn,
  makeWorker,
  mapAt,
  mint,
  newRegion,
  PAGE,
  POOL,
  readRegister,
  remove,
  resume,
  retype,
  revoke,
  setOwnPriority,
  startWorker,
  succeeds,
  type TestRow,
  WORKER,
  writeRegister,
} from "./harness";

/** Every protection has a test in which it must fault; the fault comes as a message, and the kernel lives. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const HANDLER = FIRST + 12;
const THREAD = FIRST + 20;
const HIGH = 200n;
const LOW = 100n;
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

/** @extern test_breakpoint */
declare function breakpoint(): void;
/** @extern test_debugRegister */
declare function debugRegister(): void;
/** @extern test_trapReturn */
declare function trapReturn(): void;
/** @extern test_divideByZero */
declare function divideByZero(): u64;
/** @extern test_push */
declare function push(): void;
/** @extern test_privilegedCount */
declare function privilegedCount(): u64;
/** @extern test_privilegedOf */
declare function privilegedInstructions(index: u64): void;
/** @extern test_unalignedCount */
declare function unalignedCount(): u64;
/** @extern test_unaligned */
declare function unaligned(index: u64): void;
/** @extern test_raisePrivilege */
declare function raisePrivilege(): void;

const REGION = FIRST + 13;
const COPY = FIRST + 14;
const SPACE = FIRST + 15;
/** Behind the space's three. */
const NEIGHBOUR = FIRST + 18;
const VA = 0x4000_0000n;

/** Window, its middle, image, top. */
const kernelPlaces: FixedArray<u64, 5> = [
  0xffff_8000_0000_0000n,
  0xffff_8000_4000_0000n,
  0xffff_ffff_8020_0000n,
  0xffff_ffff_8030_0000n,
  0xffff_ffff_ffff_f000n,
];
/** Of the kernel's image on both machines, of the interrupt controllers, of the video memory. */
const physicalPlaces: FixedArray<u64, 5> = [0x120_2000n, 0x4020_2000n, 0xfee0_0000n, 0x800_0000n, 0xb_8000n];

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

/** Makes a thread at `entry` whose faults come here. */
function prepare(entry: u64): void {
  prepareIn(SLOT_SPACE, entry);
}

function prepareIn(space: u32, entry: u64): void {
  setOwnPriority(150n);
  checkEqual(u64(retype(CapType.Endpoint, 0n, ENDPOINT)), 0n, "endpoint");
  checkEqual(u64(retype(CapType.Reply, 0n, REPLY)), 0n, "reply");
  checkEqual(u64(mint(ENDPOINT, HANDLER, 7n, 55n)), 0n, "badge");
  makeThreadIn(space, 0, THREAD, entry, HIGH);
  checkEqual(u64(ask(THREAD, Invocation.ThreadSetFaultHandler, 0n, 0n, HANDLER)), 0n, "handler");
}

/** Runs `entry` in such a thread; answers the message of its first fault. */
function provoke(entry: u64, message: Message): void {
  prepare(entry);
  awaitFault(message);
}

/** Lets the thread go on, up to its next fault. */
function awaitFault(message: Message): void {
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
  checkEqual(isPrivileged || isIllegal ? 0n : message.words[0], 0n, "privileged or undefined at this level");
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

/** I8: whoever got the message has brought no Reply, and is less urgent than the thread. */
function faultWithoutReplyStops(): void {
  const message = local<Message>();
  prepare(addressOfFunction(readPageZero));
  makeWorker(1, HIGH);
  startWorker(1, Syscall.Recv, ENDPOINT, 0);
  succeeds(ask(WORKER + 2, Invocation.ThreadSetPriority, LOW, LOW, 0), "priority");
  resume(THREAD);
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  fails(errorOf(message), ErrorCode.Busy, "it does not fault again");
  checkEqual(u64(ask(THREAD, Invocation.ThreadWriteRegisters, 0n, 0n, 0)), 0n, "it is stopped");
}

function faultWithoutHandlerStops(): void {
  setOwnPriority(150n);
  makeThread(0, THREAD, addressOfFunction(readPageZero), HIGH);
  resume(THREAD);
  checkEqual(u64(ask(THREAD, Invocation.ThreadWriteRegisters, 0n, 0n, 0)), 0n, "it is stopped");
}

/** What the thread does with `probe.address`, each time it is resumed. */
interface Probe extends Struct<"Probe"> {
  address: u64;
  value: u64;
  done: u64;
}
const probe: Probe = zeroed();

/** @entry fault_read_on */
function readOn(): void {
  const message = local<Message>();
  for (;;) {
    probe.value = volatileLoad64(probe.address);
    probe.done += 1n;
    invoke(message, THREAD, u32(Invocation.ThreadSuspend), 0, 0);
  }
}
/** @entry fault_write_on */
function writeOn(): void {
  const message = local<Message>();
  for (;;) {
    volatileStore64(probe.address, 7n);
    probe.done += 1n;
    invoke(message, THREAD, u32(Invocation.ThreadSuspend), 0, 0);
  }
}
/** @entry fault_jump */
function jumpThere(): void {
  jump(probe.address);
}
/** @entry fault_breakpoint */
function hitBreakpoint(): void {
  breakpoint();
}
/** @entry fault_debug_register */
function touchDebugRegister(): void {
  debugRegister();
}
/** @entry fault_trap_return */
function returnFromTrap(): void {
  trapReturn();
}
/** @entry fault_divide */
function divideByNothing(): void {
  const message = local<Message>();
  probe.value = divideByZero();
  probe.done += 1n;
  invoke(message, THREAD, u32(Invocation.ThreadSuspend), 0, 0);
}
/** @entry fault_push */
function pushOnStack(): void {
  push();
}
/** The one of the sweep that the argument names. @entry fault_privileged_of */
function privilegedOf(index: u64): void {
  privilegedInstructions(index);
}
/** @entry fault_unaligned_of */
function unalignedOf(index: u64): void {
  unaligned(index);
  probe.done += 1n;
  volatileLoad64(valueBarrier64(8n));
}
/** @entry fault_raised_port */
function portWithPrivilege(): void {
  raisePrivilege();
  port();
}

/** A page at VA that the thread has read or written once; then it is about to do so again. */
function probeMapped(entry: u64): void {
  probe.address = VA;
  probe.done = 0n;
  newRegion(REGION, 1n);
  succeeds(copyTo(REGION, COPY, 7n), "copy");
  succeeds(mapAt(SLOT_SPACE, COPY, VA, 1n, 3n), "map");
  prepare(entry);
  resume(THREAD);
  checkEqual(probe.done, 1n, "it can");
}

/** And now it must not. */
function expectStale(kind: FaultKind): void {
  const message = local<Message>();
  awaitFault(message);
  checkEqual(message.words[0], u64(u32(kind)), "kind");
  checkEqual(message.words[1], VA, "address");
  checkEqual(probe.done, 1n, "it has not");
}

/** I7. */
function staleAfterUnmap(): void {
  probeMapped(addressOfFunction(readOn));
  succeeds(ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, COPY), "unmap");
  expectStale(FaultKind.Read);
}

/** I7: where the table stays, for what lies beside. */
function staleBesideMapped(): void {
  newRegion(NEIGHBOUR, 1n);
  succeeds(mapAt(SLOT_SPACE, NEIGHBOUR, VA + PAGE, 1n, 3n), "map beside");
  staleAfterUnmap();
}

/** I7. */
function staleAfterRevoke(): void {
  probeMapped(addressOfFunction(readOn));
  succeeds(revoke(REGION), "revoke");
  expectStale(FaultKind.Read);
}

/** I7. */
function staleAfterProtect(): void {
  probeMapped(addressOfFunction(writeOn));
  const message = local<Message>();
  message.words[0] = 0n;
  message.words[1] = 1n;
  message.words[2] = 1n;
  ownBuffer().sent[0] = COPY;
  succeeds(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceProtect), 3, 1), "protect");
  expectStale(FaultKind.Write);
}

/** I7: nothing of one address space is seen in another one, at the same address. */
function staleAfterSwitch(): void {
  probe.address = VA;
  probe.done = 0n;
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "map here");
  store64(VA, 77n);
  makeSpace(SPACE);
  prepareIn(SPACE, addressOfFunction(readOn));
  const message = local<Message>();
  awaitFault(message);
  checkEqual(message.words[0], u64(u32(FaultKind.Read)), "kind");
  checkEqual(message.words[1], VA, "not there");
  checkEqual(load64(VA), 77n, "but here");
}

/** I4, I7: the memory is somebody else's now. */
function staleAfterReuse(): void {
  probeMapped(addressOfFunction(readOn));
  succeeds(revoke(REGION), "revoke");
  succeeds(remove(REGION), "delete");
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA + PAGE, 1n, 3n), "perhaps the same page, elsewhere");
  expectStale(FaultKind.Read);
}

/** I5: there is no right with which it would be. */
function regionIsNotExecutable(): void {
  newRegion(REGION, 1n);
  for (let rights: u64 = 1n; rights < 8n; rights += 1n) {
    succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, rights), "map");
    succeeds(ask(SLOT_SPACE, Invocation.AddressSpaceUnmap, 0n, 0n, REGION), "unmap");
  }
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 7n), "whatever is asked for");
  probe.address = VA;
  expectFault(addressOfFunction(jumpThere), FaultKind.Execute, VA);
}

/** I5: they are in the Image, but not its text. */
function constantsAreNotExecutable(): void {
  probe.address = addressOf(tests);
  expectFault(addressOfFunction(jumpThere), FaultKind.Execute, addressOf(tests));
}

function constantsAreReadOnly(): void {
  probe.address = addressOf(tests);
  expectFault(addressOfFunction(writeOn), FaultKind.Write, addressOf(tests));
}

function stackGuard(): void {
  newRegion(REGION, 1n);
  succeeds(mapAt(SLOT_SPACE, REGION, VA, 1n, 3n), "a stack");
  const message = local<Message>();
  prepare(addressOfFunction(pushOnStack));
  succeeds(writeRegister(THREAD, REGISTER_SP, VA), "at its end");
  awaitFault(message);
  checkEqual(message.words[0], u64(u32(FaultKind.Write)), "kind");
  check(message.words[1] < VA && message.words[1] > VA - 256n, "below it");
  check(message.words[3] <= VA, "the stack pointer is told");
}

/** I6: window, image, tables, and the end of the address space, to read and to write. */
function noPartOfTheKernel(): void {
  for (let i: u32 = 0; i < kernelPlaces.length; i++) {
    probe.address = kernelPlaces[i];
    expectFault(addressOfFunction(readOn), FaultKind.Read, kernelPlaces[i]);
    succeeds(revoke(POOL), "again");
    expectFault(addressOfFunction(writeOn), FaultKind.Write, kernelPlaces[i]);
    succeeds(revoke(POOL), "again");
  }
}

/** I6: of the boot, when physical addresses were virtual ones. */
function noIdentityMapping(): void {
  for (let i: u32 = 0; i < physicalPlaces.length; i++) {
    probe.address = physicalPlaces[i];
    expectFault(addressOfFunction(readOn), FaultKind.Read, physicalPlaces[i]);
    succeeds(revoke(POOL), "again");
  }
}

function jumpBeyondUsers(): void {
  const message = local<Message>();
  probe.address = 0x8000_0000_0000n;
  provoke(addressOfFunction(jumpThere), message);
  const kind = HAS_PORTS ? FaultKind.Privileged : FaultKind.Execute;
  checkEqual(message.words[0], u64(u32(kind)), "not canonical; to aarch64 merely not mapped");
}

function breakpointIsOne(): void {
  const message = local<Message>();
  provoke(addressOfFunction(hitBreakpoint), message);
  checkEqual(message.words[0], u64(u32(FaultKind.Breakpoint)), "kind");
  checkEqual(message.words[1], message.words[2], "where it was hit");
}

/** Where a user's flags have it: after one instruction. */
function singleStep(): void {
  const message = local<Message>();
  prepare(addressOfFunction(hitBreakpoint));
  succeeds(writeRegister(THREAD, REGISTER_PC + 1, 0x100n | (1n << 21n)), "trap flag; step bit");
  probe.address = readRegister(THREAD, REGISTER_PC);
  awaitFault(message);
  checkEqual(message.words[0], u64(u32(FaultKind.Breakpoint)), "kind");
  if (!HAS_PORTS) checkEqual(readRegister(THREAD, REGISTER_PC + 1), 0n, "no user steps on this machine");
}

function debugRegistersAreKernels(): void {
  expectRefusal(addressOfFunction(touchDebugRegister));
}

/** Which aarch64 defines as zero. */
function divisionByZero(): void {
  const message = local<Message>();
  probe.done = 0n;
  probe.value = 5n;
  prepare(addressOfFunction(divideByNothing));
  if (!HAS_PORTS) {
    resume(THREAD);
    checkEqual(probe.done, 1n, "no fault");
    checkEqual(probe.value, 0n, "zero");
    return;
  }
  awaitFault(message);
  checkEqual(message.words[0], u64(u32(FaultKind.Arithmetic)), "kind");
}

function trapReturnFaults(): void {
  const message = local<Message>();
  provoke(addressOfFunction(returnFromTrap), message);
  check(message.words[0] !== u64(u32(FaultKind.Breakpoint)), "it has not arrived");
}

/** One after the other, each in a thread of its own. */
function everyPrivilegedInstruction(): void {
  const count = privilegedCount();
  check(count > 15n, "there are some");
  const message = local<Message>();
  for (let i: u64 = 0n; i < count; i += 1n) {
    prepare(addressOfFunction(privilegedOf));
    succeeds(writeRegister(THREAD, REGISTER_ARGUMENT, i), "which one");
    awaitFault(message);
    const kind = message.words[0];
    const isRefused = kind === u64(u32(FaultKind.Privileged)) || kind === u64(u32(FaultKind.IllegalInstruction));
    // Aarch64 has classes of their own for waiting and calling.
    checkEqual(isRefused || kind === u64(u32(FaultKind.Other)) ? 0n : i + 1n, 0n, "refused");
    succeeds(revoke(POOL), "again");
  }
}

/**
 * On aarch64 exclusive accesses, the stack pointer and the program counter. On x86_64, with the flag AC, everything;
 * what has to be aligned without it is a general protection fault. QEMU checks neither AC nor the stack pointer: there
 * the access has to work.
 */
function unalignedFaults(): void {
  const count = unalignedCount();
  const message = local<Message>();
  for (let i: u64 = 0n; i < count; i += 1n) {
    prepare(addressOfFunction(unalignedOf));
    succeeds(writeRegister(THREAD, REGISTER_ARGUMENT, i), "which one");
    probe.done = 0n;
    awaitFault(message);
    if (i === (HAS_PORTS ? 0n : 1n) && message.words[0] === u64(u32(FaultKind.Read))) {
      checkEqual(probe.done, 1n, "it has been read");
    } else {
      const kind = HAS_PORTS && i === 1n ? FaultKind.Privileged : FaultKind.Alignment;
      checkEqual(message.words[0], u64(u32(kind)), "kind");
    }
    succeeds(revoke(POOL), "again");
  }
}

/** IOPL; on aarch64 there is nothing to raise, and the mask faults all the same. */
function privilegeByFlags(): void {
  expectRefusal(addressOfFunction(portWithPrivilege));
}

const TESTS = 35;
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
  { name: "fault: fault without reply stops", run: faultWithoutReplyStops },
  { name: "fault: after unmap", run: staleAfterUnmap },
  { name: "fault: after unmap, where the page beside stays", run: staleBesideMapped },
  { name: "fault: after revoke", run: staleAfterRevoke },
  { name: "fault: after protect", run: staleAfterProtect },
  { name: "fault: after a switch to another space", run: staleAfterSwitch },
  { name: "fault: after the page went to another", run: staleAfterReuse },
  { name: "fault: region is not executable", run: regionIsNotExecutable },
  { name: "fault: constants are not executable", run: constantsAreNotExecutable },
  { name: "fault: constants are read only", run: constantsAreReadOnly },
  { name: "fault: stack guard", run: stackGuard },
  { name: "fault: no part of the kernel", run: noPartOfTheKernel },
  { name: "fault: no identity mapping is left", run: noIdentityMapping },
  { name: "fault: jump beyond users", run: jumpBeyondUsers },
  { name: "fault: breakpoint", run: breakpointIsOne },
  { name: "fault: single step", run: singleStep },
  { name: "fault: debug registers", run: debugRegistersAreKernels },
  { name: "fault: division by zero", run: divisionByZero },
  { name: "fault: trap return", run: trapReturnFaults },
  { name: "fault: every privileged instruction", run: everyPrivilegedInstruction },
  { name: "fault: unaligned where the machine checks it", run: unalignedFaults },
  { name: "fault: privilege cannot be raised by flags", run: privilegeByFlags },
];

export function runFault(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
