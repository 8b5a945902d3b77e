import { writeByte, writeDecimal, writeLine, writePadded, writeText } from "../../kernel/output";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, waitFor } from "../../user/calls";
import { flushText } from "../../user/io/uart";
import { type Message, ownBuffer } from "../../user/message";
import { inspectLine, inspectLog, inspectSystem, inspectVersion } from "../../user/stubs/inspect";
import { textByte } from "../../user/text";
import { CONSOLE_INSPECT, CONSOLE_NOTIFICATION, CONSOLE_POWER, CONSOLE_TIMER } from "../slots";
import { writeNumberCell } from "./columns";
import { fail, Outcome } from "./command";
import { writeHeading } from "./terminal";
import { numberIn } from "./words";

/** Commands about the machine and the kernel. */

const EXIT_OK = 0n;
const EXIT_FAILED = 1n;
const MAX_SLEEP_MS = 3_600_000;
/** Beyond those of any machine: a GIC has 1,020. */
const MAX_LINES = 1024n;

/** Whether any command has failed: then power-off exits with EXIT_FAILED. */
let hasFailed = false;

export function noteFailure(): void {
  hasFailed = true;
}

/** What it has taken from the kernel's first instruction to here. */
export function writeBootCost(): void {
  const message = local<Message>();
  inspectSystem(message, CONSOLE_INSPECT);
  writeText("boot: ");
  writeDecimal(ownBuffer().words[4]);
  writeLine(" counts to the prompt");
}

export function version(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspectVersion(message, CONSOLE_INSPECT);
  writeAnswer(message, 1, u32(message.words[0]));
  writeByte(0x0a);
  return Outcome.Ok;
}

export function mem(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspectSystem(message, CONSOLE_INSPECT);
  writeKibibytes("usable ", message.words[1]);
  writeKibibytes("used   ", message.words[1] - message.words[2]);
  writeKibibytes("free   ", message.words[2]);
  writeText("free to the byte: ");
  writeDecimal(message.words[2]);
  writeByte(0x0a);
  return Outcome.Ok;
}

function writeKibibytes(name: Bytes, bytes: u64): void {
  writeText(name);
  writePadded(bytes / 1024n, 9, 0x20);
  writeLine(" KiB");
}

export function uptime(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspectSystem(message, CONSOLE_INSPECT);
  writeText("up ");
  writeDecimal(message.words[0] / 1_000_000_000n);
  writeByte(0x2e);
  writePadded((message.words[0] / 1_000_000n) % 1_000n, 3, 0x30);
  writeText(" s, ");
  writeDecimal(message.words[3]);
  writeLine(" timer interrupts");
  return Outcome.Ok;
}

/** Lines that have somebody, or have had. */
export function irq(_argument: Bytes): Outcome {
  const message = local<Message>();
  writeHeading("LINE STATE   INTERRUPTS");
  for (let line: u64 = 0n; line < MAX_LINES; line += 1n) {
    // There is no such line.
    if (inspectLine(message, CONSOLE_INSPECT, line) !== 0) continue;
    const isClaimed = message.words[0] !== 0n;
    const interrupts = message.words[1];
    if (!isClaimed && interrupts === 0n) continue;
    writeNumberCell(line, 4);
    writeText(isClaimed ? "claimed" : "free   ");
    writePadded(interrupts, 11, 0x20);
    writeByte(0x0a);
  }
  return Outcome.Ok;
}

export function sleep(argument: Bytes): Outcome {
  const ms = numberIn(argument, MAX_SLEEP_MS);
  if (ms > MAX_SLEEP_MS) return fail("sleep takes a number of milliseconds, up to an hour");
  flushText();
  const message = local<Message>();
  inspectSystem(message, CONSOLE_INSPECT);
  const until = message.words[0] + u64(ms) * 1_000_000n;
  if (ask(CONSOLE_TIMER, Invocation.TimerArm, until, 0n, CONSOLE_NOTIFICATION) !== 0) return fail("there is no timer");
  waitFor(CONSOLE_NOTIFICATION);
  return Outcome.Ok;
}

export function log(_argument: Bytes): Outcome {
  const message = local<Message>();
  let at: u64 = 0n;
  for (;;) {
    inspectLog(message, CONSOLE_INSPECT, at);
    if (message.words[1] === 0n) return Outcome.Ok;
    at = message.words[0];
    writeAnswer(message, 2, u32(message.words[1]));
  }
}

/** `length` bytes from word `first` of an answer. Writing uses the buffer: they are taken out first. */
function writeAnswer(message: Message, first: u32, length: u32): void {
  const copy = local<FixedArray<u8, 512>>();
  for (let i: u32 = 0; i < length; i++) copy[i] = textByte(message, ownBuffer(), first, i);
  for (let i: u32 = 0; i < length; i++) writeByte(copy[i]);
}

export function reboot(_argument: Bytes): Outcome {
  flushText();
  ask(CONSOLE_POWER, Invocation.PowerControlReboot, 0n, 0n, 0);
  return fail("the machine did not restart; switch it off and on");
}

export function poweroff(_argument: Bytes): Outcome {
  flushText();
  ask(CONSOLE_POWER, Invocation.PowerControlPowerOff, hasFailed ? EXIT_FAILED : EXIT_OK, 0n, 0);
  return fail("the machine did not switch off; it can be switched off now");
}
