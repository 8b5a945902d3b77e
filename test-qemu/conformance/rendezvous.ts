import { CapType } from "../../kernel/cap/capability";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Syscall } from "../../kernel/syscall/invocation";
import { detailOf, errorOf, infoWord, type Message, systemCall } from "../../user/message";
import {
  beginTest,
  checkEqual,
  doneBy,
  endTest,
  FIRST,
  fails,
  makeWorker,
  messageOf,
  mint,
  moveTo,
  remove,
  resume,
  retype,
  sendWord,
  setOwnPriority,
  startWord,
  startWorker,
  succeeds,
  suspend,
  type TestRow,
  WORKER,
} from "./harness";

/** Who meets whom at an endpoint, in which order, and what becomes of those that leave. */

const ENDPOINT = FIRST + 10;
const REPLY = FIRST + 11;
const CLIENT = FIRST + 12;
const NOTIFICATION = FIRST + 13;
const OTHER = FIRST + 14;
const OTHER_REPLY = FIRST + 15;
const MOVED = FIRST + 16;
const HIGH = 200n;
const LOW = 100n;
const NEVER_RECEIVED = 0n;
const NOT_ANSWERED = 1n;

function prepare(workers: u32): void {
  setOwnPriority(150n);
  succeeds(retype(CapType.Endpoint, 0n, ENDPOINT), "endpoint");
  succeeds(retype(CapType.Endpoint, 0n, OTHER), "another");
  succeeds(retype(CapType.Reply, 0n, REPLY), "reply");
  succeeds(retype(CapType.Reply, 0n, OTHER_REPLY), "another");
  succeeds(retype(CapType.Notification, 0n, NOTIFICATION), "notification");
  succeeds(mint(ENDPOINT, CLIENT, 7n, 77n), "client's badge");
  for (let i: u32 = 0; i < workers; i++) makeWorker(i, HIGH);
}

/** Workers 0, 1 and 2 wait to send the words 1, 2 and 3. */
function queueSenders(number: Syscall): void {
  prepare(3);
  for (let i: u32 = 0; i < 3; i++) startWord(i, number, CLIENT, u64(i) + 1n);
}

/** Workers 0, 1 and 2 wait for a message. */
function queueReceivers(): void {
  prepare(3);
  for (let i: u32 = 0; i < 3; i++) startWorker(i, Syscall.Recv, ENDPOINT, 0);
}

function checkReceived(word: u64): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  succeeds(errorOf(message), "received");
  checkEqual(message.words[0], word, "its word");
}

function checkNobody(): void {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  fails(errorOf(message), ErrorCode.Busy, "nobody sends");
}

function answer(reply: u32): u32 {
  const message = local<Message>();
  message.info = infoWord(6, 1, 0);
  message.words[0] = 60n;
  systemCall(Syscall.Reply, 0, reply, message);
  return errorOf(message);
}

function checkGone(worker: u32, fate: u64): void {
  fails(errorOf(messageOf(worker)), ErrorCode.Gone, "Gone");
  checkEqual(u64(detailOf(messageOf(worker))), fate, "what became of it");
}

/** I8, I9. */
function sendersInOrder(): void {
  queueSenders(Syscall.Send);
  for (let i: u32 = 0; i < 3; i++) {
    checkEqual(doneBy(i), 0n, "it waits");
    checkReceived(u64(i) + 1n);
    checkEqual(doneBy(i), 1n, "it goes on");
    succeeds(errorOf(messageOf(i)), "without an error");
  }
  checkNobody();
}

function receiversInOrder(): void {
  queueReceivers();
  for (let i: u32 = 0; i < 3; i++) succeeds(sendWord(Syscall.NbSend, CLIENT, u64(i) + 1n), "sent");
  for (let i: u32 = 0; i < 3; i++) checkEqual(messageOf(i).words[0], u64(i) + 1n, "in the order in which they came");
}

/** I8: from the middle; the others keep their places. */
function suspendedSender(): void {
  queueSenders(Syscall.Send);
  suspend(WORKER + 2);
  checkReceived(1n);
  checkReceived(3n);
  checkNobody();
}

function suspendedSenderIsTold(): void {
  queueSenders(Syscall.Send);
  suspend(WORKER + 2);
  resume(WORKER + 2);
  checkEqual(doneBy(1), 1n, "it does not send again");
  checkGone(1, NEVER_RECEIVED);
}

