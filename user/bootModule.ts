/** @unsafe reads boot modules where they are mapped */
import type { InitInfo } from "../kernel/initInfo";
import { SLOT_FIRST_MODULE, SLOT_SPACE } from "../kernel/initSlots";
import { isEqual } from "../kernel/text";
import { mapAll } from "./calls";

/** The boot modules behind init's own package, which the kernel gives it to read. */

const PAGE_BYTES = 4096n;
const READ = 1n;
export const NO_MODULE = 0xffff_ffff;

export function nameOfModule(info: InitInfo, index: u32): Bytes {
  return sliceOf(info.modules[index].name, 0, u32(info.modules[index].nameLength));
}

/** The number of the module with this name, or NO_MODULE. */
export function moduleNamed(info: InitInfo, name: Bytes): u32 {
  for (let i: u32 = 0; i < u32(info.moduleCount); i++) {
    if (isEqual(nameOfModule(info, i), name)) return i;
  }
  return NO_MODULE;
}

/** Maps the module at `va`; answers its bytes, none when it cannot be mapped. */
export function mapModule(info: InitInfo, index: u32, va: u64): Bytes {
  const bytes = info.modules[index].bytes;
  const pages = (bytes + PAGE_BYTES - 1n) / PAGE_BYTES;
  const error = mapAll(SLOT_SPACE, SLOT_FIRST_MODULE + index, va, pages, READ);
  return castSlice<u8>(va, error === 0 ? u32(bytes) : 0);
}
