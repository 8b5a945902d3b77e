/** @unsafe names functions by their addresses */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, infoWord, invoke, type Message, ownBuffer, systemCall } from "../../user/message";
import {
  ask,
  beginTest,
  check,
  checkEqual,
  copyTo,
  endTest,
  FIRST,
  makeThread,
  mint,
  remove,
  resume,
  retype,
  revoke,
  setOwnPriority,
  type TestRow,
} from "./harness";

/** Endpoints with a ring: their policy (I9), and the exact fate of one-shot capabilities. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const NOTIFICATION = FIRST + 12;
const CLIENT = FIRST + 13;
const OTHER = FIRST + 14;
const ONCE = FIRST + 15;
const ARRIVED = FIRST + 16;
const SERVICE = FIRST + 17;
const THREAD = FIRST + 20;

const HIGH = 200n;
const SHARE = 1n << 32n;
const WORDS = 1n << 48n;
const BADGED = 1n << 56n;
const NO_CAPS = 2n << 56n;
const MINT_ONCE = 1n;

interface Seen extends Struct<"Seen"> {
  count: u64;
  info: u64;
}
const seen: Seen = zeroed();

function prepare(policy: u64): void {
  seen.count = 0n;
  seen.info = 0n;
  setOwnPriority(150n);
  checkEqual(u64(retype(CapType.Endpoint, policy, ENDPOINT)), 0n, "endpoint");
  checkEqual(u64(retype(CapType.Reply, 0n, REPLY)), 0n, "reply");
  checkEqual(u64(retype(CapType.Notification, 0n, NOTIFICATION)), 0n, "notification");
  checkEqual(u64(mint(ENDPOINT, CLIENT, 7n, 77n)), 0n, "client's badge");
  checkEqual(u64(mint(ENDPOINT, OTHER, 7n, 88n)), 0n, "other's badge");
}

/** Sends one word; answers the error. */
function sendWord(number: Syscall, capability: u32, word: u64): u32 {
  const message = local<Message>();
  message.words[0] = word;
  message.info = infoWord(5, 1, 0);
  systemCall(number, capability, 0, message);
  return errorOf(message);
}

function checkSent(capability: u32, word: u64): void {
  checkEqual(u64(sendWord(Syscall.NbSend, capability, word)), 0n, "sent");
}

function checkReceived(word: u64, badge: u64): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(u64(errorOf(message)), 0n, "received");
  checkEqual(message.words[0], word, "its word");
  checkEqual(message.badge, badge, "its badge");
}

function checkNothing(): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Busy)), "nothing to receive");
}

/** The next thing received is the end of the one-shot capability with `badge`. */
function checkFate(badge: u64, fate: u64): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "Gone");
  checkEqual(message.badge, badge, "which one");
  checkEqual(u64(detailOf(message)), fate, "what became of it");
}

function mintOnce(from: u32, to: u32, rights: u64, badge: u64): u32 {
  const message = local<Message>();
  message.words[0] = u64(to);
  message.words[1] = rights;
  message.words[2] = badge;
  message.words[3] = MINT_ONCE;
  ownBuffer().sent[0] = from;
  return invoke(message, SLOT_CNODE, u32(Invocation.CNodeMint), 4, 1);
}

/** Sends capability `sent` into the ring of `endpoint`. */
function sendCapability(endpoint: u32, sent: u32): u32 {
  const message = local<Message>();
  ownBuffer().sent[0] = sent;
  message.info = infoWord(0, 0, 1);
  systemCall(Syscall.NbSend, endpoint, 0, message);
  return errorOf(message);
}

/** Receives into slot `slot`; answers how many capabilities have come. */
function receiveCapability(endpoint: u32, slot: u32): u64 {
  const message = local<Message>();
  ownBuffer().slots[0] = slot;
  systemCall(Syscall.NbRecv, endpoint, 0, message);
  checkEqual(u64(errorOf(message)), 0n, "received");
  return (message.info >> 8n) & 0xffn;
}

