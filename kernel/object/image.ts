/** @unsafe lays programs out in memory of their own */
import { windowOf } from "@arch/mmu";
import { LEAF_EXECUTE, LEAF_READ, publishCode } from "@arch/userSpace";
import { ELF_EXECUTE, ELF_WRITE, type ElfProgram, type ElfSegment } from "../../codec/elf/elf";
import type { MAX_MANIFEST_BYTES, Manifest } from "../../codec/package/manifest";
import { ALL_RIGHTS, CapType, capWord, FLAG_UNSEALED, isCapWith } from "../cap/capability";
import type { Slot } from "../cap/slot";
import { PAGE_BYTES, type PhysAddr, pageAlignDown, pageAlignUp } from "../memory/address";
import { pageOf } from "./region";

/**
 * Verified code: the only pages that users may execute (I5). An Image lies in an Untyped of its own, in the form in
 * which processes see it; its capability is a run of pages, like a Region's, from the first that is mapped on.
 *
 *   ┌────────┬──────────────────────────────────────┬────────────────────────┐
 *   │ header │ text and constants, as mapped        │ data as it begins      │
 *   └────────┴──────────────────────────────────────┴────────────────────────┘
 *            ▲ the capability's page: `pages` of them  ▲ `dataPages`, copied for every process
 *
 * G1  The bytes of a sealed Image carried a valid signature which this kernel verified; nobody writes them any more.
 * G2  Nobody holds a capability to an Image that is not sealed, but the Verifier that fills it.
 * G3  It becomes a process, and that starts, only while the trust set is in force by which it was sealed: a newer one judges
 *     keys, versions and policy anew, by a verification from the beginning.
 */
export interface Image extends Struct<"Image"> {
  isSealed: boolean;
  pages: u32;
  dataPages: u32;
  readonly program: Inline<ElfProgram>;
  /** Of the trust set by which it was sealed. */
  trustVersion: u64;
  /** Its spans are of `manifestBytes`. */
  readonly manifest: Inline<Manifest>;
  manifestLength: u32;
  readonly manifestBytes: FixedArray<u8, typeof MAX_MANIFEST_BYTES>;
}

/** Of the header, in whole pages. */
export function imageHeaderBytes(): u64 {
  return pageAlignUp(sizeOf<Image>());
}

/** The Image in memory that begins at `start`. */
export function imageAt(start: PhysAddr): Image {
  return cast<Image>(windowOf(start));
}

/** The Image behind a capability. */
export function imageOf(slot: Slot): Image {
  return cast<Image>(windowOf(pageOf(slot)) - imageHeaderBytes());
}

/** A capability to the Image in memory that begins at `start`. */
export function imageWord(start: PhysAddr): u64 {
  return capWord(CapType.Image, ALL_RIGHTS, u64(start) + imageHeaderBytes());
}

/** Physical addresses of what belongs to an Image: its header up to its last page, of one that is not sealed the header. */
export function imageEnd(slot: Slot): u64 {
  if (isCapWith(slot.word, CapType.Image, FLAG_UNSEALED)) return u64(pageOf(slot));
  const image = imageOf(slot);
  const pages = image.isSealed ? image.pages + image.dataPages : image.pages;
  return u64(pageOf(slot)) + u64(pages) * PAGE_BYTES;
}

export function imageStart(slot: Slot): u64 {
  return u64(pageOf(slot)) - imageHeaderBytes();
}

/** Where the program's first page is to be. */
export function firstPageOf(program: ElfProgram): u64 {
  return pageAlignDown(program.lowest);
}

/** The writable segment, or null. There is one at most, the last (codec/elf). */
export function dataSegmentOf(program: ElfProgram): ElfSegment | null {
  if (program.count === 0) return null;
  const last = program.segments[program.count - 1];
  return (last.flags & ELF_WRITE) === 0 ? null : last;
}

/** Of a program's text and constants, with what is between them. */
function textPages(program: ElfProgram): u64 {
  return program.readOnlyEnd === 0n ? 0n : (pageAlignUp(program.readOnlyEnd) - firstPageOf(program)) / PAGE_BYTES;
}

/** Pages from the one where the segment begins that hold `bytes` bytes of it. */
export function segmentPages(segment: ElfSegment, bytes: u64): u64 {
  return bytes === 0n ? 0n : (pageAlignUp(segment.address + bytes) - pageAlignDown(segment.address)) / PAGE_BYTES;
}

/** Of the data that the file has. */
function contentPages(program: ElfProgram): u64 {
  const data = dataSegmentOf(program);
  return data === null ? 0n : segmentPages(data, data.fileBytes);
}

/** What the program's Image takes, header included. */
export function imageBytes(program: ElfProgram): u64 {
  return imageHeaderBytes() + (textPages(program) + contentPages(program)) * PAGE_BYTES;
}

/** Decides where everything of `program` lies in the Image. */
export function layOut(image: Image, program: ElfProgram): void {
  copyStruct(image.program, program);
  image.pages = u32(textPages(program));
  image.dataPages = u32(contentPages(program));
}

/** Kernel address of page `index` of text, constants and data. */
export function imagePage(image: Image, index: u32): u64 {
  return addressOf(image) + imageHeaderBytes() + u64(index) * PAGE_BYTES;
}

/** Puts bytes of the program's file, which begin at `offset` there, where their segments want them. */
export function placeBytes(image: Image, offset: u64, bytes: Bytes): void {
  for (let i: u32 = 0; i < image.program.count; i++) placeInSegment(image, image.program.segments[i], offset, bytes);
}

function placeInSegment(image: Image, segment: ElfSegment, offset: u64, bytes: Bytes): void {
  const start = offset > segment.offset ? offset : segment.offset;
  const fileEnd = segment.offset + segment.fileBytes;
  const end = offset + u64(bytes.length) < fileEnd ? offset + u64(bytes.length) : fileEnd;
  if (start >= end) return;
  const isData = (segment.flags & ELF_WRITE) !== 0;
  const base = isData ? pageAlignDown(segment.address) : firstPageOf(image.program);
  const to = imagePage(image, isData ? image.pages : 0) + segment.address - base + (start - segment.offset);
  copyMemory(to, addressOf(bytes) + (start - offset), end - start);
  if ((segment.flags & ELF_EXECUTE) !== 0) publishCode(to, end - start);
}

/** The rights with which page `index` of text and constants is mapped. */
export function imageLeaf(image: Image, index: u32): u64 {
  return isText(image, index) ? LEAF_EXECUTE : LEAF_READ;
}

/** How many of `pages` pages from `index` on are mapped with the same rights. */
export function imageRun(image: Image, index: u32, pages: u32): u32 {
  const kind = isText(image, index);
  for (let i: u32 = 1; i < pages; i++) {
    if (isText(image, index + i) !== kind) return i;
  }
  return pages;
}

export function isText(image: Image, index: u32): boolean {
  const va = firstPageOf(image.program) + u64(index) * PAGE_BYTES;
  for (let i: u32 = 0; i < image.program.count; i++) {
    const segment = image.program.segments[i];
    if ((segment.flags & ELF_EXECUTE) === 0) continue;
    if (va >= pageAlignDown(segment.address) && va < segment.address + segment.bytes) return true;
  }
  return false;
}
