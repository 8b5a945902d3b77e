import { CapType } from "../../kernel/cap/capability";
import { lengthIn } from "../../kernel/ipc/messageInfo";
import { writeByte, writeLine, writeText } from "../../kernel/output";
import { Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { isEmptySlot, retype } from "../../user/calls";
import { alsoCallWithText, callWithText, flushText } from "../../user/io/uart";
import { errorOf, labelOf, type Message, ownBuffer, systemCall } from "../../user/message";
import { type MAX_TEXT, textByte, textLength } from "../../user/text";
import { SCREEN_BADGE_AT_CONSOLE, SERIAL_BADGE_AT_CONSOLE } from "../badges";
import { CONSOLE_INPUT, CONSOLE_LOG, TERMINAL_WRITE } from "../protocol";
import {
  CONSOLE_ANSWERS,
  CONSOLE_ENDPOINT,
  CONSOLE_FAULTS,
  CONSOLE_MEMORY,
  CONSOLE_NOTIFICATION,
  CONSOLE_PARAMETERS_MEMORY,
  CONSOLE_PARAMETERS_PAGES,
  CONSOLE_REPLY,
  CONSOLE_SCREEN,
  CONSOLE_SERIAL,
  CONSOLE_TIMER,
  CONSOLE_VICTIMS,
} from "../slots";
import { failure, Outcome } from "./command";
import { commands } from "./commands";
import { help } from "./help";
import { argumentOf, clearLine, drawLine, type Line, nameOf, takeTyped } from "./line";
import { noteFailure, writeBootCost } from "./system";
import { askForTerminal, restartLine, Style, Terminal, writeStyled } from "./terminal";

/**
 * The console: takes what is typed and what other programs have to say, and ends every command with `OK` or
 * `FAILED: reason`, so that a program at the other end of the wire can follow.
 *
 *   serial, screen ──input──▶ ┌─────────┐ ──text──▶ serial, screen
 *           others ──lines──▶ │ console │
 *                             └─────────┘ ──capabilities──▶ kernel
 */

/** A message's text, while the command that it completes uses the buffer. */
interface Text extends Struct<"Text"> {
  length: u32;
  readonly bytes: FixedArray<u8, typeof MAX_TEXT>;
}

/** Places for the answer to one request, and to one that was given up. */
const ANSWERS_POLICY = 2n;
/** A half of its memory; a page. */
const VICTIMS_SIZE = 17n;
const PARAMETERS_SIZE = 12n;

const line: Line = zeroed();
const text: Text = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  makeObjects();
  callWithText(CONSOLE_SERIAL, TERMINAL_WRITE);
  if (!isEmptySlot(CONSOLE_SCREEN)) alsoCallWithText(CONSOLE_SCREEN, TERMINAL_WRITE);
  printWaitingLines();
  writeLine("type help for the commands");
  writeBootCost();
  askForTerminal();
  prompt();
  for (;;) {
    flushText();
    systemCall(Syscall.Recv, CONSOLE_ENDPOINT, 0, message);
    takeText(message);
    const isInput = labelOf(message) === CONSOLE_INPUT;
    if (isInput && message.badge === SERIAL_BADGE_AT_CONSOLE) takeInput(Terminal.Serial);
    else if (isInput && message.badge === SCREEN_BADGE_AT_CONSOLE) takeInput(Terminal.Screen);
    else if (labelOf(message) === CONSOLE_LOG) interruptLine();
  }
}

function makeObjects(): void {
  let error = retype(CONSOLE_MEMORY, CapType.Timer, 0n, 1, CONSOLE_TIMER);
  if (error === 0) error = retype(CONSOLE_MEMORY, CapType.Notification, 0n, 1, CONSOLE_NOTIFICATION);
  if (error === 0) error = retype(CONSOLE_MEMORY, CapType.Reply, 0n, 1, CONSOLE_REPLY);
  if (error === 0) error = retype(CONSOLE_MEMORY, CapType.Endpoint, 0n, 1, CONSOLE_FAULTS);
  if (error === 0) error = retype(CONSOLE_MEMORY, CapType.Endpoint, ANSWERS_POLICY, 1, CONSOLE_ANSWERS);
  if (error === 0) {
    const pages = CONSOLE_PARAMETERS_PAGES;
    error = retype(CONSOLE_MEMORY, CapType.Untyped, PARAMETERS_SIZE, pages, CONSOLE_PARAMETERS_MEMORY);
  }
  if (error === 0) error = retype(CONSOLE_MEMORY, CapType.Untyped, VICTIMS_SIZE, 1, CONSOLE_VICTIMS);
  assert(error === 0, "the manifest asks for what they need");
}

/** What was said before there was a console. */
function printWaitingLines(): void {
  const message = local<Message>();
  for (;;) {
    systemCall(Syscall.NbRecv, CONSOLE_ENDPOINT, 0, message);
    if (errorOf(message) !== 0) return;
    takeText(message);
    if (labelOf(message) === CONSOLE_LOG) printText();
  }
}

function takeText(message: Message): void {
  text.length = textLength(message.words[0], lengthIn(message.info), 1);
  for (let i: u32 = 0; i < text.length; i++) text.bytes[i] = textByte(message, ownBuffer(), 1, i);
}

function takeInput(from: Terminal): void {
  for (let i: u32 = 0; i < text.length; i++) {
    if (!takeTyped(line, from, text.bytes[i])) continue;
    const name = nameOf(line);
    if (name.length > 0) report(name, runCommand(name, argumentOf(line)));
    clearLine(line);
    prompt();
  }
}

/** Somebody's line, above the one that is being typed. */
function interruptLine(): void {
  restartLine();
  printText();
  prompt();
  drawLine(line);
}

/** Without control characters, for whoever has sent it. */
function printText(): void {
  for (let i: u32 = 0; i < text.length; i++) {
    if (text.bytes[i] >= 0x20 && text.bytes[i] !== 0x7f) writeByte(text.bytes[i]);
  }
  writeByte(0x0a);
}

function prompt(): void {
  writeStyled(Style.Prompt, "skyscope>");
  writeByte(0x20);
}

function runCommand(name: Bytes, argument: Bytes): Outcome {
  if (isEqual(name, "help")) return help(argument);
  for (let i: u32 = 0; i < commands.length; i++) {
    const command = commands[i];
    if (isEqual(name, command.name)) return commands[i].run(argument);
  }
  return Outcome.Unknown;
}

function report(name: Bytes, outcome: Outcome): void {
  if (outcome === Outcome.Ok) {
    writeStyled(Style.Good, "OK");
    writeByte(0x0a);
    return;
  }
  noteFailure();
  writeStyled(Style.Bad, "FAILED:");
  writeByte(0x20);
  if (outcome === Outcome.Failed) {
    writeLine(failure);
    return;
  }
  writeText("there is no command ");
  writeText(name);
  writeLine("; type help");
}
