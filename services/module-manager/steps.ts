/** @unsafe copies and reads packages where it has mapped them */

import { CompressionMethod, MAX_BINARY_BYTES } from "../../codec/package/compression";
import { type Container, MAX_HEADER_BYTES, Part, readContainer } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { type Fields, isRight } from "../../codec/package/fields";
import { bytesOf } from "../../codec/package/span";
import { type PackageStatus, statusOf } from "../../codec/package/status";
import {
  beginVerification,
  endBinary,
  endPayload,
  Progress,
  publisherKeyId,
  stepVerification,
  takeBinary,
  takePayload,
} from "../../codec/package/verify";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import {
  DecompressionStatus,
  type DeepDecompressRequest,
  type DeepDecompressResponse,
} from "../../protocol/decompression";
import { MessageFault } from "../../protocol/error";
import { LoadPurpose } from "../../protocol/load";
import { encodeDeepDecompressRequest } from "../../protocol/marshal/decompression";
import { decodeFindModuleResponse, encodeFindModuleRequest } from "../../protocol/marshal/repository";
import type { FindModuleRequest, FindModuleResponse } from "../../protocol/repository";
import { LoadStatus } from "../../protocol/status";
import { textOfName, textOfVersion } from "../../protocol/texts";
import {
  copyWith,
  mapAll,
  mintOnce,
  moveInto,
  retype,
  retypeMany,
  revoke,
  slotIn,
  unmapAll,
  zero,
} from "../../user/calls";
import { errorOf, type Message, ownBuffer, systemCall } from "../../user/message";
import { pagesFor, sizeFor } from "../../user/pages";
import { imageBytes } from "../../user/seal";
import { verifierBegin, verifierStep } from "../../user/stubs/verifier";
import { ARRIVALS } from "../serve";
import { failAt, failLoad, type Load, oneShotBadge } from "./load";
import { LoadEvent } from "./loadState";
import { BUDGET, ENDOWMENT, IMAGE, IMAGE_MEMORY, PROCESS, slotOfModule } from "./persistent";
import { memoryAt, moduleRecord, NO_MODULE, noteLent, takeMemory, takeModule } from "./records";
import {
  BINARY,
  DECOMPRESSION,
  FILE,
  HEADERS,
  ONE_SHOT,
  PAYLOAD,
  PAYLOAD_TO_READ,
  PERSISTENT,
  REPOSITORY,
  REQUESTS,
  slotsOfLoad,
  VERIFIER,
} from "./slots";
import { loadStatusOf, loadStatusOfError } from "./statuses";
import { knownChain, trustSet } from "./trust";

/**
 * The steps of a load up to the sealed Image, each an action of loadState.ts: they answer the next event.
 *
 * Each load has a window of this address space, in which lie one behind the other: the repository's file, the copy of its
 * headers, the copy of its payload, and the unpacked binary. Nothing is believed that another could still change: headers
 * and payload are verified in the copies, the binary when the DeepCompressionService has no capability to it any more.
 */

const WINDOWS = 0x10_0000_0000n;
const WINDOW_BYTES = 0x2000_0000n;
const PAGE_BYTES = 4096n;
const READ = 1n;
const READ_WRITE = 3n;
const SEND_ONCE = 6n;
const PIECE = 4096;
const HEADERS_SIZE = 16;
const HEADERS_PAGES = 14n;
/** A Verifier, as an Untyped's size. */
const VERIFIER_BYTES = 0x2_0000n;
/** Of a home, beside Image and budget. */
const OBJECTS_BYTES = 0x4000n;
const ENDOWMENT_RADIX = 6n;

const findRequest: FindModuleRequest = zeroed();
const findResponse: FindModuleResponse = zeroed();
const unpackRequest: DeepDecompressRequest = zeroed();
let lastUnpack: u64 = 0n;

function window(load: Load): u64 {
  return WINDOWS + u64(load.index) * WINDOW_BYTES;
}

function headersAddress(load: Load): u64 {
  return window(load) + pagesFor(load.fileBytes) * PAGE_BYTES;
}

function payloadAddress(load: Load): u64 {
  return headersAddress(load) + HEADERS_PAGES * PAGE_BYTES;
}

/** Where the binary is, unpacked or as it came. */
function binaryAddress(load: Load): u64 {
  const payload = payloadAddress(load);
  return load.isPacked ? payload + pagesFor(u64(load.packedBytes)) * PAGE_BYTES : payload;
}

function slotOf(load: Load, which: u32): u32 {
  return slotsOfLoad(load.index) + which;
}

