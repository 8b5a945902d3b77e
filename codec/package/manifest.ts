import { SHA512_BYTES } from "../../crypto/sha512";
import { MACHINE_AARCH64, MACHINE_X86_64, USER_END } from "../elf/elf";
import { MAX_BUDGET_BYTES, MAX_PRIORITY } from "./ceiling";
import { MAX_BINARY_BYTES } from "./compression";
import { PackageFault } from "./fault";
import {
  closeFields,
  closeRecord,
  type Entries,
  type Fields,
  field,
  isRight,
  openNames,
  openRecord,
  readFixed,
  readFlag,
  readItems,
  readKey,
  readName,
  readNull,
  readNumber,
  readTextOf,
  refuse,
  startFields,
} from "./fields";
import { ALL_GRANT_RIGHTS, type GrantKind, LAST_KIND } from "./kind";
import type { Span } from "./span";
import { readVersion } from "./versions";

/**
 * A module's manifest: what it is, what binary it goes with, what it wants and offers. Read in steps, because it can be
 * long and the kernel reads it:
 *
 *   Identity ─▶ Wanted (an entry each) ─▶ Offers ─▶ Dependencies ─▶ Contract ─▶ Exports ─▶ Imports ─▶ End ─▶ Done
 *
 * M1  Its spans count from the beginning of the bytes that it was read from, so that both can be copied elsewhere.
 * M2  Names of wanted capabilities, of offers and of dependencies are unique, and in the order of their encodings.
 */

const FIELDS = 14;
const WANTED_ITEMS = 3;
const CONTRACT_FIELDS = 5;
const SCHEMA_ITEMS = 3;
export const MAX_MANIFEST_BYTES = 4096;
export const MAX_WANTED = 32;
export const MAX_OFFERS = 16;
export const MAX_DEPENDENCIES = 16;
export const MAX_SCHEMAS = 8;
export const MAX_RANGE_BYTES = 128;
export const MAX_STACK_BYTES = 0x80_0000n;
/** A day. */
const MAX_TIMEOUT_MS = 86_400_000n;
const MAX_SCHEMA_VERSION = 0xffff_ffffn;

/** What happens when the module faults. @storage u8 */
export const enum FaultPolicy {
  /** It ends, and its epitaph tells why. */
  Terminate,
  /** It ends, and is started again. */
  Restart,
  /** Its threads stop where they are, for whoever inspects them. */
  Stop,
}
const LAST_FAULT_POLICY = 2n;

/** A capability that the module wants at its start. */
export interface Wanted extends Struct<"Wanted"> {
  readonly name: Inline<Span>;
  kind: GrantKind;
  /** GRANT_READ, GRANT_WRITE, GRANT_PASS. */
  rights: u8;
  /** Without it there is no process. */
  isRequired: boolean;
}

/** A service that the module offers, and by which protocol; a module that it depends on, and in which versions. */
export interface Pair extends Struct<"Pair"> {
  readonly name: Inline<Span>;
  readonly value: Inline<Span>;
}

/** A state that it can export to its successor, or import. */
export interface Schema extends Struct<"Schema"> {
  readonly name: Inline<Span>;
  version: u32;
  readonly digest: Inline<Span>;
}

/** How the module is updated while it serves. */
export interface Contract extends Struct<"Contract"> {
  /** It finishes what it has begun before it is replaced. */
  drains: boolean;
  exportCount: u32;
  readonly exports: FixedArray<Inline<Schema>, typeof MAX_SCHEMAS>;
  importCount: u32;
  readonly imports: FixedArray<Inline<Schema>, typeof MAX_SCHEMAS>;
  prepareTimeoutMs: u32;
  /** The offered service that is asked for its health. */
  readonly healthCheck: Inline<Span>;
}