function messagesAreKept(): void {
  prepare(3n);
  checkSent(CLIENT, 1n);
  checkSent(OTHER, 2n);
  checkSent(CLIENT, 3n);
  checkReceived(1n, 77n);
  checkReceived(2n, 88n);
  checkReceived(3n, 77n);
  checkNothing();
}

/** I9: never more than the policy allows; what is received makes room. */
function fullRingRefuses(): void {
  prepare(2n);
  checkSent(CLIENT, 1n);
  checkSent(CLIENT, 2n);
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 3n)), u64(u32(ErrorCode.QueueFull)), "full");
  checkReceived(1n, 77n);
  checkSent(CLIENT, 4n);
  checkReceived(2n, 77n);
  checkReceived(4n, 77n);
}

/** I9: one badge takes no more than its share. */
function shareIsKept(): void {
  prepare(3n | (2n * SHARE));
  checkSent(CLIENT, 1n);
  checkSent(CLIENT, 2n);
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 3n)), u64(u32(ErrorCode.QueueFull)), "its share");
  checkSent(OTHER, 4n);
  checkReceived(1n, 77n);
  checkEqual(u64(sendWord(Syscall.NbSend, OTHER, 6n)), 0n, "room for the other's second");
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 5n)), u64(u32(ErrorCode.QueueFull)), "full");
}

