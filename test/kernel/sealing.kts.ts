/**
 * @unit O2
 * @unsafe reaches Regions behind capabilities
 */
import { CapType } from "../../kernel/cap/capability";
import { objectOf, slotAt } from "../../kernel/cap/slot";
import { SLOT_CNODE, SLOT_IMAGE } from "../../kernel/initSlots";
import { Outcome } from "../../kernel/object/outcome";
import { BINARY, CNODE, HEADERS, NEXT_TRUST, REVOKING_TRUST, SLOT_POOL, VERIFIER } from "../../test-qemu/script/world";
import { retype, slotIn } from "../../user/calls";
import type { Message } from "../../user/message";
import { verifierBegin, verifierStep } from "../../user/stubs/verifier";
import { boot } from "./boot.kts";
import { fillWith, Parcel, parcelBytes } from "./parcel.kts";

/** What the simulated machine's world has to verify, and the Image of it that the keeper has. */

const SLOT_IMAGE_MEMORY = 108;
const IMAGE_SIZE = 16n;

export function fillParcels(): void {
  fill(HEADERS, Parcel.Headers);
  fill(BINARY, Parcel.Binary);
  fill(NEXT_TRUST, Parcel.NextTrust);
  fill(REVOKING_TRUST, Parcel.RevokingTrust);
}

function fill(slot: u32, parcel: Parcel): void {
  fillWith(slotAt(objectOf(slotAt(boot.root, CNODE)), slot), parcel);
}

/** The keeper has the package verified, once for all. */
export function sealImage(): void {
  const message = local<Message>();
  const verifier = slotIn(CNODE, VERIFIER);
  const headers = slotIn(CNODE, HEADERS);
  const binary = slotIn(CNODE, BINARY);
  must(retype(SLOT_POOL, CapType.Untyped, IMAGE_SIZE, 1, SLOT_IMAGE_MEMORY));
  const headersBytes = parcelBytes(Parcel.Headers);
  must(verifierBegin(message, verifier, headersBytes, parcelBytes(Parcel.Binary), headers, binary, SLOT_IMAGE_MEMORY));
  do {
    must(verifierStep(message, verifier, u64(SLOT_IMAGE), SLOT_CNODE));
  } while (message.words[0] === u64(u32(Outcome.More)));
  assert(message.words[0] === u64(u32(Outcome.Sealed)), "the world's package is sound");
}

function must(error: u32): void {
  assert(error === 0, "what is to be verified can be");
}
