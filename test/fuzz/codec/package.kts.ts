/** @unsafe libFuzzer passes addresses */
import type { ElfProgram } from "../../../codec/elf/elf";
import type { Bench } from "../../../codec/package/bench";
import { readBinary } from "../../../codec/package/binary";
import { type Container, Part, readContainer } from "../../../codec/package/container";
import { PackageFault } from "../../../codec/package/fault";
import { isTrusted, startTrust, stepTrust, type TrustReading, type TrustSet } from "../../../codec/package/trust";
import {
  beginVerification,
  endBinary,
  endPayload,
  type KnownChain,
  type PackageVerification,
  Progress,
  stepVerification,
  takeBinary,
  takePayload,
} from "../../../codec/package/verify";
import { Outcome } from "../../../kernel/object/outcome";
import {
  holdSignature,
  loadTrust,
  MOST_BINARY,
  MOST_HEADERS,
  seal,
  sealedImage,
  sealerOf,
} from "../../codec/sealer.kts";
import { editPackage } from "./package-edits.kts";

/**
 * Packages and trust sets: container, certificates, manifest, policy, signatures, digests, program, by codec/package and by
 * the kernel's Verifier, which have to agree. The first byte of an input says which of the two follows it, and whether
 * signatures are verified or taken for valid: with the latter the changes get behind them.
 *
 * With signatures that are verified, nothing is accepted but the package and the trust set that scripts/fuzz-codec.ts has
 * put into the folder; with the others, what the codec accepts the kernel seals.
 */

const HOLDS = 1;
const IS_TRUST = 2;
const IS_FIRST = 4;
const X86_64 = 62;
const PIECE: u32 = 512;
const SOUND_BYTES = 65_536;

const bench: Bench = zeroed();
const present: TrustSet = zeroed();
const next: TrustSet = zeroed();
const reading: TrustReading = zeroed();
const verification: PackageVerification = zeroed();
const known: KnownChain = zeroed();
const container: Container = zeroed();
const program: ElfProgram = zeroed();

/** The sound files. */
interface Sound extends Struct<"Sound"> {
  bytes: u32;
  readonly data: FixedArray<u8, typeof SOUND_BYTES>;
}

const soundPackage: Sound = zeroed();
const soundTrust: Sound = zeroed();
const presentTrust: Sound = zeroed();

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;
/** @extern open */
declare function openFile(name: u64, flags: i32): i32;
/** @extern read */
declare function readFile(file: i32, to: u64, bytes: u64): i64;

/** @entry LLVMFuzzerInitialize */
export function initialize(count: u64, words: u64): i32 {
  load("build/fuzz-codec/package/sound.sila\0", soundPackage);
  load("build/fuzz-codec/package/sound.trust\0", soundTrust);
  load("build/fuzz-codec/package/present.trust\0", presentTrust);
  const trust = sliceOf(presentTrust.data, 0, presentTrust.bytes);
  assert(loadTrust(trust), "the kernel takes the trust set");
  startTrust(reading, bench, trust, present, null);
  while (stepTrust(reading)) {}
  assert(isTrusted(reading), "and so does the codec");
  return 0;
}

function load(name: Bytes, to: Sound): void {
  const file = openFile(addressOf(name), 0);
  assert(file >= 0, "scripts/fuzz-codec.ts has made the file");
  to.bytes = u32(u64(readFile(file, addressOf(to.data), u64(SOUND_BYTES))));
}

/** Some begin anew at a sound file; most are edited by what is known of them. @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  const room = castSlice<u8>(data, u32(maxSize));
  let bytes = u32(size);
  if ((seed & 0x70) === 0) bytes = begin(room, seed >>> 8);
  if (bytes < 2 || (seed & 15) === 0) return mutateBytes(data, u64(bytes), maxSize);
  return 1n + u64(editPackage(subslice(room, 1, room.length - 1), bytes - 1, seed));
}

/** The first byte, and a sound file. */
function begin(room: Bytes, how: u32): u32 {
  const sound = (how & IS_TRUST) === 0 ? soundPackage : soundTrust;
  if (room.length <= sound.bytes) return 0;
  room[0] = u8(how & 7);
  for (let i: u32 = 0; i < sound.bytes; i++) room[1 + i] = sound.data[i];
  return 1 + sound.bytes;
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  if (size === 0n) return 0;
  const input = castSlice<u8>(data, u32(size));
  const mode = u32(input[0]);
  const bytes = subslice(input, 1, input.length - 1);
  if ((mode & IS_TRUST) === 0) testPackage(bytes, (mode & HOLDS) !== 0);
  else testTrust(bytes, (mode & HOLDS) !== 0, (mode & IS_FIRST) !== 0);
  return 0;
}

