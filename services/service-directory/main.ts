/** @unsafe reaches the entries in the Region that outlives this program */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import {
  type DirectoryResponse,
  DirectoryStatus,
  type ListServicesRequest,
  type LookUpServiceRequest,
  type LookUpServiceResponse,
  type RegisterServiceRequest,
  type ServiceRow,
  type WatchServicesRequest,
  type WithdrawServicesRequest,
} from "../../protocol/directory";
import { MessageFault } from "../../protocol/error";
import {
  decodeListServicesRequest,
  decodeLookUpServiceRequest,
  decodeRegisterServiceRequest,
  decodeWatchServicesRequest,
  decodeWithdrawServicesRequest,
  encodeDirectoryResponse,
  encodeLookUpServiceResponse,
  encodeServiceRow,
  LIST_SERVICES_REQUEST,
  LOOK_UP_SERVICE_REQUEST,
  REGISTER_SERVICE_REQUEST,
  WATCH_SERVICES_REQUEST,
  WITHDRAW_SERVICES_REQUEST,
} from "../../protocol/marshal/directory";
import { textOfName } from "../../protocol/texts";
import { isEmptyIn, mapAgain, mintInto, moveInto, remove, removeIn, retype, signal, slotIn } from "../../user/calls";
import { errorOf, labelOf, type Message } from "../../user/message";
import { badgeOfFinder, MAY_LOOK_UP, MAY_REGISTER, MAY_WATCH } from "../badges";
import { answerFault, dropArrived, receive, reply } from "../serve";
import {
  type Directory,
  enter,
  freePlace,
  MAX_SERVICES,
  NO_SERVICE,
  reopen,
  serviceAt,
  serviceNamed,
  takeOut,
  whyNoEntry,
} from "./entries";
import {
  ENTRIES,
  ENTRIES_PAGES,
  FIRST_SERVICE,
  FIRST_WATCHER,
  FOUND,
  MEMORY,
  PERSISTENT,
  REPLY,
  REQUESTS,
} from "./slots";

/**
 * The ServiceDirectory: from names to endpoints. What a sender may do is in the badge of its capability: look up, watch,
 * register. Each change is one message, and is told to all who watch.
 *
 *   register, withdraw ─▶ revision + 1 ─▶ answer ─▶ signal to each watcher
 *
 * Entries, services and watchers lie in a CNode of init's: a new incarnation finds them there, and tells all who watch.
 */

const MAX_WATCHERS = 16;
const SEND_AND_PASS = 6n;
const ENTRIES_ADDRESS = 0x8_0000_0000n;
const READ_WRITE = 3n;

const lookUp: LookUpServiceRequest = zeroed();
const lookedUp: LookUpServiceResponse = zeroed();
const registration: RegisterServiceRequest = zeroed();
const withdrawal: WithdrawServicesRequest = zeroed();
const watch: WatchServicesRequest = zeroed();
const listing: ListServicesRequest = zeroed();
const row: ServiceRow = zeroed();
const response: DirectoryResponse = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  const directory = entries();
  retype(MEMORY, CapType.Reply, 0n, 1, REPLY);
  open();
  for (;;) {
    receive(REQUESTS, REPLY, message);
    if (errorOf(message) !== 0) continue;
    const info = message.info;
    const revision = directory.revision;
    const fault = serve(message);
    if (fault !== MessageFault.None) answerFault(message, fault);
    reply(REPLY, message);
    remove(FOUND);
    dropArrived(info);
    if (directory.revision !== revision) tellWatchers();
  }
}

function entries(): Directory {
  return cast<Directory>(ENTRIES_ADDRESS);
}

/** Finds what the incarnation before has left; what that was in the midst of is undone. */
function open(): void {
  const error = mapAgain(SLOT_SPACE, slotIn(PERSISTENT, ENTRIES), ENTRIES_ADDRESS, ENTRIES_PAGES, READ_WRITE);
  assert(error === 0 && sizeOf<Directory>() <= ENTRIES_PAGES * 4096n, "the Region holds the entries");
  reopen(entries());
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    if (!entries().entries[i].isTaken) removeIn(PERSISTENT, FIRST_SERVICE + i);
  }
  dropDead();
  tellWatchers();
}

/** Makes the message its own answer, or says what is wrong with it. */
function serve(message: Message): MessageFault {
  const badge = message.badge;
  switch (labelOf(message)) {
    case LOOK_UP_SERVICE_REQUEST: {
      if ((badge & MAY_LOOK_UP) === 0n) return MessageFault.NotAllowed;
      const fault = decodeLookUpServiceRequest(message, lookUp);
      if (fault === MessageFault.None) find(message);
      return fault;
    }
    case REGISTER_SERVICE_REQUEST: {
      if ((badge & MAY_REGISTER) === 0n) return MessageFault.NotAllowed;
      const fault = decodeRegisterServiceRequest(message, registration);
      if (fault === MessageFault.None) respond(message, registration.requestId, register());
      return fault;
    }
    case WITHDRAW_SERVICES_REQUEST: {
      if ((badge & MAY_REGISTER) === 0n) return MessageFault.NotAllowed;
      const fault = decodeWithdrawServicesRequest(message, withdrawal);
      if (fault === MessageFault.None) respond(message, withdrawal.requestId, withdraw(withdrawal.processId));
      return fault;
    }
    case WATCH_SERVICES_REQUEST: {
      if ((badge & MAY_WATCH) === 0n) return MessageFault.NotAllowed;
      const fault = decodeWatchServicesRequest(message, watch);
      if (fault === MessageFault.None) respond(message, watch.requestId, addWatcher());
      return fault;
    }
    case LIST_SERVICES_REQUEST: {
      if ((badge & MAY_WATCH) === 0n) return MessageFault.NotAllowed;
      const fault = decodeListServicesRequest(message, listing);
      if (fault === MessageFault.None) list(message);
      return fault;
    }
    default:
      return MessageFault.Label;
  }
}

