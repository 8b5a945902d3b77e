/** @unsafe copies binaries to where they are mapped */
import { PackageFault } from "../../codec/package/fault";
import type { FaultPolicy } from "../../codec/package/manifest";
import type { MAX_NAME_BYTES } from "../../codec/package/name";
import { bytesOf } from "../../codec/package/span";
import { PackageStatus, statusOf } from "../../codec/package/status";
import { nameOfStatus } from "../../codec/package/statusName";
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_FIRST_MODULE, SLOT_PROCESS_CONTROL, SLOT_SPACE } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { writeDecimal, writeText } from "../../kernel/output";
import { allocate, type Pool, release } from "../../user/buddy";
import { mapAll, mintInto, remove, retype, zero } from "../../user/calls";
import type { Message } from "../../user/message";
import { pagesFor, sizeFor } from "../../user/pages";
import { imageBytes, type Sealing, sealPackage } from "../../user/seal";
import { processSetNotification, processStart, processStep, processTerminate } from "../../user/stubs/process";
import { processControlCreate } from "../../user/stubs/processControl";
import { textWord } from "../../user/text";
import type { Crashes } from "./crashes";
import { type Endowing, grant, memorySize, takeBackDevices } from "./grants";
import { beginLine, endLine, say } from "./report";
import { closePackage, nameOfOpened, openPackage, outline, packageBytes } from "./repository";
import {
  BUDGET,
  ENDOWMENT,
  IMAGE,
  PROCESS,
  SLOT_BINARY,
  SLOT_ENDED,
  SLOT_ENDED_ONE,
  SLOT_VERIFIER,
  slotsOf,
} from "./slots";

/**
 * A module of the boot repository, and the process that is made from it.
 *
 *   Unknown ──seal──▶ Sealed ──create──▶ Running ──its end──▶ Sealed ──create──▶ Running …
 *       └────refused─────▶ Refused ◀──refused, given up──┘
 *
 * V1  `imageMemory` is taken from Sealed on, the other memory only while it is Running.
 */
export interface Service extends Struct<"Service"> {
  state: ServiceState;
  /** Memory of the pool: of the Image, of the Process object and the endowment, of the budget, and what it is given. */
  imageMemory: u32;
  objects: u32;
  budget: u32;
  memory: u32;
  readonly crashes: Inline<Crashes>;
  /** When it is to be made again, in uptime; 0 when it is not. */
  dueNs: u64;
  /** Whether a device can write to memory by its hand. */
  holdsDma: boolean;
  faultPolicy: FaultPolicy;
  /** Of the last attempt to make and start its process. */
  refusal: PackageFault;
  nameBytes: u32;
  readonly name: FixedArray<u8, typeof MAX_NAME_BYTES>;
}

/** @storage u8 */
export const enum ServiceState {
  Unknown,
  Sealed,
  Running,
  Refused,
}

const READ_WRITE = 3n;
const ALL_RIGHTS = 7n;
const BINARY_ADDRESS = 0x7000_0000_0000n;
const OBJECTS_SIZE = 13;
const ENDOWMENT_RADIX = 6n;
const ENDOWED_FIRST = 2;

/** Notes what the open package is called. */
export function nameService(service: Service): void {
  const name = nameOfOpened();
  service.nameBytes = name.length;
  for (let i: u32 = 0; i < name.length; i++) service.name[i] = name[i];
  service.faultPolicy = outline().manifest.faultPolicy;
}

export function nameOf(service: Service): Bytes {
  return sliceOf(service.name, 0, service.nameBytes);
}

/** Verifies it unless that was done, and makes and starts its process; what goes wrong is said. */
export function startService(pool: Pool, service: Service, index: u32, info: u64): void {
  if (openPackage(info, index) === PackageFault.None) {
    if (service.state === ServiceState.Unknown) seal(pool, service, index);
    if (service.state === ServiceState.Sealed) create(pool, service, index, info);
    if (service.refusal === PackageFault.TrustChanged) {
      service.refusal = PackageFault.None;
      release(pool, service.imageMemory);
      seal(pool, service, index);
      if (service.state === ServiceState.Sealed) create(pool, service, index, info);
    }
  }
  closePackage(index);
}

/** Its process and all that this was made from goes; the Image stays. */
export function endService(pool: Pool, service: Service, index: u32, info: u64): void {
  const message = local<Message>();
  processTerminate(message, slotsOf(index) + PROCESS);
  release(pool, service.budget);
  release(pool, service.objects);
  release(pool, service.memory);
  takeBackDevices(info, nameOf(service));
  service.state = ServiceState.Sealed;
}

