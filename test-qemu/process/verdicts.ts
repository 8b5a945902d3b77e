/** @unsafe changes bits of the Regions that it has mapped */
import { CapType } from "../../kernel/cap/capability";
import { SLOT_TRUST_CONTROL } from "../../kernel/initSlots";
import { ErrorCode } from "../../kernel/ipc/messageInfo";
import { Outcome } from "../../kernel/object/outcome";
import { debugDecimal, debugWrite, type Message } from "../../user/message";
import { trustControlBegin } from "../../user/stubs/trustControl";
import { type Case, nextCase, openCases } from "../codecs/cases";
import {
  type Answer,
  BINARY_VA,
  beginWith,
  check,
  checkEqual,
  finish,
  finishVerification,
  freeBytes,
  HEADERS,
  HEADERS_VA,
  makeRegion,
  preparePools,
  prepareVerification,
  retype,
  score,
  settle,
  VERIFIER,
} from "./harness";
import { judgePackage as judgeAlone, NO_TRUST, readTrust } from "./judge";

/**
 * Three judges of packages and trust sets: the kernel, codec/package in this task, and the host, which has written its
 * verdicts down. They agree in every one: status, fault, part and place. A verdict that is no success leaves all
 * memory as it was, without a capability deleted (I12).
 */

/** @storage u32 */
const enum Kind {
  /** Part 1: headers, part 2: binary; `expected` is the verdict, `parameter` the place of the fault. */
  Package,
  /** Part 1: a trust set that shall follow the present one. */
  Trust,
  /** Part 1: the boot image's trust set; `parameter` is the machine. The first case. */
  Boot,
  /** Part 1: headers, part 2: binary, part 3: variants of these, a Variant each. */
  Variants,
}

/** What of the package is shown to the judges, which bit of that is another one, and the verdict. */
interface Variant extends Struct<"Variant"> {
  headersBytes: u32;
  binaryBytes: u32;
  /** Of the headers, or with BINARY_BIT of the binary; NO_BIT for none. */
  bit: u32;
  expected: u32;
  at: u32;
}

/** `expected` of what Begin refuses. */
const NOT_BEGUN = 0xffff_ffff;
const NO_BIT = 0xffff_ffff;
const BINARY_BIT = 0x8000_0000;

interface World extends Struct<"World"> {
  machine: u32;
  /** Where the trust set in force is. */
  trust: u32;
  variants: u32;
  accepted: u32;
}
const world: World = zeroed();
const each: Case = zeroed();

function wordOf(answer: Answer): u32 {
  return answer.outcome | (answer.status << 8) | (answer.fault << 16) | (answer.part << 24);
}

/** The kernel's verdict is the host's. */
function checkKernel(answer: Answer, expected: u32, at: u32, what: Bytes): void {
  checkEqual(u64(wordOf(answer)), u64(expected), what);
  if (answer.outcome === u32(Outcome.Refused)) checkEqual(u64(answer.at), u64(at), what);
}

/** So is this task's own: fault, part, status and place as codec/package gives them. */
function checkOwn(verdict: u64, success: Outcome, expected: u32, at: u32, what: Bytes): void {
  const low = u32(verdict);
  const word =
    u32(Outcome.Refused) | (((low >>> 16) & 0xff) << 8) | ((low & 0xff) << 16) | (((low >>> 8) & 0xff) << 24);
  const isSound = (low & 0xff) === 0;
  checkEqual(u64(isSound ? u32(success) : word), u64(expected), what);
  if (!isSound) checkEqual(verdict >> 32n, u64(at), what);
}

function ownVerdict(headers: Bytes, binary: Bytes): u64 {
  return judgeAlone(headers, binary, world.trust, world.machine);
}

