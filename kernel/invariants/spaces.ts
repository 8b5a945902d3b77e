/**
 * @unit O2
 * @unsafe walks page tables through the physical window
 */
import { addressIn, isLeaf, isPresent, windowOf } from "@arch/mmu";
import { isOpenToUsers, isUserExecutable, isUserWritable, upperHalf } from "@arch/userSpace";
import {
  CapType,
  FLAG_DEVICE,
  FLAG_UNSEALED,
  FLAG_ZEROED,
  isCapWith,
  objectIn,
  RIGHT_READ,
  RIGHT_WRITE,
  typeIn,
} from "../cap/capability";
import type { Slot } from "../cap/slot";
import { BUFFER_BYTES } from "../ipc/buffer";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";
import { type AddressSpace, generationOf, MAX_SPACES, spaceOfMapping } from "../object/addressSpace";
import { imageEnd, imageOf, imageStart, isText } from "../object/image";
import { type Mapping, pageOf, pagesOf, readMapping } from "../object/region";
import type { Thread } from "../object/thread";
import { capAt, census, isFirst } from "./census";

/** I5, I6 and I7: walks the page tables of every address space, and then looks up every mapping that a capability claims. */

const ENTRIES = 512;
const USER_ENTRIES = 256;
const LARGE_PAGES = 512;
const PAGE_SHIFT = 12n;
const MAX_IMAGES = 256;

interface Table extends Struct<"Table"> {
  readonly entries: FixedArray<u64, typeof ENTRIES>;
}

interface Spaces extends Struct<"Spaces"> {
  /** By identifier: pages that are mapped, and pages that capabilities claim. */
  readonly mapped: FixedArray<u32, typeof MAX_SPACES>;
  readonly claimed: FixedArray<u32, typeof MAX_SPACES>;
  /** Tables of the space that is walked. */
  tables: u32;
  readonly seen: FixedArray<u8, 1024>;
  /** Where the capabilities to Images are in the census, one for each Image. */
  imageCount: u32;
  readonly images: FixedArray<u32, typeof MAX_IMAGES>;
}

const spaces: Spaces = zeroed();

export function checkSpaces(): void {
  findImages();
  for (let i: u32 = 0; i < census.count; i++) {
    const slot = capAt(i);
    if (isFirst(i) && typeIn(slot.word) === CapType.AddressSpace) checkSpace(cast<AddressSpace>(objectIn(slot.word)));
  }
  for (let i: u32 = 0; i < census.count; i++) {
    const slot = capAt(i);
    if (isCapWith(slot.word, CapType.Image, 0n) || isCapWith(slot.word, CapType.Region, FLAG_ZEROED)) checkClaim(slot);
    else if (isFirst(i) && typeIn(slot.word) === CapType.Thread) checkBuffer(cast<Thread>(objectIn(slot.word)));
  }
  for (let i: u32 = 0; i < census.count; i++) {
    const slot = capAt(i);
    if (typeIn(slot.word) !== CapType.AddressSpace) continue;
    const id = cast<AddressSpace>(objectIn(slot.word)).id;
    assert(spaces.mapped[id] === spaces.claimed[id], "I7: every mapping has a capability behind it");
  }
}

function findImages(): void {
  spaces.imageCount = 0;
  for (let i: u32 = 0; i < census.count; i++) {
    if (!isFirst(i) || typeIn(capAt(i).word) !== CapType.Image) continue;
    assert(spaces.imageCount < MAX_IMAGES, "there are more Images than the checker has room for");
    spaces.images[spaces.imageCount] = i;
    spaces.imageCount++;
  }
}

/** The Image to which any page from `start` to `end` belongs, or null. */
function imageAt(start: u64, end: u64): Slot | null {
  for (let i: u32 = 0; i < spaces.imageCount; i++) {
    const slot = capAt(spaces.images[i]);
    if (start < imageEnd(slot) && end > imageStart(slot)) return slot;
  }
  return null;
}

