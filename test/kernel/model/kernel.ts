/**
 * A small model of capabilities, written from the words of docs/, not from the kernel's code: CNodes, the derivation tree as
 * objects that name their parents, Untypeds, and mappings. `call` answers what the kernel should answer. Used to think
 * traces up, and to say what they lead to.
 */

export const CapType = { Untyped: 1, CNode: 2, Endpoint: 6, Notification: 7, Reply: 8, AddressSpace: 9, Region: 10 };

export const ErrorCode = {
  None: 0,
  InvalidArgument: 1,
  InvalidCapability: 2,
  IllegalOperation: 3,
  RangeError: 4,
  AlignmentError: 5,
  FailedLookup: 6,
  DeleteFirst: 8,
  NotEnoughMemory: 10,
  Busy: 15,
};

/** By their labels. */
export const Label = {
  Retype: 0,
  Copy: 1,
  Mint: 2,
  Move: 3,
  Delete: 4,
  Revoke: 5,
  Rotate: 6,
  Map: 21,
  Unmap: 22,
  Protect: 23,
  Translate: 24,
  Zero: 25,
};

const READ = 1;
const WRITE = 2;
const ALL = 7;
const PAGE = 4096;
const MAX_LEVEL = 255;
const MAX_OBJECTS = 128;
const MAX_CLEARED = 0x2_0000;
const MAX_CLEARED_TOGETHER = 0x1_0000;
const USER_END = 0x7fff_ffff_f000;

/** Bytes of objects whose size is always the same, in units of 64. */
const FIXED_BYTES = new Map([
  [CapType.Endpoint, 128],
  [CapType.Notification, 64],
  [CapType.Reply, 64],
]);

/** What capabilities share that refer to the same. */
interface Thing {
  caps: number;
  /** Of a CNode. */
  readonly slots: (Capability | null)[];
  /** Of an address space: page by number, and whether it may be written. */
  readonly pages: Map<number, boolean>;
  isAlive: boolean;
}

export class Capability {
  readonly type: number;
  readonly thing: Thing;
  readonly rights: number;
  readonly level: number;
  parent: Capability | null;
  /** Of an Untyped its size as a power of two, of a Region its pages. */
  readonly extra: number;
  readonly base: number;
  readonly badge: number;
  /** In the order in which Revoke deletes them: the newest first. */
  readonly children: Capability[] = [];
  /** Of an Untyped: its first byte, and how many bytes have been given out. */
  watermark = 0;
  /** Of a Region. */
  isZeroed = false;
  mapping: { readonly space: Thing; readonly start: number; count: number } | null = null;
  place: { readonly node: Thing; readonly index: number } | null = null;

  constructor(
    type: number,
    thing: Thing,
    rights: number,
    level: number,
    parent: Capability | null,
    extra: number,
    base: number,
    badge: number,
  ) {
    this.type = type;
    this.thing = thing;
    this.rights = rights;
    this.level = level;
    this.parent = parent;
    this.extra = extra;
    this.base = base;
    this.badge = badge;
    parent?.children.unshift(this);
    thing.caps++;
  }
}

export interface Call {
  readonly label: number;
  /** A slot of the CNode, or 0 for the CNode itself. */
  readonly object: number;
  readonly capability: number;
  readonly words: readonly [number, number, number, number];
}

export interface Answer {
  readonly error: number;
  /** Word 0, where the operation has one. */
  readonly word: number | null;
}

function newThing(slots = 0): Thing {
  return { caps: 0, slots: Array<Capability | null>(slots).fill(null), pages: new Map(), isAlive: true };
}

export class Kernel {
  /** The CNode whose slots a trace is about. */
  readonly root: Capability;

  constructor(slots: number) {
    const memory = new Capability(CapType.Untyped, newThing(), ALL, 1, null, 20, 0, 0);
    memory.watermark = slots * 32;
    this.root = new Capability(CapType.CNode, newThing(slots), ALL, 2, memory, 0, 0, 0);
    this.#retype(memory, this.root, [CapType.Untyped, 18, 1, 1]);
    this.#retype(memory, this.root, [CapType.AddressSpace, 8, 1, 2]);
  }