export interface Manifest extends Struct<"Manifest"> {
  readonly name: Inline<Span>;
  readonly version: Inline<Span>;
  /** MACHINE_X86_64 or MACHINE_AARCH64. */
  machine: u32;
  binaryBytes: u64;
  readonly binaryDigest: Inline<Span>;
  entry: u64;
  stackBytes: u64;
  budgetBytes: u64;
  /** The most urgent that its threads can be. */
  priority: u32;
  wantedCount: u32;
  readonly wanted: FixedArray<Inline<Wanted>, typeof MAX_WANTED>;
  offerCount: u32;
  readonly offers: FixedArray<Inline<Pair>, typeof MAX_OFFERS>;
  dependencyCount: u32;
  readonly dependencies: FixedArray<Inline<Pair>, typeof MAX_DEPENDENCIES>;
  faultPolicy: FaultPolicy;
  /** Without one the module is not updated while it serves. */
  hasContract: boolean;
  readonly contract: Inline<Contract>;
}

/** @storage u8 */
const enum Stage {
  Identity,
  Wanted,
  Offers,
  Dependencies,
  Contract,
  Exports,
  Imports,
  End,
  Done,
}

export interface ManifestReader extends Struct<"ManifestReader"> {
  stage: Stage;
  /** Entries of the present map or array that are still to be read. */
  left: u32;
  readonly record: Inline<Entries>;
  readonly names: Inline<Entries>;
  readonly inner: Inline<Entries>;
}

/** Reads `bytes` whole; the fault is in `f`. */
export function readManifest(f: Fields, reader: ManifestReader, bytes: Bytes, manifest: Manifest): void {
  startManifest(f, reader, bytes);
  while (stepManifest(f, reader, manifest)) {}
}

export function startManifest(f: Fields, reader: ManifestReader, bytes: Bytes): void {
  startFields(f, bytes);
  reader.stage = Stage.Identity;
  reader.left = 0;
}

/** Reads the next field or entry, in at most 10,000 instructions; false when there is none, or a fault. */
export function stepManifest(f: Fields, reader: ManifestReader, manifest: Manifest): boolean {
  switch (reader.stage) {
    case Stage.Identity:
      readIdentity(f, reader.record, manifest);
      manifest.wantedCount = enterNames(f, reader, Stage.Wanted, MAX_WANTED);
      break;
    case Stage.Wanted:
      if (takeEntry(reader)) readWanted(f, reader.names, manifest.wanted[manifest.wantedCount - reader.left - 1]);
      else manifest.offerCount = enterNames(f, reader, Stage.Offers, MAX_OFFERS);
      break;
    case Stage.Offers:
      if (takeEntry(reader)) readOffer(f, reader.names, manifest.offers[manifest.offerCount - reader.left - 1]);
      else manifest.dependencyCount = enterNames(f, reader, Stage.Dependencies, MAX_DEPENDENCIES);
      break;
    case Stage.Dependencies:
      if (takeEntry(reader)) readDependency(f, reader, manifest);
      else enterContract(f, reader, manifest);
      break;
    case Stage.Contract:
      openContract(f, reader, manifest);
      break;
    case Stage.Exports:
      if (takeEntry(reader)) readSchema(f, manifest.contract.exports[manifest.contract.exportCount - reader.left - 1]);
      else enterImports(f, reader, manifest);
      break;
    case Stage.Imports:
      if (takeEntry(reader)) readSchema(f, manifest.contract.imports[manifest.contract.importCount - reader.left - 1]);
      else closeContract(f, reader, manifest);
      break;
    case Stage.End:
      closeRecord(f, reader.record);
      closeFields(f);
      reader.stage = Stage.Done;
      break;
    case Stage.Done:
      break;
    default:
      unreachable(reader.stage);
  }
  return isRight(f) && reader.stage !== Stage.Done;
}

function readIdentity(f: Fields, record: Entries, manifest: Manifest): void {
  openRecord(f, record, FIELDS);
  field(f, record);
  readName(f, manifest.name);
  field(f, record);
  readVersion(f, manifest.version);
  field(f, record);
  manifest.machine = readMachine(f);
  field(f, record);
  manifest.binaryBytes = readBetween(f, 1n, MAX_BINARY_BYTES);
  field(f, record);
  readFixed(f, SHA512_BYTES, manifest.binaryDigest);
  field(f, record);
  manifest.entry = readNumber(f, USER_END - 1n);
  field(f, record);
  manifest.stackBytes = readBetween(f, 1n, MAX_STACK_BYTES);
  field(f, record);
  manifest.budgetBytes = readBetween(f, 1n, MAX_BUDGET_BYTES);
  field(f, record);
  manifest.priority = u32(readNumber(f, MAX_PRIORITY));
}

