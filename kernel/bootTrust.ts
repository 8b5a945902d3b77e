/** @unsafe reads the boot image's trust set where the loader has put it */
import { windowOf } from "@arch/mmu";
import type { BootInfo, BootModule } from "../boot/bootInfo";
import type { Bench } from "../codec/package/bench";
import {
  isTrusted,
  MAX_TRUST_BYTES,
  ruleOf,
  startTrust,
  stepTrust,
  type TrustReading,
  type TrustSet,
} from "../codec/package/trust";
import { beginRecord, endRecord, LogLevel, log } from "./log";
import { PAGE_BYTES } from "./memory/address";
import { releasePages, takePages } from "./memory/frames";
import { adoptCandidate, candidateBytes, candidateTrust, presentTrust } from "./object/trust";
import { writeDecimal, writeText } from "./output";
import { isEqual } from "./text";

/**
 * The trust set that the boot image brings: the file `trust` of its archive. It is trusted as it was loaded, as the
 * kernel itself is; without one nobody's signature counts, and nothing can run.
 *
 * Keys for development are made by whoever builds, and lie beside the sources. A trust set that has them says so by a
 * rule for the publisher of this name, and each boot tells.
 */

const DEVELOPMENT_PUBLISHER = "development";

/** What reading it needs, for a moment. */
interface Reader extends Struct<"Reader"> {
  readonly reading: Inline<TrustReading>;
  readonly bench: Inline<Bench>;
}

export function isTrustModule(module: BootModule): boolean {
  return isEqual(sliceOf(module.name, 0, module.nameLength), "trust");
}

export function loadTrust(info: BootInfo): void {
  for (let i: u32 = 0; i < info.moduleCount; i++) {
    if (isTrustModule(info.modules[i])) {
      readTrustModule(info.modules[i]);
      return;
    }
  }
  panic("the boot image has no trust set: add the file `trust` to its archive (scripts/build-image.ts)");
}

function readTrustModule(module: BootModule): void {
  if (module.bytes > u64(MAX_TRUST_BYTES)) panic("the boot image's trust set is too long");
  const bytes = candidateBytes(0, u32(module.bytes));
  copyMemory(addressOf(bytes), windowOf(module.start), module.bytes);
  const memory = sizeOf<Reader>();
  const pages = (memory + PAGE_BYTES - 1n) / PAGE_BYTES;
  const start = takePages(pages);
  const reader = cast<Reader>(windowOf(start));
  fillMemory(addressOf(reader), 0, memory);
  startTrust(reader.reading, reader.bench, bytes, candidateTrust(), null);
  while (stepTrust(reader.reading)) {}
  if (!isTrusted(reader.reading)) refuseTrust(reader.reading);
  adoptCandidate();
  logTrust(presentTrust());
  releasePages(start, pages * PAGE_BYTES);
}

/** @noreturn */
function refuseTrust(reading: TrustReading): never {
  beginRecord(LogLevel.Error);
  writeText("trust: fault ");
  writeDecimal(u64(u32(reading.fault)));
  writeText(" (codec/package/fault.ts) at byte ");
  writeDecimal(u64(reading.faultAt));
  endRecord();
  panic("the boot image's trust set is broken: make it anew (sila certify trust)");
}

function logTrust(set: TrustSet): void {
  beginRecord(LogLevel.Info);
  writeText("trust: version ");
  writeDecimal(set.version);
  writeText(", epoch ");
  writeDecimal(set.epoch);
  writeText(", ");
  writeDecimal(u64(set.threshold));
  writeText(" of ");
  writeDecimal(u64(set.rootCount));
  writeText(" roots have to sign");
  endRecord();
  if (ruleOf(set, DEVELOPMENT_PUBLISHER) === null) return;
  log(LogLevel.Warn, "trust: development keys: whoever can read keys/development can sign for this image");
}
