import { GRANT_READ, GrantKind } from "../../codec/package/kind";
import type { Manifest, Wanted } from "../../codec/package/manifest";
import { bytesOf } from "../../codec/package/span";
import { CapType } from "../../kernel/cap/capability";
import { isEqual } from "../../kernel/text";
import { LoadStatus } from "../../protocol/status";
import { setName, textOfVersion } from "../../protocol/texts";
import { copyInto, mintInto, retypeMany, slotIn } from "../../user/calls";
import { badgeAtDirectory, badgeOfModule, MAY_LOOK_UP, MAY_WATCH } from "../badges";
import { isWithin } from "../versions";
import { failAt, failLoad, type Load } from "./load";
import { LoadEvent } from "./loadState";
import { ENDOWMENT, MAX_MODULES, MAX_OFFERS, slotOfModule, slotOfOffer } from "./persistent";
import { endpointOf, makeOffer, memoryAt, moduleRecord, NO_MODULE, runningModule } from "./records";
import { DIRECTORY, LOG, PARAMETERS, PERSISTENT, REQUESTS, slotsOfLoad } from "./slots";

/**
 * What a module is given of what its manifest wants, by kind and name. Nothing that is not on this list is in any module's
 * reach: what is wanted and not here stays empty, and the kernel refuses the process if the manifest requires it.
 *
 *   Endpoint, to receive from   a new one, if the manifest offers a service of that name
 *   Endpoint, to send to        that of a running module that offers a service of that name
 *                               `log`: lines for people; `modules`: to load modules under its own name
 *                               `directory`: to look services up; `watch`: to learn when any comes or goes
 *   Notification, Timer, Reply  a new one
 */

const ENDOWED_PARAMETERS = 1;
const ENDOWED_FIRST = 2;

/** Fills the endowment, or says why the module cannot have what it needs. */
export function endow(load: Load): LoadEvent {
  const v = load.verification;
  const record = moduleRecord(load.module);
  if (isSecond(load)) return failLoad(load, LoadStatus.Refused);
  const missing = missingDependency(v.manifest, v.manifestBytes);
  if (missing !== NO_MODULE) return failAt(load, LoadStatus.MissingDependency, 0, 0, missing);
  if (v.manifest.offerCount > MAX_OFFERS) return failLoad(load, LoadStatus.InsufficientResourcesError);
  for (let i: u32 = 0; i < v.manifest.wantedCount; i++) {
    const status = grant(load, v.manifest.wanted[i], ENDOWED_FIRST + i);
    if (status !== LoadStatus.Success) return failAt(load, status, 0, 0, i);
  }
  // Every service has an endpoint that the module receives from.
  if (record.offerCount !== v.manifest.offerCount) return failLoad(load, LoadStatus.ManifestPolicyError);
  if (!load.hasParameters) return LoadEvent.Done;
  const error = copyInto(endowmentOf(load), slotsOfLoad(load.index) + PARAMETERS, ENDOWED_PARAMETERS);
  return error === 0 ? LoadEvent.Done : failLoad(load, LoadStatus.InsufficientResourcesError);
}

function endowmentOf(load: Load): u32 {
  return slotIn(PERSISTENT, slotOfModule(load.module, ENDOWMENT));
}

/** A service of which one runs already, without leave for a second. */
function isSecond(load: Load): boolean {
  if (load.isSecondAllowed || load.verification.manifest.offerCount === 0) return false;
  return runningModule(bytesOf(load.verification.manifestBytes, load.verification.manifest.name), 0) !== NO_MODULE;
}

/** The number of the first dependency that no running module satisfies, or NO_MODULE. */
function missingDependency(manifest: Manifest, bytes: Bytes): u32 {
  for (let i: u32 = 0; i < manifest.dependencyCount; i++) {
    const dependency = manifest.dependencies[i];
    if (!isSatisfied(bytesOf(bytes, dependency.name), bytesOf(bytes, dependency.value))) return i;
  }
  return NO_MODULE;
}