/** Sends a word and goes on. @entry test_ring_sender */
function sender(): void {
  seen.info = u64(sendWord(Syscall.Send, CLIENT, 9n));
  seen.count += 1n;
  const message = local<Message>();
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function sendWaitsWhenFull(): void {
  prepare(1n);
  checkSent(CLIENT, 1n);
  makeThread(0, THREAD, addressOfFunction(sender), HIGH);
  resume(THREAD);
  checkEqual(seen.count, 0n, "it waits");
  checkReceived(1n, 77n);
  checkSent(OTHER, 2n);
  checkReceived(9n, 77n);
  checkEqual(seen.count, 1n, "it goes on");
  checkReceived(2n, 88n);
}

/** Calls. @entry test_ring_caller */
function caller(): void {
  const message = local<Message>();
  message.words[0] = 41n;
  message.info = infoWord(3, 1, 0);
  systemCall(Syscall.Call, CLIENT, 0, message);
  seen.info = message.info;
  seen.count += 1n;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

function callsKeepTheirPlaceAmongMessages(): void {
  prepare(4n);
  checkSent(OTHER, 1n);
  makeThread(0, THREAD, addressOfFunction(caller), HIGH);
  resume(THREAD);
  checkSent(OTHER, 2n);
  checkReceived(1n, 88n);
  checkReceived(41n, 77n);
  const message = local<Message>();
  message.info = infoWord(0, 0, 0);
  systemCall(Syscall.Reply, 0, REPLY, message);
  checkEqual(seen.count, 1n, "the call is answered");
  checkReceived(2n, 88n);
}

/** Receives one message; notes its info word. @entry test_ring_receiver */
function receiver(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  seen.info = message.info;
  seen.count = message.badge;
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

/** Also where a receiver waits, and for the call that would need no detour. */
function unbadgedSenderIsRefused(): void {
  prepare(2n | BADGED);
  const refused = u64(u32(ErrorCode.Refused));
  checkEqual(u64(sendWord(Syscall.NbSend, ENDPOINT, 1n)), refused, "send");
  makeThread(0, THREAD, addressOfFunction(receiver), HIGH);
  resume(THREAD);
  checkEqual(u64(sendWord(Syscall.Call, ENDPOINT, 1n)), refused, "call");
  checkEqual(seen.count, 0n, "nothing came");
  checkSent(CLIENT, 1n);
  checkEqual(seen.count, 77n, "a badged one comes");
}

function largestMessageIsKept(): void {
  prepare(2n | (3n * WORDS));
  const message = local<Message>();
  const policy = u64(u32(ErrorCode.Policy));
  message.info = infoWord(0, 4, 0);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(u64(errorOf(message)), policy, "send");
  makeThread(0, THREAD, addressOfFunction(receiver), HIGH);
  resume(THREAD);
  message.info = infoWord(0, 4, 0);
  systemCall(Syscall.Call, CLIENT, 0, message);
  checkEqual(u64(errorOf(message)), policy, "call");
  message.info = infoWord(0, 3, 0);
  systemCall(Syscall.NbSend, CLIENT, 0, message);
  checkEqual(seen.info, infoWord(0, 3, 0), "as large as allowed");
}

function capabilitiesCanBeForbidden(): void {
  prepare(2n | NO_CAPS);
  checkEqual(u64(sendCapability(CLIENT, NOTIFICATION)), u64(u32(ErrorCode.Policy)), "a capability");
  checkSent(CLIENT, 1n);
}

function longMessageIsWhole(): void {
  prepare(2n);
  const message = local<Message>();
  const buffer = ownBuffer();
  for (let round: u64 = 1n; round <= 2n; round += 1n) {
    for (let i: u32 = 0; i < 64; i++) buffer.words[i] = round * 1000n + u64(i);
    for (let i: u32 = 0; i < 4; i++) message.words[i] = round * 1000n + u64(i);
    message.info = infoWord(0, 64, 0);
    systemCall(Syscall.NbSend, CLIENT, 0, message);
    checkEqual(u64(errorOf(message)), 0n, "sent");
  }
  for (let round: u64 = 1n; round <= 2n; round += 1n) {
    for (let i: u32 = 0; i < 64; i++) buffer.words[i] = 0n;
    systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
    checkEqual(message.info, infoWord(0, 64, 0), "all of it");
    for (let i: u32 = 0; i < 4; i++) checkEqual(message.words[i], round * 1000n + u64(i), "in registers");
    for (let i: u32 = 4; i < 64; i++) checkEqual(buffer.words[i], round * 1000n + u64(i), "in the buffer");
  }
}

function capabilityTravels(): void {
  prepare(2n);
  checkEqual(u64(sendCapability(CLIENT, NOTIFICATION)), 0n, "sent");
  checkEqual(receiveCapability(ENDPOINT, ARRIVED), 1n, "one has come");
  checkEqual(u64(sendWord(Syscall.NbSend, ARRIVED, 0n)), 0n, "it works");
  const message = local<Message>();
  systemCall(Syscall.Poll, NOTIFICATION, 0, message);
  checkEqual(message.badge, 1n, "on the same object");
}

/** I1, I2: a capability in a ring is a slot of the derivation tree like any other. */
function revokedCapabilityDoesNotArrive(): void {
  prepare(2n);
  checkEqual(u64(sendCapability(CLIENT, NOTIFICATION)), 0n, "sent");
  checkEqual(u64(revoke(NOTIFICATION)), 0n, "revoked");
  checkEqual(receiveCapability(ENDPOINT, ARRIVED), 0n, "none has come");
}

/** The message arrives, the capability is destroyed: a moved one ends its object. */
function capabilityWithoutSlotEnds(): void {
  prepare(1n);
  checkEqual(u64(retype(CapType.Reply, 0n, ARRIVED)), 0n, "what has one holder");
  checkEqual(u64(sendCapability(CLIENT, ARRIVED)), 0n, "sent");
  checkEqual(u64(remove(ARRIVED)), 0n, "the slot is empty");
  checkEqual(receiveCapability(ENDPOINT, 0), 0n, "none has come");
  checkSent(CLIENT, 1n);
  checkReceived(1n, 77n);
}

function deadSendersMessagesLeave(): void {
  prepare(3n);
  checkSent(OTHER, 1n);
  makeThread(0, THREAD, addressOfFunction(sender), HIGH);
  resume(THREAD);
  checkEqual(seen.count, 1n, "it has sent");
  checkSent(OTHER, 2n);
  checkEqual(u64(remove(THREAD)), 0n, "it is gone");
  checkReceived(1n, 88n);
  checkReceived(2n, 88n);
  checkNothing();
}

function suspendedSendersMessagesStay(): void {
  prepare(1n);
  makeThread(0, THREAD, addressOfFunction(sender), HIGH);
  resume(THREAD);
  checkEqual(u64(ask(THREAD, Invocation.ThreadSuspend, 0n, 0n, 0)), 0n, "suspend");
  checkReceived(9n, 77n);
}

function messagesOutliveTheReceiver(): void {
  prepare(2n);
  makeThread(0, THREAD, addressOfFunction(receiver), HIGH);
  resume(THREAD);
  checkSent(CLIENT, 1n);
  checkSent(CLIENT, 2n);
  checkEqual(u64(remove(THREAD)), 0n, "the receiver is gone");
  checkReceived(2n, 77n);
}

/** All that was on the way ends with the endpoint, and a reply capability among it tells its fate. */
function endpointTakesItsMessagesAlong(): void {
  prepare(2n);
  checkEqual(u64(retype(CapType.Endpoint, 2n, SERVICE)), 0n, "another endpoint");
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(sendCapability(SERVICE, ONCE)), 0n, "sent");
  checkEqual(u64(sendCapability(SERVICE, NOTIFICATION)), 0n, "sent");
  checkEqual(u64(remove(SERVICE)), 0n, "the endpoint is gone");
  checkFate(5n, 0n);
  checkNothing();
}

function wrongPolicyIsRefused(): void {
  prepare(0n);
  const wrong = u64(u32(ErrorCode.InvalidArgument));
  checkEqual(u64(retype(CapType.Endpoint, 257n, SERVICE)), wrong, "too deep");
  checkEqual(u64(retype(CapType.Endpoint, 4n | (5n * SHARE), SERVICE)), wrong, "a share larger than the ring");
  checkEqual(u64(retype(CapType.Endpoint, 65n * WORDS, SERVICE)), wrong, "a message too large");
  checkEqual(u64(retype(CapType.Endpoint, 4n << 56n, SERVICE)), wrong, "an unknown flag");
  checkEqual(u64(retype(CapType.Endpoint, 1n << 16n, SERVICE)), wrong, "an unused bit");
  checkEqual(u64(retype(CapType.Endpoint, 256n | (4n * WORDS), SERVICE)), 0n, "the deepest");
}

/** A place is reserved: the answer finds room though the ring is full. */
function oneShotHasItsPlace(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkSent(CLIENT, 1n);
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 2n)), u64(u32(ErrorCode.QueueFull)), "the last place is reserved");
  checkSent(ONCE, 3n);
  checkReceived(1n, 77n);
  checkReceived(3n, 5n);
  checkNothing();
}