function respond(message: Message, requestId: u64, status: DirectoryStatus): void {
  response.requestId = requestId;
  response.status = status;
  response.revision = entries().revision;
  encodeDirectoryResponse(response, message);
}

function find(message: Message): void {
  dropDead();
  const directory = entries();
  const place = serviceNamed(directory, textOfName(lookUp.name));
  const empty = local<LookUpServiceResponse>();
  copyStruct(lookedUp, empty);
  lookedUp.requestId = lookUp.requestId;
  lookedUp.status = DirectoryStatus.NotFound;
  if (place !== NO_SERVICE) {
    const entry = directory.entries[place];
    lookedUp.status = DirectoryStatus.Success;
    lookedUp.processId = entry.processId;
    lookedUp.revision = entry.revision;
    copyStruct(lookedUp.protocol, entry.protocol);
    copyStruct(lookedUp.version, entry.version);
    // With the finder's badge: the service knows who it is, and gives it no more than one sender's share.
    const service = slotIn(PERSISTENT, FIRST_SERVICE + place);
    if (mintInto(SLOT_CNODE, service, FOUND, SEND_AND_PASS, badgeOfFinder(message.badge)) === 0)
      lookedUp.endpoint = FOUND;
  }
  encodeLookUpServiceResponse(lookedUp, message);
}

/** Services whose endpoints do not exist any more vanish. */
function dropDead(): void {
  const directory = entries();
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    if (directory.entries[i].isTaken && isEmptyIn(PERSISTENT, FIRST_SERVICE + i)) takeOut(directory, i);
  }
}

/** What its process has entered already stays as it is: that asks again when it does not know. */
function register(): DirectoryStatus {
  dropDead();
  const directory = entries();
  const name = textOfName(registration.name);
  const why = whyNoEntry(directory, name, registration.processId);
  if (why !== DirectoryStatus.Success || serviceNamed(directory, name) !== NO_SERVICE) return why;
  const place = freePlace(directory);
  const entry = directory.entries[place];
  entry.processId = registration.processId;
  copyStruct(entry.name, registration.name);
  copyStruct(entry.protocol, registration.protocol);
  copyStruct(entry.version, registration.version);
  // A system call: what was written before it is there when the place is taken.
  if (moveInto(PERSISTENT, registration.endpoint, FIRST_SERVICE + place) !== 0) return DirectoryStatus.Full;
  enter(directory, place);
  return DirectoryStatus.Success;
}

function withdraw(processId: u32): DirectoryStatus {
  let status: DirectoryStatus = DirectoryStatus.NotFound;
  const directory = entries();
  for (let i: u32 = 0; i < MAX_SERVICES; i++) {
    const entry = directory.entries[i];
    if (!entry.isTaken || entry.processId !== processId) continue;
    takeOut(directory, i);
    removeIn(PERSISTENT, FIRST_SERVICE + i);
    status = DirectoryStatus.Success;
  }
  return status;
}

/** A place is free when its watcher's notification does not exist any more. */
function addWatcher(): DirectoryStatus {
  for (let i: u32 = 0; i < MAX_WATCHERS; i++) {
    if (!isEmptyIn(PERSISTENT, FIRST_WATCHER + i)) continue;
    if (moveInto(PERSISTENT, watch.notification, FIRST_WATCHER + i) !== 0) return DirectoryStatus.Full;
    if (watch.revision !== entries().revision) signal(slotIn(PERSISTENT, FIRST_WATCHER + i));
    return DirectoryStatus.Success;
  }
  return DirectoryStatus.Full;
}

function tellWatchers(): void {
  for (let i: u32 = 0; i < MAX_WATCHERS; i++) signal(slotIn(PERSISTENT, FIRST_WATCHER + i));
}

function list(message: Message): void {
  dropDead();
  const directory = entries();
  const empty = local<ServiceRow>();
  copyStruct(row, empty);
  row.requestId = listing.requestId;
  row.status = DirectoryStatus.NotFound;
  row.count = directory.count;
  row.revision = directory.revision;
  const place = serviceAt(directory, listing.index);
  if (place !== NO_SERVICE) {
    const entry = directory.entries[place];
    row.status = DirectoryStatus.Success;
    row.processId = entry.processId;
    copyStruct(row.name, entry.name);
    copyStruct(row.protocol, entry.protocol);
    copyStruct(row.version, entry.version);
  }
  encodeServiceRow(row, message);
}
