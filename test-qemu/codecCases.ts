import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, sha3_384, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";
import { ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { encodeValue, isDeterministic, makeValue } from "../test/codec/cbor-inputs.ts";
import { encodeSign1, makeHeader, sigStructure } from "../test/codec/cose-host.ts";
import { bytesOf, damage, isProgram, soundFile } from "../test/codec/elf-inputs.ts";
import { makeRange, makeVersion, theirs } from "../test/codec/semver-inputs.ts";
import { faultOf, GOLDEN_FOLDER, goldenCases, isGoldenAccepted } from "../test/codec/zstd-golden.ts";
import { STATUSES } from "../test/codec/zstd-host.ts";
import { compress, makeContent } from "../test/codec/zstd-inputs.ts";
import { formatPrehashed } from "../test/crypto/prehash.ts";
import { Random } from "../test/random.ts";
import { acvp, fromHex } from "../test/vectors.ts";
import { KINDS, type TargetCase } from "./caseFile.ts";

/** What the machines themselves run of codecs and cryptography: all vectors, and random cases with their oracles' verdicts. */

const SEED = 20_261_126;
const RANDOM_CASES = 240;
const NOTHING = new Uint8Array();
const DONE = STATUSES.indexOf("Done");

export function allCases(): TargetCase[] {
  const random = new Random(SEED);
  return [
    ...signatureVectors(),
    ...hashVectors(),
    ...zstdVectors(),
    ...randomSignatures(random),
    ...randomHashes(random),
    ...randomFrames(random),
    ...randomItems(random),
    ...randomMessages(random),
    ...randomPrograms(random),
    ...randomRanges(random),
  ];
}

function signatureVectors(): TargetCase[] {
  return ["external_pure", "external_prehash", "internal"].flatMap((file) =>
    (acvp(`mldsa87_sigver_${file}`)?.testGroups ?? []).flatMap((group) =>
      group.tests.map((each): TargetCase => {
        const [key, signature, message] = [each.pk ?? group.pk, each.signature, each.message].map(fromHex) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
        const context = fromHex(each.context);
        const common = { name: `${file} ${each.tcId}`, expected: each.testPassed === true ? 1 : 0 };
        if (file === "external_pure") return { ...common, kind: "pure", parts: [key, signature, context, message] };
        if (group.externalMu === true) return { ...common, kind: "mu", parts: [key, signature, fromHex(each.mu)] };
        const hash = String(each.hashAlg ?? group.hashAlg);
        const internal = file === "internal" ? message : formatPrehashed(hash, context, message);
        return { ...common, kind: "internal", parts: [key, signature, internal] };
      }),
    ),
  );
}

function hashVectors(): TargetCase[] {
  const files = ["sha3_256", "sha3_384", "sha3_512", "shake128", "shake256", "shake128_fips202", "shake256_fips202"];
  return [...files, "sha2_512"].flatMap((file) =>
    (acvp(file)?.testGroups ?? []).flatMap((group) =>
      group.tests
        .filter(({ md }) => md !== undefined)
        .map((each): TargetCase => {
          const kind = (file === "sha2_512" ? "sha512" : file.replace("_fips202", "")) as TargetCase["kind"];
          const message = fromHex(each.msg).slice(0, Number(each.len) / 8);
          return { kind, name: `${file} ${each.tcId}`, parts: [message, fromHex(each.md)], expected: 1 };
        }),
    ),
  );
}

/** The Monte Carlo chains of the same files. */
export function chainCases(): TargetCase[] {
  return ["sha3_256", "sha3_384", "sha3_512", "shake128", "shake256", "sha2_512"].flatMap((file) => {
    const kind = (file === "sha2_512" ? "sha512" : file) as TargetCase["kind"];
    const groups = (acvp(file)?.testGroups ?? []).filter(({ testType }) => testType === "MCT");
    return groups.flatMap((group) =>
      group.tests.map((each): TargetCase => {
        const results = (each.resultsArray as readonly { readonly md: string }[]).map(({ md }) => fromHex(md));
        const bounds = [group.minOutLen, group.maxOutLen].map((bits) => Number(bits ?? 0) / 8);
        const parts = [fromHex(each.msg), Buffer.concat(results), Buffer.from(Uint32Array.from(bounds).buffer)];
        return { kind: "chain", name: `${file} chain`, parts, expected: 1, parameter: KINDS.indexOf(kind) };
      }),
    );
  });
}

function zstdVectors(): TargetCase[] {
  return goldenCases().map((each): TargetCase => {
    const input = readFileSync(path.join(GOLDEN_FOLDER, each.file));
    if (!isGoldenAccepted(each))
      return {
        kind: "zstd",
        name: each.file,
        parts: [input, NOTHING],
        expected: STATUSES.indexOf(faultOf(each).split(" ")[0] ?? ""),
      };
    const plain = readFileSync(path.join(GOLDEN_FOLDER, each.plain ?? ""));
    return { kind: "zstd", name: each.file, parts: [input, digestOf(plain)], expected: DONE };
  });
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha512").update(bytes).digest());
}

function randomSignatures(random: Random): TargetCase[] {
  return Array.from({ length: RANDOM_CASES }, (_, i): TargetCase => {
    const { publicKey, secretKey } = ml_dsa87.keygen(random.bytes(32));
    const [message, context] = [random.bytes(random.below(600)), random.bytes(random.below(256))];
    const signature = ml_dsa87.sign(message, secretKey, { context });
    const parts = [publicKey, signature, context, message].map((part) => Uint8Array.from(part));
    const isDamaged = i % 2 === 1;
    if (isDamaged) flipOne(random, parts[random.below(2)] ?? NOTHING);
    const [key = NOTHING, damaged = NOTHING] = parts;
    const isValid = ml_dsa87.verify(damaged, message, key, { context });
    return { kind: "pure", name: `signature ${SEED}/${i}`, parts, expected: Number(isValid) };
  });
}

function flipOne(random: Random, bytes: Uint8Array): void {
  const bit = random.below(bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

function randomHashes(random: Random): TargetCase[] {
  const hashes = {
    sha512: (message: Uint8Array) => sha512(message),
    sha384: (message: Uint8Array) => sha384(message),
    sha3_256: (message: Uint8Array) => sha3_256(message),
    sha3_384: (message: Uint8Array) => sha3_384(message),
    sha3_512: (message: Uint8Array) => sha3_512(message),
    shake128: (message: Uint8Array, dkLen: number) => shake128(message, { dkLen }),
    shake256: (message: Uint8Array, dkLen: number) => shake256(message, { dkLen }),
  };
  return Object.entries(hashes).flatMap(([kind, hash]) =>
    Array.from({ length: RANDOM_CASES }, (_, i): TargetCase => {
      const message = random.bytes(random.below(700));
      const parts = [message, hash(message, 1 + random.below(600))];
      return { kind: kind as keyof typeof hashes, name: `${kind} ${SEED}/${i}`, parts, expected: 1 };
    }),
  );
}

function randomFrames(random: Random): TargetCase[] {
  return [1, 3, 9, 15, 19].flatMap((level) => {
    const contents = Array.from({ length: RANDOM_CASES / 4 }, () => makeContent(random, random.below(20_000)));
    return compress([`-${level}`], contents).map(({ content, frame, how }): TargetCase => {
      return { kind: "zstd", name: `${how}, ${SEED}`, parts: [frame, digestOf(content)], expected: DONE };
    });
  });
}

function randomItems(random: Random): TargetCase[] {
  return Array.from({ length: 2 * RANDOM_CASES }, (_, i): TargetCase => {
    const bytes = Uint8Array.from(encodeValue(makeValue(random, 4)));
    const isDamaged = i % 2 === 1;
    if (isDamaged) flipOne(random, bytes);
    const verdict = isDamaged ? isDeterministic(bytes) : true;
    // Where cborg has no opinion the bytes are cut off, about which there is none but one.
    const parts = [verdict === null ? bytes.subarray(0, bytes.length - 1) : bytes];
    return { kind: "cbor", name: `item ${SEED}/${i}`, parts, expected: Number(verdict ?? false) };
  });
}

function randomMessages(random: Random): TargetCase[] {
  const { publicKey, secretKey } = ml_dsa87.keygen(random.bytes(32));
  return Array.from({ length: RANDOM_CASES }, (_, i): TargetCase => {
    const purpose = random.below(8);
    const [header, payload] = [makeHeader(random.bytes(random.below(40)), purpose), random.bytes(random.below(300))];
    const signature = Uint8Array.from(ml_dsa87.sign(sigStructure(header, NOTHING, payload), secretKey));
    const bytes = encodeSign1({ header, payload, signature });
    const isDamaged = i % 2 === 1;
    if (isDamaged) flipOne(random, random.below(2) === 0 ? bytes : bytes.subarray(0, bytes.length - signature.length));
    const parts = [bytes, Uint8Array.from(publicKey)];
    return { kind: "cose", name: `message ${SEED}/${i}`, parts, expected: Number(!isDamaged), parameter: purpose };
  });
}

function randomPrograms(random: Random): TargetCase[] {
  return Array.from({ length: RANDOM_CASES }, (_, i): TargetCase => {
    const machine = random.below(2) === 0 ? 62 : 183;
    const file = soundFile(machine);
    damage(file, random);
    const expected = Number(isProgram(file, machine));
    return { kind: "elf", name: `program ${SEED}/${i}`, parts: [bytesOf(file)], expected, parameter: machine };
  });
}

function randomRanges(random: Random): TargetCase[] {
  return Array.from({ length: 2 * RANDOM_CASES }, (): TargetCase => {
    const [range, version, includes] = [makeRange(random), makeVersion(random), random.below(2) === 1];
    const verdict = theirs(version, range, includes);
    const parts = [range, version].map((text) => new Uint8Array(Buffer.from(text)));
    const expected = verdict === null ? 2 : Number(verdict);
    return { kind: "semver", name: `${version} in "${range}"`, parts, expected, parameter: Number(includes) };
  });
}
