/** @unsafe reaches the records in the Region that outlives this program */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_SPACE } from "../../kernel/initSlots";
import { isEqual } from "../../kernel/text";
import { ModuleState } from "../../protocol/modules";
import { textOfName } from "../../protocol/texts";
import {
  addMemory,
  addressIn,
  allocate,
  freeRest,
  initPoolIn,
  type Kept,
  keep,
  type Pool,
  release,
} from "../../user/buddy";
import { mapAgain, remove, removeIn, retypeMany, slotIn } from "../../user/calls";
import { MAX_LOADS } from "./load";
import {
  FIRST_MODULE_NODE,
  FIRST_SERVICE_NODE,
  IMAGE_MEMORY,
  MAX_MODULES,
  MODULE_MEMORY,
  MODULE_POOL_SIZE,
  type ModuleRecord,
  PROCESS,
  RECORDS,
  RECORDS_MAGIC,
  RECORDS_PAGES,
  type Records,
  SERVICE_MEMORY,
  SERVICE_POOL_SIZE,
  slotOfModule,
  slotOfOffer,
} from "./persistent";
import { FREE, PERSISTENT } from "./slots";

/** The records of modules, and the memory that these are made from. */

const RECORDS_ADDRESS = 0x8_0000_0000n;
const READ_WRITE = 3n;
export const NO_MODULE = 0xffff_ffff;
/** Of an endpoint that outlives a process: 16 places for messages of any size, of which 4 with one badge. */
const OFFER_POLICY = 16n | (4n << 32n);
const OFFER_SIZE = 14;

export function records(): Records {
  return cast<Records>(RECORDS_ADDRESS);
}

/** Finds what the incarnation before has left, or begins anew; false when the Region cannot be mapped. */
export function openRecords(): boolean {
  const region = slotIn(PERSISTENT, RECORDS);
  if (mapAgain(SLOT_SPACE, region, RECORDS_ADDRESS, RECORDS_PAGES, READ_WRITE) !== 0) return false;
  assert(sizeOf<Records>() <= RECORDS_PAGES * 4096n, "the Region holds the records");
  if (records().magic === RECORDS_MAGIC) return true;
  beginRecords();
  // Behind a system call, before which everything else is written.
  remove(FREE);
  records().magic = RECORDS_MAGIC;
  return true;
}

function beginRecords(): void {
  const all = records();
  initPoolIn(all.moduleMemory, PERSISTENT, FIRST_MODULE_NODE);
  addMemory(all.moduleMemory, MODULE_MEMORY, MODULE_POOL_SIZE);
  initPoolIn(all.serviceMemory, PERSISTENT, FIRST_SERVICE_NODE);
  addMemory(all.serviceMemory, SERVICE_MEMORY, SERVICE_POOL_SIZE);
  for (let i: u32 = 0; i < MAX_MODULES; i++) all.modules[i].state = ModuleState.None;
}

/** What loads were made from that nobody will finish, and what these worked with: all but what Running modules have. */
export function releaseUnfinished(): void {
  keepModuleMemory();
  keepServiceMemory();
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.Running) continue;
    removeObjects(i);
    record.home = 0;
    record.offerCount = 0;
    if (record.state === ModuleState.Loading) record.state = ModuleState.None;
  }
}

function keepModuleMemory(): void {
  const all = records();
  const kept = local<Kept>();
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    if (moduleRecord(i).state === ModuleState.Running) keep(all.moduleMemory, kept, moduleRecord(i).home);
  }
  for (let i: u32 = 0; i < MAX_LOADS; i++) keep(all.moduleMemory, kept, all.lent[i].workspace);
  freeRest(all.moduleMemory, kept);
}

function keepServiceMemory(): void {
  const all = records();
  const kept = local<Kept>();
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state !== ModuleState.Running) continue;
    for (let offer: u32 = 0; offer < record.offerCount; offer++) {
      keep(all.serviceMemory, kept, record.offers[offer].memory);
    }
  }
  freeRest(all.serviceMemory, kept);
}

