import type { Random } from "../../random.ts";
import { type Call, type Capability, CapType, Kernel, Label } from "./kernel.ts";

/** Traces: random calls by the model, and the hash that they lead to (test-qemu/replay/player.ts plays them). */

export interface Trace {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

const SLOTS = 32;
const RECORD_BYTES = 48;
const LOOK_EVERY = 16;
/** Of the player's CNode in its root. */
const CNODE = 121;
const FIRST_PAGE = 0x4000_0000;
/** All places are in one: the model knows no pools of tables. */
const TABLES_OF_A_PLACE = 3;
const FLAG_ZEROED = 0x10n;

const START = 0x811c_9dc5;
const PRIME = 0x0100_0193;

export function makeTrace(random: Random, calls: number): Trace {
  const kernel = new Kernel(SLOTS);
  const bytes = Buffer.alloc(calls * RECORD_BYTES);
  let hash = START;
  for (let i = 0; i < calls; i++) {
    const call = answered(randomCall(random, kernel), kernel);
    write(bytes, i * RECORD_BYTES, call);
    const { error, word } = kernel.call(call);
    hash = fold(hash, error, 0);
    if (error === 0 && word !== null) hash = fold(hash, word, 0);
    if ((i + 1) % LOOK_EVERY === 0 || i + 1 === calls) hash = look(hash, kernel);
  }
  return { bytes, hash };
}

/** The kernel's to answer: nobody would answer a Call on an Endpoint. */
function answered(call: Call, kernel: Kernel): Call {
  return kernel.slot(call.object)?.type === CapType.Endpoint ? { ...call, object: 0 } : call;
}

function fold(hash: number, low: number, high: number): number {
  return Math.imul(Math.imul(hash ^ low, PRIME) ^ high, PRIME) >>> 0;
}

function fold64(hash: number, value: bigint): number {
  return fold(hash, Number(value & 0xffff_ffffn), Number(value >> 32n));
}

function look(before: number, kernel: Kernel): number {
  let hash = before;
  for (let index = 1; index < SLOTS; index++) {
    const capability = kernel.slot(index);
    if (capability !== null) hash = fold64(fold64(hash, identityOf(capability, index)), dataOf(capability));
  }
  return hash;
}

/** As Inspect.Slots has it. */
function identityOf({ type, rights, level, extra, isZeroed }: Capability, index: number): bigint {
  const flags = type === CapType.Region && isZeroed ? FLAG_ZEROED : 0n;
  const kind = (BigInt(type) << 32n) | (BigInt(rights) << 40n) | (flags << 48n) | (BigInt(level) << 56n);
  return BigInt(index) | (BigInt(extra) << 16n) | kind;
}

function dataOf({ type, watermark, mapping, badge, thing }: Capability): bigint {
  switch (type) {
    case CapType.Untyped:
      return BigInt(watermark);
    case CapType.CNode:
      return BigInt(thing.slots.length);
    case CapType.Region:
      return mapping === null ? 0n : (BigInt(mapping.start / 4096) << 28n) | BigInt(mapping.count);
    default:
      return BigInt(badge);
  }
}

function write(bytes: Buffer, at: number, { label, object, capability, words }: Call): void {
  bytes.writeUInt32LE(label, at);
  bytes.writeUInt32LE(addressOf(object), at + 4);
  bytes.writeUInt32LE(addressOf(capability), at + 8);
  words.forEach((word, index) => {
    bytes.writeBigUInt64LE(BigInt(word), at + 16 + 8 * index);
  });
}

function addressOf(slot: number): number {
  return slot === 0 ? CNODE : (slot << 16) | CNODE;
}

/** Mostly of a kind that can go through, with capabilities that are there. */
function randomCall(random: Random, kernel: Kernel): Call {
  const to = random.below(8) === 0 ? random.below(SLOTS + 2) : emptySlot(random, kernel);
  const any = random.below(SLOTS);
  const node = random.below(4) === 0 ? slotOf(random, kernel, CapType.CNode) : 0;
  const object = (type: number, isRight: (capability: Capability) => boolean = () => true): number =>
    random.below(16) === 0 ? any : slotOf(random, kernel, type, isRight);
  const holder = (region: number): number => {
    const space = kernel.slot(region)?.mapping?.space;
    return object(CapType.AddressSpace, ({ thing }) => thing === space);
  };
  switch (random.below(17)) {
    case 0:
    case 1:
    case 2:
      return { label: Label.Retype, object: object(CapType.Untyped), capability: node, words: retypeWords(random, to) };
    case 3:
    case 4:
      return { label: Label.Copy, object: node, capability: taken(random, kernel), words: [to, random.below(8), 0, 0] };
    case 5:
      return {
        label: Label.Mint,
        object: node,
        capability: slotOf(random, kernel, random.below(2) === 0 ? CapType.Endpoint : CapType.Notification),
        words: [to, random.below(8), random.below(5), random.below(8) === 0 ? 2 : 0],
      };
    case 6:
      return { label: Label.Move, object: node, capability: taken(random, kernel), words: [to, 0, 0, 0] };
    case 7:
      return { label: Label.Rotate, object: node, capability: 0, words: [taken(random, kernel), any, to, 0] };
    case 8:
    case 9:
      return { label: Label.Delete, object: node, capability: 0, words: [victim(random, kernel), 0, 0, 0] };
    case 10:
      return { label: Label.Revoke, object: node, capability: 0, words: [any, 0, 0, 0] };
    case 11:
      return { label: Label.Zero, object: object(CapType.Region, isUnknown), capability: 0, words: [0, 0, 0, 0] };
    case 12:
    case 13: {
      const words: Call["words"] = [place(random), random.below(5), random.below(4), 0];
      const capability = object(CapType.Region, ({ isZeroed }) => isZeroed);
      return { label: Label.Map, object: object(CapType.AddressSpace), capability, words };
    }
    case 14: {
      const words: Call["words"] = [random.below(3), random.below(4), random.below(4), 0];
      const capability = object(CapType.Region, isMapped);
      return { label: Label.Protect, object: holder(capability), capability, words };
    }
    default: {
      const label = random.below(2) === 0 ? Label.Unmap : Label.Translate;
      const words: Call["words"] = [place(random), 0, 0, 0];
      const capability = object(CapType.Region, isMapped);
      return { label, object: holder(capability), capability, words };
    }
  }
}

function retypeWords(random: Random, to: number): Call["words"] {
  const kinds = [
    CapType.Untyped,
    CapType.CNode,
    CapType.Endpoint,
    CapType.Notification,
    CapType.Reply,
    CapType.Region,
    CapType.Region,
    CapType.AddressSpace,
    CapType.AddressSpace,
    0,
  ];
  const type = kinds[random.below(kinds.length)] ?? 0;
  return [type, sizeOf(random, type), random.below(6) === 0 ? random.below(4) : 1, to];
}

function sizeOf(random: Random, type: number): number {
  switch (type) {
    case CapType.Untyped:
      return 4 + random.below(12);
    case CapType.Endpoint:
      return 0;
    case CapType.AddressSpace:
      return TABLES_OF_A_PLACE + random.below(3);
    default:
      return random.below(6);
  }
}

function place(random: Random): number {
  return FIRST_PAGE + random.below(24) * 4096 + (random.below(16) === 0 ? 8 : 0);
}

function taken(random: Random, kernel: Kernel): number {
  return find(random, (slot) => kernel.slot(slot) !== null);
}

function emptySlot(random: Random, kernel: Kernel): number {
  return find(random, (slot) => kernel.slot(slot) === null);
}

/** Of such a capability, or of another of the type. */
function slotOf(
  random: Random,
  kernel: Kernel,
  type: number,
  isRight: (capability: Capability) => boolean = () => true,
): number {
  const isOfType = (slot: number): boolean => kernel.slot(slot)?.type === type;
  const slot = find(random, (at) => {
    const capability = kernel.slot(at);
    return capability?.type === type && isRight(capability);
  });
  return isOfType(slot) ? slot : find(random, isOfType);
}

function isUnknown({ isZeroed }: Capability): boolean {
  return !isZeroed;
}

function isMapped({ mapping }: Capability): boolean {
  return mapping !== null;
}

/** Any slot, but seldom one with memory, without which nothing can be made any more. */
function victim(random: Random, kernel: Kernel): number {
  const slot = random.below(SLOTS + 2);
  return kernel.slot(slot)?.type === CapType.Untyped && random.below(8) !== 0 ? random.below(SLOTS + 2) : slot;
}

/** From a random place on; any when none is right. */
function find(random: Random, isRight: (slot: number) => boolean): number {
  const start = random.below(SLOTS - 1);
  for (let i = 0; i < SLOTS - 1; i++) {
    const slot = 1 + ((start + i) % (SLOTS - 1));
    if (isRight(slot)) return slot;
  }
  return 1 + start;
}
