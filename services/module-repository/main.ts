/** @unsafe reads packages where it has mapped them */
import { type Container, readContainer } from "../../codec/package/container";
import { PackageFault } from "../../codec/package/fault";
import { type Fields, isRight } from "../../codec/package/fields";
import { type Outline, readOutline } from "../../codec/package/outline";
import { bytesOf } from "../../codec/package/span";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { MessageFault } from "../../protocol/error";
import {
  decodeFindModuleRequest,
  decodeListPackagesRequest,
  encodeFindModuleResponse,
  encodePackageRow,
  FIND_MODULE_REQUEST,
  LIST_PACKAGES_REQUEST,
} from "../../protocol/marshal/repository";
import type { FindModuleRequest, FindModuleResponse, ListPackagesRequest, PackageRow } from "../../protocol/repository";
import { textOfName, textOfRange } from "../../protocol/texts";
import { mapWhole, retype, slotIn, unmapAll } from "../../user/calls";
import { errorOf, labelOf, type Message } from "../../user/message";
import { answerFault, dropArrived, receive, reply } from "../serve";
import { addPackage, type Found, findPackage, MAX_PACKAGES, NO_PACKAGE, type PackageIndex } from "./packageIndex";
import { MEMORY, PACKAGES, REPLY, REQUESTS } from "./slots";

/**
 * The ModuleRepository: the packages of the boot image. It reads what they say of themselves, once, and gives out their
 * Regions, read-only. It verifies nothing: whoever loads does, and the kernel does again.
 */

const PACKAGE_ADDRESS = 0x10_0000_0000n;
const READ = 1n;

const index: PackageIndex = zeroed();
const outline: Outline = zeroed();
const found: Found = zeroed();
const findRequest: FindModuleRequest = zeroed();
const findResponse: FindModuleResponse = zeroed();
const listRequest: ListPackagesRequest = zeroed();
const row: PackageRow = zeroed();

/** @entry program_start */
export function main(_info: u64): void {
  const message = local<Message>();
  retype(MEMORY, CapType.Reply, 0n, 1, REPLY);
  for (let i: u32 = 1; i <= MAX_PACKAGES; i++) readPackage(slotIn(PACKAGES, i));
  for (;;) {
    receive(REQUESTS, REPLY, message);
    if (errorOf(message) !== 0) continue;
    const info = message.info;
    serve(message);
    reply(REPLY, message);
    dropArrived(info);
  }
}

/** Enters the package in `slot`, if there is one. */
function readPackage(slot: u32): void {
  const bytes = mapWhole(SLOT_SPACE, slot, PACKAGE_ADDRESS, READ);
  if (bytes > 0n) {
    const file = castSlice<u8>(PACKAGE_ADDRESS, fileBytes(castSlice<u8>(PACKAGE_ADDRESS, u32(bytes))));
    if (readOutline(outline, file) === PackageFault.None) {
      const name = bytesOf(outline.manifestBytes, outline.manifest.name);
      const version = bytesOf(outline.manifestBytes, outline.manifest.version);
      addPackage(index, name, version, u64(file.length), slot);
    }
  }
  unmapAll(SLOT_SPACE, slot);
}

/** Of the file at the beginning of a Region, behind which there are zeros; 0 when it is no package. */
function fileBytes(region: Bytes): u32 {
  const fields = local<Fields>();
  const container = local<Container>();
  readContainer(fields, region, container);
  const bytes = u64(container.headerBytes) + container.payloadBytes;
  return isRight(fields) && bytes <= u64(region.length) ? u32(bytes) : 0;
}

/** Makes the message its own answer. */
function serve(message: Message): void {
  switch (labelOf(message)) {
    case FIND_MODULE_REQUEST: {
      const fault = decodeFindModuleRequest(message, findRequest);
      if (fault === MessageFault.None) find(message);
      else answerFault(message, fault);
      return;
    }
    case LIST_PACKAGES_REQUEST: {
      const fault = decodeListPackagesRequest(message, listRequest);
      if (fault === MessageFault.None) list(message);
      else answerFault(message, fault);
      return;
    }
    default:
      answerFault(message, MessageFault.Label);
  }
}

function find(message: Message): void {
  findPackage(index, textOfName(findRequest.name), textOfRange(findRequest.range), found);
  findResponse.requestId = findRequest.requestId;
  findResponse.status = found.status;
  findResponse.fileBytes = 0n;
  findResponse.version.length = 0;
  findResponse.file = 0;
  if (found.entry !== NO_PACKAGE) {
    const entry = index.entries[found.entry];
    findResponse.fileBytes = entry.fileBytes;
    copyStruct(findResponse.version, entry.version);
    findResponse.file = entry.slot;
  }
  encodeFindModuleResponse(findResponse, message);
}

function list(message: Message): void {
  row.requestId = listRequest.requestId;
  row.count = index.count;
  row.fileBytes = 0n;
  row.name.length = 0;
  row.version.length = 0;
  if (listRequest.index < index.count) {
    const entry = index.entries[listRequest.index];
    row.fileBytes = entry.fileBytes;
    copyStruct(row.name, entry.name);
    copyStruct(row.version, entry.version);
  }
  encodePackageRow(row, message);
}
