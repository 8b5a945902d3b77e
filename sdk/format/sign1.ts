import { type Fault, FaultError } from "./faults.ts";
import { Reader } from "./reader.ts";
import { LABEL_ALGORITHM, LABEL_KEY_ID, LABEL_PURPOSE, ML_DSA_87, PURPOSES, type Purpose } from "./sign.ts";

/** Takes a COSE_Sign1 apart: one form only, as codec/cose/sign1.ts says. */

const SIGN1 = 18n;
const SIGNATURE_BYTES = 4627;
const KEY_ID_BYTES = 64;
const MAX_PAYLOAD_BYTES = 4096;

export interface Sign1 {
  readonly header: Uint8Array;
  readonly keyId: Uint8Array;
  readonly purpose: bigint;
  /** Null when it is detached. */
  readonly payload: Uint8Array | null;
  readonly payloadAt: number;
  readonly signature: Uint8Array;
}

/** What was signed for `purpose`, with its payload inside or not. */
export function decodeFor(bytes: Uint8Array, purpose: Purpose, isDetached: boolean): Sign1 {
  const sign1 = decodeSign1(bytes);
  if (sign1.purpose !== BigInt(PURPOSES[purpose])) throw new FaultError("SignPurpose", 0);
  if ((sign1.payload === null) !== isDetached) throw new FaultError("SignPayload", 0);
  if ((sign1.payload?.length ?? 0) > MAX_PAYLOAD_BYTES) throw new FaultError("TooLong", 0);
  if (sign1.keyId.length !== KEY_ID_BYTES) throw new FaultError("BadLength", 0);
  return sign1;
}

export function decodeSign1(bytes: Uint8Array): Sign1 {
  const reader = new Reader(bytes);
  shaped("SignStructure", 0, () => {
    if (reader.tag() !== SIGN1 || reader.count() !== 4) throw new FaultError("SignStructure", 0);
  });
  const header = shaped("SignStructure", reader.at, () => reader.byteString());
  const headerAt = reader.at - header.length;
  const unprotectedAt = reader.at;
  const unprotected = shaped("SignStructure", unprotectedAt, () => reader.pairs());
  if (unprotected !== 0) throw new FaultError("SignUnprotected", unprotectedAt);
  const payload = shaped("SignStructure", reader.at, () => (reader.skipNull() ? null : reader.byteString()));
  const payloadAt = reader.at - (payload?.length ?? 0);
  const signatureAt = reader.at;
  const signature = shaped("SignStructure", signatureAt, () => reader.byteString());
  reader.close();
  if (signature.length !== SIGNATURE_BYTES) throw new FaultError("SignLength", signatureAt);
  return { header, ...decodeHeader(header, headerAt), payload, payloadAt, signature };
}

/** The protected header, which begins at `base`: exactly its three entries. */
function decodeHeader(bytes: Uint8Array, base: number): Pick<Sign1, "keyId" | "purpose"> {
  try {
    return readHeader(new Reader(bytes));
  } catch (error) {
    if (error instanceof FaultError) throw new FaultError(error.fault, base + error.at);
    throw error;
  }
}

function readHeader(reader: Reader): Pick<Sign1, "keyId" | "purpose"> {
  const entries = shaped("SignHeader", 0, () => reader.pairs());
  if (entries !== 3) throw new FaultError("SignHeader", 0);
  label(reader, LABEL_ALGORITHM);
  const algorithmAt = reader.at;
  const isAlgorithm = reader.isNumberNext() && reader.int() === BigInt(ML_DSA_87);
  if (!isAlgorithm) throw new FaultError("SignAlgorithm", algorithmAt);
  label(reader, LABEL_KEY_ID);
  const keyId = shaped("SignHeader", reader.at, () => reader.byteString());
  label(reader, LABEL_PURPOSE);
  const purposeAt = reader.at;
  const purpose = shaped("SignHeader", purposeAt, () => reader.uint(0xffff_ffff_ffff_ffffn));
  if (reader.at !== reader.bytes.length) throw new FaultError("SignHeader", purposeAt);
  return { keyId, purpose };
}

function label(reader: Reader, wanted: number): void {
  const at = reader.at;
  const isWanted = reader.isNumberNext() && reader.int() === BigInt(wanted);
  if (!isWanted) throw new FaultError("SignHeader", at);
}

/** What is of another type than it should be is `fault` at `at`; the encoding's own faults stay. */
function shaped<T>(fault: Fault, at: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FaultError && error.fault === "WrongType") throw new FaultError(fault, at);
    throw error;
  }
}
