import { Invocation } from "../../kernel/syscall/invocation";
import { bufferFor, invoke, type Message } from "../message";

/**
 * Operations of an AddressSpace's capability. Each answers the error, 0 for none; `message` holds the words of the
 * answer then. Written by `make syscalls` from kernel/syscall/table.ts.
 */

/** AddressSpace.Map: the next pages of the capability, as many as one call may → mapped (pages). */
export function addressSpaceMap(
  message: Message,
  addressSpace: u32,
  address: u64,
  pages: u64,
  rights: u64,
  region: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = address;
  message.words[1] = pages;
  message.words[2] = rights;
  buffer.sent[0] = region;
  return invoke(message, addressSpace, u32(Invocation.AddressSpaceMap), 3, 1);
}

/** AddressSpace.Unmap: the last pages of the capability, as many as one call may → left (pages). */
export function addressSpaceUnmap(message: Message, addressSpace: u32, region: u32): u32 {
  const buffer = bufferFor(message);
  buffer.sent[0] = region;
  return invoke(message, addressSpace, u32(Invocation.AddressSpaceUnmap), 0, 1);
}

/** AddressSpace.Protect: takes the right to write from pages of the mapping. */
export function addressSpaceProtect(
  message: Message,
  addressSpace: u32,
  first: u64,
  pages: u64,
  rights: u64,
  region: u32,
): u32 {
  const buffer = bufferFor(message);
  message.words[0] = first;
  message.words[1] = pages;
  message.words[2] = rights;
  buffer.sent[0] = region;
  return invoke(message, addressSpace, u32(Invocation.AddressSpaceProtect), 3, 1);
}

/** AddressSpace.Translate: 0: not mapped, 1: to be read, 3: to be read and written → rights (rights). */
export function addressSpaceTranslate(message: Message, addressSpace: u32, address: u64): u32 {
  message.words[0] = address;
  return invoke(message, addressSpace, u32(Invocation.AddressSpaceTranslate), 1, 0);
}
