/** @unsafe libFuzzer passes addresses */
import { type CoseSign1, parseSign1, startSign1 } from "../../../codec/cose/sign1";
import { CoseStatus } from "../../../codec/cose/status";
import { SIGNATURE_BYTES } from "../../../crypto/mldsa87/encoding";
import { step, Verdict, type Verification } from "../../../crypto/mldsa87/verify";
import { putHead } from "./cbor-items.kts";
import { below, type Maker, put, startMaker } from "./random.kts";

/**
 * COSE_Sign1: what it accepts lies in the bytes, and its verification begins; an error names a place. Half of the
 * mutations make messages of sound structure, as they are or damaged, with a signature of zeros.
 */

const SCRATCH_BYTES = 1024;

const cose: CoseSign1 = zeroed();
const verification: Verification = zeroed();
const key: FixedArray<u8, 2592> = zeroed();
const scratch: FixedArray<u8, typeof SCRATCH_BYTES> = zeroed();

/** @extern LLVMFuzzerMutate */
declare function mutateBytes(data: u64, size: u64, maxSize: u64): u64;

/** @entry LLVMFuzzerCustomMutator */
export function mutate(data: u64, size: u64, maxSize: u64, seed: u32): u64 {
  if ((seed & 1) === 0) return mutateBytes(data, size, maxSize);
  const maker = local<Maker>();
  startMaker(maker, seed, castSlice<u8>(data, u32(maxSize)), 0);
  makeMessage(maker);
  return (seed & 2) === 0 ? u64(maker.position) : mutateBytes(data, u64(maker.position), maxSize);
}

function makeMessage(maker: Maker): void {
  const keyBytes = below(maker, 60);
  const payloadBytes = below(maker, 1100);
  put(maker, 0xd2);
  put(maker, 0x84);
  // The header: a map of three, -50, the key's id, and a purpose of one byte.
  putHead(maker, 2, u64(11 + keyBytes) + (keyBytes < 24 ? 1n : 2n));
  putHead(maker, 5, 3n);
  put(maker, 1);
  putHead(maker, 1, 49n);
  put(maker, 4);
  makeString(maker, keyBytes);
  putHead(maker, 1, 65536n);
  put(maker, below(maker, 8));
  putHead(maker, 5, 0n);
  if (below(maker, 3) === 0) put(maker, 0xf6);
  else makeString(maker, payloadBytes);
  putHead(maker, 2, u64(SIGNATURE_BYTES));
  for (let i: u32 = 0; i < SIGNATURE_BYTES; i++) put(maker, 0);
}

function makeString(maker: Maker, bytes: u32): void {
  putHead(maker, 2, u64(bytes));
  for (let i: u32 = 0; i < bytes; i++) put(maker, below(maker, 256));
}

/** @entry LLVMFuzzerTestOneInput */
export function testOneInput(data: u64, size: u64): i32 {
  const bytes = castSlice<u8>(data, u32(size));
  const status = parseSign1(cose, bytes);
  assert(cose.faultAt <= bytes.length, "a fault is in the bytes, or at their end");
  if (status !== CoseStatus.Ok) return 0;
  const parts = u64(cose.protectedHeader.length) + u64(cose.payload.length) + u64(cose.signature.length);
  assert(parts < size, "its parts lie in the bytes");
  const room = sliceOf(scratch, 0, SCRATCH_BYTES);
  const none = subslice(room, 0, 0);
  const all = sliceOf(key, 0, 2592);
  const other = startSign1(cose, verification, all, cose.purpose + 1n, none, none, room);
  assert(other === CoseStatus.WrongPurpose, "a purpose serves no other");
  const started = startSign1(cose, verification, all, cose.purpose, none, none, room);
  if (started === CoseStatus.NoRoom) return 0;
  assert(started === CoseStatus.Ok, "the verification begins");
  for (let i: u32 = 0; i < 12; i++) assert(step(verification) !== Verdict.Valid, "zeros sign nothing");
  return 0;
}
