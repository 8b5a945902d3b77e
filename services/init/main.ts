import { HAS_PORTS } from "@arch/layout";
import { CapType } from "../../kernel/cap/capability";
import type { InitInfo } from "../../kernel/initInfo";
import { SLOT_CNODE, SLOT_FIRST_PROGRAM, SLOT_FIRST_UNTYPED, SLOT_THREAD } from "../../kernel/initSlots";
import { writeDecimal, writeHex, writeText } from "../../kernel/output";
import { Invocation, Syscall } from "../../kernel/syscall/invocation";
import { isEqual } from "../../kernel/text";
import { addMemory, allocate, initPool, type Pool, release } from "../../user/buddy";
import { ask, mintInto, remove, retype } from "../../user/calls";
import { deviceUntyped, initInfo } from "../../user/initInfo";
import { flushText, sendText } from "../../user/io/uart";
import { type Message, systemCall } from "../../user/message";
import { forgetProcess, makeProcess, type ProcessSpec, startProcess, THREAD } from "../../user/process";
import { CONSOLE_DEPTH, CONSOLE_LOG } from "../protocol";
import { giveConsole, giveSerial, takeBackDevice, takeGrantError } from "./grants";
import {
  SLOT_CONSOLE,
  SLOT_FAULTS,
  SLOT_FIRST_NODE,
  SLOT_HANDLER,
  SLOT_LOG,
  SLOT_REPLY,
  SLOT_SERIAL,
  slotsOf,
} from "./slots";

/**
 * The first process: makes the others from the programs that the kernel has given it, and makes one again that faults.
 *
 *   kernel ─▶ init ─┬▶ serial    the serial port's driver
 *                   └▶ console   commands
 *
 * The endpoints are init's own: who calls a service that is being made again waits for it.
 */

const SERVICES = 2;
/** Of each service, for all that is made for it. */
const BUDGET_SIZE = 19;
const ENDPOINTS_SIZE = 16;
const MAX_RESTARTS = 3;
const MIN_MEMORY = 16n;
/** Others wait while init makes a process. */
const INIT_PRIORITY = 250n;
const SERVICE_PRIORITY = 200n;
const MAX_PRIORITY = 255n;
const ALL_RIGHTS = 7n;
const SEND = 2n;
const INIT_BADGE = 3n;
const SERIAL = 0;
const MISSING = 0xffff_ffff;

type Grant = (info: u64, first: u32, budget: u32, image: u32) => u64;

interface ServiceRow extends Struct<"ServiceRow"> {
  name: Bytes;
  give: Grant;
}

/** In the order in which they are made. */
const services: FixedArray<Inline<ServiceRow>, typeof SERVICES> = [
  { name: "serial", give: giveSerial },
  { name: "console", give: giveConsole },
];

interface Running extends Struct<"Running"> {
  budget: u32;
  restarts: u32;
}

const running: FixedArray<Inline<Running>, typeof SERVICES> = zeroed();
const pool: Pool = zeroed();

/** @entry program_start */
export function main(address: u64): void {
  const info = initInfo(address);
  ask(SLOT_THREAD, Invocation.ThreadSetPriority, INIT_PRIORITY, MAX_PRIORITY, 0);
  takeMemory(info);
  makeEndpoints();
  for (let i: u32 = 0; i < SERVICES; i++) startService(address, i);
  supervise(address);
}

/** Faults of services come as calls that are not answered: the service is made again. @noreturn */
function supervise(address: u64): never {
  const message = local<Message>();
  for (;;) {
    systemCall(Syscall.Recv, SLOT_FAULTS, SLOT_REPLY, message);
    const index = u32(message.badge) - 1;
    if (index >= SERVICES) continue;
    reportFault(services[index].name, message);
    if (running[index].restarts === MAX_RESTARTS) continue;
    running[index].restarts++;
    endService(address, index);
    startService(address, index);
  }
}

function reportFault(name: Bytes, fault: Message): void {
  beginLine();
  writeText(name);
  writeText(" has faulted: kind ");
  writeDecimal(fault.words[0]);
  writeText(", address ");
  writeHex(fault.words[1], 0);
  writeText(", program counter ");
  writeHex(fault.words[2], 0);
  flushText();
}

function beginLine(): void {
  writeText("init: ");
}

function takeMemory(info: InitInfo): void {
  initPool(pool, SLOT_FIRST_NODE);
  for (let i: u32 = 0; i < u32(info.untypedCount); i++) {
    const size = info.untypeds[i].size;
    if (size >= MIN_MEMORY) addMemory(pool, SLOT_FIRST_UNTYPED + i, u32(size));
  }
}

function makeEndpoints(): void {
  const memory = allocate(pool, ENDPOINTS_SIZE);
  let error = retype(memory, CapType.Endpoint, 0n, 1, SLOT_SERIAL);
  if (error === 0) error = retype(memory, CapType.Endpoint, CONSOLE_DEPTH, 1, SLOT_CONSOLE);
  if (error === 0) error = retype(memory, CapType.Endpoint, 0n, 1, SLOT_FAULTS);
  if (error === 0) error = retype(memory, CapType.Reply, 0n, 1, SLOT_REPLY);
  // Without them there is nobody to tell: a failed check is the one thing that shows.
  assert(error === 0, "there is memory for the services' endpoints");
  mintInto(SLOT_CNODE, SLOT_CONSOLE, SLOT_LOG, SEND, INIT_BADGE);
  sendText(SLOT_LOG, CONSOLE_LOG);
}

/** Makes and starts a service; what goes wrong is told to the console. */
function startService(address: u64, index: u32): void {
  const info = initInfo(address);
  const name = services[index].name;
  const program = programNamed(info, name);
  const budget = allocate(pool, BUDGET_SIZE);
  running[index].budget = budget;
  if (program === MISSING || budget === 0) {
    complain(name, program === MISSING ? "is not among the boot modules" : "finds no memory");
    return;
  }
  const spec = local<ProcessSpec>();
  spec.image = SLOT_FIRST_PROGRAM + 2 * program;
  spec.contents = spec.image + 1;
  spec.budget = budget;
  spec.first = slotsOf(index);
  spec.priority = SERVICE_PRIORITY;
  if (makeProcess(spec, info.programs[program]) !== 0) {
    complain(name, "could not be made");
    return;
  }
  const thread = spec.first + THREAD;
  mintInto(SLOT_CNODE, SLOT_FAULTS, SLOT_HANDLER, ALL_RIGHTS, u64(index + 1));
  ask(thread, Invocation.ThreadSetFaultHandler, 0n, 0n, SLOT_HANDLER);
  remove(SLOT_HANDLER);
  const argument = services[index].give(address, spec.first, budget, spec.image);
  if (takeGrantError() !== 0) complain(name, "does not get all that it should");
  else if (startProcess(spec.first, argument) !== 0) complain(name, "does not start");
}

function endService(address: u64, index: u32): void {
  release(pool, running[index].budget);
  forgetProcess(slotsOf(index));
  if (index === SERIAL && !HAS_PORTS) takeBackDevice(deviceUntyped(address, initInfo(address).uartAddress));
}

function complain(name: Bytes, text: Bytes): void {
  beginLine();
  writeText(name);
  writeText(" ");
  writeText(text);
  flushText();
}

/** The number of the program with this name, or MISSING. */
function programNamed(info: InitInfo, name: Bytes): u32 {
  for (let i: u32 = 0; i < u32(info.programCount); i++) {
    const program = info.programs[i];
    if (isEqual(sliceOf(program.name, 0, u32(program.nameLength)), name)) return i;
  }
  return MISSING;
}
