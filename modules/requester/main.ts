import { writeDecimal, writeText } from "../../kernel/output";
import { Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { type LoadModuleRequest, LoadPurpose } from "../../protocol/load";
import type { LogRow } from "../../protocol/logging";
import { encodeLoadModuleRequest } from "../../protocol/marshal/load";
import { setName } from "../../protocol/texts";
import { exit } from "../../user/exit";
import { Fate } from "../../user/fate";
import { endLine, openLog } from "../../user/log";
import { errorOf, type Message, systemCall } from "../../user/message";
import { numberParameter, openParameters, parameter } from "../../user/parameters";
import { type Random, randomBelow, seedRandom } from "../../user/random";
import { KV_PROTOCOL, KV_SERVICE, type Kv } from "../kv/client";
import { LOGGING_PROTOCOL, LOGGING_SERVICE, readLogLine, sendLogLine } from "../logging/client";
import { Heard, hear, hearWithin, nowNs, openAnswers, placeForAnswer, takePlaceBack } from "./answers";
import { forgetKeys, type KeyOutcome, nameKeys, useKey } from "./keys";
import {
  type Account,
  beginRequest,
  endRequest,
  isBalanced,
  type Ledger,
  noteWrong,
  openRequests,
  PEERS,
  Peer,
  sumAccounts,
} from "./ledger";
import { findService, type Service } from "./services";
import { KV, LOG, LOGGING, MODULES, ONE_SHOT } from "./slots";

/**
 * A load generator that loses nothing: random requests to `kv` and `logging`, and loads, for a while; each request stands in a
 * ledger until its answer has come, or the kernel's word that there will be none. At the end it says a line for each peer,
 * and whether all is balanced; its exit code is 0 then.
 *
 *   load requester --param seconds=30 --param seed=7        count=N ends it after so many requests, loads=off asks for none
 */

const NS_PER_S = 1_000_000_000n;
const DEFAULT_SECONDS = 30n;
/** How long it waits for the last answers. */
const LAST_NS = 60_000_000_000n;
/** Between looks for services when there are none. */
const PAUSE_NS = 5_000_000n;
/** One request in so many is for a module; of these so many are open at once. */
const LOAD_EVERY = 1024;
const MAX_LOADS = 2;
const NAME: Bytes = "requester";
const LINE: Bytes = "a line of no consequence, as it is said by whoever has nothing to tell and does so all the same";

interface Plan extends Struct<"Plan"> {
  endNs: u64;
  /** Of requests; 0 for no limit. */
  most: u64;
  hasLoads: boolean;
}

const plan: Plan = zeroed();
const random: Random = zeroed();
const ledger: Ledger = zeroed();
const kv: Kv = zeroed();
const kvService: Service = zeroed();
const loggingService: Service = zeroed();
const outcome: KeyOutcome = zeroed();
const row: LogRow = zeroed();
const loadRequest: LoadModuleRequest = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  openLog(LOG);
  openParameters();
  openAnswers();
  const seed = numberParameter("seed", 1n);
  seedRandom(random, seed);
  nameKeys(seed);
  plan.endNs = nowNs() + numberParameter("seconds", DEFAULT_SECONDS) * NS_PER_S;
  plan.most = numberParameter("count", 0n);
  plan.hasLoads = !isEqual(parameter("loads"), "off");
  kv.endpoint = KV;
  kvService.slot = KV;
  loggingService.slot = LOGGING;
  while (nowNs() < plan.endNs && (plan.most === 0n || ledger.lastId < plan.most)) step();
  awaitLast();
  report();
  exit(isBalanced(ledger) ? 0n : 1n);
}

/** What has come is taken, then something is asked for. */
function step(): void {
  const heard = hear(ledger);
  if (heard === Heard.Change) lookAgain();
  if (heard !== Heard.Nothing) return;
  const choice = randomBelow(random, LOAD_EVERY);
  if (choice === 0 && plan.hasLoads && openRequests(ledger, Peer.ModuleManager) < MAX_LOADS) askForModule();
  else if ((choice & 3) === 1) useLogging();
  else useKv();
}

/** Services that were not there may be now. */
function lookAgain(): void {
  kvService.againNs = 0n;
  loggingService.againNs = 0n;
}

function pause(): void {
  if (hearWithin(ledger, PAUSE_NS) === Heard.Change) lookAgain();
}

