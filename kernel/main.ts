import { ARCH_NAME, checkFeatures } from "@arch/cpu";
import { initInterrupts } from "@arch/interrupts";
import { initScreen, mapScreen } from "@arch/screen";
import { initTimer } from "@arch/timer";
import { initUart } from "@arch/uart";
import { BUILD_NAME } from "@build/config";
import { unpackArchives } from "../boot/archive";
import { type BootInfo, Loader } from "../boot/bootInfo";
import { startInit } from "./initTask";
import { beginRecord, endRecord, initLog, LogLevel, log } from "./log";
import { freeBytes, initFrames, usableBytes } from "./memory/frames";
import { initKernelSpace } from "./memory/kernelSpace";
import { writeByte, writeDecimal, writeText } from "./output";
import { runSelfTest } from "./selfTest";
import { VERSION } from "./version";

/**
 * Called once by the architecture's `start`, on the kernel stack, with traps installed and interrupts off.
 *
 *   uart, screen ─▶ log ─▶ CPU features ─▶ frames ─▶ page tables ─▶ boot modules ─▶ interrupts ─▶ timer ─▶ init
 *
 * @noreturn
 */
export function kernelMain(info: BootInfo): never {
  initUart(info);
  initScreen(info);
  initLog(info);
  logBanner(info);
  checkFeatures();
  initFrames(info);
  logMemory();
  initKernelSpace(info);
  mapScreen();
  unpackArchives(info);
  log(LogLevel.Debug, "page tables: kernel W^X, no identity map");
  initInterrupts(info);
  initTimer(info);
  if (info.dropped !== 0) log(LogLevel.Warn, "boot: the loader handed over more than BootInfo has room for");
  runSelfTest(info);
  startInit(info);
}

function logBanner(info: BootInfo): void {
  beginRecord(LogLevel.Info);
  writeText("Skyscope ");
  writeText(VERSION);
  writeByte(0x20);
  writeText(ARCH_NAME);
  writeByte(0x20);
  writeText(BUILD_NAME);
  writeText(", loaded by ");
  writeText(loaderName(info.loader));
  endRecord();
}

function logMemory(): void {
  beginRecord(LogLevel.Info);
  writeText("memory: ");
  writeDecimal(usableBytes() / 1024n);
  writeText(" KiB usable, ");
  writeDecimal(freeBytes() / 1024n);
  writeText(" KiB free");
  endRecord();
}

function loaderName(loader: Loader): Bytes {
  switch (loader) {
    case Loader.Multiboot2:
      return "multiboot2";
    case Loader.Pvh:
      return "PVH";
    case Loader.LinuxImage:
      return "the Linux boot protocol";
    default:
      unreachable(loader);
  }
}
