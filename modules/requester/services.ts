import { Syscall } from "../../kernel/syscall/invocation";
import type { WatchServicesRequest } from "../../protocol/directory";
import { type DirectoryResponse, DirectoryStatus } from "../../protocol/directory";
import { MessageFault } from "../../protocol/error";
import { decodeDirectoryResponse, encodeWatchServicesRequest } from "../../protocol/marshal/directory";
import { Lookup, lookUp } from "../../services/service-directory/client";
import { Fate, fateOf } from "../../user/fate";
import { type Message, systemCall } from "../../user/message";
import { nowNs } from "./answers";
import { beginRequest, endRequest, type Ledger, Peer } from "./ledger";
import { DIRECTORY, WATCH, WATCH_SIGNAL } from "./slots";

/**
 * The services that the requester uses, as the directory has them now.
 *
 *   lost ──look up──▶ found ──a request's fate is not Answered──▶ lost        not found: again when the directory changes,
 *                                                                             or a little later
 */
export interface Service extends Struct<"Service"> {
  isFound: boolean;
  /** Where its capability is. */
  slot: u32;
  /** Not looked up again before. */
  againNs: u64;
}

const AGAIN_NS = 20_000_000n;

/** Whether the directory's changes come as signals. */
let isWatching = false;

const watch: WatchServicesRequest = zeroed();
const response: DirectoryResponse = zeroed();

/** Whether the service is there; looks it up when it was lost. */
export function findService(ledger: Ledger, service: Service, name: Bytes, protocol: Bytes): boolean {
  if (service.isFound) return true;
  const now = nowNs();
  if (now < service.againNs) return false;
  if (!isWatching) watchServices(ledger);
  const message = local<Message>();
  const id = beginRequest(ledger, Peer.Directory);
  const found = lookUp(message, DIRECTORY, name, protocol, service.slot);
  const fate = fateOf(message);
  if (found !== Lookup.NoAnswer) endRequest(ledger, id, Fate.Answered);
  else {
    endRequest(ledger, id, fate === Fate.Answered ? Fate.Garbled : fate);
    isWatching = false;
  }
  service.isFound = found === Lookup.Found;
  if (!service.isFound) service.againNs = now + AGAIN_NS;
  return service.isFound;
}

function watchServices(ledger: Ledger): void {
  const message = local<Message>();
  const id = beginRequest(ledger, Peer.Directory);
  watch.requestId = id;
  watch.notification = WATCH_SIGNAL;
  encodeWatchServicesRequest(watch, message);
  systemCall(Syscall.Call, WATCH, 0, message);
  const fate = fateOf(message);
  if (fate !== Fate.Answered) {
    endRequest(ledger, id, fate);
    return;
  }
  const isRight = decodeDirectoryResponse(message, response) === MessageFault.None && response.requestId === id;
  endRequest(ledger, id, isRight ? Fate.Answered : Fate.Garbled);
  isWatching = isRight && response.status === DirectoryStatus.Success;
}
