/** @unsafe writes parameters into a Region that it has mapped */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_CNODE, SLOT_SPACE } from "../../kernel/initSlots";
import { writeByte, writeDecimal, writeHex, writeLine, writeText } from "../../kernel/output";
import { Syscall } from "../../kernel/syscall/invocation";
import { DirectoryStatus, type ListServicesRequest, type ServiceRow } from "../../protocol/directory";
import { MessageFault } from "../../protocol/error";
import { type LoadModuleRequest, type LoadModuleResponse, LoadPurpose } from "../../protocol/load";
import { decodeServiceRow, encodeListServicesRequest } from "../../protocol/marshal/directory";
import { decodeLoadModuleResponse, encodeLoadModuleRequest } from "../../protocol/marshal/load";
import {
  decodeModuleRow,
  decodeTerminateModuleResponse,
  encodeListModulesRequest,
  encodeTerminateModuleRequest,
} from "../../protocol/marshal/modules";
import { decodePackageRow, encodeListPackagesRequest } from "../../protocol/marshal/repository";
import {
  type ListModulesRequest,
  type ModuleRow,
  ModuleState,
  type TerminateModuleRequest,
  type TerminateModuleResponse,
  TerminateStatus,
} from "../../protocol/modules";
import type { InitialModuleParameters } from "../../protocol/parameters";
import { LOAD_STAGES, LoadStage } from "../../protocol/receipt";
import type { ListPackagesRequest, PackageRow } from "../../protocol/repository";
import { LoadStatus } from "../../protocol/status";
import { setName, setRange, textOfName, textOfVersion } from "../../protocol/texts";
import { copyWith, mapAll, mintOnce, remove, retype, unmapAll, zero } from "../../user/calls";
import { flushText } from "../../user/io/uart";
import { detailOf, errorOf, type Message, systemCall } from "../../user/message";
import {
  CONSOLE_ANSWERS,
  CONSOLE_DIRECTORY,
  CONSOLE_MODULES,
  CONSOLE_ONE_SHOT,
  CONSOLE_PARAMETERS,
  CONSOLE_PARAMETERS_MEMORY,
  CONSOLE_PARAMETERS_PAGES,
  CONSOLE_PARAMETERS_TO_READ,
  CONSOLE_REPOSITORY,
} from "../slots";
import {
  NAME_WIDTH,
  VERSION_WIDTH,
  writeCell,
  writeHexBytes,
  writeNumber,
  writeNumberCell,
  writeSpaces,
} from "./columns";
import { fail, Outcome } from "./command";
import { lastReceipt, readReceipt, totalNs } from "./ledger";
import { call, NO_ANSWER } from "./service";
import { textOfStatus } from "./statusText";
import { Style, writeHeading, writeStyled } from "./terminal";
import { beforeOptions, endOfWord, isWord, nextOption, numberIn, wordAt } from "./words";

/** Commands about modules: what there is, what runs, and the way from the one to the other. */

const SEND_AND_PASS = 6n;
const READ = 1n;
const READ_WRITE = 3n;
const PARAMETERS_ADDRESS = 0x6000_0000n;
const MAX_PROCESS = 0xffff_fffe;
const MAX_TIMEOUT_MS = 600_000;
const STAGE_WIDTH = 12;
const STATE_WIDTH = 8;

const loadRequest: LoadModuleRequest = zeroed();
const loadResponse: LoadModuleResponse = zeroed();
const listRequest: ListModulesRequest = zeroed();
const moduleRow: ModuleRow = zeroed();
const packagesRequest: ListPackagesRequest = zeroed();
const packageRow: PackageRow = zeroed();
const servicesRequest: ListServicesRequest = zeroed();
const serviceRow: ServiceRow = zeroed();
const terminateRequest: TerminateModuleRequest = zeroed();
const terminateResponse: TerminateModuleResponse = zeroed();
let requestId: u64 = 0n;

export function load(argument: Bytes): Outcome {
  return request(argument, LoadPurpose.Run);
}

export function verify(argument: Bytes): Outcome {
  return request(argument, LoadPurpose.Verify);
}