function seal(pool: Pool, service: Service, index: u32): void {
  const container = outline().container;
  const binaryBytes = container.payloadBytes;
  const pages = pagesFor(binaryBytes);
  const copies = allocate(pool, sizeFor(binaryBytes));
  service.imageMemory = allocate(pool, sizeFor(imageBytes(binaryBytes)));
  const sealing = local<Sealing>();
  sealing.verifier = SLOT_VERIFIER;
  sealing.headers = SLOT_FIRST_MODULE + index;
  sealing.binary = SLOT_BINARY;
  sealing.memory = service.imageMemory;
  sealing.image = slotsOf(index) + IMAGE;
  sealing.headersBytes = u64(container.headerBytes);
  sealing.binaryBytes = binaryBytes;
  let error = retype(copies, CapType.Region, pages, 1, SLOT_BINARY);
  if (error === 0) error = zero(SLOT_BINARY);
  if (error === 0) error = mapAll(SLOT_SPACE, SLOT_BINARY, BINARY_ADDRESS, pages, READ_WRITE);
  if (error === 0) {
    copyMemory(BINARY_ADDRESS, addressOf(packageBytes()) + u64(container.headerBytes), binaryBytes);
    error = sealPackage(sealing);
  }
  release(pool, copies);
  if (error === 0 && sealing.outcome === Outcome.Sealed) {
    service.state = ServiceState.Sealed;
    return;
  }
  service.state = ServiceState.Refused;
  release(pool, service.imageMemory);
  if (error !== 0) say(nameOf(service), "finds no memory to be verified in");
  else reportRefusal(nameOf(service), sealing.status, sealing.fault, sealing.faultAt);
}

/** `at`: the place in the package, or the number of the manifest's entry. */
function reportRefusal(name: Bytes, status: PackageStatus, fault: u32, at: u32): void {
  beginLine();
  writeText(name);
  writeText(" is refused: ");
  writeText(nameOfStatus(status));
  writeText(", fault ");
  writeDecimal(u64(fault));
  writeText(" at ");
  writeDecimal(u64(at));
  endLine();
}

function create(pool: Pool, service: Service, index: u32, info: u64): void {
  const first = slotsOf(index);
  const name = nameOf(service);
  const manifest = outline().manifest;
  const budgetSize = sizeFor(manifest.budgetBytes);
  service.objects = allocate(pool, OBJECTS_SIZE);
  service.budget = allocate(pool, budgetSize);
  service.memory = 0;
  let error = retype(service.objects, CapType.Process, 0n, 1, first + PROCESS);
  if (error === 0) error = retype(service.objects, CapType.CNode, ENDOWMENT_RADIX, 1, first + ENDOWMENT);
  if (error === 0) error = retype(service.budget, CapType.Untyped, u64(budgetSize), 1, first + BUDGET);
  if (error === 0) error = endow(pool, service, first + ENDOWMENT, info);
  if (error !== 0) say(name, "does not get all that it should");
  const isRunning = error === 0 && makeProcess(service, first) && run(service, index);
  remove(first + ENDOWMENT);
  if (!isRunning) endService(pool, service, index, info);
  service.state = isRunning ? ServiceState.Running : ServiceState.Refused;
}

/** Fills the endowment with what the open package's manifest wants and the table has; answers the first error. */
function endow(pool: Pool, service: Service, endowment: u32, info: u64): u32 {
  const manifest = outline().manifest;
  const to = local<Endowing>();
  to.info = info;
  to.endowment = endowment;
  to.error = 0;
  to.holdsDma = false;
  for (let i: u32 = 0; i < manifest.wantedCount; i++) {
    const wanted = bytesOf(outline().manifestBytes, manifest.wanted[i].name);
    const size = memorySize(nameOf(service), wanted);
    if (size !== 0) service.memory = allocate(pool, size);
    to.memory = service.memory;
    grant(to, nameOf(service), wanted, ENDOWED_FIRST + i);
  }
  service.holdsDma = to.holdsDma;
  return to.error;
}

/** False, and said, when the kernel refuses it. */
function makeProcess(service: Service, first: u32): boolean {
  const name = nameOf(service);
  const message = local<Message>();
  const error = processControlCreate(
    message,
    SLOT_PROCESS_CONTROL,
    0n,
    0n,
    0n,
    0n,
    textWord(name, 0),
    textWord(name, 1),
    textWord(name, 2),
    textWord(name, 3),
    first + PROCESS,
    first + IMAGE,
    first + BUDGET,
    first + ENDOWMENT,
  );
  if (error !== 0) {
    say(name, "could not be made");
    return false;
  }
  const status = toEnum<PackageStatus>(u32(message.words[0]));
  service.refusal = toEnum<PackageFault>(u32(message.words[1]));
  if (status === PackageStatus.Success) return true;
  reportRefusal(name, status, u32(message.words[1]), u32(message.words[2]));
  return false;
}

/** Fills the process, and lets it go. */
function run(service: Service, index: u32): boolean {
  const name = nameOf(service);
  const message = local<Message>();
  const process = slotsOf(index) + PROCESS;
  let error: u32 = 0;
  do error = processStep(message, process);
  while (error === 0 && message.words[0] !== 0n);
  if (error === 0) error = mintInto(SLOT_CNODE, SLOT_ENDED, SLOT_ENDED_ONE, ALL_RIGHTS, 1n << u64(index));
  if (error === 0) error = processSetNotification(message, process, SLOT_ENDED_ONE);
  remove(SLOT_ENDED_ONE);
  if (error === 0) error = processStart(message, process);
  if (error !== 0) {
    say(name, "does not start");
    return false;
  }
  const fault = toEnum<PackageFault>(u32(message.words[0]));
  service.refusal = fault;
  if (fault === PackageFault.None) return true;
  reportRefusal(name, statusOf(fault), u32(fault), 0);
  return false;
}
