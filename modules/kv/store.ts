import { isEqual } from "../../kernel/text";
import { KvStatus } from "../../protocol/kv";
import { type LineText, type Name, textOfName } from "../../protocol/texts";

/**
 * What the key-value service keeps: up to MAX_VALUES keys, each with a value.
 *
 * K1  Keys are unique, and none is empty.
 * K2  `count` is the number of places that are taken.
 */

export const MAX_VALUES = 128;
const NO_PLACE = 0xffff_ffff;

interface Pair extends Struct<"Pair"> {
  isTaken: boolean;
  readonly key: Inline<Name>;
  readonly value: Inline<LineText>;
}

export interface Store extends Struct<"Store"> {
  count: u32;
  readonly pairs: FixedArray<Inline<Pair>, typeof MAX_VALUES>;
}

/** Keeps `value`, in place of the one that the key has. */
export function putPair(store: Store, key: Name, value: LineText): KvStatus {
  if (key.length === 0) return KvStatus.NoKey;
  let place = placeOf(store, key);
  if (place === NO_PLACE) {
    place = freePlace(store);
    if (place === NO_PLACE) return KvStatus.Full;
    const pair = store.pairs[place];
    pair.isTaken = true;
    copyStruct(pair.key, key);
    store.count++;
  }
  copyStruct(store.pairs[place].value, value);
  return KvStatus.Success;
}

/** Copies the value of `key` to `value`. */
export function getPair(store: Store, key: Name, value: LineText): KvStatus {
  if (key.length === 0) return KvStatus.NoKey;
  const place = placeOf(store, key);
  if (place === NO_PLACE) return KvStatus.NotFound;
  copyStruct(value, store.pairs[place].value);
  return KvStatus.Success;
}

/** Forgets `key` and its value. */
export function deletePair(store: Store, key: Name): KvStatus {
  if (key.length === 0) return KvStatus.NoKey;
  const place = placeOf(store, key);
  if (place === NO_PLACE) return KvStatus.NotFound;
  store.pairs[place].isTaken = false;
  store.count--;
  return KvStatus.Success;
}

function placeOf(store: Store, key: Name): u32 {
  for (let i: u32 = 0; i < MAX_VALUES; i++) {
    const pair = store.pairs[i];
    if (pair.isTaken && isEqual(textOfName(pair.key), textOfName(key))) return i;
  }
  return NO_PLACE;
}

function freePlace(store: Store): u32 {
  for (let i: u32 = 0; i < MAX_VALUES; i++) {
    if (!store.pairs[i].isTaken) return i;
  }
  return NO_PLACE;
}
