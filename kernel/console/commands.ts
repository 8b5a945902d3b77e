import { ARCH_NAME, disableInterrupts } from "@arch/cpu";
import { exitEmulator, powerOff, reboot } from "@arch/power";
import { FAULT_KINDS, raise } from "@arch/raise";
import { uptimeNs } from "@arch/timer";
import { BUILD_NAME } from "@build/config";
import { bootInfo, isOption } from "../../boot/bootInfo";
import { timerCount } from "../interrupt";
import { byteAt, oldestByte } from "../logRing";
import { freeBytes, usableBytes } from "../memory/frames";
import { isEqual } from "../text";
import { VERSION } from "../version";
import { type Command, fail, Outcome } from "./command";
import { logRing, Sink, setSink, writeByte, writeDecimal, writeLine, writePadded, writeText } from "./output";
import { raiseSelfFault, SELF_FAULT_KINDS } from "./selfFault";

/** The commands that every image has. */

const EXIT_OK = 0;
const EXIT_FAILED = 1;

/** Whether any command has failed since boot: then power-off exits with EXIT_FAILED. */
let hasFailed = false;

export const COMMAND_COUNT = 8;
export const commands: FixedArray<Inline<Command>, typeof COMMAND_COUNT> = [
  { name: "version", usage: "", help: "what is running", run: version },
  { name: "mem", usage: "", help: "memory: usable, free, boot modules", run: mem },
  { name: "uptime", usage: "", help: "time since boot and timer interrupts", run: uptime },
  { name: "log", usage: "", help: "the kernel log, all levels", run: printLog },
  { name: "panic", usage: "", help: "panic on purpose", run: panicOnPurpose },
  { name: "fault", usage: "KIND", help: "fault on purpose; without KIND lists the kinds", run: fault },
  { name: "reboot", usage: "", help: "restart the machine", run: restart },
  { name: "poweroff", usage: "", help: "switch the machine off", run: switchOff },
];

export function noteFailure(): void {
  hasFailed = true;
}

function version(argument: Bytes): Outcome {
  writeText("Skyscope ");
  writeText(VERSION);
  writeByte(0x20);
  writeText(ARCH_NAME);
  writeByte(0x20);
  writeLine(BUILD_NAME);
  return Outcome.Ok;
}

function mem(argument: Bytes): Outcome {
  writeKibibytes("usable ", usableBytes());
  writeKibibytes("free   ", freeBytes());
  writeText("modules ");
  writeDecimal(u64(bootInfo.moduleCount));
  writeByte(0x0a);
  return Outcome.Ok;
}

function uptime(argument: Bytes): Outcome {
  const now = uptimeNs();
  writeText("up ");
  writeDecimal(now / 1_000_000_000n);
  writeByte(0x2e);
  writePadded((now / 1_000_000n) % 1_000n, 3, 0x30);
  writeText(" s, ");
  writeDecimal(timerCount());
  writeLine(" timer interrupts");
  return Outcome.Ok;
}

function printLog(argument: Bytes): Outcome {
  setSink(Sink.Console);
  const end = logRing.written;
  for (let i = oldestByte(logRing); i < end; i += 1n) writeByte(byteAt(logRing, i));
  return Outcome.Ok;
}

function panicOnPurpose(argument: Bytes): Outcome {
  panic("asked for at the console");
}

function fault(kind: Bytes): Outcome {
  for (let i: u32 = 0; i < FAULT_KINDS.length; i++) {
    if (isEqual(kind, FAULT_KINDS[i])) {
      raise(i);
      return fail("the fault was not raised");
    }
  }
  for (let i: u32 = 0; i < SELF_FAULT_KINDS.length; i++) {
    if (isEqual(kind, SELF_FAULT_KINDS[i])) {
      raiseSelfFault(i);
      return fail("the check did not fail");
    }
  }
  writeText("kinds:");
  for (let i: u32 = 0; i < FAULT_KINDS.length; i++) writeKind(FAULT_KINDS[i]);
  for (let i: u32 = 0; i < SELF_FAULT_KINDS.length; i++) writeKind(SELF_FAULT_KINDS[i]);
  writeByte(0x0a);
  return kind.length === 0 ? Outcome.Ok : fail("no such kind; the kinds are listed above");
}

function restart(argument: Bytes): Outcome {
  disableInterrupts();
  reboot();
  return fail("the machine did not restart");
}

function switchOff(argument: Bytes): Outcome {
  disableInterrupts();
  if (isOption(bootInfo, "exit", "emulator")) exitEmulator(hasFailed ? EXIT_FAILED : EXIT_OK);
  powerOff();
  return fail("the machine did not switch off");
}

function writeKibibytes(name: Bytes, bytes: u64): void {
  writeText(name);
  writePadded(bytes / 1024n, 9, 0x20);
  writeLine(" KiB");
}

function writeKind(kind: Bytes): void {
  writeByte(0x20);
  writeText(kind);
}
