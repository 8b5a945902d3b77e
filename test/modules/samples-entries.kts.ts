import { deletePair, getPair, putPair, type Store } from "../../modules/kv/store";
import { keepLine, keptLine, type Lines, lineFrom } from "../../modules/logging/lines";
import {
  type Account,
  beginRequest,
  endRequest,
  isBalanced,
  type Ledger,
  noteWrong,
  openRequests,
  type Peer,
  refuseRequest,
  sumAccounts,
} from "../../modules/requester/ledger";
import type { LineText, Name } from "../../protocol/texts";
import { setLine, setName } from "../../protocol/texts";
import type { Fate } from "../../user/fate";

/** What test/modules/*.test.ts call. */

const store: Store = zeroed();
const lines: Lines = zeroed();
const ledger: Ledger = zeroed();
const name: Name = zeroed();
const value: LineText = zeroed();

function copy(text: Bytes, to: Bytes): u32 {
  for (let i: u32 = 0; i < text.length; i++) to[i] = text[i];
  return text.length;
}

/** KvStatus. @entry put_pair */
export function putOne(key: Bytes, text: Bytes): u32 {
  setName(name, key);
  setLine(value, text);
  return u32(putPair(store, name, value));
}

/** KvStatus, and the value's length behind it. @entry get_pair */
export function getOne(key: Bytes, to: Bytes): u32 {
  setName(name, key);
  const status = u32(getPair(store, name, value));
  return status === 0 ? copy(sliceOf(value.bytes, 0, value.length), to) << 8 : status;
}

/** KvStatus. @entry delete_pair */
export function deleteOne(key: Bytes): u32 {
  setName(name, key);
  return u32(deletePair(store, name));
}

/** @entry count_pairs */
export function countPairs(): u32 {
  return store.count;
}

/** The line's number. @entry keep_line */
export function keepOne(loadId: u32, text: Bytes): u64 {
  setName(name, "someone");
  setLine(value, text);
  return keepLine(lines, loadId, name, value);
}

/** @entry line_from */
export function fromOne(number: u64): u64 {
  return lineFrom(lines, number);
}

/** The text's length, and the load behind it. @entry kept_line */
export function keptOne(number: u64, to: Bytes): u32 {
  const kept = keptLine(lines, number);
  return copy(sliceOf(kept.line.bytes, 0, kept.line.length), to) | (kept.loadId << 8);
}

/** @entry clear_ledger */
export function clearLedger(): void {
  const empty = local<Ledger>();
  copyStruct(ledger, empty);
}

/** @entry begin_request */
export function beginOne(peer: u32): u64 {
  return beginRequest(ledger, toEnum<Peer>(peer));
}

/** @entry refuse_request */
export function refuseOne(id: u64): void {
  refuseRequest(ledger, id);
}

/** @entry end_request */
export function endOne(id: u64, fate: u32): void {
  endRequest(ledger, id, toEnum<Fate>(fate));
}

/** @entry note_wrong */
export function noteOne(peer: u32): void {
  noteWrong(ledger, toEnum<Peer>(peer));
}

/** @entry open_requests */
export function openOf(peer: u32): u32 {
  return openRequests(ledger, toEnum<Peer>(peer));
}

/** @entry is_balanced */
export function balanced(): boolean {
  return isBalanced(ledger);
}

/** sent, answered, never received, not answered, refused, wrong: a byte each. @entry sum_accounts */
export function sums(): u64 {
  const sum = local<Account>();
  sumAccounts(ledger, sum);
  const first = sum.sent | (sum.answered << 8n) | (sum.neverReceived << 16n);
  return first | (sum.notAnswered << 24n) | (sum.refused << 32n) | (sum.wrong << 40n);
}
