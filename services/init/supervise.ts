import { REGISTER_PC } from "@arch/registers";
import { FaultPolicy } from "../../codec/package/manifest";
import { MAX_MODULES } from "../../kernel/initInfo";
import { SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { ProcessEnd, ProcessState } from "../../kernel/object/processState";
import { writeDecimal, writeHex, writeText } from "../../kernel/output";
import { Invocation } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import type { Pool } from "../../user/buddy";
import { ask } from "../../user/calls";
import type { Message } from "../../user/message";
import { processReadEpitaph, processStatus } from "../../user/stubs/process";
import { timerNow } from "../../user/stubs/timer";
import { GIVE_UP, noteCrash } from "./crashes";
import { beginLine, endLine, say } from "./report";
import { closeRole, holderOf, isVital, NO_ROLE, ROLES, roleOf } from "./roles";
import { endService, nameOf, type Service, ServiceState, startService } from "./service";
import { PROCESS, RESTART_UNPACKER, SLOT_ALARM, SLOT_TIMER, slotsOf } from "./slots";

/**
 * What becomes of a service whose process has ended.
 *
 *   Running ──fault──▶ Sealed, due after a while ──▶ Running ──▶ …       crashes.ts: how long
 *      │                 └──too often, or it cannot be made──▶ Refused
 *      ├── Terminate, or its memory is gone ──▶ Sealed, due at once
 *      └── Exit, or a fault that its manifest does not want it made again after ──▶ Refused
 *
 * S1  Nobody waits for a service that will not be: once it is Refused its endpoint is closed (roles.ts), or the machine
 *     starts again if it cannot do without.
 */

const UNPACKER: Bytes = "sila.deep-compression";

export const services: FixedArray<Inline<Service>, typeof MAX_MODULES> = zeroed();
export const pool: Pool = zeroed();

/** Takes these signals, and makes again what is due. */
export function attend(address: u64, signals: u64): void {
  let ended = signals & (RESTART_UNPACKER - 1n);
  while (ended !== 0n) {
    const index = u32(ctz64(ended));
    ended &= ended - 1n;
    if (index < MAX_MODULES) takeEnd(address, index);
  }
  if ((signals & RESTART_UNPACKER) !== 0n) stopUnpacker(address);
  startDue(address);
}

/** The bit of one that was made again meanwhile means nothing. */
function takeEnd(address: u64, index: u32): void {
  const service = services[index];
  const message = local<Message>();
  if (service.state !== ServiceState.Running) return;
  processStatus(message, slotsOf(index) + PROCESS);
  if (message.words[0] < u64(u32(ProcessState.Ended))) return;
  const end = toEnum<ProcessEnd>(u32(message.words[1]));
  if (end === ProcessEnd.Faulted) reportFault(nameOf(service), index, message.words[2], message.words[3]);
  else if (end === ProcessEnd.Exited) reportEnd(nameOf(service), message.words[2]);
  endService(pool, service, index, address);
  if (end === ProcessEnd.Exited || service.faultPolicy !== FaultPolicy.Restart) retire(service);
  else if (end === ProcessEnd.Faulted) planRestart(service);
  else service.dueNs = nowNs();
}

function planRestart(service: Service): void {
  const now = nowNs();
  const wait = noteCrash(service.crashes, now);
  if (wait === GIVE_UP) giveUp(service);
  else service.dueNs = now + wait;
}

/** It has a request that it does not end. */
function stopUnpacker(address: u64): void {
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const service = services[i];
    if (service.state !== ServiceState.Running || !isEqual(nameOf(service), UNPACKER)) continue;
    say(UNPACKER, "does not answer, and is made again");
    endService(pool, service, i, address);
    planRestart(service);
  }
}

function startDue(address: u64): void {
  let first: u64 = 0n;
  for (let i: u32 = 0; i < MAX_MODULES; i++) {
    const service = services[i];
    if (service.dueNs === 0n) continue;
    if (service.dueNs <= nowNs()) {
      service.dueNs = 0n;
      startService(pool, service, i, address);
      if (service.state === ServiceState.Refused) giveUp(service);
    } else if (first === 0n || service.dueNs < first) first = service.dueNs;
  }
  if (first !== 0n) ask(SLOT_TIMER, Invocation.TimerArm, first, 0n, SLOT_ALARM);
}

function giveUp(service: Service): void {
  say(nameOf(service), "is not made again");
  retire(service);
}

/** It will not run again. */
function retire(service: Service): void {
  service.state = ServiceState.Refused;
  service.dueNs = 0n;
  const role = roleOf(nameOf(service));
  if (role === NO_ROLE) return;
  if (isVital(role)) ask(SLOT_POWER_CONTROL, Invocation.PowerControlReboot, 0n, 0n, 0);
  closeRole(pool, role);
}

/** Closes the endpoints of services that are not there; of `count` boot modules. */
export function closeUnserved(count: u32): void {
  for (let role: u32 = 0; role < ROLES; role++) {
    let isServed = false;
    for (let i: u32 = 0; i < count; i++) {
      const service = services[i];
      if (service.state === ServiceState.Running && isEqual(nameOf(service), holderOf(role))) isServed = true;
    }
    if (!isServed) closeRole(pool, role);
  }
}

function nowNs(): u64 {
  const message = local<Message>();
  timerNow(message, SLOT_TIMER);
  return message.words[0];
}

function reportEnd(name: Bytes, code: u64): void {
  beginLine();
  writeText(name);
  writeText(" has ended with ");
  writeDecimal(code);
  endLine();
}

function reportFault(name: Bytes, index: u32, kind: u64, place: u64): void {
  const message = local<Message>();
  processReadEpitaph(message, slotsOf(index) + PROCESS, u64(REGISTER_PC));
  const counter = message.words[0];
  beginLine();
  writeText(name);
  writeText(" has faulted: kind ");
  writeDecimal(kind);
  writeText(", address ");
  writeHex(place, 0);
  writeText(", program counter ");
  writeHex(counter, 0);
  endLine();
}
