/** @unsafe copies strings whole, within what has been checked */
import { SIGNATURE_BYTES } from "../../crypto/mldsa87/encoding";
import { startPure, type Verification } from "../../crypto/mldsa87/verify";
import { CborMajor } from "../cbor/head";
import {
  type CborReader,
  isAtEnd,
  nextMajor,
  readArray,
  readBytes,
  readInt,
  readMap,
  readTag,
  readUint,
  skipNull,
  startCbor,
} from "../cbor/reader";
import { CborStatus } from "../cbor/status";
import { CoseStatus } from "./status";

/**
 * COSE_Sign1 (RFC 9052, section 4.2) with ML-DSA-87, in one form only: deterministic CBOR, tagged, nothing unprotected.
 *
 *   18([ protected: << { 1: -50, 4: key id, -65537: purpose } >>, {}, payload or null, signature ])
 *
 * What is signed is the Sig_structure (section 4.4), under an empty context. The caller gives the memory for it, so that
 * the verification reads bytes that nobody else can change.
 *
 *   [ "Signature1", protected, external_aad, payload ]
 */
export interface CoseSign1 extends Struct<"CoseSign1"> {
  /** The encoded map. */
  protectedHeader: Bytes;
  keyId: Bytes;
  purpose: u64;
  isDetached: boolean;
  /** Empty when it is detached. */
  payload: Bytes;
  /** Where it begins. */
  payloadAt: u32;
  signature: Bytes;
  /** With an error: where, and which CborStatus it is. */
  faultAt: u32;
  fault: CborStatus;
  readonly reader: Inline<CborReader>;
}

const TAG = 18n;
const LABEL_ALGORITHM = 1n;
const LABEL_KEY_ID = 4n;
/** From the range for private use. */
const LABEL_PURPOSE = -65537n;
/** IANA COSE algorithms. */
const ML_DSA_87 = -50n;
const HEADER_ENTRIES = 3;
const CONTEXT = "Signature1";

/** Takes `bytes` apart; what it finds are places in them. */
export function parseSign1(cose: CoseSign1, bytes: Bytes): CoseStatus {
  const reader = cose.reader;
  startCbor(reader, bytes);
  cose.fault = CborStatus.Ok;
  cose.faultAt = 0;
  if (readTag(reader) !== TAG || readArray(reader) !== 4) return refuse(cose, CoseStatus.BadStructure);
  cose.faultAt = reader.at;
  cose.protectedHeader = readBytes(reader);
  const headerAt = reader.at - cose.protectedHeader.length;
  if (reader.status !== CborStatus.Ok) return refuse(cose, CoseStatus.BadStructure);
  cose.faultAt = reader.at;
  if (readMap(reader) !== 0) return refuse(cose, CoseStatus.UnprotectedHeader);
  if (reader.status !== CborStatus.Ok) return refuse(cose, CoseStatus.BadStructure);
  cose.faultAt = reader.at;
  cose.isDetached = skipNull(reader);
  cose.payload = cose.isDetached ? subslice(bytes, 0, 0) : readBytes(reader);
  cose.payloadAt = reader.at - cose.payload.length;
  if (reader.status !== CborStatus.Ok) return refuse(cose, CoseStatus.BadStructure);
  cose.faultAt = reader.at;
  cose.signature = readBytes(reader);
  if (reader.status !== CborStatus.Ok) return refuse(cose, CoseStatus.BadStructure);
  if (!isAtEnd(reader)) return badCbor(cose, CborStatus.TrailingBytes, reader.at);
  if (cose.signature.length !== SIGNATURE_BYTES) return CoseStatus.BadSignatureLength;
  const status = parseHeader(cose);
  if (status !== CoseStatus.Ok) cose.faultAt += headerAt;
  return status;
}

