import { randomBytes } from "node:crypto";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT_FOLDER } from "../../scripts/root.ts";
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

/** What a boot image takes its packages from. */
export const BOOT_REPOSITORY = join(ROOT_FOLDER, "repository");
export const DEVELOPMENT_FOLDER = join(ROOT_FOLDER, "keys/development");

/** By a rule for this publisher an image's trust set says that its keys are for development; the kernel tells at boot. */
const DEVELOPMENT_PUBLISHER = "development";

/** Files with which modules are packed, and the trust set by which they are judged. */
export interface SigningKeys {
  readonly publisher: string;
  readonly certificate: string;
  readonly trust: string;
}

export interface DevelopmentKeys extends SigningKeys {
  readonly root: string;
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

/** The keys, certificate and trust set of a folder, whoever made them. */
export function keysIn(folder: string): SigningKeys {
  return {
    publisher: join(folder, "publisher.key"),
    certificate: join(folder, "publisher.cert"),
    trust: join(folder, "image.trust"),
  };
}

/** The development keys in `folder`, made there when they are missing. */
export function developmentKeys(folder: string = DEVELOPMENT_FOLDER): DevelopmentKeys {
  const keys: DevelopmentKeys = { root: join(folder, "root.key"), ...keysIn(folder) };
  if (Object.values(keys).every((file) => existsSync(file))) return keys;
  if (existsSync(folder)) makeDevelopmentKeys(keys);
  else makeFolder(folder);
  return keys;
}

/** The folder appears whole: of several that are made at once the first one stays. */
function makeFolder(folder: string): void {
  const own = `${folder}.${process.pid}`;
  makeDevelopmentKeys({ root: join(own, "root.key"), ...keysIn(own) });
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true });
  }
}

/** What is missing. A certificate or a trust set that others have signed is never replaced. */
function makeDevelopmentKeys(keys: DevelopmentKeys): void {
  const signed = [keys.certificate, keys.trust].find((file) => existsSync(file));
  const missing = [keys.root, keys.publisher].find((file) => !existsSync(file));
  if (signed !== undefined && missing !== undefined) {
    const mend = "Give a folder of its own for development keys with --out";
    throw new Failure(`${signed} is there without ${missing}: it was signed elsewhere. ${mend}`, EXIT_DATA);
  }
  if (!existsSync(keys.root)) makeKey(keys.root);
  if (!existsSync(keys.publisher)) makeKey(keys.publisher);
  const root = readKey(keys.root);
  const body = encodeCertificateBody({
    publisher: DEVELOPMENT_PUBLISHER,
    key: readKey(keys.publisher).publicKey,
    ceiling: DEVELOPMENT_CEILING,
    firstEpoch: 0,
    lastEpoch: 0xffff_ffff,
    mayCertify: true,
  });
  if (!existsSync(keys.certificate))
    writeOutput(keys.certificate, encodeSigned(body, [signBody(root, "certificate", body)]));
  const trust = encodeTrustBody({
    version: 1,
    epoch: 1,
    threshold: 1,
    roots: [root.publicKey],
    revoked: [],
    minimums: {},
    policy: { ceiling: DEVELOPMENT_CEILING, rules: { [DEVELOPMENT_PUBLISHER]: DEVELOPMENT_CEILING }, grants: [] },
  });
  if (!existsSync(keys.trust)) writeOutput(keys.trust, encodeSigned(trust, [signBody(root, "trust", trust)]));
}

/** A certificate file: a body with its signatures. */
export function readCertificateFile(file: string): Uint8Array {
  return readInput(file, "sila certify publisher makes certificates.");
}