  slot(index: number): Capability | null {
    return this.root.thing.slots[index] ?? null;
  }

  call(call: Call): Answer {
    if (call.object >= this.root.thing.slots.length) return fail(ErrorCode.FailedLookup);
    const object = call.object === 0 ? this.root : this.slot(call.object);
    if (object === null || (object.rights & WRITE) === 0) return fail(ErrorCode.IllegalOperation);
    const sent = call.capability === 0 ? this.root : this.slot(call.capability);
    if (object.type !== OBJECT_OF.get(call.label)) return fail(ErrorCode.IllegalOperation);
    return this.#serve(object, call, sent);
  }

  #serve(object: Capability, { label, words }: Call, sent: Capability | null): Answer {
    switch (label) {
      case Label.Retype:
        return fail(this.#retype(object, sent, words));
      case Label.Copy:
        if (sent === null) return fail(ErrorCode.InvalidCapability);
        return fail(this.#copy(object, sent, words[0], words[1], sent.badge));
      case Label.Mint:
        return fail(this.#mint(object, sent, words));
      case Label.Move:
        return fail(this.#move(object, sent, words[0]));
      case Label.Delete:
      case Label.Revoke:
        return fail(this.#remove(object, words[0], label === Label.Revoke));
      case Label.Rotate:
        return fail(this.#rotate(object, words));
      case Label.Zero:
        object.isZeroed = true;
        return { error: 0, word: 0 };
      case Label.Map:
        return this.#map(object, sent, words);
      case Label.Unmap:
        return this.#unmap(object, sent);
      case Label.Protect:
        return fail(this.#protect(object, sent, words));
      default:
        return this.#translate(object, words[0]);
    }
  }

  #retype(untyped: Capability, cnode: Capability | null, [type, size, count, first]: Call["words"]): number {
    if (cnode === null || cnode.type !== CapType.CNode || (cnode.rights & WRITE) === 0)
      return ErrorCode.InvalidCapability;
    if (count === 0 || count > MAX_OBJECTS) return ErrorCode.RangeError;
    const shape = shapeOf(type, size);
    if (typeof shape === "number") return shape;
    if (type === CapType.AddressSpace && count > 1) return ErrorCode.NotEnoughMemory;
    const bytes = count * shape.bytes;
    const isKernels = type !== CapType.Untyped && type !== CapType.Region;
    if (isKernels && (bytes > MAX_CLEARED || (bytes > MAX_CLEARED_TOGETHER && count > 1))) return ErrorCode.RangeError;
    if (untyped.level >= MAX_LEVEL) return ErrorCode.NotEnoughMemory;
    const at = untyped.base + untyped.watermark;
    const start = Math.ceil(at / shape.alignment) * shape.alignment;
    const end = untyped.base + 2 ** untyped.extra;
    if (start > end || bytes > end - start) return ErrorCode.NotEnoughMemory;
    if (!areEmpty(cnode.thing, first, count)) return ErrorCode.DeleteFirst;
    for (let i = 0; i < count; i++) {
      const thing = newThing(type === CapType.CNode ? 2 ** size : 0);
      const extra = type === CapType.Untyped || type === CapType.Region ? size : 0;
      const base = start + i * shape.bytes;
      put(new Capability(type, thing, ALL, untyped.level + 1, untyped, extra, base, 0), cnode.thing, first + i);
    }
    untyped.watermark = start + bytes - untyped.base;
    return ErrorCode.None;
  }

  #copy(cnode: Capability, source: Capability, to: number, rights: number, badge: number): number {
    if (!isEmpty(cnode.thing, to)) return ErrorCode.DeleteFirst;
    if (source.type === CapType.Untyped || source.type === CapType.Reply) return ErrorCode.IllegalOperation;
    if (source.type === CapType.Region && !source.isZeroed) return ErrorCode.Busy;
    if (source.level >= MAX_LEVEL) return ErrorCode.NotEnoughMemory;
    const { type, thing, extra, base } = source;
    const copy = new Capability(type, thing, source.rights & rights, source.level + 1, source, extra, base, badge);
    copy.isZeroed = source.isZeroed;
    put(copy, cnode.thing, to);
    return ErrorCode.None;
  }

  #mint(cnode: Capability, source: Capability | null, [to, rights, badge, flags]: Call["words"]): number {
    if (source === null) return ErrorCode.InvalidCapability;
    if (source.type !== CapType.Endpoint && source.type !== CapType.Notification) return ErrorCode.InvalidCapability;
    if (source.badge !== 0) return ErrorCode.IllegalOperation;
    if (flags !== 0) return ErrorCode.InvalidArgument;
    return this.#copy(cnode, source, to, rights, badge);
  }

  #move(cnode: Capability, source: Capability | null, to: number): number {
    if (source === null) return ErrorCode.InvalidCapability;
    if (!isEmpty(cnode.thing, to)) return ErrorCode.DeleteFirst;
    put(source, cnode.thing, to);
    return ErrorCode.None;
  }

  #rotate(cnode: Capability, [first, second, third]: Call["words"]): number {
    const a = first === 0 ? null : (cnode.thing.slots[first] ?? null);
    const b = second === 0 ? null : (cnode.thing.slots[second] ?? null);
    if (a === null || b === null) return ErrorCode.FailedLookup;
    if (!isEmpty(cnode.thing, third) || first === second) return ErrorCode.DeleteFirst;
    put(b, cnode.thing, third);
    put(a, cnode.thing, second);
    return ErrorCode.None;
  }

  #remove(cnode: Capability, index: number, isRevoke: boolean): number {
    if (index === 0 || index >= cnode.thing.slots.length) return ErrorCode.RangeError;
    const capability = cnode.thing.slots[index] ?? null;
    if (capability === null) return ErrorCode.None;
    if (!isRevoke) destroy(capability);
    else for (let [child] = capability.children; child !== undefined; [child] = capability.children) destroy(child);
    return ErrorCode.None;
  }

