import { type CborReader, openCbor } from "../../codec/cbor/reader";
import { CborStatus } from "../../codec/cbor/status";
import { type CoseSign1, parseSign1, startSign1 } from "../../codec/cose/sign1";
import { CoseStatus } from "../../codec/cose/status";
import { type ElfProgram, readElf } from "../../codec/elf/elf";
import { ElfStatus } from "../../codec/elf/status";
import { littleEndian } from "../../codec/littleEndian";
import { checkRange, type RangeCheck } from "../../codec/semver/range";
import { SemverStatus } from "../../codec/semver/status";
import type { SemverText } from "../../codec/semver/text";
import { type Partial, parseVersion } from "../../codec/semver/version";
import { decompress, finish, startInto, type ZstdDecoder } from "../../codec/zstd/decoder";
import { ZstdStatus } from "../../codec/zstd/status";
import { type Lanes, permute } from "../../crypto/keccak";
import {
  finishVerification,
  startInternal,
  startMu,
  startPure,
  step,
  Verdict,
  type Verification,
} from "../../crypto/mldsa87/verify";
import { sha512 } from "../../crypto/sha512";
import { SLOT_CONTEXT, SLOT_POWER_CONTROL } from "../../kernel/initSlots";
import { Invocation } from "../../kernel/syscall/invocation";
import { debugDecimal, debugWrite, invoke, type Message } from "../../user/message";
import { type Case, nextCase, openCases } from "./cases";
import { isChain } from "./chain";
import { hash, isEqual } from "./hash";
import { Kind } from "./kind";

/**
 * Runs every case that the host has put into the boot module `cases`: codecs and cryptography on the machine itself. Prints the
 * cases that fail and how many have passed, and for cases to be measured what they took. Switches the machine off with
 * status 1 when one has failed.
 */

/** Of a case's parameter: print what it took. */
const MEASURED = 0x8000_0000;
const REGION_BYTES = 5_242_880;
const SCRATCH_BYTES = 8192;

const verification: Verification = zeroed();
const decoder: ZstdDecoder = zeroed();
const region: FixedArray<u8, typeof REGION_BYTES> = zeroed();
const scratch: FixedArray<u8, typeof SCRATCH_BYTES> = zeroed();
const digest: FixedArray<u8, 4096> = zeroed();
const lanes: Lanes = zeroed();
const reader: CborReader = zeroed();
const cose: CoseSign1 = zeroed();
const program: ElfProgram = zeroed();
const text: SemverText = zeroed();
const version: Partial = zeroed();
const range: RangeCheck = zeroed();
const each: Case = zeroed();

/** Nanoseconds that this thread has run: instructions, in virtual time. */
function used(): u64 {
  const message = local<Message>();
  invoke(message, SLOT_CONTEXT, u32(Invocation.SchedContextConsumed), 0, 0);
  return message.words[0];
}

/** @entry program_start */
export function main(info: u64): void {
  const start = used();
  const empty = used() - start;
  const count = openCases(info, each);
  let failed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    nextCase(each);
    const before = used();
    const result = run();
    const cost = used() - before - empty;
    if (each.kind === u32(Kind.LongestStep)) reportCost(u64(result));
    else if ((each.parameter & MEASURED) !== 0) reportCost(cost);
    if (each.kind === u32(Kind.LongestStep) || result === each.expected) continue;
    failed++;
    debugWrite("FAILED ");
    debugWrite(each.parts[0]);
    debugWrite(": ");
    debugDecimal(u64(result));
    debugWrite(", expected ");
    debugDecimal(u64(each.expected));
    debugWrite("\n");
  }
  debugDecimal(u64(count - failed));
  debugWrite(" passed, ");
  debugDecimal(u64(failed));
  debugWrite(" failed\n");
  const message = local<Message>();
  message.words[0] = failed === 0 ? 0n : 1n;
  invoke(message, SLOT_POWER_CONTROL, u32(Invocation.PowerControlPowerOff), 1, 0);
}