function deletedSender(): void {
  queueSenders(Syscall.Send);
  succeeds(remove(WORKER + 2), "delete");
  checkReceived(1n);
  checkReceived(3n);
  checkNobody();
}

/** I9: then a receiver may wait there. */
function lastSenderLeaves(): void {
  prepare(2);
  startWord(0, Syscall.Send, CLIENT, 1n);
  suspend(WORKER);
  startWorker(1, Syscall.Recv, ENDPOINT, 0);
  succeeds(sendWord(Syscall.NbSend, CLIENT, 8n), "sent");
  checkEqual(messageOf(1).words[0], 8n, "received");
}

function suspendedReceiver(): void {
  queueReceivers();
  suspend(WORKER + 2);
  for (let i: u64 = 1n; i <= 2n; i += 1n) succeeds(sendWord(Syscall.NbSend, CLIENT, i), "sent");
  fails(sendWord(Syscall.NbSend, CLIENT, 3n), ErrorCode.QueueFull, "nobody else waits");
  checkEqual(messageOf(0).words[0], 1n, "the first");
  checkEqual(messageOf(2).words[0], 2n, "the third");
}

/** Not that a message has come: it would read what is not one. */
function suspendedReceiverIsTold(): void {
  prepare(1);
  messageOf(0).info = infoWord(1, 1, 0);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  suspend(WORKER);
  resume(WORKER);
  checkEqual(doneBy(0), 1n, "it goes on");
  fails(errorOf(messageOf(0)), ErrorCode.Busy, "there was none");
}

function sendReturns(): void {
  prepare(1);
  startWord(0, Syscall.Send, CLIENT, 5n);
  checkEqual(doneBy(0), 0n, "not before");
  checkReceived(5n);
  checkEqual(messageOf(0).info, 0n, "nothing is left of it");
}

function sendToReceiver(): void {
  prepare(1);
  startWorker(0, Syscall.Recv, ENDPOINT, 0);
  succeeds(sendWord(Syscall.Send, CLIENT, 5n), "sent");
  checkEqual(messageOf(0).words[0], 5n, "received");
}

function nbRecvOfACall(): void {
  prepare(1);
  startWord(0, Syscall.Call, CLIENT, 5n);
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ENDPOINT, REPLY, message);
  checkEqual(message.words[0], 5n, "received without waiting");
  checkEqual(doneBy(0), 0n, "its caller waits for the answer");
  succeeds(answer(REPLY), "answer");
  checkEqual(messageOf(0).words[0], 60n, "it has it");
}

function replyRecvWithoutCaller(): void {
  prepare(1);
  startWord(0, Syscall.Send, CLIENT, 5n);
  const message = local<Message>();
  systemCall(Syscall.ReplyRecv, ENDPOINT, REPLY, message);
  checkEqual(message.words[0], 5n, "received");
}

/** I12: the message is still there. */
function replyRecvWithoutReply(): void {
  prepare(1);
  startWord(0, Syscall.Send, CLIENT, 5n);
  const message = local<Message>();
  systemCall(Syscall.ReplyRecv, ENDPOINT, NOTIFICATION, message);
  fails(errorOf(message), ErrorCode.InvalidCapability, "not a Reply");
  checkReceived(5n);
}

function answerNeedsReply(): void {
  prepare(0);
  fails(answer(NOTIFICATION), ErrorCode.InvalidCapability, "a notification");
  fails(answer(0), ErrorCode.InvalidCapability, "nothing");
  fails(answer(0xffff), ErrorCode.FailedLookup, "no slot");
}

function movedReply(): void {
  prepare(2);
  startWord(0, Syscall.Call, CLIENT, 5n);
  checkReceived(5n);
  succeeds(moveTo(REPLY, MOVED), "move");
  messageOf(1).words[0] = 44n;
  messageOf(1).info = infoWord(4, 1, 0);
  startWorker(1, Syscall.Reply, 0, MOVED);
  checkEqual(messageOf(0).words[0], 44n, "the caller has the other's answer");
}

/** I10. */
function secondAnswer(): void {
  prepare(1);
  startWord(0, Syscall.Call, CLIENT, 5n);
  checkReceived(5n);
  succeeds(answer(REPLY), "first");
  startWord(0, Syscall.Call, CLIENT, 6n);
  succeeds(answer(REPLY), "no error");
  checkEqual(doneBy(0), 1n, "the next call waits");
  checkReceived(6n);
}

