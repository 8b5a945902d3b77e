import { concat, encodeItem, type Item } from "../../../sdk/format/cbor.ts";
import { trustItem } from "../../../sdk/format/encode.ts";
import { signBody } from "../../../sdk/format/sign.ts";
import { EPOCH, ROOTS, STRANGER, TRUST, trustOf } from "../package-inputs.ts";
import { type Damage, damagedEnd } from "./damage.ts";

/** Trust sets that may not follow TRUST. */

const newer = { ...TRUST, version: TRUST.version + 1 };

export const TRUST_DAMAGES: readonly Damage[] = [
  ["signed by one root of two", "TrustError: ThresholdNotMet in Trust", () => trustOf(newer, ROOTS.slice(0, 1))],
  ["signed by nobody", "TrustError: ThresholdNotMet in Trust", () => trustOf(newer, [])],
  [
    "signed by its own roots",
    "TrustError: UnknownSigner in Trust",
    () => trustOf({ ...newer, roots: [STRANGER.publicKey] }, [STRANGER]),
  ],
  [
    "signed twice by a root",
    "TrustError: DuplicateSigner in Trust",
    () => trustOf(newer, [ROOTS[0], ROOTS[0]] as never),
  ],
  ["of the same version", "RolledBack: TrustNotNewer in Trust", () => trustOf(TRUST)],
  ["of an earlier epoch", "RolledBack: TrustEpochBack in Trust", () => trustOf({ ...newer, epoch: EPOCH - 1 })],
  ["with a threshold of 0", "TrustError: BadThreshold in Trust", () => trustOf({ ...newer, threshold: 0 })],
  ["with a threshold above its roots", "TrustError: BadThreshold in Trust", () => trustOf({ ...newer, threshold: 4 })],
  [
    "with a root twice",
    "TrustError: DuplicateRoot in Trust",
    () => trustOf({ ...newer, roots: [...TRUST.roots, TRUST.roots[0] as Uint8Array] }),
  ],
  ["without roots", "TrustError: BadCount in Trust", () => trustOf({ ...newer, roots: [] })],
  [
    "with nine roots",
    "TrustError: BadCount in Trust",
    () => trustOf({ ...newer, roots: Array(9).fill(STRANGER.publicKey) }),
  ],
  [
    "with a revoked key of 63 bytes",
    "TrustError: BadLength in Trust",
    () => trustOf({ ...newer, revoked: [new Uint8Array(63)] }),
  ],
  [
    "with 65 revoked keys",
    "TrustError: BadCount in Trust",
    () => trustOf({ ...newer, revoked: Array(65).fill(new Uint8Array(64)) }),
  ],
  [
    "with a least version that is none",
    "TrustError: BadVersion in Trust",
    () => trustOf({ ...newer, minimums: { a: "1" } }),
  ],
  ["with a grant of no kind", "TrustError: OutOfRange in Trust", () => rawTrust(7, policyWith(3, [["a", 0, 1, "b"]]))],
  ["with a policy's field more", "TrustError: UnknownKey in Trust", () => rawTrust(7, policyWith(4, 0))],
  ["with a field more", "TrustError: UnknownKey in Trust", () => rawTrust(8, 0)],
  ["with something behind", "TrustError: TrailingBytes in Trust", () => concat(trustOf(newer), Uint8Array.of(0))],
  ["signed as a certificate", "TrustError: SignPurpose in Trust", () => rawTrust(1, TRUST.version + 1, "certificate")],
  ["with a damaged signature", "TrustError: TrustSignature in Trust", () => damagedEnd(trustOf(newer))],
];

function policyWith(field: number, value: Item): Item {
  return new Map<number, Item>([...(trustItem(newer).get(7) as Map<number, Item>), [field, value]]);
}

function rawTrust(field: number, value: Item, purpose: "trust" | "certificate" = "trust"): Uint8Array {
  const body = encodeItem(new Map<number, Item>([...trustItem(newer), [field, value]]));
  return encodeItem([body, ROOTS.slice(0, 2).map((key) => signBody(key, purpose, body))]);
}
