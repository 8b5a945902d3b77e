import { readPort, usePorts, writePort } from "../../user/io/ports";
import { SCREEN_CONTROLLER, TERMINAL_PORTS } from "../slots";

/**
 * The keyboard's controller (IBM, PC AT Technical Reference, section 4): what a key sends comes as a code of set 1, and with
 * an interrupt. Where there is none its ports have all bits set; nothing here waits for ever.
 */

const DATA = 0x60;
const CONTROLLER = 0x64;

/** In the status: there is a byte to read; the last one written has not been taken yet; the byte is a mouse's. */
const HAS_BYTE = 0x01;
const IS_BUSY = 0x02;
const IS_MOUSE = 0x20;
const ABSENT = 0xff;

const READ_SETTINGS = 0x20;
const WRITE_SETTINGS = 0x60;
const DISABLE_MOUSE = 0xa7;
const DISABLE_KEYBOARD = 0xad;
const ENABLE_KEYBOARD = 0xae;
/** In the settings: the keyboard's interrupt, the mouse's; their clocks are off; set 2 becomes set 1. */
const KEYBOARD_INTERRUPT = 0x01;
const MOUSE_INTERRUPT = 0x02;
const KEYBOARD_OFF = 0x10;
const MOUSE_OFF = 0x20;
const TRANSLATES = 0x40;
/** To the keyboard itself: tell of keys. */
const START_SCANNING = 0xf4;

/** Far longer than a controller takes, as each turn is two system calls. */
const PATIENCE = 10_000;
/** More than the controller and the keyboard keep together. */
const MOST_WAITING = 64;

/** The keyboard alone, whatever the firmware has left. */
export function openKeyboard(): void {
  if (status() === ABSENT) return;
  command(DISABLE_KEYBOARD);
  command(DISABLE_MOUSE);
  passOver();
  command(READ_SETTINGS);
  const settings = (readAnswer() | KEYBOARD_INTERRUPT | TRANSLATES | MOUSE_OFF) & ~(MOUSE_INTERRUPT | KEYBOARD_OFF);
  command(WRITE_SETTINGS);
  writeData(settings & 0xff);
  command(ENABLE_KEYBOARD);
  writeData(START_SCANNING);
  readAnswer();
  passOver();
}

/** Whether the keyboard has something to say; what the mouse says is passed over. */
export function hasScancode(): boolean {
  let now = status();
  for (let i: u32 = 0; i < MOST_WAITING && isMouse(now); i++) {
    readData();
    now = status();
  }
  return now !== ABSENT && (now & HAS_BYTE) !== 0 && !isMouse(now);
}

/** The caller knows that there is one. */
export function readScancode(): u8 {
  return u8(readData());
}

function isMouse(now: u32): boolean {
  return now !== ABSENT && (now & (HAS_BYTE | IS_MOUSE)) === (HAS_BYTE | IS_MOUSE);
}

function passOver(): void {
  for (let i: u32 = 0; i < MOST_WAITING && (status() & HAS_BYTE) !== 0; i++) readData();
}

/** The next byte, 0 when none comes. */
function readAnswer(): u32 {
  for (let i: u32 = 0; i < PATIENCE; i++) {
    if ((status() & HAS_BYTE) !== 0) return readData();
  }
  return 0;
}

function command(number: u32): void {
  awaitTaken();
  usePorts(SCREEN_CONTROLLER);
  writePort(CONTROLLER, 1, number);
}

function writeData(value: u32): void {
  awaitTaken();
  usePorts(TERMINAL_PORTS);
  writePort(DATA, 1, value);
}

function awaitTaken(): void {
  for (let i: u32 = 0; i < PATIENCE && (status() & IS_BUSY) !== 0; i++) {}
}

function status(): u32 {
  usePorts(SCREEN_CONTROLLER);
  return readPort(CONTROLLER, 1) & 0xff;
}

function readData(): u32 {
  usePorts(TERMINAL_PORTS);
  return readPort(DATA, 1) & 0xff;
}