/** I10. */
function replyOfTwo(): void {
  prepare(1);
  startWorker(0, Syscall.Recv, ENDPOINT, REPLY);
  const message = local<Message>();
  systemCall(Syscall.Recv, OTHER, REPLY, message);
  fails(errorOf(message), ErrorCode.Busy, "it is with another");
  suspend(WORKER);
  systemCall(Syscall.NbRecv, OTHER, REPLY, message);
  fails(errorOf(message), ErrorCode.Busy, "nobody sends there");
  startWord(0, Syscall.Call, CLIENT, 5n);
}

function replyStaysFree(): void {
  queueSenders(Syscall.Send);
  checkReceived(1n);
  checkReceived(2n);
}

/** As long as the Reply does: another server answers (handover). */
function callOutlivesServer(): void {
  prepare(2);
  startWorker(1, Syscall.Recv, ENDPOINT, REPLY);
  startWord(0, Syscall.Call, CLIENT, 5n);
  checkEqual(messageOf(1).words[0], 5n, "received");
  succeeds(remove(WORKER + 2), "the server is gone");
  checkEqual(doneBy(0), 0n, "its caller waits");
  succeeds(answer(REPLY), "answer");
  checkEqual(messageOf(0).words[0], 60n, "it has one");
}

function callOutlivesEndpoint(): void {
  prepare(1);
  startWord(0, Syscall.Call, CLIENT, 5n);
  checkReceived(5n);
  succeeds(remove(CLIENT), "delete");
  succeeds(remove(ENDPOINT), "delete");
  succeeds(answer(REPLY), "answer");
  checkEqual(messageOf(0).words[0], 60n, "it has one");
}

/** I10. */
function deletedCaller(): void {
  prepare(2);
  startWord(0, Syscall.Call, CLIENT, 5n);
  checkReceived(5n);
  succeeds(remove(WORKER), "the caller is gone");
  startWord(1, Syscall.Call, CLIENT, 6n);
  checkReceived(6n);
  succeeds(answer(REPLY), "answer");
  checkEqual(messageOf(1).words[0], 60n, "the next one has it");
}

function endpointEndsReceivers(): void {
  queueReceivers();
  succeeds(remove(CLIENT), "delete");
  checkEqual(doneBy(0), 0n, "one capability is left");
  succeeds(remove(ENDPOINT), "delete");
  for (let i: u32 = 0; i < 3; i++) checkGone(i, NEVER_RECEIVED);
}

function endpointEndsCallers(): void {
  queueSenders(Syscall.Call);
  succeeds(remove(CLIENT), "delete");
  succeeds(remove(ENDPOINT), "delete");
  for (let i: u32 = 0; i < 3; i++) checkGone(i, NEVER_RECEIVED);
}

/** Worker 0 calls worker 1, which calls this thread before it answers. */
function nestedCalls(): void {
  prepare(2);
  startWorker(1, Syscall.Recv, ENDPOINT, REPLY);
  startWord(0, Syscall.Call, CLIENT, 5n);
  startWord(1, Syscall.Call, OTHER, 6n);
  const message = local<Message>();
  systemCall(Syscall.Recv, OTHER, OTHER_REPLY, message);
  checkEqual(message.words[0], 6n, "the inner call");
  succeeds(answer(OTHER_REPLY), "answer");
  checkEqual(messageOf(1).words[0], 60n, "the inner answer");
  checkEqual(doneBy(0), 0n, "the outer call still waits");
  messageOf(1).words[0] = 50n;
  messageOf(1).info = infoWord(0, 1, 0);
  startWorker(1, Syscall.Reply, 0, REPLY);
  checkEqual(messageOf(0).words[0], 50n, "the outer answer");
}

function answeredCallerWaits(): void {
  prepare(0);
  makeWorker(0, LOW);
  startWord(0, Syscall.Call, CLIENT, 5n);
  const message = local<Message>();
  systemCall(Syscall.Recv, ENDPOINT, REPLY, message);
  checkEqual(message.words[0], 5n, "it has called while this thread waited");
  succeeds(answer(REPLY), "answer");
  checkEqual(doneBy(0), 0n, "this thread goes on first");
  setOwnPriority(50n);
  checkEqual(doneBy(0), 1n, "then the caller");
}

function lookups(): void {
  prepare(0);
  const message = local<Message>();
  for (let number: u32 = 0; number < u32(Syscall.Yield); number++) {
    message.info = infoWord(0, 0, 0);
    systemCall(toEnum<Syscall>(number), 0xffff, 0xffff, message);
    fails(errorOf(message), ErrorCode.FailedLookup, "there is no such slot");
  }
}

