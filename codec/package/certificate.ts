import { KEY_BYTES } from "../../crypto/mldsa87/encoding";
import { type Ceiling, readCeiling } from "./ceiling";
import { PackageFault } from "./fault";
import {
  closeFields,
  closeRecord,
  type Entries,
  type Fields,
  field,
  openRecord,
  readFixed,
  readFlag,
  readName,
  readNumber,
  refuse,
  startFields,
} from "./fields";
import type { Span } from "./span";

/**
 * A certificate's body: who may sign what, and when. Epochs are numbers that the trust set counts; nobody has to know
 * the time.
 *
 *   { 1: publisher, 2: key, 3: ceiling, 4: first epoch, 5: last epoch, 6: may certify }
 */

const FIELDS = 6;
export const MAX_CERTIFICATE_BYTES = 4096;
const MAX_EPOCH = 0xffff_ffffn;

export interface Certificate extends Struct<"Certificate"> {
  /** What it was read from: publisher and key lie there. */
  bytes: Bytes;
  readonly publisher: Inline<Span>;
  readonly key: Inline<Span>;
  readonly ceiling: Inline<Ceiling>;
  firstEpoch: u64;
  lastEpoch: u64;
  /** It may stand before the publisher's own. */
  mayCertify: boolean;
}

/** Reads a body, which must stay where it is; the fault is in `f`. */
export function readCertificate(f: Fields, bytes: Bytes, certificate: Certificate): void {
  const entries = local<Entries>();
  startFields(f, bytes);
  certificate.bytes = bytes;
  openRecord(f, entries, FIELDS);
  field(f, entries);
  readName(f, certificate.publisher);
  field(f, entries);
  readFixed(f, KEY_BYTES, certificate.key);
  field(f, entries);
  readCeiling(f, certificate.ceiling);
  field(f, entries);
  certificate.firstEpoch = readNumber(f, MAX_EPOCH);
  field(f, entries);
  const at = f.reader.at;
  certificate.lastEpoch = readNumber(f, MAX_EPOCH);
  if (certificate.lastEpoch < certificate.firstEpoch) refuse(f, PackageFault.BadBounds, at);
  field(f, entries);
  certificate.mayCertify = readFlag(f);
  closeRecord(f, entries);
  closeFields(f);
}