  #map(object: Capability, sent: Capability | null, [va, count, rights]: Call["words"]): Answer {
    if (sent === null || sent.type !== CapType.Region || (sent.rights & READ) === 0)
      return fail(ErrorCode.InvalidCapability);
    if (!sent.isZeroed) return fail(ErrorCode.Busy);
    // What was mapped in a space that is gone is not mapped.
    const mapping = sent.mapping?.space.isAlive === true ? sent.mapping : null;
    const done = mapping?.count ?? 0;
    if (mapping !== null && (mapping.space !== object.thing || va !== mapping.start + done * PAGE)) {
      return fail(ErrorCode.DeleteFirst);
    }
    if (va % PAGE !== 0) return fail(ErrorCode.AlignmentError);
    if (va < PAGE || va >= USER_END) return fail(ErrorCode.RangeError);
    if (count === 0 || count > sent.extra - done) return fail(ErrorCode.RangeError);
    const isWrite = (rights & WRITE) !== 0;
    if (isWrite && (sent.rights & WRITE) === 0) return fail(ErrorCode.IllegalOperation);
    const pages = Array.from({ length: count }, (_, i) => va / PAGE + i);
    if (pages.some((page) => object.thing.pages.has(page))) return fail(ErrorCode.DeleteFirst);
    for (const page of pages) object.thing.pages.set(page, isWrite);
    if (mapping === null) sent.mapping = { space: object.thing, start: va, count };
    else mapping.count += count;
    return { error: 0, word: count };
  }

  #unmap(object: Capability, sent: Capability | null): Answer {
    if (sent === null || sent.type !== CapType.Region || (sent.rights & READ) === 0)
      return fail(ErrorCode.InvalidCapability);
    if (sent.mapping !== null && sent.isZeroed) {
      if (sent.mapping.space.isAlive && sent.mapping.space !== object.thing) return fail(ErrorCode.InvalidCapability);
      unmap(sent);
    }
    return { error: 0, word: 0 };
  }

  #protect(object: Capability, sent: Capability | null, [first, count, rights]: Call["words"]): number {
    if (sent === null || sent.type !== CapType.Region || (sent.rights & READ) === 0) return ErrorCode.InvalidCapability;
    const { mapping } = sent;
    if (mapping === null || mapping.space !== object.thing) return ErrorCode.InvalidCapability;
    if (first >= mapping.count || count === 0 || count > mapping.count - first) return ErrorCode.RangeError;
    if ((rights & WRITE) !== 0) return ErrorCode.IllegalOperation;
    for (let i = 0; i < count; i++) object.thing.pages.set(mapping.start / PAGE + first + i, false);
    return ErrorCode.None;
  }

  #translate(object: Capability, va: number): Answer {
    if (va >= USER_END) return fail(ErrorCode.RangeError);
    const isWrite = object.thing.pages.get(Math.floor(va / PAGE));
    return { error: 0, word: isWrite === undefined ? 0 : isWrite ? READ | WRITE : READ };
  }
}

