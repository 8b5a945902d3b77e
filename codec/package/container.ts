import { type CborHead, CborMajor, readHead } from "../cbor/head";
import { CborStatus } from "../cbor/status";
import { MAX_CERTIFICATE_BYTES } from "./certificate";
import { MAX_BINARY_BYTES, MAX_COMPRESSION_BYTES } from "./compression";
import { PackageFault } from "./fault";
import {
  closeFields,
  type Fields,
  isRight,
  readItems,
  readNumber,
  readPart,
  readTextOf,
  refuse,
  startFields,
} from "./fields";
import { MAX_MANIFEST_BYTES } from "./manifest";
import type { Span } from "./span";
import { isSameBytes } from "./span";

/**
 * A package file: its parts, each a byte string with the part's own encoding inside, and the payload last. What comes
 * before the payload's bytes are the headers: they are all that a kernel needs beside the binary.
 *
 *   [ "sila", 1, << certificates >>, << manifest >>, << compression >>, << binary sign. >>, << package sign. >>, payload ]
 *
 *   certificates  [ 1*2 [ << body >>, [ 1*4 << signature >> ] ] ]
 */

const ITEMS = 8;
const MAGIC = "sila";
const FORMAT = 1n;
export const MAX_CERTIFICATES = 2;
export const MAX_SIGNERS = 4;
/** Everything before the payload: what a Verifier keeps a copy of. */
export const MAX_HEADER_BYTES = 57344;
/** A signature with a header of 80 bytes. */
const MAX_SIGNATURE_BYTES = 5120;

/** The part that a fault is about; `faultAt` counts from the beginning of the file for all but Binary and Trust. */
export const enum Part {
  File,
  Certificates,
  Manifest,
  Compression,
  BinarySignature,
  PackageSignature,
  Payload,
  /** The uncompressed binary. */
  Binary,
  /** A trust set. */
  Trust,
  /** What is granted to a process. */
  Grants,
}

export interface Container extends Struct<"Container"> {
  readonly certificates: Inline<Span>;
  readonly manifest: Inline<Span>;
  readonly compression: Inline<Span>;
  readonly binarySignature: Inline<Span>;
  readonly packageSignature: Inline<Span>;
  /** Where the payload begins, and its bytes. */
  headerBytes: u32;
  payloadBytes: u64;
}

/** A body and who signed it. */
export interface Signed extends Struct<"Signed"> {
  readonly body: Inline<Span>;
  count: u32;
  readonly signatures: FixedArray<Inline<Span>, typeof MAX_SIGNERS>;
}

export interface Chain extends Struct<"Chain"> {
  count: u32;
  readonly certificates: FixedArray<Inline<Signed>, typeof MAX_CERTIFICATES>;
}

/** Finds the parts in the beginning of a file: at least its headers, perhaps all of it. */
export function readContainer(f: Fields, bytes: Bytes, container: Container): void {
  const magic = local<Span>();
  startFields(f, bytes);
  readItems(f, ITEMS, ITEMS);
  readTextOf(f, MAGIC.length, magic);
  const isMagic = isRight(f) && isSameBytes(subslice(bytes, magic.at, magic.length), MAGIC);
  if (!isMagic) refuse(f, PackageFault.UnknownFormat, 0);
  const at = f.reader.at;
  if (readNumber(f, 0xffff_ffffn) !== FORMAT) refuse(f, PackageFault.UnknownFormat, at);
  readPart(f, MAX_HEADER_BYTES, container.certificates);
  readPart(f, MAX_MANIFEST_BYTES + MAX_SIGNATURE_BYTES, container.manifest);
  readPart(f, MAX_COMPRESSION_BYTES, container.compression);
  readPart(f, MAX_SIGNATURE_BYTES, container.binarySignature);
  readPart(f, MAX_SIGNATURE_BYTES, container.packageSignature);
  readPayloadHead(f, container);
}

function readPayloadHead(f: Fields, container: Container): void {
  const head = local<CborHead>();
  const at = f.reader.at;
  if (!isRight(f)) return;
  const status = readHead(f.reader.bytes, at, head);
  if (status !== CborStatus.Ok) {
    const isTruncated = status === CborStatus.Truncated;
    refuse(f, toEnum<PackageFault>(u32(status)), isTruncated ? f.reader.bytes.length : at);
    return;
  }
  if (head.major !== CborMajor.Bytes) {
    refuse(f, PackageFault.WrongType, at);
    return;
  }
  if (head.argument > MAX_BINARY_BYTES) {
    refuse(f, PackageFault.TooLong, at);
    return;
  }
  if (head.end > MAX_HEADER_BYTES) {
    refuse(f, PackageFault.TooLong, at);
    return;
  }
  container.headerBytes = head.end;
  container.payloadBytes = head.argument;
}

/** Finds bodies and signatures in the part that `span` is of `headers`; their places count from the latter's beginning. */
export function readChain(f: Fields, headers: Bytes, span: Span, chain: Chain): void {
  startFields(f, subslice(headers, span.at, span.length));
  chain.count = readItems(f, 1, MAX_CERTIFICATES);
  for (let i: u32 = 0; i < chain.count; i++) readSigned(f, MAX_CERTIFICATE_BYTES, span.at, 1, chain.certificates[i]);
  closeFields(f);
}

/** [ << body >>, [ signatures ] ] at the reader's place; `base` is added to the places. */
export function readSigned(f: Fields, mostBytes: u32, base: u32, least: u32, signed: Signed): void {
  readItems(f, 2, 2);
  readPart(f, mostBytes, signed.body);
  signed.body.at += base;
  signed.count = readItems(f, least, MAX_SIGNERS);
  for (let i: u32 = 0; i < signed.count; i++) {
    readPart(f, MAX_SIGNATURE_BYTES, signed.signatures[i]);
    signed.signatures[i].at += base;
  }
}