function reportCost(cost: u64): void {
  debugWrite("cost ");
  debugWrite(each.parts[0]);
  debugWrite(" ");
  debugDecimal(cost);
  debugWrite("\n");
}

/** What the case comes to. */
function run(): u32 {
  switch (each.kind) {
    case u32(Kind.Pure):
      startPure(verification, each.parts[1], each.parts[2], each.parts[3], each.parts[4]);
      return finishVerification(verification) ? 1 : 0;
    case u32(Kind.Internal):
      startInternal(verification, each.parts[1], each.parts[2], each.parts[3]);
      return finishVerification(verification) ? 1 : 0;
    case u32(Kind.Mu):
      startMu(verification, each.parts[1], each.parts[2], each.parts[3]);
      return finishVerification(verification) ? 1 : 0;
    case u32(Kind.Zstd):
      return runZstd();
    case u32(Kind.Cbor):
      return openCbor(reader, each.parts[1]) === CborStatus.Ok ? 1 : 0;
    case u32(Kind.Cose):
      return runCose();
    case u32(Kind.Elf):
      return readElf(each.parts[1], u64(each.parts[1].length), each.parameter, program) === ElfStatus.Ok ? 1 : 0;
    case u32(Kind.Semver):
      return runSemver();
    case u32(Kind.Permute):
      permute(lanes);
      return 1;
    case u32(Kind.LongestStep):
      return longestStep();
    case u32(Kind.Chain):
      return runChain();
    default:
      return runHash();
  }
}

function runHash(): u32 {
  const got = sliceOf(digest, 0, each.parts[2].length);
  hash(each.kind, each.parts[1], got);
  return isEqual(got, each.parts[2]) ? 1 : 0;
}

/** The least and the most bytes of an output are the third part. */
function runChain(): u32 {
  const least = u32(littleEndian(each.parts[3], 4));
  const most = u32(littleEndian(subslice(each.parts[3], 4, 4), 4));
  return isChain(each.parameter, each.parts[1], each.parts[2], least, most) ? 1 : 0;
}

/** The status; of an output that is not the expected one 1000. */
function runZstd(): u32 {
  startInto(decoder, sliceOf(region, 0, REGION_BYTES));
  decompress(decoder, each.parts[1]);
  const status = finish(decoder);
  if (status !== ZstdStatus.Done || each.parts[2].length === 0) return u32(status);
  const output = sliceOf(region, 0, u32(decoder.totalBytes));
  const got = sliceOf(digest, 0, 64);
  sha512(output, got);
  return isEqual(got, each.parts[2]) ? u32(status) : 1000;
}

function runCose(): u32 {
  if (parseSign1(cose, each.parts[1]) !== CoseStatus.Ok) return 0;
  const room = sliceOf(scratch, 0, SCRATCH_BYTES);
  const none = subslice(room, 0, 0);
  const status = startSign1(cose, verification, each.parts[2], u64(each.parameter), none, none, room);
  return status === CoseStatus.Ok && finishVerification(verification) ? 1 : 0;
}

/** 2 when the range is none. */
function runSemver(): u32 {
  const status = parseVersion(each.parts[2], text, version);
  if (status !== SemverStatus.Ok) return 3;
  if (checkRange(range, each.parts[1], version.version, each.parameter === 1) !== SemverStatus.Ok) return 2;
  return range.isSatisfied ? 1 : 0;
}

/** What the costliest step of a verification takes, the reading of the clock included. */
function longestStep(): u32 {
  startPure(verification, each.parts[1], each.parts[2], each.parts[3], each.parts[4]);
  let most: u64 = 0n;
  let verdict: Verdict = Verdict.More;
  let before = used();
  while (verdict === Verdict.More) {
    verdict = step(verification);
    const after = used();
    if (after - before > most) most = after - before;
    before = after;
  }
  return u32(most);
}
