import { PackageFault } from "../../codec/package/fault";
import { CapType } from "../../kernel/cap/capability";
import type { InitInfo } from "../../kernel/initInfo";
import { SLOT_CNODE, SLOT_FIRST_UNTYPED, SLOT_THREAD } from "../../kernel/initSlots";
import { writeByte, writeText } from "../../kernel/output";
import { Invocation } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { addMemory, allocate, initPool, release } from "../../user/buddy";
import { ask, mintInto, retype } from "../../user/calls";
import { initInfo } from "../../user/initInfo";
import { sendText } from "../../user/io/uart";
import { CONSOLE_LOG, CONSOLE_POLICY } from "../protocol";
import { beginLine, endLine, say } from "./report";
import { closePackage, listPackage, openPackage } from "./repository";
import { nameOf, nameService, ServiceState, startService } from "./service";
import {
  ALARM,
  SLOT_ALARM,
  SLOT_CONSOLE,
  SLOT_ENDED,
  SLOT_FIRST_NODE,
  SLOT_LOG,
  SLOT_SCREEN_REQUESTS,
  SLOT_SERIAL,
  SLOT_TIMER,
  SLOT_VERIFIER,
} from "./slots";
import { hasScreen, isService, makeStores } from "./stores";
import { closeUnserved, pool, services } from "./supervise";

/**
 * From the kernel's hand to services that run: memory, endpoints, the boot repository, and in its order the processes.
 * The endpoints are init's own: who calls a service that is being made again waits for it.
 */

const ENDPOINTS_SIZE = 17;
const VERIFIER_SIZE = 17;
const MIN_MEMORY = 12n;
/** Others wait while init makes a process. */
const INIT_PRIORITY = 250n;
const MAX_PRIORITY = 255n;
const SEND = 2n;
const ALL_RIGHTS = 7n;
const INIT_BADGE = 3n;

/** What has to run before the others, in this order. */
const FIRST_SERVICES = 2;
const firstServices: FixedArray<Bytes, typeof FIRST_SERVICES> = ["sila.serial", "sila.console"];

/** All of it; `address` is that of what the kernel tells init. */
export function boot(address: u64): void {
  const info = initInfo(address);
  ask(SLOT_THREAD, Invocation.ThreadSetPriority, INIT_PRIORITY, MAX_PRIORITY, 0);
  takeMemory(info);
  makeEndpoints(info);
  if (!makeStores(pool, info)) say("init", "finds no memory for modules");
  listRepository(address);
  const memory = allocate(pool, VERIFIER_SIZE);
  retype(memory, CapType.Verifier, 0n, 1, SLOT_VERIFIER);
  startServices(address);
  release(pool, memory);
  closeUnserved(u32(info.moduleCount));
  listDmaHolders(info);
}

function takeMemory(info: InitInfo): void {
  initPool(pool, SLOT_FIRST_NODE);
  for (let i: u32 = 0; i < u32(info.untypedCount); i++) {
    const size = info.untypeds[i].size;
    if (size >= MIN_MEMORY) addMemory(pool, SLOT_FIRST_UNTYPED + i, u32(size));
  }
}

function makeEndpoints(info: InitInfo): void {
  const memory = allocate(pool, ENDPOINTS_SIZE);
  let error = retype(memory, CapType.Endpoint, 0n, 1, SLOT_SERIAL);
  if (error === 0 && hasScreen(info)) error = retype(memory, CapType.Endpoint, 0n, 1, SLOT_SCREEN_REQUESTS);
  if (error === 0) error = retype(memory, CapType.Endpoint, CONSOLE_POLICY, 1, SLOT_CONSOLE);
  if (error === 0) error = retype(memory, CapType.Notification, 0n, 1, SLOT_ENDED);
  if (error === 0) error = retype(memory, CapType.Timer, 0n, 1, SLOT_TIMER);
  if (error === 0) error = mintInto(SLOT_CNODE, SLOT_ENDED, SLOT_ALARM, ALL_RIGHTS, ALARM);
  // Without them there is nobody to tell: a failed check is the one thing that shows.
  assert(error === 0, "there is memory for the services' endpoints");
  mintInto(SLOT_CNODE, SLOT_CONSOLE, SLOT_LOG, SEND, INIT_BADGE);
  sendText(SLOT_LOG, CONSOLE_LOG);
}

function listRepository(address: u64): void {
  const info = initInfo(address);
  for (let i: u32 = 0; i < u32(info.moduleCount); i++) {
    if (!isService(info, i)) {
      services[i].state = ServiceState.Refused;
      continue;
    }
    const fault = openPackage(address, i);
    if (fault === PackageFault.None) nameService(services[i]);
    else services[i].state = ServiceState.Refused;
    listPackage(address, i, fault);
    closePackage(i);
  }
}

function startServices(address: u64): void {
  const count = u32(initInfo(address).moduleCount);
  for (let i: u32 = 0; i < FIRST_SERVICES; i++) {
    const index = serviceNamed(firstServices[i], count);
    if (index < count) startService(pool, services[index], index, address);
    else say(firstServices[i], "is not among the boot modules");
  }
  for (let i: u32 = 0; i < count; i++) {
    if (services[i].state === ServiceState.Unknown) startService(pool, services[i], i, address);
  }
}

/** `count` when there is none. */
function serviceNamed(name: Bytes, count: u32): u32 {
  let i: u32 = 0;
  while (i < count && !isEqual(nameOf(services[i]), name)) i++;
  return i;
}

/** Whose devices can write to memory, and so have to be trusted for I5. */
function listDmaHolders(info: InitInfo): void {
  let count: u32 = 0;
  beginLine();
  writeText("DMA:");
  for (let i: u32 = 0; i < u32(info.moduleCount); i++) {
    if (services[i].state !== ServiceState.Running || !services[i].holdsDma) continue;
    writeByte(0x20);
    writeText(nameOf(services[i]));
    count++;
  }
  if (count === 0) writeText(" nobody");
  endLine();
}
