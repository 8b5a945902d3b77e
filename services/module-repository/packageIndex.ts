import { isEqual } from "../../kernel/text";
import { LoadStatus } from "../../protocol/status";
import { type Name, setName, setVersion, textOfName, textOfVersion, type VersionText } from "../../protocol/texts";
import { isHigher, isWithin } from "../versions";

/**
 * Which packages there are, and which one is the best for a name and a range of versions: the highest that satisfies the
 * range; without a range the highest that is no pre-release (services/versions.ts). Of two packages with one name and
 * version the first in the boot archive counts.
 */

export const MAX_PACKAGES = 64;
export const NO_PACKAGE = 0xffff_ffff;

export interface PackageEntry extends Struct<"PackageEntry"> {
  readonly name: Inline<Name>;
  readonly version: Inline<VersionText>;
  fileBytes: u64;
  /** Of the package file's Region. */
  slot: u32;
}

export interface PackageIndex extends Struct<"PackageIndex"> {
  count: u32;
  readonly entries: FixedArray<Inline<PackageEntry>, typeof MAX_PACKAGES>;
}

/** What a search has found. */
export interface Found extends Struct<"Found"> {
  /** Success, NotFound or NoMatchingVersion. */
  status: LoadStatus;
  /** The entry's number, or NO_PACKAGE. */
  entry: u32;
}

/** False when there is no room, or name and version are too long, or there is this one already. */
export function addPackage(index: PackageIndex, name: Bytes, version: Bytes, fileBytes: u64, slot: u32): boolean {
  const at = index.count;
  if (at === MAX_PACKAGES || hasPackage(index, name, version)) return false;
  const entry = index.entries[at];
  if (!setName(entry.name, name) || !setVersion(entry.version, version)) return false;
  entry.fileBytes = fileBytes;
  entry.slot = slot;
  index.count = at + 1;
  return true;
}

function hasPackage(index: PackageIndex, name: Bytes, version: Bytes): boolean {
  for (let i: u32 = 0; i < index.count; i++) {
    const entry = index.entries[i];
    if (isEqual(textOfName(entry.name), name) && isEqual(textOfVersion(entry.version), version)) return true;
  }
  return false;
}

/** The best of `name` by `range`; an empty range is any, one that is no range is satisfied by nothing. */
export function findPackage(index: PackageIndex, name: Bytes, range: Bytes, found: Found): void {
  found.status = LoadStatus.NotFound;
  found.entry = NO_PACKAGE;
  for (let i: u32 = 0; i < index.count; i++) {
    const entry = index.entries[i];
    if (!isEqual(textOfName(entry.name), name)) continue;
    if (found.status === LoadStatus.NotFound) found.status = LoadStatus.NoMatchingVersion;
    const version = textOfVersion(entry.version);
    if (!isWithin(version, range)) continue;
    if (found.entry !== NO_PACKAGE && !isHigher(version, textOfVersion(index.entries[found.entry].version))) continue;
    found.entry = i;
    found.status = LoadStatus.Success;
  }
}
