/** @unsafe reaches a device's registers */
import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_INSPECT, SLOT_IO_PORT, SLOT_IRQ_CONTROL, SLOT_SPACE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { deviceStart, deviceUntyped } from "../../user/initInfo";
import { errorOf, infoWord, invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  harness,
  mint,
  moveTo,
  remove,
  retype,
  retypeFrom,
  revoke,
  type TestRow,
} from "./harness";

/** Interrupt lines, ports and device memory. The serial port's transmitter is the device: it interrupts when it is empty. */

const HANDLER = FIRST + 10;
const NOTIFICATION = FIRST + 11;
const BADGED = FIRST + 12;
const PORTS = FIRST + 13;
const REGION = FIRST + 14;
const PIECES = FIRST + 20;

const COM1 = 0x3f8n;
const COM1_INTERRUPTS = 0x3f9n;
const COM1_IDENTITY = 0x3fan;
const COM1_STATUS = 0x3fdn;
const COM1_LINE = 4n;
const TRANSMITTER_EMPTY = 2n;

const PL011 = 0x900_0000n;
const PL011_LINE = 33n;
const PL011_VA = 0x5000_0000n;
const PL011_DATA = 0n;
const PL011_MASK = 0x38n;
const PL011_CLEAR = 0x44n;
const PL011_TRANSMIT = 0x20;

const LINE: u64 = HAS_PORTS ? COM1_LINE : PL011_LINE;
/** No machine of these has it. */
const NO_LINE = 300n;

function claim(line: u64, slot: u32): u32 {
  return ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, line, u64(slot), SLOT_CNODE);
}

function portIn(capability: u32, bytes: u64, port: u64): u64 {
  const message = local<Message>();
  message.words[0] = bytes;
  message.words[1] = port;
  const error = invoke(message, capability, u32(Invocation.IoPortIn), 2, 0);
  return error === 0 ? message.words[0] : 0x1_0000_0000n + u64(error);
}

function portOut(capability: u32, bytes: u64, port: u64, value: u64): u32 {
  const message = local<Message>();
  message.words[0] = bytes;
  message.words[1] = port;
  message.words[2] = value;
  return invoke(message, capability, u32(Invocation.IoPortOut), 3, 0);
}

/** What an error of portIn looks like. */
function failure(code: ErrorCode): u64 {
  return 0x1_0000_0000n + u64(u32(code));
}

/** The page of the PL011 as a Region, cut out of the Untyped that it lies in, and mapped. */
function mapUart(): void {
  const untyped = deviceUntyped(harness.info, PL011);
  check(untyped !== 0, "the device's memory is there");
  let left = PL011 - deviceStart(harness.info, untyped);
  let piece: u32 = PIECES;
  while (left !== 0n) {
    const size = u64(63 - clz64(left));
    checkEqual(u64(retypeFrom(untyped, CapType.Untyped, size, 1, piece)), 0n, "what lies before it");
    left -= 1n << size;
    piece++;
  }
  checkEqual(u64(retypeFrom(untyped, CapType.Region, 1n, 1, REGION)), 0n, "its page");
  const message = local<Message>();
  message.words[0] = PL011_VA;
  message.words[1] = 1n;
  message.words[2] = 3n;
  ownBuffer().sent[0] = REGION;
  checkEqual(u64(invoke(message, SLOT_SPACE, u32(Invocation.AddressSpaceMap), 3, 1)), 0n, "map");
}

/** Gives the device back: nothing of it is left for the next test. */
function unmapUart(): void {
  if (!HAS_PORTS) checkEqual(u64(revoke(deviceUntyped(harness.info, PL011))), 0n, "given back");
}

function prepare(): void {
  if (!HAS_PORTS) mapUart();
  checkEqual(u64(retype(CapType.Notification, 0n, NOTIFICATION)), 0n, "notification");
  checkEqual(u64(mint(NOTIFICATION, BADGED, 7n, 0x40n)), 0n, "badge");
  checkEqual(u64(claim(LINE, HANDLER)), 0n, "claim");
}