/** NAME [RANGE] [--param KEY=VALUE] [--timeout MS] [--again] */
function request(argument: Bytes, purpose: LoadPurpose): Outcome {
  const empty = local<LoadModuleRequest>();
  copyStruct(loadRequest, empty);
  const name = wordAt(argument, 0);
  if (name.length === 0) return fail("which module? modules lists them");
  const range = beforeOptions(argument, name.length);
  if (!setName(loadRequest.name, name)) return fail("a name has at most 64 bytes");
  if (!setRange(loadRequest.range, range)) return fail("a range has at most 128 bytes");
  loadRequest.purpose = purpose;
  let problem: Bytes = "";
  for (let at = nextOption(argument, 0); at < argument.length && problem.length === 0; ) {
    const behind = endOfWord(argument, at);
    if (isWord(argument, at, "--again")) loadRequest.isSecondAllowed = true;
    else if (isWord(argument, at, "--timeout")) problem = setTimeout(wordAt(argument, behind));
    else if (isWord(argument, at, "--param")) problem = addParameter(wordAt(argument, behind));
    else problem = "the options are --param KEY=VALUE, --timeout MS and --again";
    at = nextOption(argument, behind);
  }
  const outcome = problem.length === 0 ? ask() : fail(problem);
  dropParameters();
  return outcome;
}

function setTimeout(word: Bytes): Bytes {
  const timeoutMs = numberIn(word, MAX_TIMEOUT_MS);
  if (timeoutMs === 0 || timeoutMs > MAX_TIMEOUT_MS) return "--timeout takes milliseconds, up to ten minutes";
  loadRequest.timeoutMs = timeoutMs;
  return "";
}

/** Appends a line to the parameters; what is wrong with it, or nothing. */
function addParameter(word: Bytes): Bytes {
  let hasEquals = false;
  for (let i: u32 = 0; i < word.length; i++) hasEquals = hasEquals || word[i] === 0x3d;
  if (!hasEquals) return "--param takes KEY=VALUE";
  if (loadRequest.parameters === 0 && !makeParameters())
    return "16 modules with parameters run already; kill one of them";
  const parameters = cast<InitialModuleParameters>(PARAMETERS_ADDRESS);
  const length = u32(parameters.length);
  if (length + word.length + 1 > parameters.bytes.length) return "the parameters are too long";
  for (let i: u32 = 0; i < word.length; i++) parameters.bytes[length + i] = word[i];
  parameters.bytes[length + word.length] = 0x0a;
  parameters.length = u64(length + word.length + 1);
  return "";
}

/** A Region that is written here and read by the module. */
function makeParameters(): boolean {
  let error = takeParameters();
  if (error === 0) error = zero(CONSOLE_PARAMETERS);
  if (error === 0) error = mapAll(SLOT_SPACE, CONSOLE_PARAMETERS, PARAMETERS_ADDRESS, 1n, READ_WRITE);
  if (error === 0) error = copyWith(SLOT_CNODE, CONSOLE_PARAMETERS, CONSOLE_PARAMETERS_TO_READ, READ);
  if (error === 0) loadRequest.parameters = CONSOLE_PARAMETERS_TO_READ;
  return error === 0;
}

/** A page that no module has any more: memory can be used again once nothing that was made of it is left. */
function takeParameters(): u32 {
  let error: u32 = 0;
  for (let i: u32 = 0; i < CONSOLE_PARAMETERS_PAGES; i++) {
    error = retype(CONSOLE_PARAMETERS_MEMORY + i, CapType.Region, 1n, 1, CONSOLE_PARAMETERS);
    if (error === 0) break;
  }
  return error;
}

function dropParameters(): void {
  if (loadRequest.parameters === 0) return;
  unmapAll(SLOT_SPACE, CONSOLE_PARAMETERS);
  remove(CONSOLE_PARAMETERS_TO_READ);
  remove(CONSOLE_PARAMETERS);
}

