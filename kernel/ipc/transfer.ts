import { CapType, FLAG_ONCE, FLAG_RECEIVED, isCapWith } from "../cap/capability";
import { lookupSlot } from "../cap/cspace";
import { deriveMessage } from "../cap/derive";
import { isNull, type Slot } from "../cap/slot";
import type { Thread } from "../object/thread";
import { bufferOf, sentSlot } from "./buffer";
import { MAX_CAPS } from "./messageInfo";

/** Capabilities of messages: from the sender's slots to those that the receiver has named in its buffer. */

/** Hands over up to `count` capabilities, in order, until one cannot be; answers how many. An answer may claim any. @hot */
export function transferCapabilities(from: Thread, to: Thread, count: u32): u32 {
  let done: u32 = 0;
  while (done < count && done < MAX_CAPS) {
    const source = sentSlot(from, done);
    const place = arrivalSlot(to, done);
    if (source === null || place === null || isNull(source) || !deriveMessage(source, place)) break;
    noteReceived(place);
    done++;
  }
  return done;
}

/** The empty slot where capability `index` of a message arrives, or null when the receiver has none for it. @hot */
export function arrivalSlot(receiver: Thread, index: u32): Slot | null {
  const buffer = bufferOf(receiver);
  if (buffer === null || buffer.slots[index] === 0) return null;
  const place = lookupSlot(receiver.cspace, buffer.slots[index]);
  return place !== null && isNull(place) ? place : null;
}

/** A one-shot capability knows that somebody has received it. @hot */
export function noteReceived(slot: Slot): void {
  if (isCapWith(slot.word, CapType.Endpoint, FLAG_ONCE)) slot.word |= FLAG_RECEIVED;
}
