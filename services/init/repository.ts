/** @unsafe reads packages where they are mapped */
import { PackageFault } from "../../codec/package/fault";
import { type Outline, readOutline } from "../../codec/package/outline";
import { bytesOf } from "../../codec/package/span";
import { SLOT_FIRST_MODULE, SLOT_SPACE } from "../../kernel/initSlots";
import { writeDecimal, writeHex, writeText } from "../../kernel/output";
import { mapModule, nameOfModule } from "../../user/bootModule";
import { unmapAll } from "../../user/calls";
import { initInfo } from "../../user/initInfo";
import { beginLine, endLine } from "./report";

/** The boot repository: the packages that lie behind init's own in the boot image. At most one is open. */

const PACKAGE_ADDRESS = 0x6000_0000_0000n;
/** Of a digest, to tell one build from another. */
const SHOWN_BYTES = 8;

interface Opened extends Struct<"Opened"> {
  file: Bytes;
  readonly outline: Inline<Outline>;
}

const opened: Opened = zeroed();

/** Maps package `index` and reads what it says of itself; answers what is wrong with it. */
export function openPackage(info: u64, index: u32): PackageFault {
  opened.file = mapModule(initInfo(info), index, PACKAGE_ADDRESS);
  return readOutline(opened.outline, opened.file);
}

export function closePackage(index: u32): void {
  unmapAll(SLOT_SPACE, SLOT_FIRST_MODULE + index);
}

/** Of the open package. */
export function outline(): Outline {
  return opened.outline;
}

/** The bytes of the open package. */
export function packageBytes(): Bytes {
  return opened.file;
}

/** Text of the open package's manifest. */
export function nameOfOpened(): Bytes {
  return bytesOf(opened.outline.manifestBytes, opened.outline.manifest.name);
}

/** A line about the open package, in which `fault` is what is wrong with it. */
export function listPackage(info: u64, index: u32, fault: PackageFault): void {
  const manifest = opened.outline.manifest;
  const bytes = opened.outline.manifestBytes;
  beginLine();
  writeText(nameOfModule(initInfo(info), index));
  if (fault !== PackageFault.None) {
    writeText(" is no package: fault ");
    writeDecimal(u64(u32(fault)));
    writeText(" at byte ");
    writeDecimal(u64(opened.outline.bench.fields.faultAt));
    endLine();
    return;
  }
  writeText(": ");
  writeText(nameOfOpened());
  writeText(" ");
  writeText(bytesOf(bytes, manifest.version));
  writeText(", ");
  writeDecimal(u64(opened.file.length));
  writeText(" bytes, binary ");
  const digest = bytesOf(bytes, manifest.binaryDigest);
  let shown: u64 = 0n;
  for (let i: u32 = 0; i < SHOWN_BYTES; i++) shown = (shown << 8n) | u64(u32(digest[i]));
  writeHex(shown, 16);
  endLine();
}