function oneShotIsUsedOnce(): void {
  prepare(1n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkSent(ONCE, 3n);
  checkEqual(u64(sendWord(Syscall.NbSend, ONCE, 4n)), u64(u32(ErrorCode.IllegalOperation)), "the slot is empty");
  checkReceived(3n, 5n);
  checkSent(CLIENT, 1n);
}

function fullRingReservesNothing(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkSent(CLIENT, 1n);
  checkEqual(u64(mintOnce(ENDPOINT, ARRIVED, 7n, 6n)), u64(u32(ErrorCode.QueueFull)), "no place left");
  checkEqual(u64(copyTo(ARRIVED, FIRST, 7n)), u64(u32(ErrorCode.InvalidCapability)), "nothing was made (I12)");
}

function oneShotNeedsARing(): void {
  prepare(0n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), u64(u32(ErrorCode.QueueFull)), "a rendezvous keeps nothing");
}

function oneShotArgumentsAreChecked(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 0n)), u64(u32(ErrorCode.InvalidArgument)), "no badge");
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 5n, 5n)), u64(u32(ErrorCode.IllegalOperation)), "no right to send");
  checkEqual(u64(mintOnce(NOTIFICATION, ONCE, 7n, 5n)), u64(u32(ErrorCode.InvalidArgument)), "not an endpoint");
  checkEqual(u64(mintOnce(CLIENT, ONCE, 7n, 5n)), u64(u32(ErrorCode.IllegalOperation)), "badged already");
  checkEqual(u64(mintOnce(ENDPOINT, CLIENT, 7n, 5n)), u64(u32(ErrorCode.DeleteFirst)), "the slot is taken");
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "first of two places");
  checkEqual(u64(mintOnce(ENDPOINT, ARRIVED, 7n, 6n)), 0n, "none of the failures has taken one (I12)");
}

