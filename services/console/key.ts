/**
 * Keys of a terminal: characters, control characters, and the sequences that begin with ESC [ or ESC O (ECMA-48, and what
 * xterm and its kin send). What answers a question to the terminal comes among them.
 *
 *   Plain ──ESC──▶ Escape ──[ or O──▶ Sequence ──parameter──▶ Sequence ──letter or ~──▶ Plain
 */

/** @storage u8 */
export const enum Key {
  /** Not complete yet, or one that means nothing. */
  None,
  Character,
  Enter,
  GiveUp,
  Backspace,
  Delete,
  Left,
  Right,
  Up,
  Down,
  Home,
  End,
  EraseLine,
  EraseRest,
  EraseWord,
  /** No key: a terminal has told its attributes (ESC [ ? … c). */
  Terminal,
}

/** @storage u8 */
const enum Reading {
  Plain,
  Escape,
  Sequence,
}

export interface KeyReader extends Struct<"KeyReader"> {
  reading: Reading;
  /** The number in a sequence. */
  number: u32;
}

const ESCAPE = 0x1b;

/** The key that `byte` completes. */
export function keyOf(reader: KeyReader, byte: u8): Key {
  const code = u32(byte);
  if (code === ESCAPE) {
    reader.reading = Reading.Escape;
    return Key.None;
  }
  switch (reader.reading) {
    case Reading.Plain:
      return plainKey(code);
    case Reading.Escape:
      reader.number = 0;
      reader.reading = code === 0x5b || code === 0x4f ? Reading.Sequence : Reading.Plain;
      return Key.None;
    case Reading.Sequence:
      return sequenceKey(reader, code);
    default:
      unreachable(reader.reading);
  }
}

function plainKey(code: u32): Key {
  switch (code) {
    case 0x0d:
    case 0x0a:
      return Key.Enter;
    case 0x03:
      return Key.GiveUp;
    case 0x08:
    case 0x7f:
      return Key.Backspace;
    case 0x01:
      return Key.Home;
    case 0x05:
      return Key.End;
    case 0x0b:
      return Key.EraseRest;
    case 0x15:
      return Key.EraseLine;
    case 0x17:
      return Key.EraseWord;
    default:
      return code >= 0x20 && code < 0x7f ? Key.Character : Key.None;
  }
}

function sequenceKey(reader: KeyReader, code: u32): Key {
  if (code >= 0x30 && code <= 0x39) {
    reader.number = (reader.number * 10 + code - 0x30) % 100;
    return Key.None;
  }
  // Between the numbers of a sequence with modifiers, and ahead of those of an answer.
  if (code >= 0x3a && code <= 0x3f) {
    reader.number = 0;
    return Key.None;
  }
  reader.reading = Reading.Plain;
  switch (code) {
    case 0x41:
      return Key.Up;
    case 0x42:
      return Key.Down;
    case 0x43:
      return Key.Right;
    case 0x44:
      return Key.Left;
    case 0x46:
      return Key.End;
    case 0x48:
      return Key.Home;
    case 0x63:
      return Key.Terminal;
    case 0x7e:
      return tildeKey(reader.number);
    default:
      return Key.None;
  }
}

function tildeKey(number: u32): Key {
  switch (number) {
    case 1:
    case 7:
      return Key.Home;
    case 3:
      return Key.Delete;
    case 4:
    case 8:
      return Key.End;
    default:
      return Key.None;
  }
}
