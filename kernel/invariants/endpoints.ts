/**
 * @unit O2
 * @unsafe reaches endpoints behind capabilities
 */
import { CapType, FLAG_ONCE, isCapWith, objectIn, typeIn } from "../cap/capability";
import { isNull } from "../cap/slot";
import type { Link } from "../ipc/link";
import type { RingMessage } from "../ipc/ring";
import { type Endpoint, EndpointState } from "../object/endpoint";
import { ThreadState } from "../object/thread";
import { capAt, census, isFirst, placeAt, placeBytes } from "./census";

/** I9: what waits at an endpoint, and how much its ring holds, counted against the endpoint's own count and policy. */

export function checkEndpoints(): void {
  for (let i: u32 = 0; i < census.count; i++) {
    const word = capAt(i).word;
    if (isFirst(i) && typeIn(word) === CapType.Endpoint) checkEndpoint(i, cast<Endpoint>(objectIn(word)));
  }
}

function checkEndpoint(index: u32, endpoint: Endpoint): void {
  const head = endpoint.waiters.head;
  const hasMessages = endpoint.messages.next !== endpoint.messages;
  switch (endpoint.state) {
    case EndpointState.Idle:
      assert(head === null && !hasMessages, "I9: nothing waits at an idle endpoint");
      break;
    case EndpointState.Receiving:
      assert(head !== null && head.state === ThreadState.Receiving, "I9: receivers wait at a receiving endpoint");
      assert(!hasMessages, "I9: no message waits while receivers do");
      break;
    case EndpointState.Sending:
      assert(hasMessages || head !== null, "I9: messages or senders wait at a sending endpoint");
      assert(head === null || head.state === ThreadState.Sending, "I9: senders wait at a sending endpoint");
      break;
    default:
      unreachable(endpoint.state);
  }
  checkRing(index, endpoint);
}

function checkRing(index: u32, endpoint: Endpoint): void {
  const free = freePlaces(endpoint);
  const queued = queuedMessages(endpoint);
  assert(free + queued <= endpoint.depth, "I9: a ring has as many places as its policy says");
  const taken = endpoint.depth - free;
  assert(endpoint.used === taken + reserved(index, endpoint), "I9: places are free, taken or reserved");
  assert(endpoint.used <= endpoint.depth, "I9: a ring holds no more than its policy allows");
  if (endpoint.share < endpoint.depth) checkShares(endpoint);
}

/** One-shot capabilities to the endpoint, which follow its first capability. */
function reserved(index: u32, endpoint: Endpoint): u32 {
  let count: u32 = 0;
  for (let i = index; i < census.count; i++) {
    const word = capAt(i).word;
    if (typeIn(word) !== CapType.Endpoint || objectIn(word) !== addressOf(endpoint)) break;
    if (isCapWith(word, CapType.Endpoint, FLAG_ONCE)) count++;
  }
  return count;
}

function queuedMessages(endpoint: Endpoint): u32 {
  const head: Link = endpoint.messages;
  let count: u32 = 0;
  let before: Link = head;
  for (let at = head.next; at !== head; at = before.next) {
    assert(at.previous === before, "I9: the links of a ring are symmetric");
    assert(isPlace(endpoint, addressOf(at)), "I9: a ring's places are the endpoint's own");
    before = at;
    count++;
    assert(count <= endpoint.depth, "I9: a ring has as many places as its policy says");
  }
  return count;
}

/** Free places hold no capabilities, and nobody's outbox has them. */
function freePlaces(endpoint: Endpoint): u32 {
  let count: u32 = 0;
  for (let place = endpoint.free; place !== null; place = place.next) {
    assert(isPlace(endpoint, addressOf(place)), "I9: a ring's places are the endpoint's own");
    assert(place.endpoint === endpoint && place.sent.next === place.sent, "I9: a free place is nobody's");
    for (let i: u32 = 0; i < place.slots.length; i++)
      assert(isNull(place.slots[i]), "I1: a free place has no capability");
    count++;
    assert(count <= endpoint.depth, "I9: a ring has as many places as its policy says");
  }
  return count;
}

function isPlace(endpoint: Endpoint, address: u64): boolean {
  const offset = address - addressOf(placeAt(endpoint, 0));
  return offset % placeBytes(endpoint) === 0n && offset / placeBytes(endpoint) < u64(endpoint.depth);
}

function checkShares(endpoint: Endpoint): void {
  for (let at = endpoint.messages.next; at !== endpoint.messages; at = at.next) {
    let count: u32 = 0;
    const badge = cast<RingMessage>(addressOf(at)).badge;
    for (let of = endpoint.messages.next; of !== endpoint.messages; of = of.next) {
      const message = cast<RingMessage>(addressOf(of));
      if (message.badge === badge && !message.isOneShot) count++;
    }
    assert(count <= endpoint.share, "I9: a ring holds no more than one badge's share of it");
  }
}