/** A new Region of zeros in one of the load's slots. */
function makeRegion(load: Load, memory: u32, which: u32, bytes: u64): u32 {
  const error = retype(memoryAt(memory), CapType.Region, pagesFor(bytes), 1, slotOf(load, which));
  return error === 0 ? zero(slotOf(load, which)) : error;
}

/** Asks the repository, once more if it was being made again. */
export function find(load: Load): LoadEvent {
  const message = local<Message>();
  for (let i: u32 = 0; i < 2; i++) {
    findRequest.requestId = u64(load.loadId);
    copyStruct(findRequest.name, load.name);
    copyStruct(findRequest.range, load.range);
    encodeFindModuleRequest(findRequest, message);
    ownBuffer().slots[0] = ARRIVALS;
    systemCall(Syscall.Call, REPOSITORY, 0, message);
    if (errorOf(message) === 0) break;
  }
  if (decodeFindModuleResponse(message, findResponse) !== MessageFault.None) {
    return failLoad(load, LoadStatus.KernelInternalError);
  }
  copyStruct(load.version, findResponse.version);
  if (findResponse.status !== LoadStatus.Success) return failLoad(load, findResponse.status);
  if (findResponse.file === 0) return failLoad(load, LoadStatus.NotFound);
  moveInto(SLOT_CNODE, findResponse.file, slotOf(load, FILE));
  load.fileBytes = findResponse.fileBytes;
  return LoadEvent.Done;
}