const OBJECT_OF = new Map([
  [Label.Retype, CapType.Untyped],
  ...[Label.Copy, Label.Mint, Label.Move, Label.Delete, Label.Revoke, Label.Rotate].map((label): [number, number] => [
    label,
    CapType.CNode,
  ]),
  [Label.Map, CapType.AddressSpace],
  [Label.Unmap, CapType.AddressSpace],
  [Label.Protect, CapType.AddressSpace],
  [Label.Translate, CapType.AddressSpace],
  [Label.Zero, CapType.Region],
]);

function fail(error: number): Answer {
  return { error, word: null };
}

/** Bytes and alignment, or why there is no such object. */
function shapeOf(type: number, size: number): { bytes: number; alignment: number } | number {
  switch (type) {
    case CapType.Untyped:
      return size < 6 || size > 47 ? ErrorCode.RangeError : { bytes: 2 ** size, alignment: 2 ** size };
    case CapType.CNode:
      return size < 1 || size > 12 ? ErrorCode.RangeError : { bytes: 32 * 2 ** size, alignment: 64 };
    case CapType.Region:
      return size === 0 ? ErrorCode.RangeError : { bytes: size * PAGE, alignment: PAGE };
    case CapType.AddressSpace:
      return { bytes: (size + 2) * PAGE, alignment: PAGE };
    default: {
      const bytes = FIXED_BYTES.get(type);
      return bytes === undefined ? ErrorCode.InvalidArgument : { bytes, alignment: 64 };
    }
  }
}

function isEmpty(node: Thing, index: number): boolean {
  return index !== 0 && index < node.slots.length && node.slots[index] === null;
}

function areEmpty(node: Thing, first: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (!isEmpty(node, first + i)) return false;
  return true;
}

/** Into an empty slot, from wherever it was. */
function put(capability: Capability, node: Thing, index: number): void {
  if (capability.place !== null) capability.place.node.slots[capability.place.index] = null;
  capability.place = { node, index };
  node.slots[index] = capability;
}

function unmap(capability: Capability): void {
  const { mapping } = capability;
  capability.mapping = null;
  if (mapping === null || !mapping.space.isAlive) return;
  for (let i = 0; i < mapping.count; i++) mapping.space.pages.delete(mapping.start / PAGE + i);
}

/** The capability goes, its children take its place; what it was the last one to goes with all that is in it. */
function destroy(capability: Capability): void {
  const { place, parent, thing } = capability;
  unmap(capability);
  if (place !== null) place.node.slots[place.index] = null;
  capability.place = null;
  const children = capability.children.splice(0);
  for (const child of children) child.parent = parent;
  parent?.children.splice(parent.children.indexOf(capability), 1, ...children);
  thing.caps--;
  if (thing.caps === 0) {
    thing.isAlive = false;
    for (const content of [...thing.slots]) if (content !== null && content.place !== null) destroy(content);
  }
  if (parent?.type === CapType.Untyped && parent.children.length === 0) parent.watermark = 0;
}