/** Whether the page is text of a sealed Image. */
function isTextPage(page: u64): boolean {
  const slot = imageAt(page, page + PAGE_BYTES);
  if (slot === null || page < u64(pageOf(slot)) || isCapWith(slot.word, CapType.Image, FLAG_UNSEALED)) return false;
  return imageOf(slot).isSealed && isText(imageOf(slot), u32((page - u64(pageOf(slot))) / PAGE_BYTES));
}

function checkSpace(space: AddressSpace): void {
  const mapping = local<Mapping>();
  assert(space.id < MAX_SPACES, "I7: an address space has an identifier");
  mapping.space = space.id;
  mapping.generation = generationOf(space);
  assert(spaceOfMapping(mapping) === space, "I7: an address space's identifier names it");
  for (let i: u32 = 0; i <= space.poolPages; i++) spaces.seen[i] = 0;
  spaces.mapped[space.id] = 0;
  spaces.claimed[space.id] = 0;
  spaces.tables = 0;
  walkRoot(space);
  checkPool(space);
}

function walkRoot(space: AddressSpace): void {
  const root = tableAt(space.root);
  const upper = upperHalf();
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = root.entries[i];
    if (i >= USER_ENTRIES)
      assert(entry === (upper === null ? 0n : upper.entries[i]), "I6: the kernel's half of the tables is the kernel's");
    else if (entry !== 0n) walkUpper(space, entry);
  }
}

function walkUpper(space: AddressSpace, above: u64): void {
  const frame = enterTable(space, above);
  const table = tableAt(addressIn(above));
  let used: u32 = 0;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = table.entries[i];
    if (entry === 0n) continue;
    used++;
    walkLarge(space, entry);
  }
  assert(used === u32(space.used[frame]), "I7: a table's count is that of its entries");
}

function walkLarge(space: AddressSpace, above: u64): void {
  const frame = enterTable(space, above);
  const table = tableAt(addressIn(above));
  let used: u32 = 0;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = table.entries[i];
    if (entry === 0n) continue;
    used++;
    if (isLeaf(entry)) checkLeaf(space, entry, LARGE_PAGES);
    else walkPages(space, entry);
  }
  assert(used === u32(space.used[frame]), "I7: a table's count is that of its entries");
}

function walkPages(space: AddressSpace, above: u64): void {
  const frame = enterTable(space, above);
  const table = tableAt(addressIn(above));
  let used: u32 = 0;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = table.entries[i];
    if (entry === 0n) continue;
    used++;
    checkLeaf(space, entry, 1);
  }
  assert(used === u32(space.used[frame]), "I7: a table's count is that of its entries");
}

/** A table of the pool that is entered for the first time; answers its number. */
function enterTable(space: AddressSpace, entry: u64): u32 {
  assert(isPresent(entry), "I7: an entry is present, or zero");
  const frame = frameOf(space, addressIn(entry));
  assert(spaces.seen[frame] === 0, "I4: a frame is one table only");
  spaces.seen[frame] = 1;
  spaces.tables++;
  return frame;
}

function frameOf(space: AddressSpace, p: PhysAddr): u32 {
  const frame = (u64(p) - u64(space.root)) / PAGE_BYTES;
  assert(frame >= 1n && frame <= u64(space.poolPages), "I4: page tables are frames of their space's pool");
  return u32(frame);
}

function checkLeaf(space: AddressSpace, entry: u64, pages: u32): void {
  const start = u64(addressIn(entry));
  const end = start + u64(pages) * PAGE_BYTES;
  assert(isPresent(entry), "I7: an entry is present, or zero");
  assert(isOpenToUsers(entry), "I6: what is in users' tables is for users");
  if (isUserExecutable(entry)) {
    assert(!isUserWritable(entry), "I5: no page that a user can execute is writable");
    assert(pages === 1 && isTextPage(start), "I5: every executable page belongs to a sealed Image");
  } else if (isUserWritable(entry)) {
    assert(imageAt(start, end) === null, "I5: no page of an Image is writable");
  }
  spaces.mapped[space.id] += pages;
}