function judgePackage(of: Case): void {
  const answer = local<Answer>();
  prepareVerification(of);
  const before = freeBytes();
  const error = beginWith(of.parts[1].length, of.parts[2].length);
  if (of.expected === NOT_BEGUN) {
    checkEqual(u64(error), u64(u32(ErrorCode.RangeError)), of.parts[0]);
    settle();
    return;
  }
  checkEqual(u64(error), 0n, "begin");
  finishVerification(answer);
  if (answer.outcome !== u32(Outcome.Sealed)) checkEqual(freeBytes(), before, "nothing is left behind");
  checkKernel(answer, of.expected, of.parameter, of.parts[0]);
  checkOwn(ownVerdict(of.parts[1], of.parts[2]), Outcome.Sealed, of.expected, of.parameter, of.parts[0]);
  settle();
}

function judgeTrust(of: Case): void {
  const message = local<Message>();
  const answer = local<Answer>();
  retype(CapType.Verifier, 0n, VERIFIER);
  makeRegion(HEADERS, HEADERS_VA, of.parts[1]);
  const bytes = u64(of.parts[1].length);
  checkEqual(u64(trustControlBegin(message, SLOT_TRUST_CONTROL, bytes, HEADERS, VERIFIER)), 0n, "begin a trust set");
  finishVerification(answer);
  checkKernel(answer, of.expected, of.parameter, of.parts[0]);
  const own = readTrust(of.parts[1], world.trust ^ 1, world.trust, false);
  checkOwn(own, Outcome.Adopted, of.expected, of.parameter, of.parts[0]);
  if (answer.outcome === u32(Outcome.Adopted)) world.trust ^= 1;
  settle();
}

function flip(bit: u32): void {
  if (bit === NO_BIT) return;
  const place = bit & ~BINARY_BIT;
  const va = ((bit & BINARY_BIT) === 0 ? HEADERS_VA : BINARY_VA) + u64(place >>> 3);
  store8(va, u8(u32(load8(va)) ^ (1 << (place & 7))));
}

/** Verifier and Regions stay, for all of them. */
function judgeVariants(of: Case): void {
  prepareVerification(of);
  const variants = of.parts[3];
  const before = freeBytes();
  const bytes = u32(sizeOf<Variant>());
  for (let at: u32 = 0; at < variants.length; at += bytes) {
    judgeVariant(cast<Variant>(addressOf(variants) + u64(at)), of.parts[0]);
  }
  checkEqual(freeBytes(), before, "nothing is left behind");
  settle();
}

function judgeVariant(variant: Variant, what: Bytes): void {
  const answer = local<Answer>();
  flip(variant.bit);
  checkEqual(u64(beginWith(variant.headersBytes, variant.binaryBytes)), 0n, "begin, with memory as it was");
  finishVerification(answer);
  checkKernel(answer, variant.expected, variant.at, what);
  const headers = castSlice<u8>(HEADERS_VA, variant.headersBytes);
  const binary = castSlice<u8>(BINARY_VA, variant.binaryBytes);
  checkOwn(ownVerdict(headers, binary), Outcome.Sealed, variant.expected, variant.at, what);
  flip(variant.bit);
  world.variants++;
  if (answer.outcome === u32(Outcome.Sealed)) world.accepted++;
}

function judge(of: Case): void {
  const kind = toEnum<Kind>(of.kind);
  score.subject = of.parts[0];
  switch (kind) {
    case Kind.Package:
      judgePackage(of);
      return;
    case Kind.Trust:
      judgeTrust(of);
      return;
    case Kind.Boot:
      world.machine = of.parameter;
      check((readTrust(of.parts[1], world.trust, NO_TRUST, false) & 0xffn) === 0n, "the boot image's trust set");
      return;
    case Kind.Variants:
      judgeVariants(of);
      return;
    default:
      unreachable(kind);
  }
}

/** @entry program_start */
export function main(info: u64): void {
  preparePools(info);
  const cases = openCases(info, each);
  for (let i: u32 = 0; i < cases; i++) {
    nextCase(each);
    judge(each);
  }
  debugDecimal(u64(world.variants));
  debugWrite(" variants, ");
  debugDecimal(u64(world.accepted));
  debugWrite(" accepted\n");
  finish();
}