/** Each is tried on what the others take. */
function wrongObjects(): void {
  prepare(0);
  const message = local<Message>();
  const illegal = ErrorCode.IllegalOperation;
  fails(sendWord(Syscall.Send, WORKER, 1n), illegal, "send to nothing");
  fails(sendWord(Syscall.NbSend, REPLY, 1n), illegal, "send to a Reply");
  fails(sendWord(Syscall.Call, NOTIFICATION, 1n), illegal, "call a Notification");
  systemCall(Syscall.NbRecv, NOTIFICATION, 0, message);
  fails(errorOf(message), illegal, "receive from a Notification");
  systemCall(Syscall.Wait, ENDPOINT, 0, message);
  fails(errorOf(message), illegal, "wait for an Endpoint");
  systemCall(Syscall.Poll, REPLY, 0, message);
  fails(errorOf(message), illegal, "poll a Reply");
}

/** I8: the caller is still the one that runs, and in no queue. */
function callWithoutReply(): void {
  const message = local<Message>();
  prepare(2);
  startWorker(0, Syscall.Recv, ENDPOINT, 0);
  setOwnPriority(250n);
  message.info = infoWord(3, 1, 0);
  systemCall(Syscall.Call, CLIENT, 0, message);
  fails(errorOf(message), ErrorCode.Gone, "nobody will answer");
  checkEqual(u64(detailOf(message)), NOT_ANSWERED, "what became of it");
  startWord(1, Syscall.NbSend, NOTIFICATION, 0n);
  checkEqual(doneBy(1), 0n, "it has the processor");
  systemCall(Syscall.Wait, NOTIFICATION, 0, message);
  checkEqual(doneBy(0), 1n, "the message was received");
  checkEqual(message.badge, 1n, "it goes on with the signal, not before");
}

const TESTS = 28;
const tests: FixedArray<Inline<TestRow>, typeof TESTS> = [
  { name: "rendezvous: senders are received in order", run: sendersInOrder },
  { name: "rendezvous: receivers are served in order", run: receiversInOrder },
  { name: "rendezvous: a suspended sender leaves the queue", run: suspendedSender },
  { name: "rendezvous: a suspended sender is told when it goes on", run: suspendedSenderIsTold },
  { name: "rendezvous: a deleted sender leaves the queue", run: deletedSender },
  { name: "rendezvous: the last sender leaves an idle endpoint", run: lastSenderLeaves },
  { name: "rendezvous: a suspended receiver leaves the queue", run: suspendedReceiver },
  { name: "rendezvous: a suspended receiver is told when it goes on", run: suspendedReceiverIsTold },
  { name: "rendezvous: send returns when its message is received", run: sendReturns },
  { name: "rendezvous: send to a receiver does not wait", run: sendToReceiver },
  { name: "rendezvous: a caller is received without waiting", run: nbRecvOfACall },
  { name: "rendezvous: reply and receive without a caller only receives", run: replyRecvWithoutCaller },
  { name: "rendezvous: reply and receive without a reply does neither", run: replyRecvWithoutReply },
  { name: "rendezvous: an answer needs a reply", run: answerNeedsReply },
  { name: "rendezvous: a reply can be handed to another server", run: movedReply },
  { name: "rendezvous: a second answer reaches nobody", run: secondAnswer },
  { name: "rendezvous: a reply has one receiver", run: replyOfTwo },
  { name: "rendezvous: a reply stays free after a message without call", run: replyStaysFree },
  { name: "rendezvous: a call outlives its server", run: callOutlivesServer },
  { name: "rendezvous: a received call outlives its endpoint", run: callOutlivesEndpoint },
  { name: "rendezvous: a deleted caller frees the reply", run: deletedCaller },
  { name: "rendezvous: a waiting receiver learns of the end", run: endpointEndsReceivers },
  { name: "rendezvous: all waiting callers learn of the end", run: endpointEndsCallers },
  { name: "rendezvous: calls nest", run: nestedCalls },
  { name: "rendezvous: a call to a receiver without reply fails at once", run: callWithoutReply },
  { name: "rendezvous: an answered caller waits for its turn", run: answeredCallerWaits },
  { name: "rendezvous: every system call looks its capability up", run: lookups },
  { name: "rendezvous: every system call knows its object", run: wrongObjects },
];

export function runRendezvous(): void {
  for (let i: u32 = 0; i < tests.length; i++) {
    const before = beginTest();
    tests[i].run();
    endTest(tests[i].name, before);
  }
}
