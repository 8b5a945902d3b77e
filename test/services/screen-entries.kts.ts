import type { Framebuffer } from "../../boot/bootInfo";
import { hideCursor, openScreen, refresh, repaint, showCursor } from "../../drivers/screen";
import type { PhysAddr } from "../../kernel/memory/address";
import { type Keyboard, typedBy } from "../../services/screen/keyboard";
import { type Terminal, takeByte } from "../../services/screen/terminal";

/** What test/services/screen.test.ts calls. */

/** Any that a page may have; nobody looks there. */
const SOMEWHERE = 0x10_0000n;

const terminal: Terminal = zeroed();
const keyboard: Keyboard = zeroed();
const told: Framebuffer = zeroed();

/** The screen as a loader tells of it, its memory at `memory`; answers that memory's bytes. @entry open_screen */
export function open(memory: u64, isText: boolean, width: u32, height: u32, pitch: u32, bits: u32): u32 {
  told.address = SOMEWHERE as PhysAddr;
  told.isText = isText;
  told.width = width;
  told.height = height;
  told.pitchBytes = pitch;
  told.bitsPerPixel = u8(bits);
  openScreen(terminal.screen, told);
  terminal.screen.memory = memory;
  return u32(terminal.screen.memoryBytes);
}

/** Where the colors of pixels lie from now on. @entry choose_colors */
export function chooseColors(red: u32, green: u32, blue: u32, redBits: u32, greenBits: u32, blueBits: u32): void {
  told.redPosition = u8(red);
  told.greenPosition = u8(green);
  told.bluePosition = u8(blue);
  told.redBits = u8(redBits);
  told.greenBits = u8(greenBits);
  told.blueBits = u8(blueBits);
}

/** Answers how often the terminal was asked what it is. @entry show_text */
export function showText(text: Bytes): u32 {
  let questions: u32 = 0;
  hideCursor(terminal.screen);
  for (let i: u32 = 0; i < text.length; i++) {
    if (takeByte(terminal, text[i])) questions++;
  }
  showCursor(terminal.screen);
  refresh(terminal.screen);
  return questions;
}

/** All of it anew. @entry repaint_screen */
export function repaintAll(): void {
  repaint(terminal.screen);
  refresh(terminal.screen);
}

/** Without the mark of what is not shown. @entry cell_at */
export function cellAt(row: u32, column: u32): u32 {
  return u32(terminal.screen.cells[row * terminal.screen.columns + column]) & 0x7fff;
}

/** @entry rows_of_screen */
export function rowsOf(): u32 {
  return terminal.screen.rows;
}

/** @entry columns_of_screen */
export function columnsOf(): u32 {
  return terminal.screen.columns;
}

/** @entry type_code */
export function typeCode(code: u32, to: Bytes): u32 {
  return typedBy(keyboard, u8(code), to);
}
