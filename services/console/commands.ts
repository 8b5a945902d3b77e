import { writeByte, writeDecimal, writeLine, writePadded, writeText } from "../../kernel/output";
import { Invocation } from "../../kernel/syscall/invocation";
import { ask, waitFor } from "../../user/calls";
import { flushText } from "../../user/io/uart";
import { invoke, type Message, ownBuffer } from "../../user/message";
import { textByte } from "../../user/text";
import { CONSOLE_INSPECT, CONSOLE_NOTIFICATION, CONSOLE_POWER, CONSOLE_TIMER } from "../slots";
import { caps } from "./caps";
import { type Command, fail, Outcome } from "./command";
import { fault } from "./fault";
import { kill, load, modules, ps, services, verify } from "./modules";
import { trace } from "./trace";

/** The console's commands: what they know and can do comes from the capabilities in services/slots.ts. */

const EXIT_OK = 0n;
const EXIT_FAILED = 1n;
const MAX_SLEEP_MS = 3_600_000n;

/** Whether any command has failed: then power-off exits with EXIT_FAILED. */
let hasFailed = false;

export const COMMAND_COUNT = 16;
export const commands: FixedArray<Inline<Command>, typeof COMMAND_COUNT> = [
  { name: "modules", usage: "", help: "packages in the repository", run: modules },
  { name: "load", usage: "NAME [RANGE]", help: "verifies a module and runs it: --param KEY=VALUE, --again", run: load },
  { name: "verify", usage: "NAME [RANGE]", help: "verifies a module, and runs nothing", run: verify },
  { name: "ps", usage: "", help: "modules that were loaded", run: ps },
  { name: "kill", usage: "PID", help: "ends a module", run: kill },
  { name: "services", usage: "", help: "services that modules offer", run: services },
  { name: "version", usage: "", help: "what is running", run: version },
  { name: "mem", usage: "", help: "memory: usable, free", run: mem },
  { name: "uptime", usage: "", help: "time since boot and timer interrupts", run: uptime },
  { name: "sleep", usage: "MS", help: "waits so many milliseconds", run: sleep },
  { name: "log", usage: "", help: "the kernel log, all levels", run: printLog },
  { name: "caps", usage: "[NUMBER]", help: "who holds what; --tree for sila trace on the host", run: caps },
  { name: "trace", usage: "on|off", help: "records what happens; dump writes it, messages: these alone", run: trace },
  { name: "fault", usage: "KIND", help: "lets a program fault; without KIND lists the kinds", run: fault },
  { name: "reboot", usage: "", help: "restart the machine", run: restart },
  { name: "poweroff", usage: "", help: "switch the machine off", run: switchOff },
];

export function noteFailure(): void {
  hasFailed = true;
}

/** What it has taken from the kernel's first instruction to here. */
export function writeBootCost(): void {
  const message = local<Message>();
  inspect(message, Invocation.InspectSystem, 0n);
  writeText("boot: ");
  writeDecimal(ownBuffer().words[4]);
  writeLine(" counts to the prompt");
}

function inspect(message: Message, label: Invocation, word: u64): void {
  message.words[0] = word;
  invoke(message, CONSOLE_INSPECT, u32(label), 1, 0);
}

function version(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspect(message, Invocation.InspectVersion, 0n);
  writeAnswer(message, 1, u32(message.words[0]));
  writeByte(0x0a);
  return Outcome.Ok;
}

function mem(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspect(message, Invocation.InspectSystem, 0n);
  writeKibibytes("usable ", message.words[1]);
  writeKibibytes("free   ", message.words[2]);
  return Outcome.Ok;
}

function uptime(_argument: Bytes): Outcome {
  const message = local<Message>();
  inspect(message, Invocation.InspectSystem, 0n);
  writeText("up ");
  writeDecimal(message.words[0] / 1_000_000_000n);
  writeByte(0x2e);
  writePadded((message.words[0] / 1_000_000n) % 1_000n, 3, 0x30);
  writeText(" s, ");
  writeDecimal(message.words[3]);
  writeLine(" timer interrupts");
  return Outcome.Ok;
}

function sleep(argument: Bytes): Outcome {
  let ms: u64 = 0n;
  for (let i: u32 = 0; i < argument.length; i++) {
    const digit = argument[i];
    if (digit < 0x30 || digit > 0x39 || ms > MAX_SLEEP_MS) return fail("sleep takes a number of milliseconds");
    ms = ms * 10n + u64(u32(digit) - 0x30);
  }
  if (argument.length === 0 || ms > MAX_SLEEP_MS) return fail("sleep takes a number of milliseconds, up to an hour");
  flushText();
  const message = local<Message>();
  inspect(message, Invocation.InspectSystem, 0n);
  const until = message.words[0] + ms * 1_000_000n;
  if (ask(CONSOLE_TIMER, Invocation.TimerArm, until, 0n, CONSOLE_NOTIFICATION) !== 0) return fail("there is no timer");
  waitFor(CONSOLE_NOTIFICATION);
  return Outcome.Ok;
}

function printLog(_argument: Bytes): Outcome {
  const message = local<Message>();
  let at: u64 = 0n;
  for (;;) {
    inspect(message, Invocation.InspectLog, at);
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

function restart(_argument: Bytes): Outcome {
  flushText();
  ask(CONSOLE_POWER, Invocation.PowerControlReboot, 0n, 0n, 0);
  return fail("the machine did not restart");
}

function switchOff(_argument: Bytes): Outcome {
  flushText();
  ask(CONSOLE_POWER, Invocation.PowerControlPowerOff, hasFailed ? EXIT_FAILED : EXIT_OK, 0n, 0);
  return fail("the machine did not switch off");
}

function writeKibibytes(name: Bytes, bytes: u64): void {
  writeText(name);
  writePadded(bytes / 1024n, 9, 0x20);
  writeLine(" KiB");
}