function unusedOneShotTellsItsFate(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(remove(ONCE)), 0n, "destroyed unused");
  checkFate(5n, 0n);
  checkNothing();
  checkSent(CLIENT, 1n);
  checkSent(CLIENT, 2n);
}

function receivedOneShotTellsItsFate(): void {
  prepare(2n);
  checkEqual(u64(retype(CapType.Endpoint, 1n, SERVICE)), 0n, "another endpoint");
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(sendCapability(SERVICE, ONCE)), 0n, "sent along");
  checkEqual(receiveCapability(SERVICE, ARRIVED), 1n, "received");
  checkEqual(u64(remove(ARRIVED)), 0n, "destroyed unused");
  checkFate(5n, 1n);
}

function unreceivedOneShotTellsItsFate(): void {
  prepare(2n);
  checkEqual(u64(retype(CapType.Endpoint, 1n, SERVICE)), 0n, "another endpoint");
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(sendCapability(SERVICE, ONCE)), 0n, "sent along");
  checkEqual(receiveCapability(SERVICE, 0), 0n, "the receiver has no slot for it");
  checkFate(5n, 0n);
}

function fateReachesAWaitingReceiver(): void {
  prepare(1n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  makeThread(0, THREAD, addressOfFunction(receiver), HIGH);
  resume(THREAD);
  checkEqual(u64(remove(ONCE)), 0n, "destroyed unused");
  checkEqual(seen.count, 5n, "it is told at once");
  checkSent(CLIENT, 1n);
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 2n)), u64(u32(ErrorCode.QueueFull)), "the place was given back once");
}

function answerReachesAWaitingReceiver(): void {
  prepare(1n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  makeThread(0, THREAD, addressOfFunction(receiver), HIGH);
  resume(THREAD);
  checkSent(ONCE, 1n);
  checkEqual(seen.count, 5n, "it comes at once");
  checkSent(CLIENT, 1n);
  checkEqual(u64(sendWord(Syscall.NbSend, CLIENT, 2n)), u64(u32(ErrorCode.QueueFull)), "the place was given back once");
}

/** Who revokes the endpoint's capabilities learns each fate, however many there are. */
function revokeTellsEveryFate(): void {
  prepare(20n);
  for (let i: u32 = 0; i < 20; i++) {
    checkEqual(u64(mintOnce(ENDPOINT, FIRST + 40 + i, 7n, u64(i) + 1n)), 0n, "one-shot");
  }
  checkEqual(u64(revoke(ENDPOINT)), 0n, "revoke");
  let sum: u64 = 0n;
  const message = local<Message>();
  for (let i: u32 = 0; i < 20; i++) {
    systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
    checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Gone)), "Gone");
    sum += message.badge;
  }
  checkEqual(sum, 210n, "each badge once");
  checkNothing();
}

