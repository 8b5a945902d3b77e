/** @unsafe moves bytes within a buffer */
import { type CborHead, CborMajor, readHead } from "../../../codec/cbor/head";
import { CborStatus } from "../../../codec/cbor/status";
import { type CoseSign1, parseSign1 } from "../../../codec/cose/sign1";
import { CoseStatus } from "../../../codec/cose/status";
import { type Container, readContainer } from "../../../codec/package/container";
import { PackageFault } from "../../../codec/package/fault";
import type { Fields } from "../../../codec/package/fields";
import { bytesOf, type Span } from "../../../codec/package/span";
import { finish512, SHA512_BYTES, type Sha512, start512, update } from "../../../crypto/sha512";
import { makeItem, putHead } from "./cbor-items.kts";
import { below, type Maker, startMaker } from "./random.kts";

/**
 * Changes in packages and trust sets that know their structure: an item at any depth is damaged, left out, doubled, put in,
 * moved; mostly the lengths of the byte strings around it follow, and the digests that signatures are over.
 *
 *   walk ─▶ an item, and the strings around it ─▶ edit ─▶ lengths ─▶ digests
 */

const MAX_FRAMES = 8;
const SCRATCH_BYTES = 512;
const MOST_HEADS: u32 = 2000;
const EDITS = 9;
/** The tag of a COSE_Sign1. */
const SIGN1 = 0xd2;

/** A byte string around an item: where its head is, and how long. */
interface Frame extends Struct<"Frame"> {
  at: u32;
  end: u32;
}

interface Place extends Struct<"Place"> {
  at: u32;
  /** Of its head, and of the item: a container's is its head. */
  headEnd: u32;
  end: u32;
  depth: u32;
  readonly frames: FixedArray<Inline<Frame>, typeof MAX_FRAMES>;
}

const head: CborHead = zeroed();
const walk: Place = zeroed();
const place: Place = zeroed();
const other: Place = zeroed();
const scratch: FixedArray<u8, typeof SCRATCH_BYTES> = zeroed();
const container: Container = zeroed();
const fields: Fields = zeroed();
const cose: CoseSign1 = zeroed();
const sha512: Sha512 = zeroed();
const digest: FixedArray<u8, typeof SHA512_BYTES> = zeroed();

/** @extern memmove */
declare function moveBytes(to: u64, from: u64, bytes: u64): u64;

/** Edits the first `size` bytes of `room`; answers how many they are then. */
export function editPackage(room: Bytes, size: u32, seed: u32): u32 {
  const maker = local<Maker>();
  startMaker(maker, seed, sliceOf(scratch, 0, SCRATCH_BYTES), 0);
  let bytes = size;
  for (let left = 1 + below(maker, 8) / 5; left > 0; left--) bytes = editOnce(maker, room, bytes);
  if (below(maker, 8) !== 0) renewDigests(subslice(room, 0, bytes));
  return bytes;
}

function editOnce(maker: Maker, room: Bytes, size: u32): u32 {
  const bytes = subslice(room, 0, size);
  choose(maker, bytes, place);
  maker.position = 0;
  const at = place.at;
  if (place.end === at) return size;
  switch (below(maker, EDITS)) {
    case 0:
      return flip(maker, bytes, at + below(maker, place.end - at));
    case 1:
      return flip(maker, bytes, at);
    case 2:
      return relate(maker, room, size);
    case 3:
      return widen(maker, room, size);
    case 4:
      return replace(maker, room, size, 0);
    case 5:
      takeOver(maker, subslice(bytes, at, place.end - at));
      return insert(maker, room, size);
    case 6:
      makeItem(maker);
      return insert(maker, room, size);
    case 7:
      makeItem(maker);
      return replace(maker, room, size, made(maker));
    default:
      choose(maker, bytes, other);
      takeOver(maker, subslice(bytes, other.at, other.end - other.at));
      return replace(maker, room, size, made(maker));
  }
}

function made(maker: Maker): u32 {
  return maker.position < SCRATCH_BYTES ? maker.position : SCRATCH_BYTES;
}

function takeOver(maker: Maker, from: Bytes): void {
  const count = from.length < SCRATCH_BYTES ? from.length : SCRATCH_BYTES;
  for (let i: u32 = 0; i < count; i++) scratch[i] = from[i];
  maker.position = count;
}

function flip(maker: Maker, bytes: Bytes, at: u32): u32 {
  if (at < bytes.length) bytes[at] = u8(u32(bytes[at]) ^ (1 << below(maker, 8)));
  return bytes.length;
}

/** Another argument in the head: a length, a count or a number that lies. */
function relate(maker: Maker, room: Bytes, size: u32): u32 {
  const bytes = subslice(room, 0, size);
  if (readHead(bytes, place.at, head) !== CborStatus.Ok) return size;
  const by = u64(1 + below(maker, 3));
  let argument = below(maker, 2) === 0 ? head.argument + by : head.argument - by;
  if (below(maker, 6) === 0) argument = (1n << u64(below(maker, 64))) - u64(below(maker, 2));
  putHead(maker, u32(head.major), argument);
  place.end = place.headEnd;
  return replace(maker, room, size, made(maker));
}