/** The protected header: exactly its three entries, whose order is the deterministic encoding's. */
function parseHeader(cose: CoseSign1): CoseStatus {
  const reader = cose.reader;
  startCbor(reader, cose.protectedHeader);
  cose.faultAt = 0;
  if (readMap(reader) !== HEADER_ENTRIES || !isLabel(cose, LABEL_ALGORITHM)) return refuse(cose, CoseStatus.BadHeader);
  cose.faultAt = reader.at;
  if (!isNumber(reader) || readInt(reader) !== ML_DSA_87) return refuse(cose, CoseStatus.WrongAlgorithm);
  if (!isLabel(cose, LABEL_KEY_ID)) return refuse(cose, CoseStatus.BadHeader);
  cose.faultAt = reader.at;
  cose.keyId = readBytes(reader);
  if (reader.status !== CborStatus.Ok || !isLabel(cose, LABEL_PURPOSE)) return refuse(cose, CoseStatus.BadHeader);
  cose.faultAt = reader.at;
  cose.purpose = readUint(reader);
  return isAtEnd(reader) ? CoseStatus.Ok : refuse(cose, CoseStatus.BadHeader);
}

/** `status`, unless what is wrong there is the encoding itself. */
function refuse(cose: CoseSign1, status: CoseStatus): CoseStatus {
  const reader = cose.reader;
  const fault = reader.status;
  if (fault === CborStatus.Ok || fault === CborStatus.OutOfRange) return status;
  if (reader.faultAt === reader.bytes.length) return badCbor(cose, CborStatus.Truncated, reader.faultAt);
  return fault === CborStatus.WrongType ? status : badCbor(cose, fault, reader.faultAt);
}

function badCbor(cose: CoseSign1, fault: CborStatus, faultAt: u32): CoseStatus {
  cose.fault = fault;
  cose.faultAt = faultAt;
  return CoseStatus.BadCbor;
}

function isLabel(cose: CoseSign1, label: i64): boolean {
  cose.faultAt = cose.reader.at;
  return isNumber(cose.reader) && readInt(cose.reader) === label;
}

function isNumber(reader: CborReader): boolean {
  const major = u32(nextMajor(reader));
  return major === u32(CborMajor.Uint) || major === u32(CborMajor.Negative);
}

/**
 * Begins to verify what `parseSign1` has found: `key` is the caller's choice by `keyId`; `purpose` has to be the one that
 * was signed. `detached` is the payload if it is not inside, else empty. What is signed is put into `scratch`: at most 32
 * bytes more than header, `externalAad` and payload.
 */
export function startSign1(
  cose: CoseSign1,
  verification: Verification,
  key: Bytes,
  purpose: u64,
  externalAad: Bytes,
  detached: Bytes,
  scratch: Bytes,
): CoseStatus {
  cose.faultAt = 0;
  if (cose.purpose !== purpose) return CoseStatus.WrongPurpose;
  if (!cose.isDetached && detached.length !== 0) return CoseStatus.BadPayload;
  const payload = cose.isDetached ? detached : cose.payload;
  const bytes = 12n + stringBytes(cose.protectedHeader) + stringBytes(externalAad) + stringBytes(payload);
  if (bytes > u64(scratch.length)) return CoseStatus.NoRoom;
  scratch[0] = 0x84;
  let at = putString(scratch, 1, u32(CborMajor.Text), CONTEXT);
  at = putString(scratch, at, u32(CborMajor.Bytes), cose.protectedHeader);
  at = putString(scratch, at, u32(CborMajor.Bytes), externalAad);
  at = putString(scratch, at, u32(CborMajor.Bytes), payload);
  startPure(verification, key, cose.signature, subslice(scratch, 0, 0), subslice(scratch, 0, at));
  return CoseStatus.Ok;
}

/** What a string takes with its head. */
function stringBytes(string: Bytes): u64 {
  return u64(headBytes(string.length)) + u64(string.length);
}

function headBytes(length: u32): u32 {
  if (length < 24) return 1;
  if (length <= 0xff) return 2;
  return length <= 0xffff ? 3 : 5;
}

/** Answers where it ends. */
function putString(to: Bytes, from: u32, major: u32, string: Bytes): u32 {
  const head = headBytes(string.length);
  const first = major << 5;
  if (head === 1) to[from] = u8(first | string.length);
  else to[from] = u8(first | (head === 2 ? 24 : head === 3 ? 25 : 26));
  for (let i: u32 = 1; i < head; i++) to[from + i] = u8((string.length >>> (8 * (head - 1 - i))) & 0xff);
  const start = from + head;
  copyMemory(addressOf(subslice(to, start, string.length)), addressOf(string), u64(string.length));
  return start + string.length;
}