/** The headers are copied, found to be the beginning of a package, and begun to be verified. */
export function copyHeaders(load: Load): LoadEvent {
  const most = u64(MAX_HEADER_BYTES) + MAX_BINARY_BYTES;
  if (load.fileBytes === 0n || load.fileBytes > most) return failLoad(load, LoadStatus.PackageFormatError);
  const file = window(load);
  let error = mapAll(SLOT_SPACE, slotOf(load, FILE), file, pagesFor(load.fileBytes), READ);
  load.headersMemory = takeMemory(HEADERS_SIZE);
  if (load.headersMemory === 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  if (error === 0) error = makeRegion(load, load.headersMemory, HEADERS, HEADERS_PAGES * PAGE_BYTES);
  const headers = headersAddress(load);
  if (error === 0) error = mapAll(SLOT_SPACE, slotOf(load, HEADERS), headers, HEADERS_PAGES, READ_WRITE);
  if (error !== 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  const copied = load.fileBytes < u64(MAX_HEADER_BYTES) ? load.fileBytes : u64(MAX_HEADER_BYTES);
  copyMemory(headers, file, copied);
  const fields = local<Fields>();
  const container = local<Container>();
  readContainer(fields, castSlice<u8>(headers, u32(copied)), container);
  const end = u64(container.headerBytes) + container.payloadBytes;
  if (isRight(fields) && end !== load.fileBytes) {
    return failFormat(load, PackageFault.PayloadLength, container.headerBytes);
  }
  if (!isRight(fields)) return failFormat(load, fields.fault, fields.faultAt);
  load.headerBytes = container.headerBytes;
  load.packedBytes = u32(container.payloadBytes);
  const bytes = castSlice<u8>(headers, load.headerBytes);
  beginVerification(load.verification, load.bench, bytes, trustSet(), knownChain());
  return LoadEvent.More;
}

function failFormat(load: Load, fault: PackageFault, at: u32): LoadEvent {
  return failAt(load, loadStatusOf(statusOf(fault)), u32(fault), u32(Part.File), at);
}

function failVerification(load: Load): LoadEvent {
  const v = load.verification;
  return failAt(load, loadStatusOf(statusOf(v.fault)), u32(v.fault), u32(v.part), v.faultAt);
}

/** One step of certificates, manifest and signatures. */
export function stepHeaders(load: Load): LoadEvent {
  const v = load.verification;
  const progress = stepVerification(v);
  if (progress === Progress.More) return LoadEvent.More;
  if (progress !== Progress.Headers) return failVerification(load);
  const isNamed = isEqual(bytesOf(v.manifestBytes, v.manifest.name), textOfName(load.name));
  const isVersion = isEqual(bytesOf(v.manifestBytes, v.manifest.version), textOfVersion(load.version));
  return isNamed && isVersion ? LoadEvent.Done : failLoad(load, LoadStatus.NotFound);
}

/** Memory for payload and binary. */
export function beginPayload(load: Load): LoadEvent {
  const v = load.verification;
  load.isPacked = v.compression.method === CompressionMethod.Zstd;
  load.binaryBytes = u32(v.manifest.binaryBytes);
  const binary = load.isPacked ? pagesFor(u64(load.binaryBytes)) : 0n;
  const pages = pagesFor(u64(load.packedBytes)) + binary;
  load.workspace = takeMemory(sizeFor(pages * PAGE_BYTES + VERIFIER_BYTES));
  if (load.workspace === 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  let error = retype(memoryAt(load.workspace), CapType.Verifier, 0n, 1, slotOf(load, VERIFIER));
  if (error === 0) error = makeRegion(load, load.workspace, PAYLOAD, u64(load.packedBytes));
  if (error === 0) {
    const payload = pagesFor(u64(load.packedBytes));
    error = mapAll(SLOT_SPACE, slotOf(load, PAYLOAD), payloadAddress(load), payload, READ_WRITE);
  }
  if (error !== 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  load.doneBytes = 0;
  return LoadEvent.More;
}

/** The next piece is copied, then hashed in the copy. */
export function stepPayload(load: Load): LoadEvent {
  const at = payloadAddress(load) + u64(load.doneBytes);
  const left = load.packedBytes - load.doneBytes;
  const bytes: u32 = left < PIECE ? left : PIECE;
  if (bytes !== 0) {
    copyMemory(at, window(load) + u64(load.headerBytes) + u64(load.doneBytes), u64(bytes));
    load.doneBytes += bytes;
    if (takePayload(load.verification, castSlice<u8>(at, bytes)) === Progress.Failed) return failVerification(load);
    return LoadEvent.More;
  }
  if (endPayload(load.verification) !== Progress.Headers) return failVerification(load);
  unmapAll(SLOT_SPACE, slotOf(load, FILE));
  return load.isPacked ? LoadEvent.Packed : LoadEvent.Stored;
}

/** The DeepCompressionService gets the payload to read and fresh zeros to write: children of what is kept here. */
export function beginUnpacking(load: Load): LoadEvent {
  load.isSecondTry = false;
  if (makeRegion(load, load.workspace, BINARY, u64(load.binaryBytes)) === 0) return askUnpacker(load);
  return failLoad(load, LoadStatus.InsufficientResourcesError);
}

/** The same once more, with a target that the service before has written to: what it holds at last is hashed. */
export function unpackAgain(load: Load): LoadEvent {
  revoke(slotOf(load, BINARY));
  revoke(slotOf(load, PAYLOAD));
  load.isSecondTry = true;
  return askUnpacker(load);
}

function askUnpacker(load: Load): LoadEvent {
  const message = local<Message>();
  let error = copyWith(SLOT_CNODE, slotOf(load, PAYLOAD), slotOf(load, PAYLOAD_TO_READ), READ);
  if (error === 0) error = mintOnce(REQUESTS, slotOf(load, ONE_SHOT), SEND_ONCE, oneShotBadge(load));
  if (error !== 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  unpackRequest.requestId = u64(load.loadId);
  unpackRequest.packedBytes = u64(load.packedBytes);
  unpackRequest.binaryBytes = u64(load.binaryBytes);
  unpackRequest.windowBytes = load.verification.compression.windowBytes;
  unpackRequest.replyTo = slotOf(load, ONE_SHOT);
  unpackRequest.data = slotOf(load, PAYLOAD_TO_READ);
  unpackRequest.target = slotOf(load, BINARY);
  lastUnpack += 1n;
  load.unpackNumber = lastUnpack;
  noteLent(load.index, load.workspace, load.loadId);
  encodeDeepDecompressRequest(unpackRequest, message);
  systemCall(Syscall.NbSend, DECOMPRESSION, 0, message);
  return errorOf(message) === 0 ? LoadEvent.None : failLoad(load, loadStatusOfError(errorOf(message)));
}

/** What the service has answered, for `takeBack`. */
export function noteUnpacked(load: Load, response: DeepDecompressResponse): void {
  const isSuccess = response.status === DecompressionStatus.Success;
  load.status = isSuccess ? LoadStatus.Success : LoadStatus.DecompressionError;
  load.fault = isSuccess ? 0 : u32(PackageFault.Unpacking);
  load.part = isSuccess ? 0 : u32(Part.Payload);
  load.place = isSuccess ? 0 : u32(response.place);
}

/** Nobody else has the payload or the binary from here on. */
export function takeBack(load: Load): LoadEvent {
  revoke(slotOf(load, BINARY));
  revoke(slotOf(load, PAYLOAD));
  noteLent(load.index, 0, 0);
  return load.status === LoadStatus.Success ? LoadEvent.Done : LoadEvent.Fault;
}

export function beginBinary(load: Load): LoadEvent {
  load.doneBytes = 0;
  if (!load.isPacked) return LoadEvent.More;
  const pages = pagesFor(u64(load.binaryBytes));
  const error = mapAll(SLOT_SPACE, slotOf(load, BINARY), binaryAddress(load), pages, READ);
  return error === 0 ? LoadEvent.More : failLoad(load, LoadStatus.InsufficientResourcesError);
}

/** The next piece of the binary is hashed; behind the last one it has to be the one that was signed. */
export function stepBinary(load: Load): LoadEvent {
  const left = load.binaryBytes - load.doneBytes;
  const bytes: u32 = left < PIECE ? left : PIECE;
  if (bytes !== 0) {
    const piece = castSlice<u8>(binaryAddress(load) + u64(load.doneBytes), bytes);
    load.doneBytes += bytes;
    return takeBinary(load.verification, piece) === Progress.Failed ? failVerification(load) : LoadEvent.More;
  }
  if (endBinary(load.verification) !== Progress.Verified) return failVerification(load);
  noteDigests(load);
  return LoadEvent.Done;
}

function noteDigests(load: Load): void {
  const receipt = load.receipt;
  const v = load.verification;
  const binary = bytesOf(v.manifestBytes, v.manifest.binaryDigest);
  const key = publisherKeyId(v);
  for (let i: u32 = 0; i < 64; i++) {
    receipt.manifest.bytes[i] = v.digests[1].bytes[i];
    receipt.binary.bytes[i] = binary[i];
    receipt.key.bytes[i] = key[i];
  }
}

/** A home for the module, and in it memory for the Image; then the kernel is asked to verify for itself. */
export function beginSealing(load: Load): LoadEvent {
  const module = takeModule();
  if (module === NO_MODULE) return failLoad(load, LoadStatus.InsufficientResourcesError);
  load.module = module;
  const record = moduleRecord(module);
  record.loadId = load.loadId;
  copyStruct(record.name, load.name);
  copyStruct(record.version, load.version);
  const imageSize = sizeFor(imageBytes(u64(load.binaryBytes)));
  const budgetSize = sizeFor(load.verification.manifest.budgetBytes);
  if (budgetSize >= 32) return failLoad(load, LoadStatus.InsufficientResourcesError);
  record.homeSize = sizeFor((1n << u64(imageSize)) + (1n << u64(budgetSize)) + OBJECTS_BYTES);
  record.home = takeMemory(record.homeSize);
  if (record.home === 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  let error: u32 = 0;
  // The larger one first: then nothing is lost to alignment.
  if (budgetSize > imageSize) error = carve(record.home, module, BUDGET, budgetSize);
  if (error === 0) error = carve(record.home, module, IMAGE_MEMORY, imageSize);
  if (error === 0 && budgetSize <= imageSize) error = carve(record.home, module, BUDGET, budgetSize);
  if (error === 0) error = make(record.home, module, PROCESS, CapType.Process, 0n);
  if (error === 0) error = make(record.home, module, ENDOWMENT, CapType.CNode, ENDOWMENT_RADIX);
  if (error !== 0) return failLoad(load, LoadStatus.InsufficientResourcesError);
  const message = local<Message>();
  error = verifierBegin(
    message,
    slotOf(load, VERIFIER),
    u64(load.headerBytes),
    u64(load.binaryBytes),
    slotOf(load, HEADERS),
    slotOf(load, load.isPacked ? BINARY : PAYLOAD),
    slotIn(PERSISTENT, slotOfModule(module, IMAGE_MEMORY)),
  );
  return error === 0 ? LoadEvent.More : failLoad(load, loadStatusOfError(error));
}

function carve(home: u32, module: u32, which: u32, size: u32): u32 {
  return make(home, module, which, CapType.Untyped, u64(size));
}

function make(home: u32, module: u32, which: u32, type: CapType, size: u64): u32 {
  return retypeMany(PERSISTENT, memoryAt(home), type, size, 1, slotOfModule(module, which));
}

/** One step of the kernel's verification. */
export function stepSealing(load: Load): LoadEvent {
  const message = local<Message>();
  const image = u64(slotOfModule(load.module, IMAGE));
  const error = verifierStep(message, slotOf(load, VERIFIER), image, PERSISTENT);
  if (error !== 0) return failLoad(load, loadStatusOfError(error));
  const outcome = message.words[0];
  if (outcome === u64(u32(Outcome.More))) return LoadEvent.More;
  if (outcome === u64(u32(Outcome.Sealed))) {
    return load.purpose === LoadPurpose.Verify ? LoadEvent.VerifiedOnly : LoadEvent.Done;
  }
  const status = loadStatusOf(toEnum<PackageStatus>(u32(message.words[1])));
  const part = u32(message.words[3] >> 32n) & 0xff;
  return failAt(load, status, u32(message.words[2]), part, u32(message.words[3] & 0xffff_ffffn));
}