/** Makes the transmitter say that it is empty. */
function raise(): void {
  if (HAS_PORTS) {
    portOut(SLOT_IO_PORT, 1n, COM1_INTERRUPTS, 0n);
    portOut(SLOT_IO_PORT, 1n, COM1_INTERRUPTS, TRANSMITTER_EMPTY);
    return;
  }
  volatileStore32(PL011_VA + PL011_MASK, PL011_TRANSMIT);
  volatileStore32(PL011_VA + PL011_DATA, 0x0a);
}

/** Serves it: it is silent until it is raised again. */
function serve(): void {
  if (HAS_PORTS) {
    portIn(SLOT_IO_PORT, 1n, COM1_IDENTITY);
    portOut(SLOT_IO_PORT, 1n, COM1_INTERRUPTS, 0n);
    return;
  }
  volatileStore32(PL011_VA + PL011_MASK, 0);
  volatileStore32(PL011_VA + PL011_CLEAR, PL011_TRANSMIT);
}

function setNotification(): u32 {
  return ask(HANDLER, Invocation.IrqHandlerSetNotification, 0n, 0n, BADGED);
}

function acknowledge(): u32 {
  return ask(HANDLER, Invocation.IrqHandlerAcknowledge, 0n, 0n, 0);
}

function waitBits(): u64 {
  const message = local<Message>();
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  return message.badge;
}

function pollBits(): u64 {
  const message = local<Message>();
  systemCall(Syscall.Poll, NOTIFICATION, 0, message);
  return message.badge;
}

function interruptSignals(): void {
  prepare();
  checkEqual(u64(setNotification()), 0n, "set notification");
  raise();
  checkEqual(waitBits(), 0x40n, "the badge's bits");
  serve();
  checkEqual(u64(acknowledge()), 0n, "acknowledge");
  raise();
  checkEqual(waitBits(), 0x40n, "and again");
  serve();
  unmapUart();
}

/** A line that goes on until its device is served does not come again before it is acknowledged. */
function interruptWaitsForAcknowledge(): void {
  prepare();
  checkEqual(u64(setNotification()), 0n, "set notification");
  raise();
  checkEqual(waitBits(), 0x40n, "first");
  checkEqual(pollBits(), 0n, "not again");
  if (!HAS_PORTS) {
    checkEqual(u64(acknowledge()), 0n, "acknowledge an unserved device");
    checkEqual(pollBits(), 0x40n, "it comes at once");
  }
  serve();
  unmapUart();
}

function shutLineSignalsNobody(): void {
  prepare();
  raise();
  checkEqual(u64(acknowledge()), 0n, "without a notification");
  checkEqual(pollBits(), 0n, "nothing comes");
  serve();
  unmapUart();
}

function revokedNotificationShutsTheLine(): void {
  prepare();
  checkEqual(u64(setNotification()), 0n, "set notification");
  checkEqual(u64(revoke(NOTIFICATION)), 0n, "revoke");
  raise();
  checkEqual(pollBits(), 0n, "nothing comes");
  checkEqual(u64(mint(NOTIFICATION, BADGED, 7n, 0x40n)), 0n, "badge again");
  serve();
  checkEqual(u64(setNotification()), 0n, "set again");
  raise();
  checkEqual(waitBits(), 0x40n, "it comes again");
  serve();
  unmapUart();
}

function lineHasOneClaimer(): void {
  prepare();
  checkEqual(u64(claim(LINE, FIRST)), u64(u32(ErrorCode.Busy)), "claimed");
  checkEqual(u64(copyTo(HANDLER, FIRST, 7n)), u64(u32(ErrorCode.IllegalOperation)), "no copy");
  checkEqual(u64(moveTo(HANDLER, FIRST)), 0n, "moved");
  checkEqual(u64(remove(FIRST)), 0n, "given back");
  checkEqual(u64(claim(LINE, HANDLER)), 0n, "claimed again");
  unmapUart();
}

