/** @unsafe publishes the epitaph at its fixed address */
import { disableInterrupts, halt, readCounter } from "@arch/cpu";
import { exitEmulator } from "@arch/power";
import { clearScreen } from "@arch/screen";
import {
  captureRegisters,
  framePointer,
  printRegisters,
  programCounter,
  stackPointer,
  type TrapFrame,
} from "@arch/trap";
import { bootInfo, isOption } from "../../boot/bootInfo";
import { Sink, setSink, writeByte, writeDecimal, writeHex, writeLine, writeText } from "../output";
import { type MAX_FRAMES, printBacktrace, printPlace } from "./backtrace";

/**
 * The end: what a broken assumption of the kernel, or a CPU exception inside it, leads to. Leaves an epitaph,
 * prints registers and backtrace, and leaves the emulator with status 2, or halts.
 *
 *   kts_panic (a check of the language) ─┐
 *                                        ├─▶ epitaph ─▶ report ─▶ exit
 *   panicTrap (a CPU exception) ─────────┘
 *
 * No input of a user task may lead here (I14).
 */

/** What the compiler's checks pass to `kts_panic`; `Trap` is a CPU exception. @storage u32 */
export const enum PanicKind {
  Panic,
  Assert,
  Index,
  DivideByZero,
  Null,
  Unreachable,
  Enum,
  Range,
  Overflow,
  Trap,
}

const EPITAPH_MAGIC = 0x4850_4154_4950_4531n;
const MAX_TEXT = 192;
export const EXIT_PANIC = 2;

/** Survives at `kernel_epitaph` for a debugger, a later boot or a hypervisor's memory dump. @layout */
export interface Epitaph extends Struct<"Epitaph"> {
  /** EPITAPH_MAGIC once everything else is written. */
  magic: u64;
  kind: PanicKind;
  /** File index and line of the program's panic, 0 for an exception. */
  site: u32;
  a: u64;
  b: u64;
  /** The instruction counter. */
  counter: u64;
  programCounter: u64;
  stackPointer: u64;
  frameCount: u32;
  textLength: u32;
  readonly frames: FixedArray<u64, typeof MAX_FRAMES>;
  readonly text: FixedArray<u8, typeof MAX_TEXT>;
}

/** @section .epitaph */
export const epitaph: Epitaph = zeroed();

const registers: TrapFrame = zeroed();
let isPanicking = false;

/**
 * Called by the code that the compiler emits for a failed check. `a` and `b` are the index and the length, the
 * value, or 0n, by `kind`; `site` names file and line.
 *
 * @entry kts_panic
 * @noreturn
 */
export function onFailedCheck(kind: PanicKind, text: Bytes, a: u64, b: u64, site: u32): never {
  disableInterrupts();
  captureRegisters(registers);
  beginReport(kind, text, a, b, site, registers);
  describe(kind, text, a, b);
  writeText(" at ");
  writeText(siteFile(site));
  writeByte(0x3a);
  writeDecimal(u64(siteLine(site)));
  finishReport(registers);
}

/**
 * A CPU exception inside the kernel. `text` says in words what happened; `address` is the address that the
 * access touched where the exception has one, and 0n otherwise.
 *
 * @noreturn
 */
export function panicTrap(frame: TrapFrame, text: Bytes, address: u64, hasAddress: boolean): never {
  disableInterrupts();
  beginReport(PanicKind.Trap, text, address, 0n, 0, frame);
  writeText(text);
  if (hasAddress) {
    writeText(" of address ");
    writeHex(address, 0);
  }
  writeText(" at ");
  printPlace(programCounter(frame));
  finishReport(frame);
}

function beginReport(kind: PanicKind, text: Bytes, a: u64, b: u64, site: u32, frame: TrapFrame): void {
  if (isPanicking) {
    setSink(Sink.Console);
    writeText("\nPANIC inside a panic: ");
    writeLine(text);
    stop();
  }
  isPanicking = true;
  epitaph.kind = kind;
  epitaph.site = site;
  epitaph.a = a;
  epitaph.b = b;
  epitaph.counter = readCounter();
  epitaph.programCounter = programCounter(frame);
  epitaph.stackPointer = stackPointer(frame);
  epitaph.textLength = text.length < MAX_TEXT ? text.length : MAX_TEXT;
  for (let i: u32 = 0; i < epitaph.textLength; i++) epitaph.text[i] = text[i];
  setSink(Sink.Both);
  clearScreen();
  writeText("\nPANIC: ");
}

/** @noreturn */
function finishReport(frame: TrapFrame): never {
  writeText("\nregisters:\n");
  printRegisters(frame);
  writeText("backtrace:\n");
  epitaph.frameCount = printBacktrace(programCounter(frame), framePointer(frame), epitaph.frames);
  compilerBarrier();
  epitaph.magic = EPITAPH_MAGIC;
  writeText("epitaph at ");
  writeHex(addressOf(epitaph), 16);
  writeByte(0x0a);
  stop();
}

/** @noreturn */
function stop(): never {
  if (isOption(bootInfo, "exit", "emulator")) exitEmulator(EXIT_PANIC);
  writeLine("system halted");
  halt();
}

function describe(kind: PanicKind, text: Bytes, a: u64, b: u64): void {
  switch (kind) {
    case PanicKind.Panic:
    case PanicKind.Trap:
      writeText(text);
      return;
    case PanicKind.Assert:
      writeText("assertion failed: ");
      writeText(text);
      return;
    case PanicKind.Index:
      writeTwo("index ", a, " is out of bounds: the length is ", b);
      return;
    case PanicKind.DivideByZero:
      writeText("division by zero");
      return;
    case PanicKind.Null:
      writeText("null is not an object");
      return;
    case PanicKind.Unreachable:
      writeTwo("impossible value ", a, "", 0n);
      return;
    case PanicKind.Enum:
      writeTwo("no member of the enum has the value ", a, "", 0n);
      return;
    case PanicKind.Range:
      writeTwo("the slice ends at ", a, " but the length is ", b);
      return;
    case PanicKind.Overflow:
      writeText("arithmetic overflow");
      return;
    default:
      unreachable(kind);
  }
}

function writeTwo(before: Bytes, a: u64, between: Bytes, b: u64): void {
  writeText(before);
  writeDecimal(a);
  if (between.length === 0) return;
  writeText(between);
  writeDecimal(b);
}