function oneShotOnlySends(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  const illegal = u64(u32(ErrorCode.IllegalOperation));
  const message = local<Message>();
  checkEqual(u64(sendWord(Syscall.Call, ONCE, 1n)), illegal, "no call");
  systemCall(Syscall.NbRecv, ONCE, 0, message);
  checkEqual(u64(errorOf(message)), illegal, "no receive");
  checkEqual(u64(copyTo(ONCE, ARRIVED, 7n)), illegal, "no copy");
  checkEqual(u64(mint(ONCE, ARRIVED, 7n, 6n)), illegal, "no other badge");
  checkSent(ONCE, 1n);
}

/** A failed Send leaves it for the next (I12). */
function refusedSendKeepsTheOneShot(): void {
  prepare(2n | (1n * WORDS));
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  const message = local<Message>();
  message.info = infoWord(0, 2, 0);
  systemCall(Syscall.NbSend, ONCE, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Policy)), "too long");
  checkSent(ONCE, 1n);
  checkReceived(1n, 5n);
}

/** I10 in spirit: what is used up cannot be handed over by its own use. */
function oneShotDoesNotCarryItself(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(sendCapability(ONCE, ONCE)), 0n, "sent with itself");
  checkEqual(receiveCapability(ENDPOINT, ARRIVED), 0n, "none has come");
  checkNothing();
  checkSent(CLIENT, 1n);
  checkSent(CLIENT, 2n);
}

function lastOneShotFindsNobody(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  checkEqual(u64(remove(CLIENT)) + u64(remove(OTHER)) + u64(remove(ENDPOINT)), 0n, "nobody can receive any more");
  checkEqual(u64(sendWord(Syscall.NbSend, ONCE, 1n)), u64(u32(ErrorCode.Gone)), "Gone");
}

/** Answers by its one-shot capability. @entry test_ring_answerer */
function answerer(): void {
  checkSent(ONCE, 6n);
  seen.count += 1n;
  const message = local<Message>();
  for (;;) systemCall(Syscall.Wait, NOTIFICATION, 0, message);
}

/** An answer that has been given stays given, though its sender dies before it is received. */
function answerOutlivesItsSender(): void {
  prepare(2n);
  checkEqual(u64(mintOnce(ENDPOINT, ONCE, 7n, 5n)), 0n, "one-shot");
  makeThread(0, THREAD, addressOfFunction(answerer), HIGH);
  resume(THREAD);
  checkEqual(seen.count, 1n, "it has answered");
  checkEqual(u64(remove(THREAD)), 0n, "and is gone");
  checkReceived(6n, 5n);
}

/** A thousand requests with a reply capability each, half of them unanswered: nothing is lost or left. */
function fatesBalance(): void {
  prepare(4n);
  checkEqual(u64(retype(CapType.Endpoint, 4n, SERVICE)), 0n, "the service");
  let answered: u64 = 0n;
  let gone: u64 = 0n;
  const message = local<Message>();
  for (let i: u64 = 0n; i < 1000n; i += 1n) {
    check(mintOnce(ENDPOINT, ONCE, 7n, i + 1n) === 0, "one-shot");
    check(sendCapability(SERVICE, ONCE) === 0, "request");
    check(receiveCapability(SERVICE, ARRIVED) === 1n, "received");
    if (i % 2n === 0n) check(sendWord(Syscall.NbSend, ARRIVED, i) === 0, "answer");
    else check(remove(ARRIVED) === 0, "dropped");
    systemCall(Syscall.NbRecv, ENDPOINT, 0, message);
    check(message.badge === i + 1n, "its own");
    if (errorOf(message) === u32(ErrorCode.Gone)) gone += 1n;
    else answered += 1n;
  }
  checkEqual(answered, 500n, "answered");
  checkEqual(gone, 500n, "gone");
}

/** Without a ring there is nothing to keep, but still what may come in. */
function policyOfARendezvous(): void {
  prepare(BADGED | NO_CAPS | (2n * WORDS));
  const message = local<Message>();
  checkEqual(u64(sendWord(Syscall.Send, ENDPOINT, 1n)), u64(u32(ErrorCode.Refused)), "badged senders only");
  message.info = infoWord(0, 3, 0);
  systemCall(Syscall.Send, CLIENT, 0, message);
  checkEqual(u64(errorOf(message)), u64(u32(ErrorCode.Policy)), "two words at most");
  checkEqual(u64(sendCapability(CLIENT, NOTIFICATION)), u64(u32(ErrorCode.Policy)), "no capabilities");
}

