import { SLOT_FIRST_GRANT } from "../../kernel/object/processSlots";
import { MessageFault } from "../../protocol/error";
import type { DeleteValueRequest, GetValueRequest, KvStatus, PutValueRequest, ValueResponse } from "../../protocol/kv";
import {
  DELETE_VALUE_REQUEST,
  decodeDeleteValueRequest,
  decodeGetValueRequest,
  decodePutValueRequest,
  encodeValueResponse,
  GET_VALUE_REQUEST,
  PUT_VALUE_REQUEST,
} from "../../protocol/marshal/kv";
import { answerFault, dropArrived, receive, reply } from "../../services/serve";
import { logLine, openLog } from "../../user/log";
import { errorOf, labelOf, type Message } from "../../user/message";
import { deletePair, getPair, putPair, type Store } from "./store";

/**
 * The key-value service `kv`, by the protocol `kv.1`: texts under keys, for all who have found it, until it ends.
 * client.ts is for those who use it.
 *
 *   receive ─▶ decode ─▶ the store's operation ─▶ ValueResponse, or ErrorRecord for what is no request
 */

/** In the order of the manifest. */
const REQUESTS = SLOT_FIRST_GRANT;
const LOG = SLOT_FIRST_GRANT + 1;
const REPLY = SLOT_FIRST_GRANT + 2;

const store: Store = zeroed();
const putRequest: PutValueRequest = zeroed();
const getRequest: GetValueRequest = zeroed();
const deleteRequest: DeleteValueRequest = zeroed();
const response: ValueResponse = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  openLog(LOG);
  logLine("kv: ready");
  for (;;) {
    receive(REQUESTS, REPLY, message);
    if (errorOf(message) !== 0) continue;
    const info = message.info;
    const fault = serve(message);
    if (fault !== MessageFault.None) answerFault(message, fault);
    reply(REPLY, message);
    dropArrived(info);
  }
}

/** Makes the message its own answer, or says what is wrong with it. */
function serve(message: Message): MessageFault {
  switch (labelOf(message)) {
    case PUT_VALUE_REQUEST: {
      const fault = decodePutValueRequest(message, putRequest);
      if (fault !== MessageFault.None) return fault;
      respond(message, putRequest.requestId, putPair(store, putRequest.key, putRequest.value));
      return fault;
    }
    case GET_VALUE_REQUEST: {
      const fault = decodeGetValueRequest(message, getRequest);
      if (fault !== MessageFault.None) return fault;
      const status = getPair(store, getRequest.key, response.value);
      respond(message, getRequest.requestId, status);
      return fault;
    }
    case DELETE_VALUE_REQUEST: {
      const fault = decodeDeleteValueRequest(message, deleteRequest);
      if (fault !== MessageFault.None) return fault;
      respond(message, deleteRequest.requestId, deletePair(store, deleteRequest.key));
      return fault;
    }
    default:
      return MessageFault.Label;
  }
}

/** With the value that has been found, if one was asked for. */
function respond(message: Message, requestId: u64, status: KvStatus): void {
  response.requestId = requestId;
  response.status = status;
  response.count = store.count;
  encodeValueResponse(response, message);
  response.value.length = 0;
}
