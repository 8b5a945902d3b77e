import { Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { DirectoryStatus, type LookUpServiceRequest, type LookUpServiceResponse } from "../../protocol/directory";
import { MessageFault } from "../../protocol/error";
import { decodeLookUpServiceResponse, encodeLookUpServiceRequest } from "../../protocol/marshal/directory";
import { setName, textOfName } from "../../protocol/texts";
import { remove } from "../../user/calls";
import { errorOf, type Message, ownBuffer, systemCall } from "../../user/message";

/** Finds services, for whoever holds a capability to look up. */

/** @storage u8 */
export const enum Lookup {
  Found,
  NotFound,
  /** A service has the name, and speaks otherwise. */
  OtherProtocol,
  /** The directory has not answered: `message` tells why (user/fate.ts). */
  NoAnswer,
}

const request: LookUpServiceRequest = zeroed();
const response: LookUpServiceResponse = zeroed();

/** A capability to send to the service `name` comes into slot `to`, in place of what is there. */
export function lookUp(message: Message, directory: u32, name: Bytes, protocol: Bytes, to: u32): Lookup {
  remove(to);
  request.requestId += 1n;
  setName(request.name, name);
  encodeLookUpServiceRequest(request, message);
  ownBuffer().slots[0] = to;
  systemCall(Syscall.Call, directory, 0, message);
  if (errorOf(message) !== 0) return Lookup.NoAnswer;
  const fault = decodeLookUpServiceResponse(message, response);
  if (fault !== MessageFault.None || response.requestId !== request.requestId) return Lookup.NoAnswer;
  if (response.status !== DirectoryStatus.Success || response.endpoint === 0) return Lookup.NotFound;
  if (isEqual(textOfName(response.protocol), protocol)) return Lookup.Found;
  remove(to);
  return Lookup.OtherProtocol;
}

/** The process behind the service that was found last. */
export function processFound(): u32 {
  return response.processId;
}
