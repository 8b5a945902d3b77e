import { indexOf, isEqual } from "../../kernel/text";
import { skipSpaces } from "./line";

/**
 * The words of a command's argument:
 *
 *   NAME [RANGE …] [--option [VALUE]] …
 */

const SPACE = 0x20;
const DASH = 0x2d;

/** Behind the word that begins at `from`. */
export function endOfWord(text: Bytes, from: u32): u32 {
  return indexOf(text, SPACE, from);
}

/** The word at or after `from`; empty behind the last. */
export function wordAt(text: Bytes, from: u32): Bytes {
  const start = skipSpaces(text, from);
  return subslice(text, start, endOfWord(text, start) - start);
}

/** All up to the first option, without spaces at its ends. */
export function beforeOptions(text: Bytes, from: u32): Bytes {
  const start = skipSpaces(text, from);
  let end = start;
  for (let at = start; at < text.length && !isOption(text, at); at = skipSpaces(text, endOfWord(text, at))) {
    end = endOfWord(text, at);
  }
  return subslice(text, start, end - start);
}

function isOption(text: Bytes, at: u32): boolean {
  return at + 1 < text.length && text[at] === DASH && text[at + 1] === DASH;
}

/** Where the next option at or after `from` begins; the length when there is none. */
export function nextOption(text: Bytes, from: u32): u32 {
  let at = skipSpaces(text, from);
  while (at < text.length && !isOption(text, at)) at = skipSpaces(text, endOfWord(text, at));
  return at;
}

/** Whether the word at `at` is this one. */
export function isWord(text: Bytes, at: u32, word: Bytes): boolean {
  return isEqual(wordAt(text, at), word);
}

/** The number that the text is, or `most` + 1 when it is none up to `most`. */
export function numberIn(text: Bytes, most: u32): u32 {
  let value: u64 = 0n;
  for (let i: u32 = 0; i < text.length; i++) {
    const digit = text[i];
    if (digit < 0x30 || digit > 0x39 || value > u64(most)) return most + 1;
    value = value * 10n + u64(u32(digit) - 0x30);
  }
  return text.length === 0 || value > u64(most) ? most + 1 : u32(value);
}
