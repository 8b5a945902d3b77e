/** @unsafe reads and writes Regions where it has mapped them */
import { decompress, finish, startInto, type ZstdDecoder } from "../../codec/zstd/decoder";
import { ZstdStatus } from "../../codec/zstd/status";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { Syscall } from "../../kernel/syscall/invocation";
import {
  DecompressionStatus,
  type DeepDecompressRequest,
  type DeepDecompressResponse,
} from "../../protocol/decompression";
import { MessageFault } from "../../protocol/error";
import { decodeDeepDecompressRequest, encodeDeepDecompressResponse } from "../../protocol/marshal/decompression";
import { mapAll, remove, unmapAll } from "../../user/calls";
import { errorOf, type Message, systemCall } from "../../user/message";
import { pagesFor } from "../../user/pages";
import { dropArrived, receive, refuseOneWay } from "../serve";
import { REQUESTS } from "./slots";

/**
 * The DeepCompressionService: unpacks one zstd frame from a Region into another one, both of the request, and keeps
 * neither. Output is bounded by the signed header's size: not a byte more is written.
 *
 *   request ─▶ map both ─▶ decompress ─▶ unmap, delete ─▶ answer
 *
 * It has no other authority than its endpoint: a fault in it spoils the one request.
 */

const DATA_ADDRESS = 0x10_0000_0000n;
const TARGET_ADDRESS = 0x20_0000_0000n;
const READ = 1n;
const READ_WRITE = 3n;
/** What codec/package allows (codec/package/compression.ts). */
const MAX_BYTES = 0x800_0000n;
/** After each, others of the same priority have a turn. */
const PIECE = 16384;

const decoder: ZstdDecoder = zeroed();
const request: DeepDecompressRequest = zeroed();
const response: DeepDecompressResponse = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  for (;;) {
    receive(REQUESTS, 0, message);
    if (errorOf(message) !== 0) continue;
    const info = message.info;
    const fault = decodeDeepDecompressRequest(message, request);
    if (fault === MessageFault.None) serve(message);
    else refuseOneWay(message, fault);
    dropArrived(info);
  }
}

function serve(message: Message): void {
  response.requestId = request.requestId;
  response.fault = 0;
  response.place = 0n;
  response.status = unpack();
  // Before the answer: from then on nobody here sees the Regions.
  unmapAll(SLOT_SPACE, request.data);
  unmapAll(SLOT_SPACE, request.target);
  remove(request.data);
  remove(request.target);
  encodeDeepDecompressResponse(response, message);
  systemCall(Syscall.NbSend, request.replyTo, 0, message);
}

function unpack(): DecompressionStatus {
  const packedBytes = request.packedBytes;
  const binaryBytes = request.binaryBytes;
  if (packedBytes === 0n || packedBytes > MAX_BYTES || binaryBytes === 0n || binaryBytes > MAX_BYTES) {
    return DecompressionStatus.Refused;
  }
  if (mapAll(SLOT_SPACE, request.data, DATA_ADDRESS, pagesFor(packedBytes), READ) !== 0) {
    return DecompressionStatus.Refused;
  }
  if (mapAll(SLOT_SPACE, request.target, TARGET_ADDRESS, pagesFor(binaryBytes), READ_WRITE) !== 0) {
    return DecompressionStatus.Refused;
  }
  const frame = castSlice<u8>(DATA_ADDRESS, u32(packedBytes));
  startInto(decoder, castSlice<u8>(TARGET_ADDRESS, u32(binaryBytes)));
  const status = decompressAll(frame);
  if (u64(decoder.header.windowBytes) > request.windowBytes) return DecompressionStatus.WindowTooLarge;
  response.fault = status === ZstdStatus.Done ? 0 : u32(status);
  response.place = status === ZstdStatus.Done ? 0n : decoder.faultOffset;
  if (status === ZstdStatus.OutputTooLarge) return DecompressionStatus.WrongSize;
  if (status !== ZstdStatus.Done) return DecompressionStatus.Corrupt;
  return decoder.totalBytes === binaryBytes && decoder.frames === 1
    ? DecompressionStatus.Success
    : DecompressionStatus.WrongSize;
}

function decompressAll(frame: Bytes): ZstdStatus {
  const message = local<Message>();
  for (let at: u32 = 0; at < frame.length; at += PIECE) {
    const left = frame.length - at;
    const status = decompress(decoder, subslice(frame, at, left < PIECE ? left : PIECE));
    if (status !== ZstdStatus.More) return status;
    systemCall(Syscall.Yield, 0, 0, message);
  }
  return finish(decoder);
}
