import { type ElfProgram, readElf } from "../elf/elf";
import { ElfStatus } from "../elf/status";
import { PackageFault } from "./fault";
import type { Manifest } from "./manifest";

/**
 * The program in a binary of `bytes` bytes of which `head` is the beginning: ELF, for the machine, at addresses of users,
 * no page writable and executable, its entry in its code and as the manifest says. `program.faultAt` is where in the
 * binary a fault is.
 */
export function readBinary(
  head: Bytes,
  bytes: u64,
  machine: u32,
  manifest: Manifest,
  program: ElfProgram,
): PackageFault {
  program.faultAt = 0n;
  if (manifest.machine !== machine) return PackageFault.OtherMachine;
  const status = readElf(head, bytes, machine, program);
  if (status !== ElfStatus.Ok) return toEnum<PackageFault>(u32(PackageFault.ElfTruncated) + u32(status) - 1);
  program.faultAt = 24n;
  return program.entry === manifest.entry ? PackageFault.None : PackageFault.OtherEntry;
}