/** Notes that the DeepCompressionService may hold Regions of a load's workspace; 0: it does not any more. */
export function noteLent(load: u32, workspace: u32, loadId: u32): void {
  const lent = records().lent[load];
  lent.workspace = workspace;
  lent.loadId = loadId;
}

export function moduleRecord(index: u32): ModuleRecord {
  return records().modules[index];
}

/** Memory of 2^size bytes for a load; 0 when there is none. */
export function takeMemory(size: u32): u32 {
  return allocate(records().moduleMemory, size);
}

/** Gives it back, and with it all that was made from it. */
export function giveBack(memory: u32): void {
  if (memory !== 0) release(records().moduleMemory, memory);
}

/** The address of memory that was taken. */
export function memoryAt(memory: u32): u32 {
  return addressIn(records().moduleMemory, memory);
}

/** A place for a module that is being loaded: an unused one, or of those that have ended the one loaded longest ago. */
export function takeModule(): u32 {
  let best: u32 = NO_MODULE;
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.None) return claim(i);
    if (record.state === ModuleState.Loading || record.state === ModuleState.Running) continue;
    if (best === NO_MODULE || record.loadId < moduleRecord(best).loadId) best = i;
  }
  return best === NO_MODULE ? NO_MODULE : claim(best);
}

function claim(index: u32): u32 {
  const record = moduleRecord(index);
  const empty = local<ModuleRecord>();
  copyStruct(record, empty);
  record.state = ModuleState.Loading;
  return index;
}

/** Everything that it is made from is released; its place is free. */
export function releaseModule(index: u32): void {
  releaseObjects(index);
  moduleRecord(index).state = ModuleState.None;
}

/** Everything that it is made from is released, its record stays. */
export function releaseObjects(index: u32): void {
  const record = moduleRecord(index);
  if (record.home !== 0) release(records().moduleMemory, record.home);
  record.home = 0;
  for (let i: u32 = 0; i < record.offerCount; i++) release(records().serviceMemory, record.offers[i].memory);
  removeObjects(index);
  record.offerCount = 0;
}

/** What was moved to the module's slots does not go with the memory that it lies in. */
function removeObjects(index: u32): void {
  for (let which: u32 = PROCESS; which <= IMAGE_MEMORY; which++) removeIn(PERSISTENT, slotOfModule(index, which));
}

/** An endpoint for the next offer of a module, in `slotOfOffer`; false when there is no memory. */
export function makeOffer(index: u32): boolean {
  const record = moduleRecord(index);
  const pool: Pool = records().serviceMemory;
  const memory = allocate(pool, OFFER_SIZE);
  if (memory === 0) return false;
  const slot = slotOfOffer(index, record.offerCount);
  if (retypeMany(PERSISTENT, addressIn(pool, memory), CapType.Endpoint, OFFER_POLICY, 1, slot) !== 0) {
    release(pool, memory);
    return false;
  }
  record.offers[record.offerCount].memory = memory;
  record.offerCount++;
  return true;
}

/** The running module of this load, or NO_MODULE. */
export function moduleOfLoad(loadId: u32): u32 {
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.Running && record.loadId === loadId) return i;
  }
  return NO_MODULE;
}

/** The module with this process: the running one, else one that has ended, or NO_MODULE. */
export function moduleOfProcess(processId: u32): u32 {
  let ended: u32 = NO_MODULE;
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.None || record.state === ModuleState.Loading) continue;
    if (record.processId !== processId) continue;
    if (record.state === ModuleState.Running) return i;
    ended = i;
  }
  return ended;
}

/** The running module of this name that comes at or after `from`, or NO_MODULE. */
export function runningModule(name: Bytes, from: u32): u32 {
  for (let i = from; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state === ModuleState.Running && isEqual(textOfName(record.name), name)) return i;
  }
  return NO_MODULE;
}

/** The address of the endpoint of a service that a running module offers, or 0. */
export function endpointOf(service: Bytes): u32 {
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const record = moduleRecord(i);
    if (record.state !== ModuleState.Running) continue;
    for (let offer: u32 = 0; offer < record.offerCount; offer++) {
      if (isEqual(textOfName(record.offers[offer].name), service)) return slotIn(PERSISTENT, slotOfOffer(i, offer));
    }
  }
  return 0;
}