function isSatisfied(name: Bytes, range: Bytes): boolean {
  for (let i = runningModule(name, 0); i < MAX_MODULES; i = runningModule(name, i + 1)) {
    if (isWithin(textOfVersion(moduleRecord(i).version), range)) return true;
  }
  return false;
}

/** Puts what is wanted into slot `slot` of the endowment, or leaves that empty. */
function grant(load: Load, wanted: Wanted, slot: u32): LoadStatus {
  const name = bytesOf(load.verification.manifestBytes, wanted.name);
  const rights = u64(u32(wanted.rights));
  const kind = wanted.kind;
  if (kind === GrantKind.Notification) return grantNew(load, CapType.Notification, slot);
  if (kind === GrantKind.Timer) return grantNew(load, CapType.Timer, slot);
  if (kind === GrantKind.Reply) return grantNew(load, CapType.Reply, slot);
  if (kind !== GrantKind.Endpoint) return LoadStatus.Success;
  if ((u32(wanted.rights) & GRANT_READ) !== 0) return grantService(load, name, slot, rights);
  return grantEndpoint(load, wanted, name, slot, rights);
}

/** An endpoint to receive from, of the service with this name that the manifest offers. */
function grantService(load: Load, name: Bytes, slot: u32, rights: u64): LoadStatus {
  const v = load.verification;
  const offer = offerNamed(v.manifest, v.manifestBytes, name);
  if (offer === NO_MODULE) return LoadStatus.Success;
  const record = moduleRecord(load.module);
  const place = record.offerCount;
  if (place === MAX_OFFERS || !makeOffer(load.module)) return LoadStatus.InsufficientResourcesError;
  setName(record.offers[place].name, name);
  setName(record.offers[place].protocol, bytesOf(v.manifestBytes, v.manifest.offers[offer].value));
  const endpoint = slotIn(PERSISTENT, slotOfOffer(load.module, place));
  const error = mintInto(endowmentOf(load), endpoint, slot, rights, 0n);
  return error === 0 ? LoadStatus.Success : LoadStatus.InsufficientResourcesError;
}

function offerNamed(manifest: Manifest, bytes: Bytes, name: Bytes): u32 {
  for (let i: u32 = 0; i < manifest.offerCount; i++) {
    if (isEqual(bytesOf(bytes, manifest.offers[i].name), name)) return i;
  }
  return NO_MODULE;
}

/** An endpoint to send to, with the module's own badge. */
function grantEndpoint(load: Load, wanted: Wanted, name: Bytes, slot: u32, rights: u64): LoadStatus {
  const endowment = endowmentOf(load);
  if (isEqual(name, "log")) {
    // It has a badge already: that of those whose lines are shown as they come.
    return copyInto(endowment, LOG, slot) === 0 ? LoadStatus.Success : LoadStatus.InsufficientResourcesError;
  }
  let endpoint: u32 = 0;
  let badge = badgeOfModule(load.loadId);
  if (isEqual(name, "directory")) {
    endpoint = DIRECTORY;
    badge = badgeAtDirectory(MAY_LOOK_UP, load.loadId);
  } else if (isEqual(name, "watch")) {
    endpoint = DIRECTORY;
    badge = badgeAtDirectory(MAY_WATCH, load.loadId);
  } else {
    // Loads of what lies under its own name (admission.ts).
    endpoint = isEqual(name, "modules") ? REQUESTS : endpointOf(name);
  }
  if (endpoint === 0) return wanted.isRequired ? LoadStatus.MissingDependency : LoadStatus.Success;
  const error = mintInto(endowment, endpoint, slot, rights, badge);
  return error === 0 ? LoadStatus.Success : LoadStatus.InsufficientResourcesError;
}

/** Made from the module's home, for it alone. */
function grantNew(load: Load, type: CapType, slot: u32): LoadStatus {
  const home = memoryAt(moduleRecord(load.module).home);
  const error = retypeMany(endowmentOf(load), home, type, 0n, 1, slot);
  return error === 0 ? LoadStatus.Success : LoadStatus.InsufficientResourcesError;
}
