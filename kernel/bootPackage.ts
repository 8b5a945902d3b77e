/** @unsafe copies packages out of the boot modules */
import { windowOf } from "@arch/mmu";
import type { BootInfo, BootModule } from "../boot/bootInfo";
import { type Container, Part, readContainer } from "../codec/package/container";
import { PackageFault } from "../codec/package/fault";
import { type Fields, isRight, refuse } from "../codec/package/fields";
import { statusOf } from "../codec/package/status";
import { nameOfStatus } from "../codec/package/statusName";
import { isTrustModule } from "./bootTrust";
import { FLAG_UNSEALED, FLAG_ZEROED, RIGHT_READ } from "./cap/capability";
import { insertRoot, moveSlot, type Slot } from "./cap/slot";
import { beginRecord, endRecord, LogLevel } from "./log";
import { PAGE_BYTES, type PhysAddr, pageAlignUp } from "./memory/address";
import { releasePages, takePages } from "./memory/frames";
import { imageBytes, imageHeaderBytes, imageOf, imageWord } from "./object/image";
import { Outcome } from "./object/outcome";
import { regionWord } from "./object/region";
import { startPackage, stepVerifier, type Verifier } from "./object/verifier";
import { writeDecimal, writeText } from "./output";

/**
 * The packages among the boot modules. The first one is init's: the kernel verifies it with a Verifier, as it does for
 * whoever holds one later, so that nothing runs in user mode whose signature it has not found valid (I5).
 *
 *   module ──copied──▶ Verifier, all of its steps ─▶ Image
 */

/** Of an Image's memory, beside the binary's bytes: what rounds segments up. What it does not need is free again. */
const SPARE_BYTES = 0x1_0000n;

/** The number of the first module that is no trust set. */
export function firstPackage(info: BootInfo): u32 {
  let i: u32 = 0;
  while (i < info.moduleCount && isTrustModule(info.modules[i])) i++;
  if (i === info.moduleCount) panic("the boot image has no package: add init's (scripts/build-image.ts)");
  return i;
}

/** Puts the sealed Image of the package that the module is into `slot`; one that is refused ends it all. */
export function sealModule(module: BootModule, slot: Slot): void {
  const container = local<Container>();
  findPayload(module, container);
  const headersBytes = container.headerBytes;
  const binaryBytes = u32(container.payloadBytes);
  const size = sizeFor(imageHeaderBytes() + u64(binaryBytes) + SPARE_BYTES);
  const start = takePages((1n << u64(size)) / PAGE_BYTES);
  const memory = pageAlignUp(sizeOf<Verifier>());
  const place = takePages(memory / PAGE_BYTES);
  const verifier = cast<Verifier>(windowOf(place));
  fillMemory(addressOf(verifier), 0, memory);
  const headers = takeCopy(module, 0, headersBytes, verifier.headers);
  const binary = takeCopy(module, headersBytes, binaryBytes, verifier.binary);
  insertRoot(verifier.image, imageWord(start) | FLAG_UNSEALED, 0n, size);
  startPackage(verifier, headersBytes, binaryBytes);
  let outcome = stepVerifier(verifier);
  while (outcome === Outcome.More) outcome = stepVerifier(verifier);
  if (outcome === Outcome.Refused) refuseModule(module, verifier.fault, verifier.part, verifier.faultAt);
  if (outcome !== Outcome.Sealed) panic("the first package's program is too sparse: its pages lie far apart");
  const used = imageBytes(imageOf(verifier.image).program);
  moveSlot(verifier.image, slot);
  releasePages((u64(start) + used) as PhysAddr, (1n << u64(size)) - used);
  releasePages(place, memory);
  releasePages(headers, pageAlignUp(u64(headersBytes)));
  releasePages(binary, pageAlignUp(u64(binaryBytes)));
}

/** A copy of the module in pages of its own, as a read-only Region in `slot`. */
export function giveModule(module: BootModule, slot: Slot): void {
  takeCopy(module, 0, u32(module.bytes), slot);
}

/** Where the module's headers end; it has to be a package, its payload the binary as it is. */
function findPayload(module: BootModule, container: Container): void {
  const fields = local<Fields>();
  readContainer(fields, bytesOf(module), container);
  const end = u64(container.headerBytes) + container.payloadBytes;
  if (isRight(fields) && end !== module.bytes) {
    refuse(fields, end < module.bytes ? PackageFault.TrailingBytes : PackageFault.Truncated, u32(module.bytes));
  }
  if (!isRight(fields)) refuseModule(module, fields.fault, Part.File, fields.faultAt);
}

function bytesOf(module: BootModule): Bytes {
  return castSlice<u8>(windowOf(module.start), u32(module.bytes));
}

/** The least power of two that holds `bytes` bytes. */
function sizeFor(bytes: u64): u32 {
  return 64 - clz64(bytes - 1n);
}

/** Bytes of the module in pages of their own, behind them zeros: a Region in `slot`. Answers the first page. */
function takeCopy(module: BootModule, from: u32, bytes: u32, slot: Slot): PhysAddr {
  const room = pageAlignUp(u64(bytes));
  const page = takePages(room / PAGE_BYTES);
  copyMemory(windowOf(page), windowOf(module.start) + u64(from), u64(bytes));
  fillMemory(windowOf(page) + u64(bytes), 0, room - u64(bytes));
  insertRoot(slot, regionWord(RIGHT_READ, page) | FLAG_ZEROED, 0n, u32(room / PAGE_BYTES));
  return page;
}

/** Says what is wrong with the package of init, and how to mend it. @noreturn */
function refuseModule(module: BootModule, fault: PackageFault, part: Part, at: u32): never {
  beginRecord(LogLevel.Error);
  writeText("boot: ");
  writeModuleName(module);
  writeText(" is refused: ");
  writeText(nameOfStatus(statusOf(fault)));
  writeText(", fault ");
  writeDecimal(u64(u32(fault)));
  writeText(" (codec/package/fault.ts) in part ");
  writeDecimal(u64(u32(part)));
  writeText(" at byte ");
  writeDecimal(u64(at));
  writeText("; build the image again, signed for its own trust set: build-image.ts --trust DIR");
  endRecord();
  panic("the first package is refused");
}

export function writeModuleName(module: BootModule): void {
  writeText(sliceOf(module.name, 0, module.nameLength));
}