function revokedControlFreesEveryLine(): void {
  prepare();
  checkEqual(u64(revoke(SLOT_IRQ_CONTROL)), 0n, "revoke");
  checkEqual(u64(acknowledge()), u64(u32(ErrorCode.IllegalOperation)), "the handler is gone");
  checkEqual(u64(claim(LINE, HANDLER)), 0n, "the line is free");
  unmapUart();
}

function claimChecksItsArguments(): void {
  checkEqual(u64(claim(NO_LINE, HANDLER)), u64(u32(ErrorCode.RangeError)), "no such line");
  if (!HAS_PORTS) checkEqual(u64(claim(27n, HANDLER)), u64(u32(ErrorCode.RangeError)), "the kernel's own");
  checkEqual(u64(claim(LINE, SLOT_CNODE)), u64(u32(ErrorCode.DeleteFirst)), "the slot is taken");
  const error = ask(SLOT_IRQ_CONTROL, Invocation.IrqControlClaim, LINE, u64(HANDLER), SLOT_IRQ_CONTROL);
  checkEqual(u64(error), u64(u32(ErrorCode.InvalidCapability)), "not a CNode");
  checkEqual(u64(claim(LINE, HANDLER)), 0n, "none of them has taken it (I12)");
  checkEqual(
    u64(ask(HANDLER, Invocation.IrqHandlerSetNotification, 0n, 0n, HANDLER)),
    u64(u32(ErrorCode.InvalidCapability)),
    "not a Notification",
  );
}

/** I2: of a control with fewer rights. */
function handlerHasTheControlsRights(): void {
  const message = local<Message>();
  checkEqual(u64(copyTo(SLOT_IRQ_CONTROL, PORTS, 3n)), 0n, "without the right to grant");
  checkEqual(u64(ask(PORTS, Invocation.IrqControlClaim, LINE, u64(HANDLER), SLOT_CNODE)), 0n, "claim");
  message.words[0] = u64(HANDLER);
  ownBuffer().sent[0] = SLOT_CNODE;
  checkEqual(u64(invoke(message, SLOT_INSPECT, u32(Invocation.InspectSlots), 1, 1)), 0n, "look");
  checkEqual((message.words[2] >> 40n) & 0xffn, 3n, "nor has the handler");
}

/** On a machine without ports there is no capability to any. */
function portsAreWithinTheirRange(): void {
  if (!HAS_PORTS) {
    checkEqual(portIn(SLOT_IO_PORT, 1n, COM1_STATUS), failure(ErrorCode.IllegalOperation), "no ports");
    return;
  }
  // What was written before takes the port its time.
  for (let i: u32 = 0; i < 10_000 && (portIn(SLOT_IO_PORT, 1n, COM1_STATUS) & 0x60n) !== 0x60n; i++) compilerBarrier();
  checkEqual(portIn(SLOT_IO_PORT, 1n, COM1_STATUS) & 0x60n, 0x60n, "the transmitter is empty");
  checkEqual(u64(mint(SLOT_IO_PORT, PORTS, 7n, COM1 | ((COM1 + 7n) << 16n))), 0n, "narrower");
  checkEqual(portIn(PORTS, 1n, COM1_STATUS) & 0x60n, 0x60n, "inside");
  checkEqual(portIn(PORTS, 1n, COM1 - 1n), failure(ErrorCode.RangeError), "below");
  checkEqual(portIn(PORTS, 2n, COM1 + 7n), failure(ErrorCode.RangeError), "across the end");
  checkEqual(portIn(PORTS, 1n, 0x1_0000n + COM1), failure(ErrorCode.RangeError), "no port");
  checkEqual(portIn(PORTS, 3n, COM1), failure(ErrorCode.InvalidArgument), "three bytes");
  checkEqual(u64(portOut(PORTS, 4n, COM1 + 8n, 0n)), u64(u32(ErrorCode.RangeError)), "out, above");
}