/** Sends the request and waits for its answer, or for the news that there will be none. */
function ask(): Outcome {
  const message = local<Message>();
  flushText();
  requestId += 1n;
  loadRequest.requestId = requestId;
  loadRequest.replyTo = CONSOLE_ONE_SHOT;
  if (mintOnce(CONSOLE_ANSWERS, CONSOLE_ONE_SHOT, SEND_AND_PASS, requestId) !== 0) return fail(NO_ANSWER);
  encodeLoadModuleRequest(loadRequest, message);
  systemCall(Syscall.Send, CONSOLE_MODULES, 0, message);
  if (errorOf(message) !== 0) remove(CONSOLE_ONE_SHOT);
  systemCall(Syscall.Recv, CONSOLE_ANSWERS, 0, message);
  if (errorOf(message) !== 0) {
    return fail(
      detailOf(message) === 0
        ? "the request was never received; try once more"
        : "the request was received, and will not be answered; ps tells what runs",
    );
  }
  if (decodeLoadModuleResponse(message, loadResponse) !== MessageFault.None) return fail(NO_ANSWER);
  if (loadResponse.status !== LoadStatus.Success) return failWith(loadResponse);
  writeText(textOfName(loadRequest.name));
  writeByte(0x20);
  writeText(textOfVersion(loadResponse.version));
  if (loadResponse.processId !== 0) {
    writeText(" is process ");
    writeDecimal(u64(loadResponse.processId));
  } else writeText(" is right: kernel and module manager have verified it");
  writeByte(0x0a);
  return printReceipt(loadResponse.loadId);
}

function failWith(response: LoadModuleResponse): Outcome {
  if (response.fault !== 0) {
    writeText("fault ");
    writeDecimal(u64(response.fault));
    writeText(" in part ");
    writeDecimal(u64(response.part));
    writeText(" at ");
    writeDecimal(u64(response.place));
    writeByte(0x0a);
  }
  return fail(textOfStatus(response.status));
}

function printReceipt(loadId: u32): Outcome {
  if (!readReceipt(loadId)) return fail(NO_ANSWER);
  const receipt = lastReceipt();
  printDigest("binary", sliceOf(receipt.binary.bytes, 0, 64));
  printDigest("manifest", sliceOf(receipt.manifest.bytes, 0, 64));
  printDigest("key", sliceOf(receipt.key.bytes, 0, 64));
  writeText("  granted  ");
  writeDecimal(u64(popcount64(receipt.granted)));
  writeText(", refused ");
  writeDecimal(u64(popcount64(receipt.refused)));
  writeByte(0x0a);
  for (let i: u32 = 0; i < LOAD_STAGES; i++) printStage(nameOfStage(toEnum<LoadStage>(i)), receipt.stages[i]);
  printStage("total", totalNs(receipt));
  return Outcome.Ok;
}

function printDigest(name: Bytes, digest: Bytes): void {
  writeText("  ");
  writeCell(name, 8);
  writeHexBytes(digest);
  writeByte(0x0a);
}

function printStage(name: Bytes, ns: u64): void {
  writeText("  ");
  writeCell(name, 8);
  writeNumberCell(ns, STAGE_WIDTH);
  writeLine("ns");
}

function nameOfStage(stage: LoadStage): Bytes {
  switch (stage) {
    case LoadStage.Find:
      return "find";
    case LoadStage.Headers:
      return "headers";
    case LoadStage.Payload:
      return "payload";
    case LoadStage.Unpack:
      return "unpack";
    case LoadStage.Binary:
      return "binary";
    case LoadStage.Seal:
      return "seal";
    case LoadStage.Create:
      return "create";
    case LoadStage.Start:
      return "start";
    default:
      unreachable(stage);
  }
}

/** What the repository has. */
export function modules(_argument: Bytes): Outcome {
  const message = local<Message>();
  writeHeading("NAME                     VERSION         BYTES");
  for (let i: u32 = 0; ; i++) {
    packagesRequest.requestId = u64(i);
    packagesRequest.index = i;
    encodeListPackagesRequest(packagesRequest, message);
    call(CONSOLE_REPOSITORY, message);
    if (decodePackageRow(message, packageRow) !== MessageFault.None) return fail(NO_ANSWER);
    if (i >= packageRow.count) return Outcome.Ok;
    writeCell(textOfName(packageRow.name), NAME_WIDTH);
    writeCell(textOfVersion(packageRow.version), VERSION_WIDTH);
    writeNumber(packageRow.fileBytes, 8);
    writeByte(0x0a);
    flushText();
  }
}

