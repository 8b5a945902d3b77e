import { FAULT_KINDS, raise } from "@arch/raise";
import { HAS_SELF_TESTS } from "@build/config";
import { type BootInfo, findOption, type Option } from "../boot/bootInfo";
import { raiseSelfFault, SELF_FAULT_KINDS } from "./fault/selfFault";
import { beginRecord, endRecord, LogLevel, log } from "./log";
import { writeByte, writeText } from "./output";
import { isEqual } from "./text";

/**
 * `selftest=panic` and `selftest=fault:KIND` on the command line: the kernel breaks on purpose, before any user task
 * runs. Whoever writes the command line boots the machine; no user reaches this (I14), and release builds have none of it.
 */
export function runSelfTest(info: BootInfo): void {
  const option = local<Option>();
  findOption(info, "selftest", option);
  if (!option.isFound) return;
  if (HAS_SELF_TESTS) breakAsAsked(sliceOf(info.commandLine, option.start, option.length));
  else log(LogLevel.Warn, "selftest: this build has none");
}

function breakAsAsked(test: Bytes): void {
  if (isEqual(test, "panic")) panicAsAsked();
  const prefix: Bytes = "fault:";
  if (test.length > prefix.length && isEqual(subslice(test, 0, prefix.length), prefix)) {
    raiseKind(subslice(test, prefix.length, test.length - prefix.length));
  }
  beginRecord(LogLevel.Error);
  writeText("selftest: there is no ");
  writeText(test);
  writeText("; there are panic, and fault: with");
  for (let i: u32 = 0; i < FAULT_KINDS.length; i++) writeKind(FAULT_KINDS[i]);
  for (let i: u32 = 0; i < SELF_FAULT_KINDS.length; i++) writeKind(SELF_FAULT_KINDS[i]);
  endRecord();
}

/** @noinline */
function panicAsAsked(): void {
  panic("asked for on the command line");
}

function raiseKind(kind: Bytes): void {
  for (let i: u32 = 0; i < FAULT_KINDS.length; i++) {
    if (isEqual(kind, FAULT_KINDS[i])) raise(i);
  }
  for (let i: u32 = 0; i < SELF_FAULT_KINDS.length; i++) {
    if (isEqual(kind, SELF_FAULT_KINDS[i])) raiseSelfFault(i);
  }
}

function writeKind(kind: Bytes): void {
  writeByte(0x20);
  writeText(kind);
}
