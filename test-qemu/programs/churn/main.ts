import { SLOT_CNODE } from "../../../kernel/initSlots";
import { SLOT_FIRST_GRANT, SLOT_PROCESS, SLOT_THREAD } from "../../../kernel/object/processSlots";
import { writeDecimal, writeText } from "../../../kernel/output";
import { Invocation, Syscall } from "../../../kernel/syscall/invocation";
import { MessageFault } from "../../../protocol/error";
import type { LoadModuleRequest, LoadModuleResponse } from "../../../protocol/load";
import { decodeLoadModuleResponse, encodeLoadModuleRequest } from "../../../protocol/marshal/load";
import { LoadStatus } from "../../../protocol/status";
import { setName } from "../../../protocol/texts";
import { ask, mintInto, mintOnce, remove } from "../../../user/calls";
import { exit } from "../../../user/exit";
import { endLine, openLog } from "../../../user/log";
import { detailOf, errorOf, type Message, systemCall } from "../../../user/message";
import { processCreateEndpoint } from "../../../user/stubs/process";
import { timerNow } from "../../../user/stubs/timer";

/**
 * A module that has modules loaded, two at a time, and keeps account: each request has to be answered once, or its one-shot
 * capability has to tell that it will not be. Exits with 0 if it was so, else with the number of what was not.
 */

const LOG = SLOT_FIRST_GRANT;
const BELL = SLOT_FIRST_GRANT + 1;
const TIMER = SLOT_FIRST_GRANT + 2;
const MODULES = SLOT_FIRST_GRANT + 3;
const ANSWERS = 40;
const ONE_SHOT = 41;
const SIGNAL = 42;
const ANSWERS_POLICY = 8n;
const SEND_AND_PASS = 6n;
const ALL_RIGHTS = 7n;
const ROUNDS = 20;
const SIGNAL_BADGE = 0x1_0000_0000n;
/** The ModuleManager's own limit, and some more. */
const PATIENCE_NS = 30_000_000_000n;
const FIRST: Bytes = "test.churn.hello";
const SECOND: Bytes = "test.churn.brief";

interface Ledger extends Struct<"Ledger"> {
  /** Of the next request. */
  next: u64;
  /** Requests that are on their way; 0: none. */
  readonly open: FixedArray<u64, 2>;
  answered: u32;
  loaded: u32;
  /** Of those whose one-shot capability came back: whether the request was received. */
  received: u32;
  neverReceived: u32;
  /** Neither answered nor told of; answered twice, or not asked for. */
  lost: u32;
  wrong: u32;
}

const ledger: Ledger = zeroed();
const request: LoadModuleRequest = zeroed();
const response: LoadModuleResponse = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openLog(LOG);
  processCreateEndpoint(message, SLOT_PROCESS, ANSWERS_POLICY, u64(ANSWERS), SLOT_CNODE);
  mintInto(SLOT_CNODE, BELL, SIGNAL, ALL_RIGHTS, SIGNAL_BADGE);
  ask(SLOT_THREAD, Invocation.ThreadBindNotification, 0n, 0n, BELL);
  for (let i: u32 = 0; i < ROUNDS; i++) {
    load(0, FIRST);
    load(1, SECOND);
    while (ledger.open[0] !== 0n || ledger.open[1] !== 0n) take();
  }
  tell();
  exit(u64(ledger.lost + ledger.wrong));
}

function load(place: u32, name: Bytes): void {
  const message = local<Message>();
  ledger.next += 1n;
  ledger.open[place & 1] = ledger.next;
  setName(request.name, name);
  request.requestId = ledger.next;
  request.replyTo = ONE_SHOT;
  mintOnce(ANSWERS, ONE_SHOT, SEND_AND_PASS, ledger.next);
  encodeLoadModuleRequest(request, message);
  systemCall(Syscall.Send, MODULES, 0, message);
  // Then it comes back at once: it was never received.
  if (errorOf(message) !== 0) remove(ONE_SHOT);
  timerNow(message, TIMER);
  ask(TIMER, Invocation.TimerArm, message.words[0] + PATIENCE_NS, 0n, SIGNAL);
}

/** The next answer, or fate, or the end of patience. */
function take(): void {
  const message = local<Message>();
  systemCall(Syscall.Recv, ANSWERS, 0, message);
  const id = message.badge;
  if (id === SIGNAL_BADGE) {
    ledger.lost += u32(ledger.open[0] !== 0n) + u32(ledger.open[1] !== 0n);
    ledger.open[0] = 0n;
    ledger.open[1] = 0n;
    return;
  }
  if (!close(id)) ledger.wrong++;
  if (errorOf(message) !== 0) {
    if (detailOf(message) === 0) ledger.neverReceived++;
    else ledger.received++;
    return;
  }
  if (decodeLoadModuleResponse(message, response) !== MessageFault.None || response.requestId !== id) ledger.wrong++;
  ledger.answered++;
  if (response.status === LoadStatus.Success) ledger.loaded++;
}

function close(id: u64): boolean {
  for (let i: u32 = 0; i < 2; i++) {
    if (ledger.open[i] !== id) continue;
    ledger.open[i] = 0n;
    return true;
  }
  return false;
}

function tell(): void {
  writeText("churn: ");
  writeDecimal(ledger.next);
  writeText(" requests, answered ");
  writeDecimal(u64(ledger.answered));
  writeText(" (loaded ");
  writeDecimal(u64(ledger.loaded));
  writeText("), received and not answered ");
  writeDecimal(u64(ledger.received));
  writeText(", never received ");
  writeDecimal(u64(ledger.neverReceived));
  writeText(", lost ");
  writeDecimal(u64(ledger.lost));
  writeText(", wrong ");
  writeDecimal(u64(ledger.wrong));
  endLine();
}
