import { keyId, type Purpose, signBody } from "../format/sign.ts";
import { decodeSign1 } from "../format/sign1.ts";
import { EXIT_DATA, Failure } from "./failure.ts";
import { readKey } from "./keys.ts";

/** The signatures of a certificate, a trust set or a release: of each key one, and no more than a target reads. */

const MAX_SIGNATURES = 4;

/** `signatures` of `body`, and behind them the one that the key in `keyFile` makes; `file` is what errors are about. */
export function addSignature(
  file: string,
  purpose: Purpose,
  body: Uint8Array,
  signatures: readonly Uint8Array[],
  keyFile: string,
): readonly Uint8Array[] {
  const key = readKey(keyFile);
  const own = Buffer.from(keyId(key.publicKey));
  if (signatures.some((bytes) => own.equals(decodeSign1(bytes).keyId))) {
    throw new Failure(`${file}: the key in ${keyFile} has signed already. Give another root's with --by`, EXIT_DATA);
  }
  if (signatures.length === MAX_SIGNATURES) {
    throw new Failure(`${file}: it has ${MAX_SIGNATURES} signatures, and no room for more`, EXIT_DATA);
  }
  return [...signatures, signBody(key, purpose, body)];
}

/** Of a new body: the signatures that all these keys make. */
export function signAll(
  file: string,
  purpose: Purpose,
  body: Uint8Array,
  keyFiles: readonly string[],
): readonly Uint8Array[] {
  let signatures: readonly Uint8Array[] = [];
  for (const keyFile of keyFiles) signatures = addSignature(file, purpose, body, signatures, keyFile);
  return signatures;
}
