import { allowsName, type Ceiling, Limit, limitOfGrant, limitOfNumbers } from "./ceiling";
import { PackageFault } from "./fault";
import type { Manifest } from "./manifest";
import { bytesOf } from "./span";
import { isNamed, leastVersion, ruleOf, type TrustSet } from "./trust";
import { isBelow } from "./versions";

/**
 * Whether a module may be what its manifest says, and ask for what it wants: by its publisher's certificate, by the system
 * policy and the policy's rule for its publisher, and by the least version of the trust set.
 *
 * `bytes` is what the manifest was read from; a fault is about the wanted capability `wantedAt`, if it is about one.
 */

/** The least version, the name, budget and priority by the trust set. At most 20,000 instructions. */
export function faultOfIdentity(trust: TrustSet, publisher: Bytes, bytes: Bytes, manifest: Manifest): PackageFault {
  const name = bytesOf(bytes, manifest.name);
  const least = leastVersion(trust, name);
  if (least.length > 0 && isBelow(bytesOf(bytes, manifest.version), least)) return PackageFault.VersionBelowMinimum;
  const fault = policyFault(limitOfIdentity(trust.ceiling, name, manifest));
  if (fault !== PackageFault.None) return fault;
  const rule = ruleOf(trust, publisher);
  return rule === null ? PackageFault.None : policyFault(limitOfIdentity(rule, name, manifest));
}

/** Name, budget and priority by the certificate. */
export function faultOfCertificate(ceiling: Ceiling, bytes: Bytes, manifest: Manifest): PackageFault {
  return certificateFault(limitOfIdentity(ceiling, bytesOf(bytes, manifest.name), manifest));
}

/** The wanted capability of this number. At most 20,000 instructions. */
export function faultOfWanted(
  trust: TrustSet,
  certificate: Ceiling,
  publisher: Bytes,
  bytes: Bytes,
  manifest: Manifest,
  index: u32,
): PackageFault {
  const wanted = manifest.wanted[index];
  const kind = u32(wanted.kind);
  const rights = u32(wanted.rights);
  const fault = certificateFault(limitOfGrant(certificate, kind, rights));
  if (fault !== PackageFault.None) return fault;
  const rule = ruleOf(trust, publisher);
  const limit = limitOfGrant(trust.ceiling, kind, rights);
  const ruled = rule === null ? Limit.None : limitOfGrant(rule, kind, rights);
  if (limit === Limit.None && ruled === Limit.None) return PackageFault.None;
  const isExcepted = isNamed(trust, bytesOf(bytes, manifest.name), bytesOf(bytes, wanted.name), kind, rights);
  if (isExcepted) return PackageFault.None;
  return policyFault(limit === Limit.None ? ruled : limit);
}

function limitOfIdentity(ceiling: Ceiling, name: Bytes, manifest: Manifest): Limit {
  if (!allowsName(ceiling, name)) return Limit.Name;
  return limitOfNumbers(ceiling, manifest.budgetBytes, manifest.priority);
}

function certificateFault(limit: Limit): PackageFault {
  return faultOfLimit(limit, u32(PackageFault.NameOutsideCeiling));
}

function policyFault(limit: Limit): PackageFault {
  return faultOfLimit(limit, u32(PackageFault.NameOutsidePolicy));
}

/** Both groups of faults are in the order of the limits. */
function faultOfLimit(limit: Limit, first: u32): PackageFault {
  if (limit === Limit.None) return PackageFault.None;
  return toEnum<PackageFault>(first + u32(limit) - u32(Limit.Name));
}
