import { type CoseSign1, parseSign1, startSign1 } from "../../codec/cose/sign1";
import { CoseStatus } from "../../codec/cose/status";
import { finishVerification, type Verification } from "../../crypto/mldsa87/verify";

/** What test/codec/cose-host.ts calls: koffi passes numbers and pointers. */

const cose: CoseSign1 = zeroed();
const verification: Verification = zeroed();
const VALID = 0x100;
const INVALID = 0x200;

/** Status; where it is at fault in the upper half. @entry parse_sign1 */
export function parse(bytes: Bytes): u64 {
  const status = parseSign1(cose, bytes);
  return u64(u32(status)) | (u64(cose.faultAt) << 32n);
}

/** Of what was parsed: key id, payload and purpose; null payload is purpose with bit 31. @entry describe_sign1 */
export function describe(keyId: FixedArray<u8, 64>, payload: FixedArray<u8, 4096>, lengths: FixedArray<u32, 4>): void {
  lengths[0] = cose.keyId.length;
  lengths[1] = cose.payload.length;
  lengths[2] = u32(cose.purpose);
  lengths[3] = cose.isDetached ? 1 : 0;
  for (let i: u32 = 0; i < cose.keyId.length && i < 64; i++) keyId[i] = cose.keyId[i];
  for (let i: u32 = 0; i < cose.payload.length && i < 4096; i++) payload[i] = cose.payload[i];
}

/** Verifies what was parsed; a CoseStatus, or the verdict. @entry verify_sign1 */
export function verifySign1(key: Bytes, purpose: u64, externalAad: Bytes, detached: Bytes, scratch: Bytes): u32 {
  const status = startSign1(cose, verification, key, purpose, externalAad, detached, scratch);
  if (status !== CoseStatus.Ok) return u32(status);
  return finishVerification(verification) ? VALID : INVALID;
}
