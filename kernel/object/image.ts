import { LEAF_EXECUTE, LEAF_READ } from "@arch/userSpace";
import { PAGE_BYTES, type PhysAddr } from "../memory/address";

/**
 * Verified code: the only pages that users may execute (I5). Until the boot image is itself sealed, the kernel makes
 * one Image of each boot module that is a program, marked Boot. Its capability is a run of pages, like a Region's,
 * which is mapped as the program's headers say: text to be executed, the rest to be read, nothing to be written.
 */

const MAX_IMAGES = 64;

interface Image extends Struct<"Image"> {
  start: u64;
  end: u64;
  /** The pages that are text. */
  textStart: u64;
  textEnd: u64;
}

interface Images extends Struct<"Images"> {
  count: u32;
  readonly list: FixedArray<Inline<Image>, typeof MAX_IMAGES>;
}

const images: Images = zeroed();

/** Records a boot module's pages; false when there is no room for another. */
export function addBootImage(start: u64, end: u64, textStart: u64, textEnd: u64): boolean {
  if (images.count >= MAX_IMAGES) return false;
  const image = images.list[images.count];
  image.start = start;
  image.end = end;
  image.textStart = textStart;
  image.textEnd = textEnd;
  images.count++;
  return true;
}

/** The rights with which an Image's page is mapped. */
export function imageLeaf(page: PhysAddr): u64 {
  return isText(page) ? LEAF_EXECUTE : LEAF_READ;
}

/** How many of `pages` pages from `page` on are mapped with the same rights. */
export function imageRun(page: PhysAddr, pages: u32): u32 {
  const kind = isText(page);
  for (let i: u32 = 1; i < pages; i++) {
    if (isText((u64(page) + u64(i) * PAGE_BYTES) as PhysAddr) !== kind) return i;
  }
  return pages;
}

/** Whether any page from `start` to `end` belongs to an Image. */
export function touchesImage(start: u64, end: u64): boolean {
  for (let i: u32 = 0; i < images.count; i++) {
    if (start < images.list[i].end && end > images.list[i].start) return true;
  }
  return false;
}

/** Whether the page is an Image's text. */
export function isText(page: PhysAddr): boolean {
  for (let i: u32 = 0; i < images.count; i++) {
    const image = images.list[i];
    if (page >= image.start && page < image.end) return page >= image.textStart && page < image.textEnd;
  }
  return false;
}