function readMachine(f: Fields): u32 {
  const at = f.reader.at;
  const machine = u32(readNumber(f, 0xffffn));
  if (machine !== MACHINE_X86_64 && machine !== MACHINE_AARCH64) refuse(f, PackageFault.OutOfRange, at);
  return machine;
}

function readBetween(f: Fields, least: u64, most: u64): u64 {
  const at = f.reader.at;
  const value = readNumber(f, most);
  if (value < least) refuse(f, PackageFault.OutOfRange, at);
  return value;
}

/** The next field is a map from names; answers how many. */
function enterNames(f: Fields, reader: ManifestReader, stage: Stage, most: u32): u32 {
  field(f, reader.record);
  openNames(f, reader.names, most);
  reader.left = isRight(f) ? reader.names.count : 0;
  reader.stage = stage;
  return reader.left;
}

/** Whether another entry comes: it counts as read. */
function takeEntry(reader: ManifestReader): boolean {
  if (reader.left === 0) return false;
  reader.left--;
  return true;
}

function readWanted(f: Fields, names: Entries, wanted: Wanted): void {
  readKey(f, names, wanted.name);
  readItems(f, WANTED_ITEMS, WANTED_ITEMS);
  const kind = readBetween(f, 1n, LAST_KIND);
  if (isRight(f)) wanted.kind = toEnum<GrantKind>(u32(kind));
  wanted.rights = u8(readNumber(f, ALL_GRANT_RIGHTS));
  wanted.isRequired = readFlag(f);
}

function readOffer(f: Fields, names: Entries, offer: Pair): void {
  readKey(f, names, offer.name);
  readName(f, offer.value);
}

/** The range's grammar is whose affair the look-up is. */
function readDependency(f: Fields, reader: ManifestReader, manifest: Manifest): void {
  const dependency = manifest.dependencies[manifest.dependencyCount - reader.left - 1];
  readKey(f, reader.names, dependency.name);
  readTextOf(f, MAX_RANGE_BYTES, dependency.value);
}

function enterContract(f: Fields, reader: ManifestReader, manifest: Manifest): void {
  field(f, reader.record);
  manifest.faultPolicy = toEnum<FaultPolicy>(u32(readNumber(f, LAST_FAULT_POLICY)));
  field(f, reader.record);
  manifest.hasContract = !readNull(f);
  reader.stage = manifest.hasContract ? Stage.Contract : Stage.End;
}

function openContract(f: Fields, reader: ManifestReader, manifest: Manifest): void {
  openRecord(f, reader.inner, CONTRACT_FIELDS);
  field(f, reader.inner);
  manifest.contract.drains = readFlag(f);
  field(f, reader.inner);
  reader.left = readItems(f, 0, MAX_SCHEMAS);
  manifest.contract.exportCount = reader.left;
  reader.stage = Stage.Exports;
}

function enterImports(f: Fields, reader: ManifestReader, manifest: Manifest): void {
  field(f, reader.inner);
  reader.left = readItems(f, 0, MAX_SCHEMAS);
  manifest.contract.importCount = reader.left;
  reader.stage = Stage.Imports;
}

function readSchema(f: Fields, schema: Schema): void {
  readItems(f, SCHEMA_ITEMS, SCHEMA_ITEMS);
  readName(f, schema.name);
  schema.version = u32(readNumber(f, MAX_SCHEMA_VERSION));
  readFixed(f, SHA512_BYTES, schema.digest);
}

function closeContract(f: Fields, reader: ManifestReader, manifest: Manifest): void {
  field(f, reader.inner);
  manifest.contract.prepareTimeoutMs = u32(readBetween(f, 1n, MAX_TIMEOUT_MS));
  field(f, reader.inner);
  readName(f, manifest.contract.healthCheck);
  closeRecord(f, reader.inner);
  reader.stage = Stage.End;
}
