import { PackageFault } from "./fault";
import type { Manifest } from "./manifest";

/**
 * What a process is given, against what its manifest wants: one capability or null for each entry. Wanted rights are
 * within the certificate's ceiling and the policy since the package was verified.
 */

/** A grant's kind when there is none. */
export const NO_GRANT = 0;

/** What is wrong with giving entry `index` a capability of this GrantKind with these rights, or NO_GRANT. */
export function faultOfGrant(manifest: Manifest, index: u32, kind: u32, rights: u32): PackageFault {
  if (index >= manifest.wantedCount) return PackageFault.GrantUnlisted;
  const wanted = manifest.wanted[index];
  if (kind === NO_GRANT) return wanted.isRequired ? PackageFault.GrantMissing : PackageFault.None;
  if (kind !== u32(wanted.kind)) return PackageFault.GrantWrongKind;
  return (rights & ~u32(wanted.rights)) === 0 ? PackageFault.None : PackageFault.GrantTooWide;
}

/** What is wrong with giving `count` capabilities or nulls. */
export function faultOfGrantCount(manifest: Manifest, count: u32): PackageFault {
  if (count > manifest.wantedCount) return PackageFault.GrantUnlisted;
  for (let i = count; i < manifest.wantedCount; i++) {
    if (manifest.wanted[i].isRequired) return PackageFault.GrantMissing;
  }
  return PackageFault.None;
}
