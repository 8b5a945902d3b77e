/**
 * A place in a list that is a circle through its head, so that taking an element out needs no head. An empty list's
 * head is linked to itself; an element in no list has no links.
 *
 *   ┌▶ head ◀─▶ first ◀─▶ … ◀─▶ last ◀┐
 *   └─────────────────────────────────┘
 *
 * L1  link.next.previous and link.previous.next are the link itself.
 */
export interface Link extends Struct<"Link"> {
  next: Link | null;
  previous: Link | null;
}

/** Makes an empty list. */
export function initList(head: Link): void {
  head.next = head;
  head.previous = head;
}

/** @inline */
export function isListEmpty(head: Link): boolean {
  return head.next === head;
}

/** The element that has been in the list longest, or null. */
export function firstOf(head: Link): Link | null {
  return head.next === head ? null : head.next;
}

/** Puts an element that is in no list at the end. */
export function append(head: Link, link: Link): void {
  const last = head.previous!;
  link.next = head;
  link.previous = last;
  last.next = link;
  head.previous = link;
}

/** Takes an element out; nothing happens to one that is in no list. */
export function unlink(link: Link): void {
  const next = link.next;
  const previous = link.previous;
  if (next === null || previous === null) return;
  next.previous = previous;
  previous.next = next;
  link.next = null;
  link.previous = null;
}
