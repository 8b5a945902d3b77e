import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Random } from "../random.ts";

/** Contents of many kinds, and the frames that the zstd command makes of them. */

const FOLDER = path.resolve(import.meta.dirname, "../../build/test-zstd");

/** A content with its frame. */
export interface Case {
  readonly content: Uint8Array;
  readonly frame: Uint8Array;
  /** Enough to make it again. */
  readonly how: string;
}

/** A fast generator for bulk: mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  };
}

type Kind = (bytes: Uint8Array, next: () => number) => void;

/** What compressors tell apart: each kind makes other blocks, literals and sequences of it. */
const KINDS: Readonly<Record<string, Kind>> = {
  zeros: () => {},
  noise: (bytes, next) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = next();
  },
  skewed: (bytes, next) => {
    const mask = next() & 0xff;
    for (let i = 0; i < bytes.length; i++) bytes[i] = next() & next() & mask;
  },
  "two symbols": (bytes, next) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = next() % 7 === 0 ? 1 : 2;
  },
  period: (bytes, next) => {
    const period = 1 + (next() % 40);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i < period ? next() : (bytes[i - period] ?? 0);
  },
  words: (bytes, next) => {
    const words = Array.from({ length: 60 }, () => Array.from({ length: 1 + (next() % 9) }, () => 97 + (next() % 26)));
    for (let i = 0; i < bytes.length; i++) {
      const word = words[(next() % 60) & next()] ?? [];
      bytes.set(word.slice(0, bytes.length - i), i);
      i += word.length;
      if (i < bytes.length) bytes[i] = 32;
    }
  },
  records: (bytes, next) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = i % 24 < 9 ? i / 24 : i % 24 < 20 ? (i % 24) * 5 : next();
  },
  copies: (bytes, next) => {
    for (let i = 0; i < bytes.length; ) {
      const length = Math.min(1 + (next() % (next() % 8 === 0 ? 9000 : 40)), bytes.length - i);
      const from = i === 0 || next() % 3 === 0 ? -1 : next() % i;
      for (let j = 0; j < length; j++) bytes[i + j] = from < 0 ? next() : (bytes[from + j] ?? 0);
      i += length;
    }
  },
  patches: (bytes, next) => {
    KINDS.words?.(bytes, next);
    for (let i = next() % 3000; i < bytes.length; i += next() % 3000) bytes.fill(next(), i, i + (next() % 300));
  },
};

export function makeContent(random: Random, length: number): { content: Uint8Array; kind: string } {
  const kinds = Object.keys(KINDS);
  const kind = kinds[random.below(kinds.length)] ?? "";
  const content = new Uint8Array(length);
  KINDS[kind]?.(content, generator(random.below(2 ** 32)));
  return { content, kind };
}

/** One start of the zstd command for all `contents`. */
export function compress(
  options: readonly string[],
  contents: readonly { content: Uint8Array; kind: string }[],
): Case[] {
  const folder = emptyFolder();
  const files = contents.map((_, i) => path.join(folder, String(i)));
  for (const [i, { content }] of contents.entries()) writeFileSync(files[i] ?? "", content);
  execFileSync("zstd", ["-q", ...options, ...files]);
  const cases = contents.map(({ content, kind }, i) => {
    const how = `${content.length} bytes of ${kind}, zstd ${options.join(" ")}`;
    return { content, frame: new Uint8Array(readFileSync(`${files[i]}.zst`)), how };
  });
  rmSync(folder, { recursive: true });
  return cases;
}

/** What the zstd command makes of `frames`: each one's content, or null where it complains. */
export function decompress(frames: readonly Uint8Array[]): (Uint8Array | null)[] {
  const folder = emptyFolder();
  const files = frames.map((_, i) => path.join(folder, String(i)));
  for (const [i, frame] of frames.entries()) writeFileSync(`${files[i]}.zst`, frame);
  spawnSync("zstd", ["-d", "-q", ...files.map((file) => `${file}.zst`)]);
  const contents = files.map((file) => (existsSync(file) ? new Uint8Array(readFileSync(file)) : null));
  rmSync(folder, { recursive: true });
  return contents;
}

/** The worker's own, so that test files can run side by side. */
function emptyFolder(): string {
  const folder = path.join(FOLDER, String(process.pid));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** As from a pipe: the frame does not say how long its content is, and has the window of `options`. */
export function compressPiped(options: readonly string[], content: Uint8Array): Uint8Array {
  return new Uint8Array(execFileSync("zstd", ["-q", "-c", ...options], { input: content, maxBuffer: 1 << 28 }));
}

/** The window of a frame (RFC 8878, section 3.1.1.1), read by the test itself. */
export function windowOf(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const descriptor = view.getUint8(4);
  if ((descriptor & 0x20) === 0) {
    const window = view.getUint8(5);
    return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  }
  const dictionary = descriptor & 3;
  const at = 5 + (dictionary === 3 ? 4 : dictionary);
  const sizes = [() => view.getUint8(at), () => 256 + view.getUint16(at, true), () => view.getUint32(at, true)];
  return sizes[descriptor >> 6]?.() ?? Number(view.getBigUint64(at, true));
}

/** Up to `most` places to cut `bytes` at, in order. */
export function randomCuts(random: Random, bytes: number, most: number): number[] {
  return Array.from({ length: random.below(most + 1) }, () => random.below(bytes + 1)).sort((a, b) => a - b);
}