/** I2: a range is never wider than the one that it comes from. */
function portRangesOnlyShrink(): void {
  if (!HAS_PORTS) {
    checkEqual(u64(mint(SLOT_IO_PORT, PORTS, 7n, 0n)), u64(u32(ErrorCode.InvalidCapability)), "nothing to mint from");
    return;
  }
  const wrong = u64(u32(ErrorCode.RangeError));
  checkEqual(u64(mint(SLOT_IO_PORT, PORTS, 7n, COM1 | ((COM1 + 7n) << 16n))), 0n, "narrower");
  checkEqual(u64(mint(PORTS, FIRST, 7n, COM1 | ((COM1 + 8n) << 16n))), wrong, "wider above");
  checkEqual(u64(mint(PORTS, FIRST, 7n, (COM1 - 1n) | ((COM1 + 7n) << 16n))), wrong, "wider below");
  checkEqual(u64(mint(PORTS, FIRST, 7n, COM1 | ((COM1 - 1n) << 16n))), wrong, "empty");
  checkEqual(u64(mint(PORTS, FIRST, 7n, COM1 | (1n << 40n))), wrong, "no range");
  checkEqual(u64(mint(PORTS, FIRST, 7n, COM1 | (COM1 << 16n))), 0n, "one port");
  checkEqual(u64(mint(PORTS, FIRST + 1, 5n, COM1 | (COM1 << 16n))), 0n, "without the right to write");
  checkEqual(portIn(FIRST + 1, 1n, COM1), failure(ErrorCode.IllegalOperation), "no use");
}

/** U2: the kernel keeps nothing in devices, and nobody clears them. */
function deviceMemoryBecomesRegionsOnly(): void {
  const untyped = deviceUntyped(harness.info, HAS_PORTS ? 0xfed0_0000n : PL011);
  check(untyped !== 0, "the device's memory is there");
  const wrong = u64(u32(ErrorCode.InvalidArgument));
  checkEqual(u64(retypeFrom(untyped, CapType.Thread, 0n, 1, FIRST)), wrong, "no thread");
  checkEqual(u64(retypeFrom(untyped, CapType.CNode, 4n, 1, FIRST)), wrong, "no slots");
  checkEqual(u64(retypeFrom(untyped, CapType.AddressSpace, 4n, 1, FIRST)), wrong, "no page tables");
  checkEqual(u64(retypeFrom(untyped, CapType.Region, 1n, 1, FIRST)), 0n, "a Region");
  const message = local<Message>();
  message.words[0] = PL011_VA;
  message.words[1] = 1n;
  message.words[2] = 1n;
  message.info = infoWord(u32(Invocation.AddressSpaceMap), 3, 1);
  ownBuffer().sent[0] = FIRST;
  systemCall(Syscall.Call, SLOT_SPACE, 0, message);
  checkEqual(u64(errorOf(message)), 0n, "mapped without Zero");
  checkEqual(u64(revoke(untyped)), 0n, "given back");
}

/** No user reaches the interrupt controllers (I6). */
function controllersAreTheKernels(): void {
  checkEqual(u64(deviceUntyped(harness.info, HAS_PORTS ? 0xfee0_0000n : 0x800_0000n)), 0n, "first");
  if (HAS_PORTS) checkEqual(u64(deviceUntyped(harness.info, 0xfec0_0000n)), 0n, "second");
}

const TESTS = 12;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "device: interrupt signals", run: interruptSignals },
  { name: "device: interrupt waits for acknowledge", run: interruptWaitsForAcknowledge },
  { name: "device: shut line signals nobody", run: shutLineSignalsNobody },
  { name: "device: revoked notification shuts the line", run: revokedNotificationShutsTheLine },
  { name: "device: line has one claimer", run: lineHasOneClaimer },
  { name: "device: revoked control frees every line", run: revokedControlFreesEveryLine },
  { name: "device: claim checks its arguments", run: claimChecksItsArguments },
  { name: "device: a handler has its control's rights", run: handlerHasTheControlsRights },
  { name: "device: ports are within their range", run: portsAreWithinTheirRange },
  { name: "device: port ranges only shrink", run: portRangesOnlyShrink },
  { name: "device: device memory becomes regions only", run: deviceMemoryBecomesRegionsOnly },
  { name: "device: controllers are the kernels", run: controllersAreTheKernels },
];

export function runDevice(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