function useKv(): void {
  const wasFound = kvService.isFound;
  if (!findService(ledger, kvService, KV_SERVICE, KV_PROTOCOL)) {
    pause();
    return;
  }
  if (!wasFound) forgetKeys();
  const id = beginRequest(ledger, Peer.Kv);
  useKey(kv, random, outcome);
  endRequest(ledger, id, outcome.fate);
  if (outcome.isWrong) noteWrong(ledger, Peer.Kv);
  if (outcome.fate !== Fate.Answered) kvService.isFound = false;
}

function useLogging(): void {
  if (!findService(ledger, loggingService, LOGGING_SERVICE, LOGGING_PROTOCOL)) {
    pause();
    return;
  }
  if (randomBelow(random, 4) === 0) readLine();
  else sendLine();
}

function readLine(): void {
  const id = beginRequest(ledger, Peer.Logging);
  const fate = readLogLine(LOGGING, id, 0n, row);
  endRequest(ledger, id, fate);
  if (fate !== Fate.Answered) loggingService.isFound = false;
}

function sendLine(): void {
  const id = beginRequest(ledger, Peer.Logging);
  if (!placeForAnswer(id)) {
    endRequest(ledger, id, Fate.Refused);
    pause();
    return;
  }
  const line = subslice(LINE, 0, randomBelow(random, LINE.length + 1));
  if (sendLogLine(LOGGING, id, NAME, line, ONE_SHOT) === 0) return;
  takePlaceBack(ledger, id);
  loggingService.isFound = false;
}

/** Itself, to be verified alone; what may lie under its name; or one that is not its own, which is refused. */
function askForModule(): void {
  const message = local<Message>();
  const id = beginRequest(ledger, Peer.ModuleManager);
  if (!placeForAnswer(id)) {
    endRequest(ledger, id, Fate.Refused);
    return;
  }
  const which = randomBelow(random, 4);
  setName(loadRequest.name, which === 0 ? "hello" : which === 1 ? "requester.guest" : NAME);
  loadRequest.purpose = which < 2 ? LoadPurpose.Run : LoadPurpose.Verify;
  loadRequest.requestId = id;
  loadRequest.replyTo = ONE_SHOT;
  encodeLoadModuleRequest(loadRequest, message);
  systemCall(Syscall.NbSend, MODULES, 0, message);
  if (errorOf(message) !== 0) takePlaceBack(ledger, id);
}

function awaitLast(): void {
  const until = nowNs() + LAST_NS;
  while (ledger.openCount !== 0 && nowNs() < until) hearWithin(ledger, NS_PER_S);
}

function report(): void {
  const sum = local<Account>();
  for (let i: u32 = 0; i < PEERS; i++) reportAccount(nameOfPeer(toEnum<Peer>(i)), ledger.accounts[i]);
  sumAccounts(ledger, sum);
  writeText("requester: ");
  writeCount(sum.sent, " sent, ");
  writeCount(sum.answered, " answered, ");
  writeCount(sum.neverReceived + sum.notAnswered, " gone, ");
  writeCount(sum.refused, " refused, ");
  if (isBalanced(ledger)) writeText("balanced");
  else {
    writeText("NOT balanced: ");
    writeCount(u64(ledger.openCount), " open, ");
    writeCount(ledger.strays, " ends too many, ");
    writeCount(sum.wrong, " wrong");
  }
  endLine();
}

function reportAccount(name: Bytes, account: Account): void {
  writeText("requester: to ");
  writeText(name);
  writeText(": ");
  writeCount(account.sent, " sent, ");
  writeCount(account.answered, " answered, ");
  writeCount(account.neverReceived, " never received, ");
  writeCount(account.notAnswered, " not answered, ");
  writeCount(account.refused, " refused, ");
  writeCount(account.wrong, " wrong");
  endLine();
}

function writeCount(count: u64, what: Bytes): void {
  writeDecimal(count);
  writeText(what);
}

function nameOfPeer(peer: Peer): Bytes {
  switch (peer) {
    case Peer.Kv:
      return "kv";
    case Peer.Logging:
      return "logging";
    case Peer.ModuleManager:
      return "module-manager";
    case Peer.Directory:
      return "service-directory";
    default:
      unreachable(peer);
  }
}
