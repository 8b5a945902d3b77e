/** @unsafe reads the device tree through the physical window */
import { bootInfo, Loader } from "../../boot/bootInfo";
import { readDeviceTree } from "../../boot/deviceTree";
import { kernelMain } from "../../kernel/main";
import type { PhysAddr } from "../../kernel/memory/address";
import { setImageAddress, windowOf } from "./mmu";
import { platform } from "./platform";
import { initTraps } from "./trap";

const TREE_ALIGNMENT = 8n;

/**
 * Called by boot.S on the kernel's stack with interrupts off: the physical addresses of the device tree and of the
 * image, and the counter at the first instruction.
 *
 * @entry arch_start
 * @noreturn
 */
export function start(tree: PhysAddr, image: PhysAddr, entryCounter: u64): never {
  initTraps();
  setImageAddress(image);
  bootInfo.entryCounter = entryCounter;
  bootInfo.loader = Loader.LinuxImage;
  bootInfo.deviceTree = tree;
  assert(tree !== 0n && (tree & (TREE_ALIGNMENT - 1n)) === 0n, "the loader passes a device tree in X0");
  const header = windowOf(tree);
  const bytes = byteSwap32(load32(header + 4n));
  bootInfo.deviceTreeBytes = u64(bytes);
  const isTree = readDeviceTree(bootInfo, platform, castSlice<u8>(header, bytes));
  assert(isTree, "what the loader passes in X0 is a device tree");
  kernelMain(bootInfo);
}
