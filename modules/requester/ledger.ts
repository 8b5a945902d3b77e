import { Fate } from "../../user/fate";

/**
 * What was asked for, and what has become of it: every request is entered before it is sent, and struck out by its answer, or
 * by the kernel's word that there will be none.
 *
 * D1  A request that was begun and has not ended is in `open`, once.
 * D2  Of each peer, `sent` is the sum of its ends and of its open requests.
 */

/** Whom requests go to. @storage u8 */
export const enum Peer {
  Kv,
  Logging,
  ModuleManager,
  Directory,
}

export const PEERS = 4;
export const MAX_OPEN = 32;

/** Of one peer. */
export interface Account extends Struct<"Account"> {
  sent: u64;
  answered: u64;
  neverReceived: u64;
  notAnswered: u64;
  refused: u64;
  /** Answers that are none, or say what cannot be so. */
  wrong: u64;
}

interface OpenRequest extends Struct<"OpenRequest"> {
  /** 0: the place is free. */
  id: u64;
  peer: Peer;
  /** The kernel has not sent it: the news of its capability's end is still to come. */
  isRefused: boolean;
}

export interface Ledger extends Struct<"Ledger"> {
  /** Of the last request. */
  lastId: u64;
  openCount: u32;
  /** Ends of requests that were not open: an answer too many. */
  strays: u64;
  readonly accounts: FixedArray<Inline<Account>, typeof PEERS>;
  readonly open: FixedArray<Inline<OpenRequest>, typeof MAX_OPEN>;
}

/** Enters a request; answers its number, or 0 when MAX_OPEN are open. */
export function beginRequest(ledger: Ledger, peer: Peer): u64 {
  for (let i: u32 = 0; i < MAX_OPEN; i++) {
    const place = ledger.open[i];
    if (place.id !== 0n) continue;
    ledger.lastId += 1n;
    ledger.openCount++;
    ledger.accounts[u32(peer)].sent += 1n;
    place.id = ledger.lastId;
    place.peer = peer;
    place.isRefused = false;
    return place.id;
  }
  return 0n;
}

/** How many requests to `peer` have not ended. */
export function openRequests(ledger: Ledger, peer: Peer): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < MAX_OPEN; i++) {
    if (ledger.open[i].id !== 0n && ledger.open[i].peer === peer) count++;
  }
  return count;
}

/** The kernel has not sent it; its end comes when its one-shot capability has been destroyed. */
export function refuseRequest(ledger: Ledger, id: u64): void {
  for (let i: u32 = 0; i < MAX_OPEN; i++) {
    if (ledger.open[i].id === id) ledger.open[i].isRefused = true;
  }
}

/** Strikes out a request. */
export function endRequest(ledger: Ledger, id: u64, fate: Fate): void {
  for (let i: u32 = 0; i < MAX_OPEN; i++) {
    const place = ledger.open[i];
    if (place.id !== id || id === 0n) continue;
    place.id = 0n;
    ledger.openCount--;
    count(ledger.accounts[u32(place.peer)], place.isRefused && fate === Fate.NeverReceived ? Fate.Refused : fate);
    return;
  }
  ledger.strays += 1n;
}

function count(account: Account, fate: Fate): void {
  switch (fate) {
    case Fate.Answered:
      account.answered += 1n;
      return;
    case Fate.NeverReceived:
      account.neverReceived += 1n;
      return;
    case Fate.NotAnswered:
      account.notAnswered += 1n;
      return;
    case Fate.Refused:
      account.refused += 1n;
      return;
    case Fate.Garbled:
      account.answered += 1n;
      account.wrong += 1n;
      return;
    default:
      unreachable(fate);
  }
}

/** An answer that came is not what it has to be. */
export function noteWrong(ledger: Ledger, peer: Peer): void {
  ledger.accounts[u32(peer)].wrong += 1n;
}

/** Of all peers. */
export function sumAccounts(ledger: Ledger, sum: Account): void {
  const empty = local<Account>();
  copyStruct(sum, empty);
  for (let i: u32 = 0; i < PEERS; i++) {
    const account = ledger.accounts[i];
    sum.sent += account.sent;
    sum.answered += account.answered;
    sum.neverReceived += account.neverReceived;
    sum.notAnswered += account.notAnswered;
    sum.refused += account.refused;
    sum.wrong += account.wrong;
  }
}

/** Whether every request has had its one end, and no answer was wrong. */
export function isBalanced(ledger: Ledger): boolean {
  if (ledger.openCount !== 0 || ledger.strays !== 0n) return false;
  for (let i: u32 = 0; i < PEERS; i++) {
    const account = ledger.accounts[i];
    const ended = account.answered + account.neverReceived + account.notAnswered + account.refused;
    if (account.sent !== ended || account.wrong !== 0n) return false;
  }
  return true;
}
