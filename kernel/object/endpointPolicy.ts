import { MAX_CAPS, MAX_WORDS } from "../ipc/messageInfo";
import type { Endpoint } from "./endpoint";

/**
 * What an endpoint takes from its senders: the size of its Retype, fixed for its life.
 *
 *   ┌───────┬───────────┬─────────┬─────────┬─────────┐   depth: messages that it keeps; 0 for a rendezvous, ≤ 256
 *   │ flags │ words     │ share   │  –      │ depth   │   share: of these with one badge; 0 for all
 *   └───────┴───────────┴─────────┴─────────┴─────────┘   words: of the largest message; 0 for 64
 *    63   56 55       48 47     32 31     16 15      0    flags: 1 badged senders only   2 no capabilities
 */

export const MAX_DEPTH = 256;
const FIELD_MASK = 0xffffn;
const SHARE_SHIFT = 32n;
const WORDS_SHIFT = 48n;
const WORDS_MASK = 0xffn;
const POLICY_BADGED = 1n << 56n;
const POLICY_NO_CAPS = 2n << 56n;
const KNOWN = FIELD_MASK | (FIELD_MASK << SHARE_SHIFT) | (WORDS_MASK << WORDS_SHIFT) | POLICY_BADGED | POLICY_NO_CAPS;

/** Whether there is such a policy. */
export function isPolicy(policy: u64): boolean {
  const depth = depthIn(policy);
  return (policy & ~KNOWN) === 0n && depth <= MAX_DEPTH && shareIn(policy) <= depth && wordsIn(policy) <= MAX_WORDS;
}

export function depthIn(policy: u64): u32 {
  return u32(policy & FIELD_MASK);
}

function shareIn(policy: u64): u32 {
  const share = u32((policy >> SHARE_SHIFT) & FIELD_MASK);
  return share === 0 ? depthIn(policy) : share;
}

export function wordsIn(policy: u64): u32 {
  const words = u32((policy >> WORDS_SHIFT) & WORDS_MASK);
  return words === 0 ? MAX_WORDS : words;
}

export function setPolicy(endpoint: Endpoint, policy: u64): void {
  endpoint.depth = depthIn(policy);
  endpoint.share = shareIn(policy);
  endpoint.maxWords = u64(wordsIn(policy));
  endpoint.maxCaps = (policy & POLICY_NO_CAPS) === 0n ? MAX_CAPS : 0;
  endpoint.leastBadge = (policy & POLICY_BADGED) === 0n ? 0n : 1n;
}