/** The same argument in more bytes than it needs. */
function widen(maker: Maker, room: Bytes, size: u32): u32 {
  const bytes = subslice(room, 0, size);
  if (readHead(bytes, place.at, head) !== CborStatus.Ok || head.argumentBytes === 8) return size;
  const first = u32(bytes[place.at]);
  const wide: u32 = head.argumentBytes === 0 ? 0 : head.argumentBytes === 1 ? 1 : head.argumentBytes === 2 ? 2 : 3;
  const count: u32 = 1 << wide;
  scratch[0] = u8((first & 0xe0) | (24 + wide));
  for (let i: u32 = 0; i < count; i++) scratch[1 + i] = u8(u32((head.argument >> u64(8 * (count - 1 - i))) & 0xffn));
  place.end = place.headEnd;
  return replace(maker, room, size, 1 + count);
}

function insert(maker: Maker, room: Bytes, size: u32): u32 {
  place.end = place.at;
  return replace(maker, room, size, made(maker));
}

/** The chosen place gets the first `count` bytes of the scratch; mostly the strings around it follow. */
function replace(maker: Maker, room: Bytes, size: u32, count: u32): u32 {
  const removed = place.end - place.at;
  if (size - removed + count > room.length) return size;
  const from = addressOf(room) + u64(place.at);
  moveBytes(from + u64(count), from + u64(removed), u64(size - place.end));
  for (let i: u32 = 0; i < count; i++) room[place.at + i] = scratch[i];
  const bytes = size - removed + count;
  if (below(maker, 4) === 0) return bytes;
  for (let i: u32 = 0; i < place.depth; i++) resize(room, place.frames[i], removed, count);
  return bytes;
}

/** A string's head tells its new length, if that fits as many bytes. */
function resize(room: Bytes, frame: Frame, removed: u32, added: u32): void {
  if (readHead(room, frame.at, head) !== CborStatus.Ok) return;
  const length = u32(head.argument) + added - removed;
  const count = head.argumentBytes;
  if (count === 0) {
    if (length < 24) room[frame.at] = u8(0x40 | length);
    return;
  }
  for (let i: u32 = 0; i < count && i < 4; i++) room[frame.at + count - i] = u8((length >>> (8 * i)) & 0xff);
}

/** One of the items, each as likely as another. */
function choose(maker: Maker, bytes: Bytes, chosen: Place): void {
  walk.at = 0;
  walk.depth = 0;
  chosen.at = 0;
  chosen.headEnd = bytes.length < 1 ? 0 : 1;
  chosen.end = chosen.headEnd;
  chosen.depth = 0;
  for (let seen: u32 = 1; seen < MOST_HEADS; seen++) {
    while (walk.depth > 0 && walk.at >= walk.frames[walk.depth - 1].end) walk.depth--;
    if (readHead(bytes, walk.at, head) !== CborStatus.Ok) return;
    const isString = head.major === CborMajor.Bytes || head.major === CborMajor.Text;
    if (isString && head.argument > u64(bytes.length - head.end)) return;
    walk.headEnd = head.end;
    walk.end = isString ? head.end + u32(head.argument) : head.end;
    if (below(maker, seen) === 0) copyStruct(chosen, walk);
    if (head.major === CborMajor.Bytes && isOpen(bytes)) {
      walk.frames[walk.depth].at = walk.at;
      walk.frames[walk.depth].end = walk.end;
      walk.depth++;
      walk.at = walk.headEnd;
    } else {
      walk.at = walk.end;
    }
  }
}

/** Whether the string has an array, a map or a signature inside. */
function isOpen(bytes: Bytes): boolean {
  if (walk.depth === MAX_FRAMES || walk.end - walk.headEnd < 8) return false;
  const first = u32(bytes[walk.headEnd]);
  return first === SIGN1 || (first >= 0x80 && first < 0xb8);
}

/** Binary and package signature name the parts as they are now; only where everything is in its place. */
function renewDigests(bytes: Bytes): void {
  fields.fault = PackageFault.None;
  readContainer(fields, bytes, container);
  if (fields.fault !== PackageFault.None) return;
  if (openPayload(bytes, container.binarySignature) > 132) writeDigest(bytes, container.manifest, 3);
  if (openPayload(bytes, container.packageSignature) !== 265) return;
  writeDigest(bytes, container.certificates, 3);
  writeDigest(bytes, container.manifest, 69);
  writeDigest(bytes, container.compression, 135);
  writeDigest(bytes, container.binarySignature, 201);
}

let payloadAt: u32 = 0;

/** Finds what a signature is over; answers its bytes, 0 when there is none. */
function openPayload(bytes: Bytes, signature: Span): u32 {
  if (parseSign1(cose, bytesOf(bytes, signature)) !== CoseStatus.Ok || cose.isDetached) return 0;
  payloadAt = signature.at + cose.payloadAt;
  return cose.payload.length;
}

function writeDigest(bytes: Bytes, part: Span, at: u32): void {
  start512(sha512);
  update(sha512, bytesOf(bytes, part));
  finish512(sha512, sliceOf(digest, 0, SHA512_BYTES));
  for (let i: u32 = 0; i < SHA512_BYTES; i++) bytes[payloadAt + at + i] = digest[i];
}
