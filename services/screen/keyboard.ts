/**
 * From the scan codes of a PC's keyboard (set 1, as the controller translates them) to what a terminal sends: US layout,
 * Shift, Ctrl, Caps Lock; the keypad is one for moving the cursor.
 *
 *   code │ 0x80   the key has been let go        0xe0   one of the keys that came later follows
 *                                                0xe1   Pause: two more codes follow, and mean nothing
 */

const RELEASED = 0x80;
const EXTENDED = 0xe0;
const PAUSE = 0xe1;
const PAUSE_CODES = 2;

const KEY_CTRL = 0x1d;
const KEY_LEFT_SHIFT = 0x2a;
const KEY_RIGHT_SHIFT = 0x36;
const KEY_CAPS_LOCK = 0x3a;
/** Of the extended ones. */
const KEY_ENTER = 0x1c;
const KEY_SLASH = 0x35;

const LEFT = 1;
const RIGHT = 2;

/** By the code, from 0 on; what has no character is 0. */
const plain: Bytes = "\0\x1b1234567890-=\x7f\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
const shifted: Bytes = '\0\x1b!@#$%^&*()_+\x7f\tQWERTYUIOP{}\r\0ASDFGHJKL:"~\0|ZXCVBNM<>?\0*\0 ';
/** Of the keys from 0x47 on: of ESC [ … the letter, or the digit before a tilde. */
const FIRST_MOVE = 0x47;
const moves: Bytes = "HA5-D\0C+FB623";

/** The most bytes that one code makes. */
export const LONGEST_KEY = 4;

export interface Keyboard extends Struct<"Keyboard"> {
  isExtended: boolean;
  /** Codes to pass over. */
  skipped: u32;
  /** Which of the two are held down. */
  shifts: u32;
  ctrls: u32;
  isCaps: boolean;
}

/** Puts what the key with this code sends into `to`; answers how many bytes. */
export function typedBy(keyboard: Keyboard, code: u8, to: Bytes): u32 {
  const number = u32(code);
  if (keyboard.skipped > 0) {
    keyboard.skipped--;
    return 0;
  }
  if (number === PAUSE) keyboard.skipped = PAUSE_CODES;
  if (number === EXTENDED || number === PAUSE) {
    keyboard.isExtended = number === EXTENDED;
    return 0;
  }
  const isExtended = keyboard.isExtended;
  const key = number & ~RELEASED;
  const isDown = (number & RELEASED) === 0;
  keyboard.isExtended = false;
  if (holdModifier(keyboard, key, isExtended, isDown) || !isDown) return 0;
  if (key >= FIRST_MOVE && key - FIRST_MOVE < moves.length) return move(moves[key - FIRST_MOVE], isExtended, to);
  if (key >= plain.length || (isExtended && key !== KEY_ENTER && key !== KEY_SLASH)) return 0;
  to[0] = characterOf(keyboard, key);
  return to[0] === 0 ? 0 : 1;
}

/** Whether the key is one of those that change what others mean. */
function holdModifier(keyboard: Keyboard, key: u32, isExtended: boolean, isDown: boolean): boolean {
  switch (key) {
    case KEY_CTRL:
      keyboard.ctrls = held(keyboard.ctrls, isExtended ? RIGHT : LEFT, isDown);
      return true;
    case KEY_LEFT_SHIFT:
    case KEY_RIGHT_SHIFT:
      // With an extended code it is no key, but belongs to the one that follows.
      if (!isExtended) keyboard.shifts = held(keyboard.shifts, key === KEY_LEFT_SHIFT ? LEFT : RIGHT, isDown);
      return true;
    case KEY_CAPS_LOCK:
      if (isDown) keyboard.isCaps = !keyboard.isCaps;
      return true;
    default:
      return false;
  }
}

function held(which: u32, one: u32, isDown: boolean): u32 {
  return isDown ? which | one : which & ~one;
}

function characterOf(keyboard: Keyboard, key: u32): u8 {
  const isLetter = plain[key] >= 0x61 && plain[key] <= 0x7a;
  const isShifted = (keyboard.shifts !== 0) !== (isLetter && keyboard.isCaps);
  const character = isShifted ? shifted[key] : plain[key];
  // Those that have a control character: @ to _, and the small letters.
  const hasControl = (character >= 0x40 && character <= 0x5f) || isLetter;
  return keyboard.ctrls !== 0 && hasControl ? u8(character & 0x1f) : character;
}

/** A sequence, or on the keypad a sign. */
function move(what: u8, isExtended: boolean, to: Bytes): u32 {
  if (what === 0) return 0;
  if (what === 0x2d || what === 0x2b) {
    to[0] = what;
    return isExtended ? 0 : 1;
  }
  to[0] = 0x1b;
  to[1] = 0x5b;
  to[2] = what;
  to[3] = 0x7e;
  return what < 0x40 ? 4 : 3;
}
