/** @unsafe reads the kernel's screen where it is mapped */
import { hideCursor, refresh, repaint, type Screen, showCursor } from "../../drivers/screen";
import { lengthIn } from "../../kernel/ipc/messageInfo";
import { SLOT_SPACE } from "../../kernel/object/processSlots";
import { mapAll } from "../../user/calls";
import { labelOf, type Message, ownBuffer } from "../../user/message";
import { textByte, textLength } from "../../user/text";
import { TERMINAL_WRITE } from "../protocol";
import { SCREEN_BEFORE, TERMINAL_REGISTERS } from "../slots";
import {
  endInterrupt,
  firstMessage,
  hasRoom,
  isInterrupt,
  nextMessage,
  noteInterrupt,
  openDriver,
  passOn,
  typeByte,
} from "../terminalDriver";
import { hasScancode, openKeyboard, readScancode } from "./i8042";
import { type Keyboard, LONGEST_KEY, typedBy } from "./keyboard";
import { type Terminal, takeByte } from "./terminal";

/**
 * The driver of screen and keyboard: a terminal like one at the serial port. It shows the text that it is called with, and
 * passes on the characters of the keys. It goes on where the kernel has ended, so that what that had to say stays.
 *
 *   call ───────────────────▶ terminal.ts ─▶ drivers/screen.ts ─▶ framebuffer
 *   interrupt ─▶ i8042.ts ──▶ keyboard.ts ─▶ terminalDriver.ts ─▶ console
 */

/** Where it maps what the kernel has made of the screen, and the screen's memory. */
const BEFORE = 0x5000_0000n;
const MEMORY = 0x6000_0000n;
const PAGE_BYTES = 4096n;
const READ = 1n;
const READ_WRITE = 3n;
/** Of a VT102: by it the console knows that colors are seen. */
const ATTRIBUTES: Bytes = "\x1b[?6c";
const MOST_TYPED = 8;

const terminal: Terminal = zeroed();
const keyboard: Keyboard = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openDriver();
  openScreen();
  openKeyboard();
  firstMessage(message);
  for (;;) {
    if (isInterrupt(message)) noteInterrupt();
    else if (labelOf(message) === TERMINAL_WRITE) write(message);
    receive();
    nextMessage(message);
  }
}

function openScreen(): void {
  const screen = terminal.screen;
  let error = mapAll(SLOT_SPACE, SCREEN_BEFORE, BEFORE, pagesFor(sizeOf<Screen>()), READ);
  if (error === 0) {
    copyStruct(screen, cast<Screen>(BEFORE));
    error = mapAll(SLOT_SPACE, TERMINAL_REGISTERS, MEMORY, pagesFor(screen.memoryBytes), READ_WRITE);
  }
  assert(error === 0, "the screen can be mapped");
  screen.memory = MEMORY;
  repaint(screen);
  showCursor(screen);
  refresh(screen);
}

function pagesFor(bytes: u64): u64 {
  return (bytes + PAGE_BYTES - 1n) / PAGE_BYTES;
}

function write(message: Message): void {
  const screen = terminal.screen;
  hideCursor(screen);
  const length = textLength(message.words[0], lengthIn(message.info), 1);
  for (let i: u32 = 0; i < length; i++) {
    if (takeByte(terminal, textByte(message, ownBuffer(), 1, i))) typeText(ATTRIBUTES);
  }
  showCursor(screen);
  refresh(screen);
}

/** Passes on what has been typed, until nothing is left or nobody takes any more. */
function receive(): void {
  const typed = local<FixedArray<u8, typeof MOST_TYPED>>();
  do {
    while (hasRoom(LONGEST_KEY) && hasScancode()) {
      const length = typedBy(keyboard, readScancode(), sliceOf(typed, 0, MOST_TYPED));
      typeText(sliceOf(typed, 0, length));
    }
  } while (passOn());
  endInterrupt(LONGEST_KEY);
}

/** What there is no room for is lost: nobody has read for long. */
function typeText(text: Bytes): void {
  if (!hasRoom(text.length)) return;
  for (let i: u32 = 0; i < text.length; i++) typeByte(text[i]);
}
