/** @unsafe names functions by their addresses, and drives a device that interrupts */
import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_CONTEXT, SLOT_IO_PORT, SLOT_IRQ_CONTROL, SLOT_SPACE } from "../../kernel/initSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { ask, FIRST, resume, retype } from "../../test-qemu/conformance/harness";
import { cutPage } from "../../user/device";
import { infoWord, type Message, ownBuffer, systemCall } from "../../user/message";
import { ioPortIn, ioPortOut } from "../../user/stubs/ioPort";
import { irqControlClaim } from "../../user/stubs/irqControl";
import { irqHandlerAcknowledge, irqHandlerSetNotification } from "../../user/stubs/irqHandler";
import { ROUNDS, report, used } from "./measure";
import { map } from "./memory";
import { CONTEXT, PRIORITY, startThread } from "./threads";

/**
 * From one thread to another that waits for a signal and is more urgent: by Signal, and by an interrupt. Both threads'
 * time is read where the way begins and where it ends, each time the reader's own first.
 */

const NOTIFICATION = FIRST + 170;
const HANDLER = FIRST + 171;
const DEVICE = FIRST + 172;
const PIECES = FIRST + 173;
const WAITER = FIRST + 190;
const WAITER_BUFFER = 2n;
/** A word of the buffers' page, for what the waiter has read. */
const READING = 60;

/** The keyboard's controller (8042), which takes a byte for one that has been typed. */
const KEYBOARD_DATA = 0x60n;
const KEYBOARD_COMMAND = 0x64n;
const WRITE_AS_TYPED = 0xd2n;
const KEYBOARD_LINE = 1n;
/** The clock (PL031), which interrupts at once when its alarm is set for now. */
const CLOCK = 0x901_0000n;
const CLOCK_VA = 0x7000_0000n;
const CLOCK_NOW = CLOCK_VA;
const CLOCK_ALARM = CLOCK_VA + 4n;
const CLOCK_MASK = CLOCK_VA + 0x10n;
const CLOCK_CLEAR = CLOCK_VA + 0x1cn;
const CLOCK_LINE = 34n;

/** @entry bench_waiter */
function waiter(): void {
  const message = local<Message>();
  for (;;) {
    systemCall(Syscall.Wait, NOTIFICATION, 0, message);
    ownBuffer().words[READING] = used(WAITER + CONTEXT) + used(SLOT_CONTEXT);
  }
}

/** Without what it is about, a measurement would be of something else. */
function must(error: u32): void {
  assert(error === 0, "what is measured can be made");
}

/** What both have used; this thread's own first. */
function reading(): u64 {
  return used(SLOT_CONTEXT) + used(WAITER + CONTEXT);
}

/** What lies between two readings when nothing does. */
function emptyReading(): u64 {
  const start = reading();
  return reading() - start;
}

export function measureSwitch(): void {
  const message = local<Message>();
  must(retype(CapType.Notification, 0n, NOTIFICATION));
  startThread(WAITER, WAITER_BUFFER, addressOfFunction(waiter));
  must(ask(WAITER, Invocation.ThreadSetPriority, PRIORITY + 1n, PRIORITY + 1n, 0));
  resume(WAITER);
  const empty = emptyReading();
  let total: u64 = 0n;
  for (let i: u32 = 0; i < ROUNDS; i++) {
    message.info = infoWord(0, 0, 0);
    const start = reading();
    systemCall(Syscall.NbSend, NOTIFICATION, 0, message);
    total += ownBuffer().words[READING] - start - empty;
  }
  report("kernel.signal-switch", total, u64(ROUNDS));
}

/** From the instruction that makes the device interrupt; what that one itself takes is measured without a line. */
export function measureIrq(info: u64): void {
  const message = local<Message>();
  if (!HAS_PORTS) openClock(info);
  const empty = emptyReading();
  const start = reading();
  for (let i: u32 = 0; i < ROUNDS; i++) raise();
  const raising = (reading() - start - empty) / u64(ROUNDS);
  quieten();
  const line = HAS_PORTS ? KEYBOARD_LINE : CLOCK_LINE;
  must(irqControlClaim(message, SLOT_IRQ_CONTROL, line, u64(HANDLER), SLOT_CNODE));
  must(irqHandlerSetNotification(message, HANDLER, NOTIFICATION));
  let total: u64 = 0n;
  for (let i: u32 = 0; i < ROUNDS; i++) {
    prepare();
    const before = reading();
    raise();
    total += ownBuffer().words[READING] - before - empty - raising;
    quieten();
    irqHandlerAcknowledge(message, HANDLER);
  }
  report("kernel.irq", total, u64(ROUNDS));
}

function openClock(info: u64): void {
  must(cutPage(info, CLOCK, DEVICE, PIECES));
  must(map(SLOT_SPACE, DEVICE, CLOCK_VA, 1n, 3n));
  volatileStore32(CLOCK_MASK, 1);
}

function prepare(): void {
  const message = local<Message>();
  if (HAS_PORTS) ioPortOut(message, SLOT_IO_PORT, 1n, KEYBOARD_COMMAND, WRITE_AS_TYPED);
}

function raise(): void {
  const message = local<Message>();
  if (HAS_PORTS) ioPortOut(message, SLOT_IO_PORT, 1n, KEYBOARD_DATA, 0n);
  else volatileStore32(CLOCK_ALARM, volatileLoad32(CLOCK_NOW));
}

function quieten(): void {
  const message = local<Message>();
  if (HAS_PORTS) ioPortIn(message, SLOT_IO_PORT, 1n, KEYBOARD_DATA);
  else volatileStore32(CLOCK_CLEAR, 1);
}