/** There is room, but not for this badge. */
function senderWaitsForShare(): void {
  prepare(3n | (1n * SHARE));
  checkSent(CLIENT, 1n);
  makeThread(0, THREAD, addressOfFunction(sender), HIGH);
  resume(THREAD);
  checkEqual(seen.count, 0n, "it waits");
  checkSent(OTHER, 2n);
  checkReceived(1n, 77n);
  checkReceived(9n, 77n);
  checkEqual(seen.count, 1n, "it goes on");
  checkReceived(2n, 88n);
}

const TESTS = 36;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "ring: messages are kept", run: messagesAreKept },
  { name: "ring: full ring refuses", run: fullRingRefuses },
  { name: "ring: share is kept", run: shareIsKept },
  { name: "ring: send waits when full", run: sendWaitsWhenFull },
  { name: "ring: calls keep their place among messages", run: callsKeepTheirPlaceAmongMessages },
  { name: "ring: unbadged sender is refused", run: unbadgedSenderIsRefused },
  { name: "ring: largest message is kept", run: largestMessageIsKept },
  { name: "ring: capabilities can be forbidden", run: capabilitiesCanBeForbidden },
  { name: "ring: long message is whole", run: longMessageIsWhole },
  { name: "ring: capability travels", run: capabilityTravels },
  { name: "ring: revoked capability does not arrive", run: revokedCapabilityDoesNotArrive },
  { name: "ring: capability without slot ends", run: capabilityWithoutSlotEnds },
  { name: "ring: dead senders messages leave", run: deadSendersMessagesLeave },
  { name: "ring: suspended senders messages stay", run: suspendedSendersMessagesStay },
  { name: "ring: messages outlive the receiver", run: messagesOutliveTheReceiver },
  { name: "ring: endpoint takes its messages along", run: endpointTakesItsMessagesAlong },
  { name: "ring: wrong policy is refused", run: wrongPolicyIsRefused },
  { name: "ring: one shot has its place", run: oneShotHasItsPlace },
  { name: "ring: one shot is used once", run: oneShotIsUsedOnce },
  { name: "ring: full ring reserves nothing", run: fullRingReservesNothing },
  { name: "ring: one shot needs a ring", run: oneShotNeedsARing },
  { name: "ring: one shot arguments are checked", run: oneShotArgumentsAreChecked },
  { name: "ring: unused one shot tells its fate", run: unusedOneShotTellsItsFate },
  { name: "ring: received one shot tells its fate", run: receivedOneShotTellsItsFate },
  { name: "ring: unreceived one shot tells its fate", run: unreceivedOneShotTellsItsFate },
  { name: "ring: fate reaches a waiting receiver", run: fateReachesAWaitingReceiver },
  { name: "ring: answer reaches a waiting receiver", run: answerReachesAWaitingReceiver },
  { name: "ring: revoke tells every fate", run: revokeTellsEveryFate },
  { name: "ring: one shot only sends", run: oneShotOnlySends },
  { name: "ring: refused send keeps the one shot", run: refusedSendKeepsTheOneShot },
  { name: "ring: one shot does not carry itself", run: oneShotDoesNotCarryItself },
  { name: "ring: last one shot finds nobody", run: lastOneShotFindsNobody },
  { name: "ring: answer outlives its sender", run: answerOutlivesItsSender },
  { name: "ring: fates balance", run: fatesBalance },
  { name: "ring: a policy holds for a rendezvous too", run: policyOfARendezvous },
  { name: "ring: a sender waits for its share", run: senderWaitsForShare },
];

export function runRing(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
