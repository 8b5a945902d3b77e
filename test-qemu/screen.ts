import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { FIRST_CHARACTER, FONT_FILE, GLYPH_HEIGHT, GLYPH_WIDTH, readGlyphs } from "../scripts/font.ts";
import type { Machine } from "../scripts/machine.ts";

/**
 * Screen and keyboard of a machine, by QEMU's monitor (QMP): keys are typed, and what the screen shows is read back as
 * text, each cell of a picture of it being compared with the font's glyphs.
 */

const POLL_MS = 400;
const TYPE_MS = 15;
const TEXT_MEMORY = 0xb_8000;
const TEXT_COLUMNS = 80;
const TEXT_ROWS = 25;

/** The key of each character, and those of its shifted one, by QEMU's names. */
const KEYS: ReadonlyMap<string, string> = new Map([
  [" ", "spc"],
  ["\r", "ret"],
  ["\b", "backspace"],
  [".", "dot"],
  ["-", "minus"],
  ["=", "equal"],
]);
const SHIFTED: ReadonlyMap<string, string> = new Map([
  [">", "dot"],
  ["<", "comma"],
  ["^", "6"],
]);

/** Where a machine's monitor is to listen: gone with the test. */
export function monitorSocket(): string {
  const folder = mkdtempSync(join(tmpdir(), "sila-screen-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "monitor");
}

export class Screen {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #folder: string;
  readonly #machine: Machine;
  readonly #glyphs: ReadonlyMap<string, string>;

  private constructor(machine: Machine, monitor: string, socket: Socket, lines: Interface) {
    this.#machine = machine;
    this.#folder = join(monitor, "..");
    this.#socket = socket;
    this.#answers = lines[Symbol.asyncIterator]();
    const characters = readGlyphs(FONT_FILE).map((_, index) => String.fromCharCode(FIRST_CHARACTER + index));
    this.#glyphs = new Map(readGlyphs(FONT_FILE).map((glyph, index) => [glyph.join(), characters[index] ?? ""]));
  }

  /** That of a machine which listens on `monitor`. */
  static async open(machine: Machine, monitor: string): Promise<Screen> {
    for (let left = 50; ; left--) {
      const socket = connect(monitor);
      const isThere = await new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      });
      if (!isThere && left === 0) throw new Error(`nobody listens on ${monitor}`);
      if (!isThere) {
        await sleep(POLL_MS / 4);
        continue;
      }
      // The machine's end ends the connection, however that looks like.
      socket.on("error", () => {});
      const screen = new Screen(machine, monitor, socket, createInterface({ input: socket }));
      await screen.#ask("qmp_capabilities", {});
      return screen;
    }
  }

  /** What is on it, a line a row, without spaces at the ends. */
  async read(): Promise<string> {
    const file = join(this.#folder, "picture");
    await this.#ask("screendump", { filename: file });
    return this.#textOf(readFileSync(file));
  }

  /** The same of a card in text mode, whose font is its own. */
  async readTextMode(): Promise<string> {
    const file = join(this.#folder, "cells");
    const bytes = TEXT_COLUMNS * TEXT_ROWS * 2;
    await this.#ask("pmemsave", { val: TEXT_MEMORY, size: bytes, filename: file });
    const cells = readFileSync(file);
    const text = Array.from({ length: bytes / 2 }, (_, index) => String.fromCharCode(cells[2 * index] ?? 0));
    return rows(text, TEXT_COLUMNS);
  }

  /** Waits until `read` finds the pattern, for as long as the machine runs. */
  async expect(pattern: RegExp | string, read: () => Promise<string> = () => this.read()): Promise<string> {
    let isOver = false;
    let text = "";
    void this.#machine.exited.then(() => {
      isOver = true;
    });
    while (!isOver) {
      text = await read();
      if (typeof pattern === "string" ? text.includes(pattern) : pattern.test(text)) return text;
      await sleep(POLL_MS);
    }
    throw new Error(`the machine ended before its screen showed ${pattern}\n--- screen ---\n${text}`);
  }

  /** Types at its keyboard. */
  async type(text: string): Promise<void> {
    for (const character of text) {
      const shifted = SHIFTED.get(character);
      const isCapital = character >= "A" && character <= "Z";
      const key = shifted ?? KEYS.get(character) ?? character.toLowerCase();
      await this.press(shifted !== undefined || isCapital ? ["shift", key] : [key]);
    }
  }

  /** Presses keys together, by QEMU's names. */
  async press(names: readonly string[]): Promise<void> {
    const keys = names.map((name) => ({ type: "qcode", data: name }));
    await this.#ask("send-key", { keys, "hold-time": TYPE_MS });
    await sleep(2 * TYPE_MS);
  }

  /** A non-maskable interrupt, as by the button that some machines have. */
  async interrupt(): Promise<void> {
    await this.#ask("inject-nmi", {});
  }

  async #ask(execute: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    this.#socket.write(`${JSON.stringify({ execute, arguments: values })}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error(`the machine ended during ${execute}`);
      const answer = JSON.parse(value) as { readonly return?: unknown; readonly error?: { readonly desc: string } };
      if (answer.error !== undefined) throw new Error(`${execute}: ${answer.error.desc}`);
      if (answer.return !== undefined) return;
    }
  }

  /** Of a picture (PPM, P6): in each cell the background is the color of most pixels in the corners, which no glyph reaches. */
  #textOf(picture: Buffer): string {
    const header = /^P6\s+(\d+)\s+(\d+)\s+\d+\s/.exec(picture.toString("latin1", 0, 64));
    if (header === null) throw new Error("the picture is no PPM");
    const [width, height] = [Number(header[1]), Number(header[2])];
    const pixel = (x: number, y: number) => picture.readUIntBE(header[0].length + 3 * (y * width + x), 3);
    const columns = Math.floor(width / GLYPH_WIDTH);
    const cells = Array.from({ length: columns * Math.floor(height / GLYPH_HEIGHT) }, (_, index) => {
      const [left, top] = [(index % columns) * GLYPH_WIDTH, Math.floor(index / columns) * GLYPH_HEIGHT];
      const paper = pixel(left, top);
      const lines = Array.from({ length: GLYPH_HEIGHT }, (_, y) => {
        let bits = 0;
        for (let x = 0; x < GLYPH_WIDTH; x++) bits = 2 * bits + (pixel(left + x, top + y) === paper ? 0 : 1);
        return bits;
      });
      return this.#glyphs.get(lines.join()) ?? "\ufffd";
    });
    return rows(cells, columns);
  }
}

function rows(cells: readonly string[], columns: number): string {
  const starts = Array.from({ length: cells.length / columns }, (_, row) => row * columns);
  return starts
    .map((start) =>
      cells
        .slice(start, start + columns)
        .join("")
        .trimEnd(),
    )
    .join("\n");
}
