/** @unsafe libFuzzer passes addresses */
import { type Container, Part, readContainer } from "../../../codec/package/container";
import { PackageFault } from "../../../codec/package/fault";
import type { Fields } from "../../../codec/package/fields";
import { Outcome } from "../../../kernel/object/outcome";
import {
  faultOfProgram,
  lastVerification,
  NO_TRUST,
  readTrust,
  verifyBinary,
  verifyHeaders,
  verifyPayload,
} from "../../../test-qemu/process/judge";
import { loadTrust, MOST_BINARY, MOST_HEADERS, seal, sealedImage, sealerOf } from "../../codec/sealer.kts";
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

/** Places of the trust set in force, and of one that is offered. */
const PRESENT = 0;
const NEXT = 1;

const fields: Fields = zeroed();
const container: Container = zeroed();

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
  assert(faultIn(readTrust(trust, PRESENT, NO_TRUST, false)) === PackageFault.None, "and so does the codec");
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
  const verdict = readTrust(bytes, NEXT, isFirst ? NO_TRUST : PRESENT, holds);
  const isTrusted = faultIn(verdict) === PackageFault.None;
  assert(verdict >> 32n <= u64(bytes.length), "a fault is in the bytes, or at their end");
  const isForged = isTrusted && !holds && !isFirst && !isSound(bytes, soundTrust);
  assert(!isForged, "nobody but the roots makes a newer trust set");
}

/** Of a verdict. */
function faultIn(verdict: u64): PackageFault {
  return toEnum<PackageFault>(u32(verdict & 0xffn));
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
  readContainer(fields, bytes, container);
  return fields.fault === PackageFault.None ? container.headerBytes : bytes.length;
}

/** As a module manager does, for a payload that is stored; whether everything is right. */
function verify(headers: Bytes, payload: Bytes, holds: boolean): boolean {
  if (!areHeadersRight(headers, holds) || !verifyPayload(payload, PIECE)) return false;
  return verifyBinary(payload, PIECE) && faultOfProgram(payload, X86_64) === PackageFault.None;
}

function areHeadersRight(headers: Bytes, holds: boolean): boolean {
  const areRight = verifyHeaders(headers, PRESENT, holds);
  const verification = lastVerification();
  assert(verification.part !== Part.File || verification.faultAt <= headers.length, "a fault is in the bytes");
  return areRight;
}

/** The kernel finds what the codec finds, and seals nothing else. */
function compare(bytes: Bytes, headerBytes: u32, holds: boolean): void {
  const headers = subslice(bytes, 0, headerBytes);
  const binary = subslice(bytes, headerBytes, bytes.length - headerBytes);
  const outcome = seal(headers, binary, holds);
  const sealer = sealerOf();
  const isVerified = areHeadersRight(headers, holds) && verifyBinary(binary, PIECE);
  const verification = lastVerification();
  if (!isVerified) {
    assert(outcome === Outcome.Refused, "the kernel refuses what the codec refuses");
    assert(sealer.fault === verification.fault, "for the same fault");
    assert(sealer.part === verification.part && sealer.faultAt === verification.faultAt, "at the same place");
    return;
  }
  const fault = faultOfProgram(binary, X86_64);
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
