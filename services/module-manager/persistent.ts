import type { ModuleState } from "../../protocol/modules";
import type { Name, VersionText } from "../../protocol/texts";
import type { Pool } from "../../user/buddy";
import type { MAX_LOADS } from "./load";

/**
 * What outlives the ModuleManager: a CNode of init's with two pools of memory, everything that was made for modules, and
 * the Region with these records. Each incarnation reads them again: a module that ran goes on, of a load that was on its
 * way everything is released, but what the DeepCompressionService may still be at work on.
 *
 * The ModuleManager can end between any two instructions, and what it has written since its last system call may be there
 * in part. So nothing is believed but the records of modules that are Running, which were complete before they were that,
 * and of memory what these hold.
 */

/** Slots of the CNode; init fills the first three. */
export const MODULE_MEMORY = 1;
export const SERVICE_MEMORY = 2;
export const RECORDS = 3;
export const FIRST_MODULE_NODE = 16;
export const FIRST_SERVICE_NODE = 208;
const FIRST_MODULE = 400;
const SLOTS_OF_MODULE = 16;
export const PERSISTENT_RADIX = 10n;
export const RECORDS_PAGES = 8n;
/** Of the two pools, as powers of two. */
export const MODULE_POOL_SIZE = 25;
export const SERVICE_POOL_SIZE = 19;

/** Of a module, behind its first slot. */
export const PROCESS = 0;
export const IMAGE = 1;
export const BUDGET = 2;
export const ENDOWMENT = 3;
export const IMAGE_MEMORY = 4;
const ENDPOINT = 8;

export const MAX_MODULES = 32;
export const MAX_OFFERS = 4;
/** Of records that were written. */
export const RECORDS_MAGIC = 0x7364_726f_6365_7231n;

/** A service that a module offers: memory of the service pool with the endpoint that it receives from. */
export interface Offer extends Struct<"Offer"> {
  memory: u32;
  readonly name: Inline<Name>;
  readonly protocol: Inline<Name>;
}

/**
 *   None ──load──▶ Loading ──started──▶ Running ──its end──▶ Exited, Faulted ──taken out──▶ None
 *                     └──any failure──▶ None ◀──Terminate──┘
 *
 * P1  `home` is memory of the module pool exactly while the module is Loading or Running.
 * P2  A record is no longer Running before anything of the module is released.
 */
export interface ModuleRecord extends Struct<"ModuleRecord"> {
  state: ModuleState;
  /** Of the process, as Inspect knows it; it may be another's once this one has ended. */
  processId: u32;
  loadId: u32;
  /** From which Image, budget and all other objects are made; 2^homeSize bytes. */
  home: u32;
  homeSize: u32;
  /** Of its end: exit code or kind of fault, address of a fault. */
  code: u64;
  address: u64;
  offerCount: u32;
  readonly offers: FixedArray<Inline<Offer>, typeof MAX_OFFERS>;
  readonly name: Inline<Name>;
  readonly version: Inline<VersionText>;
}

/** Memory of the module pool of which the DeepCompressionService may hold Regions for a load; 0 when it holds none. */
export interface Lent extends Struct<"Lent"> {
  workspace: u32;
  loadId: u32;
}

export interface Records extends Struct<"Records"> {
  magic: u64;
  lastLoadId: u32;
  readonly moduleMemory: Inline<Pool>;
  readonly serviceMemory: Inline<Pool>;
  readonly modules: FixedArray<Inline<ModuleRecord>, typeof MAX_MODULES>;
  /** For each place of a load. */
  readonly lent: FixedArray<Inline<Lent>, typeof MAX_LOADS>;
}

/** Slots of the CNode for module `index`. */
export function slotOfModule(index: u32, which: u32): u32 {
  return FIRST_MODULE + index * SLOTS_OF_MODULE + which;
}

/** Of the endpoint of its offer `offer`. */
export function slotOfOffer(index: u32, offer: u32): u32 {
  return slotOfModule(index, ENDPOINT + offer);
}