/** What has been loaded. */
export function ps(_argument: Bytes): Outcome {
  const message = local<Message>();
  writeHeading("  PID NAME                     VERSION      STATE       KIB");
  let at: u32 = 0;
  for (;;) {
    listRequest.requestId = u64(at);
    listRequest.index = at;
    encodeListModulesRequest(listRequest, message);
    call(CONSOLE_MODULES, message);
    if (decodeModuleRow(message, moduleRow) !== MessageFault.None) return fail(NO_ANSWER);
    if (moduleRow.state === ModuleState.None) return Outcome.Ok;
    at = moduleRow.next;
    printModule();
    flushText();
  }
}

function printModule(): void {
  writeNumberCell(u64(moduleRow.processId), 5);
  writeCell(textOfName(moduleRow.name), NAME_WIDTH);
  writeCell(textOfVersion(moduleRow.version), VERSION_WIDTH);
  writeState(moduleRow.state);
  writeNumber(moduleRow.memoryBytes / 1024n, 6);
  if (moduleRow.state === ModuleState.Exited) {
    writeText(" code ");
    writeDecimal(moduleRow.code);
  }
  if (moduleRow.state === ModuleState.Faulted) {
    writeText(" fault ");
    writeDecimal(moduleRow.code);
    writeText(" at ");
    writeHex(moduleRow.address, 0);
  }
  writeByte(0x0a);
}

function writeState(state: ModuleState): void {
  const name = nameOfState(state);
  if (state === ModuleState.Running) writeStyled(Style.Good, name);
  else if (state === ModuleState.Faulted) writeStyled(Style.Bad, name);
  else writeText(name);
  writeSpaces(name.length, STATE_WIDTH + 1);
}

function nameOfState(state: ModuleState): Bytes {
  switch (state) {
    case ModuleState.None:
      return "";
    case ModuleState.Loading:
      return "loading";
    case ModuleState.Running:
      return "running";
    case ModuleState.Exited:
      return "exited";
    case ModuleState.Faulted:
      return "faulted";
    default:
      unreachable(state);
  }
}

/** PID */
export function kill(argument: Bytes): Outcome {
  const message = local<Message>();
  const processId = numberIn(argument, MAX_PROCESS);
  if (processId > MAX_PROCESS) return fail("kill takes the PID of a module; ps lists them");
  terminateRequest.requestId = 0n;
  terminateRequest.processId = processId;
  encodeTerminateModuleRequest(terminateRequest, message);
  call(CONSOLE_MODULES, message);
  if (decodeTerminateModuleResponse(message, terminateResponse) !== MessageFault.None) return fail(NO_ANSWER);
  switch (terminateResponse.status) {
    case TerminateStatus.Success:
      return Outcome.Ok;
    case TerminateStatus.NotFound:
      return fail("no module has this PID; ps lists them");
    case TerminateStatus.Refused:
      return fail("the module manager does not let this console end modules");
    default:
      unreachable(terminateResponse.status);
  }
}

/** What can be found in the directory. */
export function services(_argument: Bytes): Outcome {
  const message = local<Message>();
  writeHeading("NAME                     PROTOCOL                 VERSION        PID");
  for (let i: u32 = 0; ; i++) {
    servicesRequest.requestId = u64(i);
    servicesRequest.index = i;
    encodeListServicesRequest(servicesRequest, message);
    call(CONSOLE_DIRECTORY, message);
    if (decodeServiceRow(message, serviceRow) !== MessageFault.None) return fail(NO_ANSWER);
    if (serviceRow.status !== DirectoryStatus.Success) return Outcome.Ok;
    writeCell(textOfName(serviceRow.name), NAME_WIDTH);
    writeCell(textOfName(serviceRow.protocol), NAME_WIDTH);
    writeCell(textOfVersion(serviceRow.version), VERSION_WIDTH);
    writeNumber(u64(serviceRow.processId), 5);
    writeByte(0x0a);
    flushText();
  }
}
