import { beforeOptions, nextOption, numberIn, wordAt } from "../../services/console/words";

/** What test/services/words.test.ts calls. */

function copy(text: Bytes, to: Bytes): u32 {
  for (let i: u32 = 0; i < text.length; i++) to[i] = text[i];
  return text.length;
}

/** @entry word_at */
export function word(text: Bytes, from: u32, to: Bytes): u32 {
  return copy(wordAt(text, from), to);
}

/** @entry before_options */
export function before(text: Bytes, from: u32, to: Bytes): u32 {
  return copy(beforeOptions(text, from), to);
}

/** @entry next_option */
export function next(text: Bytes, from: u32): u32 {
  return nextOption(text, from);
}

/** @entry number_in */
export function number(text: Bytes, most: u32): u32 {
  return numberIn(text, most);
}
