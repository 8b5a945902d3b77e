/**
 * A place in a list that is a circle through its head, so that taking an element out needs no head. An empty list's
 * head is linked to itself, and so is an element that is in no list: `initLink` comes first.
 *
 *   ┌▶ head ◀─▶ first ◀─▶ … ◀─▶ last ◀┐
 *   └─────────────────────────────────┘
 *
 * L1  link.next.previous and link.previous.next are the link itself.
 */
export interface Link extends Struct<"Link"> {
  next: Link;
  previous: Link;
}

/** Makes an empty list, or an element that is in none. @hot @inline */
export function initLink(link: Link): void {
  link.next = link;
  link.previous = link;
}

/** @inline */
export function isListEmpty(head: Link): boolean {
  return head.next === head;
}

/** The element that has been in the list longest, or null. @inline */
export function firstOf(head: Link): Link | null {
  return head.next === head ? null : head.next;
}

/** Puts an element that is in no list at the end. @hot @inline */
export function append(head: Link, link: Link): void {
  const last = head.previous;
  link.next = head;
  link.previous = last;
  last.next = link;
  head.previous = link;
}

/** Takes an element out; nothing happens to one that is in no list. @hot @inline */
export function unlink(link: Link): void {
  link.next.previous = link.previous;
  link.previous.next = link.next;
  initLink(link);
}
