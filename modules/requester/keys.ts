import { isEqual } from "../../kernel/text";
import { KvStatus } from "../../protocol/kv";
import { textOfLine } from "../../protocol/texts";
import { Fate } from "../../user/fate";
import { drawRandom, type Random, randomBelow } from "../../user/random";
import { deleteValue, getValue, type Kv, putValue } from "../kv/client";

/**
 * What the key-value service has to answer: for each of a few keys of this requester's own the value that it put last. What
 * became of a change that was not answered nobody knows; then the next answer tells.
 *
 *   Absent ──put──▶ Present ──delete──▶ Absent        not answered ──▶ Unknown ──any answer──▶ Absent, Present
 */

const KEYS = 32;
/** A key is `r`, the seed in hexadecimal digits, a dot and the key's number. */
const KEY_BYTES = 20;
const LEAST_VALUE = 16;
const MOST_VALUE = 160;
const ZERO = 0x30;
const LETTER_A = 0x61;

/** @storage u8 */
const enum KeyState {
  Absent,
  Present,
  Unknown,
}

interface Key extends Struct<"Key"> {
  state: KeyState;
  /** From which the value was made: its bytes, and their number. */
  pattern: u64;
  valueBytes: u32;
}

/** What an operation has come to. */
export interface KeyOutcome extends Struct<"KeyOutcome"> {
  fate: Fate;
  /** The answer is not what it has to be. */
  isWrong: boolean;
}

interface Keys extends Struct<"Keys"> {
  readonly all: FixedArray<Inline<Key>, typeof KEYS>;
  readonly name: FixedArray<u8, typeof KEY_BYTES>;
  readonly value: FixedArray<u8, typeof MOST_VALUE>;
}

const keys: Keys = zeroed();

/** Of a requester with this seed. */
export function nameKeys(seed: u64): void {
  keys.name[0] = 0x72;
  for (let i: u32 = 0; i < 16; i++) keys.name[1 + i] = hexDigit(u32(seed >> u64(60 - 4 * i)) & 15);
  keys.name[17] = 0x2e;
}

/** The service may be another one, which has no keys. */
export function forgetKeys(): void {
  for (let i: u32 = 0; i < KEYS; i++) keys.all[i].state = KeyState.Unknown;
}

/** Puts, gets or deletes one of the keys, and compares the answer. */
export function useKey(kv: Kv, random: Random, outcome: KeyOutcome): void {
  const index = randomBelow(random, KEYS);
  const key = keys.all[index];
  keys.name[18] = u8(ZERO + index / 10);
  keys.name[19] = u8(ZERO + (index % 10));
  const choice = randomBelow(random, 8);
  outcome.isWrong = false;
  if (choice < 3) outcome.fate = put(kv, key, random, outcome);
  else if (choice < 7) outcome.fate = get(kv, key, outcome);
  else outcome.fate = take(kv, key, outcome);
}

function nameOfKey(): Bytes {
  return sliceOf(keys.name, 0, KEY_BYTES);
}

function put(kv: Kv, key: Key, random: Random, outcome: KeyOutcome): Fate {
  const before = key.state;
  key.pattern = drawRandom(random);
  key.valueBytes = LEAST_VALUE + randomBelow(random, MOST_VALUE - LEAST_VALUE + 1);
  key.state = KeyState.Unknown;
  const fate = putValue(kv, nameOfKey(), valueOfKey(key));
  if (fate !== Fate.Answered) return fate;
  if (kv.answer.status === KvStatus.Success) {
    key.state = KeyState.Present;
    return fate;
  }
  // Others fill the store, too; but a key that has its place keeps it.
  outcome.isWrong = kv.answer.status !== KvStatus.Full || before === KeyState.Present;
  if (before === KeyState.Absent) key.state = before;
  return fate;
}

function get(kv: Kv, key: Key, outcome: KeyOutcome): Fate {
  const fate = getValue(kv, nameOfKey());
  if (fate !== Fate.Answered) return fate;
  const isThere = kv.answer.status === KvStatus.Success;
  const isExpected = isThere && isEqual(textOfLine(kv.answer.value), valueOfKey(key));
  switch (key.state) {
    case KeyState.Absent:
      outcome.isWrong = kv.answer.status !== KvStatus.NotFound;
      return fate;
    case KeyState.Present:
      outcome.isWrong = !isExpected;
      return fate;
    case KeyState.Unknown:
      if (!isThere) key.state = KeyState.Absent;
      else if (isExpected) key.state = KeyState.Present;
      return fate;
    default:
      unreachable(key.state);
  }
}

function take(kv: Kv, key: Key, outcome: KeyOutcome): Fate {
  const before = key.state;
  key.state = KeyState.Unknown;
  const fate = deleteValue(kv, nameOfKey());
  if (fate !== Fate.Answered) return fate;
  key.state = KeyState.Absent;
  const isThere = kv.answer.status === KvStatus.Success;
  if (!isThere && kv.answer.status !== KvStatus.NotFound) outcome.isWrong = true;
  if (before !== KeyState.Unknown && isThere !== (before === KeyState.Present)) outcome.isWrong = true;
  return fate;
}

/** The value that was put last: sixteen letters of the pattern, again and again. */
function valueOfKey(key: Key): Bytes {
  for (let i: u32 = 0; i < key.valueBytes; i++) {
    keys.value[i] = u8(LETTER_A + (u32(key.pattern >> u64((i % 16) * 4)) & 15));
  }
  return sliceOf(keys.value, 0, key.valueBytes);
}

function hexDigit(value: u32): u8 {
  return value < 10 ? u8(ZERO + value) : u8(LETTER_A + value - 10);
}
