import { ErrorCode, lengthIn } from "../../kernel/ipc/messageInfo";
import { SLOT_CNODE, SLOT_PROCESS, SLOT_THREAD } from "../../kernel/object/processSlots";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { MessageFault } from "../../protocol/error";
import type { LoadModuleResponse } from "../../protocol/load";
import type { LogLineResponse } from "../../protocol/logging";
import { decodeLoadModuleResponse, LOAD_MODULE_RESPONSE } from "../../protocol/marshal/load";
import { decodeLogLineResponse, LOG_LINE_RESPONSE } from "../../protocol/marshal/logging";
import { ask, mintInto, mintOnce, remove } from "../../user/calls";
import { Fate, fateOf } from "../../user/fate";
import { errorOf, labelOf, type Message, systemCall } from "../../user/message";
import { processCreateEndpoint } from "../../user/stubs/process";
import { timerNow } from "../../user/stubs/timer";
import { endRequest, type Ledger, refuseRequest } from "./ledger";
import { ANSWERS, NOTIFICATION, ONE_SHOT, TIMER, TIMER_SIGNAL, WATCH_SIGNAL } from "./slots";

/**
 * Where the answers come to requests that are sent without waiting: each request brings a one-shot capability whose badge is
 * its number. The timer and the directory are heard in the same place.
 */

/** What has come. @storage u8 */
export const enum Heard {
  Nothing,
  /** An answer, or the news that there will be none: the ledger has it. */
  End,
  Timer,
  /** Services have come or gone. */
  Change,
}

/** Answers that can be outstanding. */
const ANSWERS_POLICY = 16n;
const ALL_RIGHTS = 7n;
const SEND_AND_PASS = 6n;
const TIMER_BIT = 1n;
const CHANGE_BIT = 2n;

const lineResponse: LogLineResponse = zeroed();
const loadResponse: LoadModuleResponse = zeroed();

export function openAnswers(): void {
  const message = local<Message>();
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
  mintInto(SLOT_CNODE, NOTIFICATION, TIMER_SIGNAL, ALL_RIGHTS, TIMER_BIT);
  mintInto(SLOT_CNODE, NOTIFICATION, WATCH_SIGNAL, ALL_RIGHTS, CHANGE_BIT);
  ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, NOTIFICATION);
}

/** Uptime. */
export function nowNs(): u64 {
  const message = local<Message>();
  timerNow(message, TIMER);
  return message.words[0];
}

/** Puts the place for request `id`'s answer into ONE_SHOT; false when too many are outstanding. */
export function placeForAnswer(id: u64): boolean {
  return mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, id) === 0;
}

/** The request was not sent: its place for an answer is destroyed, which ends it. */
export function takePlaceBack(ledger: Ledger, id: u64): void {
  refuseRequest(ledger, id);
  remove(ONE_SHOT);
}

/** What has come until now. */
export function hear(ledger: Ledger): Heard {
  const message = local<Message>();
  systemCall(Syscall.NbRecv, ANSWERS, 0, message);
  return take(ledger, message);
}

/** Waits for what comes within `ns` nanoseconds. */
export function hearWithin(ledger: Ledger, ns: u64): Heard {
  const message = local<Message>();
  ask(TIMER, Invocation.TimerArm, nowNs() + ns, 0n, TIMER_SIGNAL);
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  return take(ledger, message);
}

function take(ledger: Ledger, message: Message): Heard {
  const error = errorOf(message);
  if (error === u32(ErrorCode.Gone)) {
    endRequest(ledger, message.badge, fateOf(message));
    return Heard.End;
  }
  if (error !== 0) return Heard.Nothing;
  if (labelOf(message) === 0 && lengthIn(message.info) === 0) {
    return (message.badge & CHANGE_BIT) === 0n ? Heard.Timer : Heard.Change;
  }
  endRequest(ledger, message.badge, isAnswerTo(message, message.badge) ? Fate.Answered : Fate.Garbled);
  return Heard.End;
}

function isAnswerTo(message: Message, id: u64): boolean {
  switch (labelOf(message)) {
    case LOG_LINE_RESPONSE:
      return decodeLogLineResponse(message, lineResponse) === MessageFault.None && lineResponse.requestId === id;
    case LOAD_MODULE_RESPONSE:
      return decodeLoadModuleResponse(message, loadResponse) === MessageFault.None && loadResponse.requestId === id;
    default:
      return false;
  }
}
