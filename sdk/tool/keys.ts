import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { encodeCertificateBody, encodeSigned, encodeTrustBody } from "../format/encode.ts";
import { KINDS, RIGHTS } from "../format/kinds.ts";
import { type KeyPair, keyId, keyPairOf, signBody } from "../format/sign.ts";
import type { Ceiling } from "../format/types.ts";
import { EXIT_DATA, Failure } from "./failure.ts";
import { readInput, readJson, writeOutput } from "./files.ts";

/**
 * Key files: a secret key is its seed, readable by its owner alone; a public key stands beside it in `NAME.pub`. The
 * development keys make one root and one publisher that may do anything; whoever has the folder can sign for an image that
 * trusts it.
 */

const ALGORITHM = "ML-DSA-87";
const SEED_BYTES = 32;
const KEY_BYTES = 2592;
const SECRET_MODE = 0o600;

export const ROOT_FOLDER = resolve(import.meta.dirname, "../..");
export const DEVELOPMENT_FOLDER = join(ROOT_FOLDER, "keys/development");

/** What development modules are packed with. */
export interface DevelopmentKeys {
  readonly root: string;
  readonly publisher: string;
  readonly certificate: string;
  readonly trust: string;
}

export const DEVELOPMENT_CEILING: Ceiling = {
  prefixes: [""],
  kinds: Object.fromEntries(KINDS.map((kind) => [kind, RIGHTS])),
  budgetBytes: 2 ** 40,
  priority: 255,
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Makes a key; answers its id. */
export function makeKey(secretFile: string): string {
  const seed = Uint8Array.from(randomBytes(SEED_BYTES));
  const { publicKey } = keyPairOf(seed);
  const id = hex(keyId(publicKey));
  writeOutput(secretFile, `${JSON.stringify({ algorithm: ALGORITHM, seed: hex(seed), id }, null, 2)}\n`, SECRET_MODE);
  const described = { algorithm: ALGORITHM, key: hex(publicKey), id };
  writeOutput(publicFileOf(secretFile), `${JSON.stringify(described, null, 2)}\n`);
  return id;
}

export function publicFileOf(secretFile: string): string {
  return secretFile.replace(/(\.key)?$/, ".pub");
}

export function readKey(file: string): KeyPair {
  const seed = Buffer.from(fieldOf(file, "seed", "sila keygen makes key files."), "hex");
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new Failure(`${file}: others can read this secret key. Run chmod 600 ${file}`, EXIT_DATA);
  }
  if (seed.length !== SEED_BYTES) throw new Failure(`${file}: seed has not ${SEED_BYTES} bytes`, EXIT_DATA);
  return keyPairOf(Uint8Array.from(seed));
}

/** From a `.pub` file, or from a secret key's. */
export function readPublicKey(file: string): Uint8Array {
  if (file.endsWith(".key")) return readKey(file).publicKey;
  const key = Buffer.from(fieldOf(file, "key", "Give the .pub file that sila keygen has made."), "hex");
  if (key.length !== KEY_BYTES) throw new Failure(`${file}: key has not ${KEY_BYTES} bytes`, EXIT_DATA);
  return Uint8Array.from(key);
}

function fieldOf(file: string, field: string, mend: string): string {
  const value = readJson(file, mend) as Record<string, unknown> | null;
  const text = value?.[field];
  const isRight = value?.algorithm === ALGORITHM && typeof text === "string" && /^([0-9a-f]{2})*$/.test(text);
  if (!isRight)
    throw new Failure(`${file}: ${field} is missing or no hexadecimal text of ${ALGORITHM}. ${mend}`, EXIT_DATA);
  return text;
}

/** The development keys in `folder`; what is missing is made, with a trust set and a certificate. */
export function developmentKeys(folder: string = DEVELOPMENT_FOLDER): DevelopmentKeys {
  const keys: DevelopmentKeys = {
    root: join(folder, "root.key"),
    publisher: join(folder, "publisher.key"),
    certificate: join(folder, "publisher.cert"),
    trust: join(folder, "development.trust"),
  };
  if (Object.values(keys).every((file) => existsSync(file))) return keys;
  if (!existsSync(keys.root)) makeKey(keys.root);
  if (!existsSync(keys.publisher)) makeKey(keys.publisher);
  const root = readKey(keys.root);
  const body = encodeCertificateBody({
    publisher: "development",
    key: readKey(keys.publisher).publicKey,
    ceiling: DEVELOPMENT_CEILING,
    firstEpoch: 0,
    lastEpoch: 0xffff_ffff,
    mayCertify: true,
  });
  writeOutput(keys.certificate, encodeSigned(body, [signBody(root, "certificate", body)]));
  const trust = encodeTrustBody({
    version: 1,
    epoch: 1,
    threshold: 1,
    roots: [root.publicKey],
    revoked: [],
    minimums: {},
    policy: { ceiling: DEVELOPMENT_CEILING, rules: {}, grants: [] },
  });
  writeOutput(keys.trust, encodeSigned(trust, [signBody(root, "trust", trust)]));
  return keys;
}

/** A certificate file: a body with its signatures. */
export function readCertificateFile(file: string): Uint8Array {
  return readInput(file, "sila certify publisher makes certificates.");
}