/** What of the pool is no table is in the list of free frames (A0). */
function checkPool(space: AddressSpace): void {
  assert(spaces.tables + space.freeCount === space.poolPages, "I11: the frames of a pool are tables or free");
  let p = space.free;
  for (let i: u32 = 0; i < space.freeCount; i++) {
    const frame = frameOf(space, p);
    assert(spaces.seen[frame] === 0 && space.used[frame] === 0, "I4: a free frame is no table");
    spaces.seen[frame] = 1;
    p = tableAt(p).entries[0] as PhysAddr;
  }
}

/** A capability that says where it is mapped is mapped there, page by page, and with no more rights than it has. */
function checkClaim(slot: Slot): void {
  if (slot.data === 0n) return;
  const mapping = local<Mapping>();
  readMapping(slot, mapping);
  const space = spaceOfMapping(mapping);
  if (space === null) return;
  assert(mapping.count <= pagesOf(slot), "I7: no more is mapped than there is");
  const isImage = typeIn(slot.word) === CapType.Image;
  const isWritable = !isImage && (slot.word & RIGHT_WRITE) !== 0n;
  let done: u32 = 0;
  while (done < mapping.count) {
    const va = mapping.start + u64(done) * PAGE_BYTES;
    const table = largeTableOver(space, va);
    const entry = table === null ? 0n : table.entries[u32((va >> 21n) & 511n)];
    assert(isPresent(entry), "I7: a capability is mapped where its slot says");
    if (isLeaf(entry)) {
      checkPage(slot, entry, done, isWritable, isImage);
      done += LARGE_PAGES;
      continue;
    }
    const pages = tableAt(addressIn(entry));
    for (let i = u32((va >> PAGE_SHIFT) & 511n); i < ENTRIES && done < mapping.count; i++) {
      checkPage(slot, pages.entries[i], done, isWritable, isImage);
      done++;
    }
  }
  assert(done === mapping.count, "I7: large pages are mapped as a whole");
  spaces.claimed[space.id] += done;
}

function checkPage(slot: Slot, entry: u64, index: u32, isWritable: boolean, isImage: boolean): void {
  assert(isPresent(entry), "I7: a capability is mapped where its slot says");
  const expected = u64(pageOf(slot)) + u64(index) * PAGE_BYTES;
  assert(u64(addressIn(entry)) === expected, "I7: a mapping leads to its capability's page");
  assert(isWritable || !isUserWritable(entry), "I7: a mapping has no more rights than its capability");
  assert(isImage || !isUserExecutable(entry), "I5: only Images are mapped to be executed");
}

function largeTableOver(space: AddressSpace, va: u64): Table | null {
  const first = tableAt(space.root).entries[u32((va >> 39n) & 511n)];
  if (!isPresent(first)) return null;
  const second = tableAt(addressIn(first)).entries[u32((va >> 30n) & 511n)];
  return isPresent(second) ? tableAt(addressIn(second)) : null;
}

/** The kernel writes message buffers by their physical address: they are memory that is the thread's to write. */
function checkBuffer(thread: Thread): void {
  const slot: Slot = thread.buffer;
  if (slot.word === 0n) return;
  const isBuffer = isCapWith(slot.word, CapType.Region, RIGHT_READ | RIGHT_WRITE | FLAG_ZEROED);
  assert(isBuffer && (slot.word & FLAG_DEVICE) === 0n, "I6: a message buffer is memory for users");
  const end = u64(thread.bufferOffset) + BUFFER_BYTES;
  assert(end <= u64(pagesOf(slot)) * PAGE_BYTES, "I6: a message buffer lies inside its Region");
}

function tableAt(p: PhysAddr): Table {
  return cast<Table>(windowOf(p));
}