function isSound(bytes: Bytes, sound: Sound): boolean {
  if (bytes.length !== sound.bytes) return false;
  for (let i: u32 = 0; i < bytes.length; i++) {
    if (bytes[i] !== sound.data[i]) return false;
  }
  return true;
}

function testTrust(bytes: Bytes, holds: boolean, isFirst: boolean): void {
  startTrust(reading, bench, bytes, next, isFirst ? null : present);
  if (holds) holdSignature(bench);
  while (stepTrust(reading)) {
    if (holds) holdSignature(bench);
  }
  assert(isTrusted(reading) === (reading.fault === PackageFault.None), "a trust set is used when nothing is wrong");
  assert(reading.faultAt <= bytes.length, "a fault is in the bytes, or at their end");
  const isForged = isTrusted(reading) && !holds && !isFirst && !isSound(bytes, soundTrust);
  assert(!isForged, "nobody but the roots makes a newer trust set");
}

function testPackage(bytes: Bytes, holds: boolean): void {
  const headerBytes = findPayload(bytes);
  const headers = subslice(bytes, 0, headerBytes);
  const payload = subslice(bytes, headerBytes, bytes.length - headerBytes);
  const isAccepted = verify(headers, payload, holds);
  assert(holds || !isAccepted || isSound(bytes, soundPackage), "nobody but the publisher makes a package");
  if (headers.length === 0 || headers.length > MOST_HEADERS) return;
  if (payload.length === 0 || payload.length > MOST_BINARY) return;
  compare(bytes, headerBytes, holds);
}

function findPayload(bytes: Bytes): u32 {
  readContainer(bench.fields, bytes, container);
  return bench.fields.fault === PackageFault.None ? container.headerBytes : bytes.length;
}

/** As a module manager does, for a payload that is stored; whether everything is right. */
function verify(headers: Bytes, payload: Bytes, holds: boolean): boolean {
  if (!verifyHeaders(headers, holds)) return false;
  for (let at: u32 = 0; at < payload.length; at += PIECE) takePayload(verification, piece(payload, at));
  if (endPayload(verification) === Progress.Failed) return false;
  return verifyBinary(payload) && programFault(payload) === PackageFault.None;
}

function verifyHeaders(headers: Bytes, holds: boolean): boolean {
  if (holds) known.isSet = false;
  beginVerification(verification, bench, headers, present, known);
  let progress = Progress.More as Progress;
  while (progress === Progress.More) {
    if (holds) holdSignature(bench);
    progress = stepVerification(verification);
  }
  if (holds) known.isSet = false;
  assert(verification.part !== Part.File || verification.faultAt <= headers.length, "a fault is in the bytes");
  return progress === Progress.Headers;
}

function verifyBinary(binary: Bytes): boolean {
  for (let at: u32 = 0; at < binary.length; at += PIECE) takeBinary(verification, piece(binary, at));
  return endBinary(verification) === Progress.Verified;
}

function programFault(binary: Bytes): PackageFault {
  return readBinary(binary, u64(binary.length), X86_64, verification.manifest, program);
}

function piece(bytes: Bytes, at: u32): Bytes {
  const left = bytes.length - at;
  return subslice(bytes, at, left < PIECE ? left : PIECE);
}

/** The kernel finds what the codec finds, and seals nothing else. */
function compare(bytes: Bytes, headerBytes: u32, holds: boolean): void {
  const headers = subslice(bytes, 0, headerBytes);
  const binary = subslice(bytes, headerBytes, bytes.length - headerBytes);
  const outcome = seal(headers, binary, holds);
  const sealer = sealerOf();
  const isVerified = verifyHeaders(headers, holds) && verifyBinary(binary);
  if (!isVerified) {
    assert(outcome === Outcome.Refused, "the kernel refuses what the codec refuses");
    assert(sealer.fault === verification.fault, "for the same fault");
    assert(sealer.part === verification.part && sealer.faultAt === verification.faultAt, "at the same place");
    return;
  }
  const fault = programFault(binary);
  if (fault !== PackageFault.None) {
    assert(outcome === Outcome.Refused && sealer.fault === fault, "the kernel refuses programs that the codec refuses");
    return;
  }
  if (outcome === Outcome.Refused) {
    assert(sealer.fault === PackageFault.ElfAddress, "beyond that only places are refused");
    return;
  }
  if (outcome === Outcome.NoRoom) return;
  assert(outcome === Outcome.Sealed, "what is right is sealed");
  assert(sealedImage().isSealed, "and its Image says so");
  assert(holds || isSound(bytes, soundPackage), "nothing but the sound package is sealed");
}
