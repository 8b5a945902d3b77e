import { SemverStatus } from "../semver/status";
import { isDigit, type SemverText } from "../semver/text";
import { compareVersions, type Partial, parseVersion } from "../semver/version";
import { PackageFault } from "./fault";
import { type Fields, isRight, readTextOf, refuse } from "./fields";
import { bytesOf, type Span } from "./span";

/** Versions of modules: whole ones, without a prefix and without spaces around them. */

export const MAX_VERSION_TEXT = 64;

export function readVersion(f: Fields, version: Span): void {
  const at = f.reader.at;
  readTextOf(f, MAX_VERSION_TEXT, version);
  if (!isRight(f)) return;
  const text = local<SemverText>();
  const partial = local<Partial>();
  if (!isVersion(bytesOf(f.reader.bytes, version), text, partial)) refuse(f, PackageFault.BadVersion, at);
}

function isVersion(bytes: Bytes, text: SemverText, partial: Partial): boolean {
  if (bytes.length === 0 || !isDigit(u32(bytes[0])) || u32(bytes[bytes.length - 1]) <= 0x20) return false;
  return parseVersion(bytes, text, partial) === SemverStatus.Ok;
}

/** Whether `version` comes before `least`; both were read. */
export function isBelow(version: Bytes, least: Bytes): boolean {
  const text = local<SemverText>();
  const a = local<Partial>();
  const b = local<Partial>();
  return isVersion(version, text, a) && isVersion(least, text, b) && compareVersions(a.version, b.version) < 0;
}
