import { bootInfo, Loader } from "../../boot/bootInfo";
import { readMultiboot2 } from "../../boot/multiboot2";
import { readPvh } from "../../boot/pvh";
import { kernelMain } from "../../kernel/main";
import type { PhysAddr } from "../../kernel/memory/address";
import { LOADER_MULTIBOOT2 } from "./layout";
import { initTraps } from "./trap";

/**
 * Called by boot.asm on the kernel's stack with interrupts off: the loader, the physical address of its record, and
 * the counter at the first instruction.
 *
 * @entry arch_start
 * @noreturn
 */
export function start(loader: u32, record: PhysAddr, entryCounter: u64): never {
  initTraps();
  bootInfo.entryCounter = entryCounter;
  if (loader === LOADER_MULTIBOOT2) {
    bootInfo.loader = Loader.Multiboot2;
    readMultiboot2(bootInfo, record);
  } else {
    bootInfo.loader = Loader.Pvh;
    readPvh(bootInfo, record);
  }
  kernelMain(bootInfo);
}
