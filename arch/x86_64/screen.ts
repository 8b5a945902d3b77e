/** @unsafe looks whether a text mode's memory is there */
import type { BootInfo } from "../../boot/bootInfo";
import { clear, feedLine, openScreen, putCharacter, refresh, type Screen } from "../../drivers/screen";
import type { PhysAddr } from "../../kernel/memory/address";
import { mapDevice } from "../../kernel/memory/kernelSpace";
import { out8 } from "./cpu";

/**
 * The screen that the loader has told of. The kernel writes to it what it writes to the serial port: the log until a driver
 * has that, and panics. What a driver in user mode draws there the kernel does not know of.
 */

/** So far reach the boot stub's own tables. */
const EARLY_END = 0x1_0000_0000n;
/** Registers of the text mode's controller, and the one that switches its cursor off. */
const CRTC_INDEX = 0x3d4;
const CRTC_DATA = 0x3d5;
const CURSOR_START = 0x0a;
const CURSOR_OFF = 0x20;
/** A cell that no firmware writes. */
const MARK = 0x4e5a;

const screen: Screen = zeroed();
let address: PhysAddr = 0n as PhysAddr;

/** Before there are page tables of the kernel's own: a screen that lies too high shows all from `mapScreen` on. */
export function initScreen(info: BootInfo): void {
  openScreen(screen, info.framebuffer);
  if (screen.memoryBytes === 0n) return;
  address = info.framebuffer.address;
  if (u64(address) + screen.memoryBytes <= EARLY_END) mapScreen();
}

/** Shows what has been written so far. */
export function mapScreen(): void {
  if (screen.memoryBytes === 0n || screen.memory !== 0n) return;
  screen.memory = mapDevice(address, screen.memoryBytes);
  if (screen.isText) openText();
  refresh(screen);
}

/** Loaders tell of a text mode also where there is no card; then nothing keeps what is written. */
function openText(): void {
  volatileStore16(screen.memory, MARK);
  if (volatileLoad16(screen.memory) !== MARK) {
    screen.memory = 0n;
    screen.memoryBytes = 0n;
    return;
  }
  out8(CRTC_INDEX, CURSOR_START);
  out8(CRTC_DATA, CURSOR_OFF);
}

/** A byte of UTF-8; of several that make a character the first counts. */
export function showByte(byte: u8): void {
  if (screen.memoryBytes === 0n) return;
  if (byte === 0x0a) feedLine(screen);
  else if (byte === 0x0d) screen.column = 0;
  else if (byte >= 0x20 && (byte < 0x80 || byte >= 0xc0)) putCharacter(screen, u32(byte));
  refresh(screen);
}

/** For whoever is the last one to write: nothing of a driver's remains. */
export function clearScreen(): void {
  if (screen.memoryBytes !== 0n) clear(screen);
}

export function screenAddress(): PhysAddr {
  return address;
}

/** 0n when there is none. */
export function screenBytes(): u64 {
  return screen.memoryBytes;
}

/** What the screen is and shows, for the driver that goes on there. */
export function copyScreen(to: Screen): void {
  copyStruct(to, screen);
  to.memory = 0n;
}
