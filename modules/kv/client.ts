import { Syscall } from "../../kernel/syscall/invocation";
import { MessageFault } from "../../protocol/error";
import type { DeleteValueRequest, GetValueRequest, PutValueRequest, ValueResponse } from "../../protocol/kv";
import {
  decodeValueResponse,
  encodeDeleteValueRequest,
  encodeGetValueRequest,
  encodePutValueRequest,
} from "../../protocol/marshal/kv";
import { setLine, setName } from "../../protocol/texts";
import { Fate, fateOf } from "../../user/fate";
import { type Message, systemCall } from "../../user/message";

/**
 * The service `kv` for those who use it: each operation is a Call that answers the request's fate; if that is Answered,
 * `kv.answer` is the answer. services/service-directory/client.ts finds the service.
 *
 *   if (putValue(kv, "color", "blue") === Fate.Answered && kv.answer.status === KvStatus.Success) …
 */

export const KV_SERVICE: Bytes = "kv";
export const KV_PROTOCOL: Bytes = "kv.1";

export interface Kv extends Struct<"Kv"> {
  /** The slot of a capability to send to it. */
  endpoint: u32;
  /** The number of the last request. */
  lastRequest: u64;
  readonly answer: Inline<ValueResponse>;
}

const putRequest: PutValueRequest = zeroed();
const getRequest: GetValueRequest = zeroed();
const deleteRequest: DeleteValueRequest = zeroed();

/** At most 64 bytes of key and 192 of value: a text that is too long counts as empty. */
export function putValue(kv: Kv, key: Bytes, value: Bytes): Fate {
  const message = local<Message>();
  putRequest.requestId = nextRequest(kv);
  setName(putRequest.key, key);
  setLine(putRequest.value, value);
  encodePutValueRequest(putRequest, message);
  return call(kv, message);
}

export function getValue(kv: Kv, key: Bytes): Fate {
  const message = local<Message>();
  getRequest.requestId = nextRequest(kv);
  setName(getRequest.key, key);
  encodeGetValueRequest(getRequest, message);
  return call(kv, message);
}

export function deleteValue(kv: Kv, key: Bytes): Fate {
  const message = local<Message>();
  deleteRequest.requestId = nextRequest(kv);
  setName(deleteRequest.key, key);
  encodeDeleteValueRequest(deleteRequest, message);
  return call(kv, message);
}

function nextRequest(kv: Kv): u64 {
  kv.lastRequest += 1n;
  return kv.lastRequest;
}

function call(kv: Kv, message: Message): Fate {
  systemCall(Syscall.Call, kv.endpoint, 0, message);
  const fate = fateOf(message);
  if (fate !== Fate.Answered) return fate;
  const fault = decodeValueResponse(message, kv.answer);
  return fault === MessageFault.None && kv.answer.requestId === kv.lastRequest ? fate : Fate.Garbled;
}
