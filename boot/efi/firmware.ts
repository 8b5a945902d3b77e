/** @unsafe calls the firmware, which reads and writes what it is pointed to */

/**
 * The firmware below the loader (UEFI 2.10): its console, its memory, its tables and protocols, until it is left.
 *
 *   openFirmware ──▶ calls ──▶ exitBootServices ──▶ nothing of this file may be called
 *
 * Addresses are physical ones: the firmware maps all memory where it is. What goes wrong ends the loader by `refuse`, with
 * a line on the firmware's console, and the firmware goes on as it likes.
 */

/** SystemTable (4.3). */
const CONSOLE_OUT = 64n;
const BOOT_SERVICES = 96n;
const TABLE_COUNT = 104n;
const TABLES = 112n;
const TABLE_BYTES = 24n;

/** BootServices (4.4). */
const ALLOCATE_PAGES = 40n;
const GET_MEMORY_MAP = 56n;
const HANDLE_PROTOCOL = 152n;
const EXIT = 216n;
const EXIT_BOOT_SERVICES = 232n;
const STALL = 248n;

/** SimpleTextOutput (12.4). */
const OUTPUT_STRING = 8n;

const BELOW_ADDRESS = 1n;
const LOADER_DATA = 2n;
const PAGE_BYTES = 4096n;
const MAX_MAP_WORDS = 8192;
const MAX_LINE = 200;
/** For whoever is watching, before the firmware clears its screen. */
const PAUSE_MICROSECONDS = 5_000_000n;

/** Statuses (appendix D). */
const ERROR = 0x8000_0000_0000_0000n;
export const SUCCESS = 0n;
export const LOAD_ERROR = 0x8000_0000_0000_0001n;
export const UNSUPPORTED = 0x8000_0000_0000_0003n;
export const VOLUME_CORRUPTED = 0x8000_0000_0000_000an;
export const NOT_FOUND = 0x8000_0000_0000_000en;

/** 16 bytes in memory order. */
export interface Guid extends Struct<"Guid"> {
  low: u64;
  high: u64;
}

/** What the firmware answers through a pointer. */
export interface Answer extends Struct<"Answer"> {
  value: u64;
}

export interface MemoryMap extends Struct<"MemoryMap"> {
  address: u64;
  bytes: u64;
  descriptorBytes: u64;
  key: u64;
}

/** A function of the firmware, by its address. @extern efi_call */
declare function callFunction(address: u64, a: u64, b: u64, c: u64, d: u64, e: u64): u64;

let image: u64 = 0n;
let table: u64 = 0n;
const mapBuffer: FixedArray<u64, typeof MAX_MAP_WORDS> = zeroed();
/** UTF-16 with a 0 at its end. */
const line: FixedArray<u16, typeof MAX_LINE> = zeroed();

/** This image's handle and the system table, as the firmware passes them. Call before anything else of this file. */
export function openFirmware(handle: u64, systemTable: u64): void {
  image = handle;
  table = systemTable;
}

export function ownHandle(): u64 {
  return image;
}

/** Calls the function at `offset` of an interface, whose first argument is the interface itself. */
export function callMethod(self: u64, offset: u64, a: u64, b: u64, c: u64, d: u64): u64 {
  return callFunction(load64(self + offset), self, a, b, c, d);
}

/** ASCII; a line feed starts a new line. */
export function write(text: Bytes): void {
  let length: u32 = 0;
  for (let i: u32 = 0; i < text.length; i++) {
    if (text[i] === 0x0a) {
      line[length] = 0x0d;
      length++;
    }
    line[length] = text[i];
    length++;
    if (length < MAX_LINE - 2 && i + 1 < text.length) continue;
    line[length] = 0;
    const console = load64(table + CONSOLE_OUT);
    if (console !== 0n) callMethod(console, OUTPUT_STRING, addressOf(line), 0n, 0n, 0n);
    length = 0;
  }
}

export function writeDecimal(value: u64): void {
  const text = local<FixedArray<u8, 20>>();
  let at: u32 = 20;
  let rest = value;
  do {
    at--;
    text[at] = u8(0x30n + (rest % 10n));
    rest /= 10n;
  } while (rest !== 0n && at > 0);
  write(sliceOf(text, at, 20 - at));
}

/**
 * Ends the loader: says what is wrong with `place`, the firmware's own reason when `status` has one, and the mend.
 *
 * @noreturn
 */
export function refuse(place: Bytes, problem: Bytes, status: u64, mend: Bytes): never {
  write("\nSkyscope cannot start: ");
  write(place);
  write(" ");
  write(problem);
  write(" (");
  writeStatus(status);
  write(").\n");
  write(mend);
  write("\n");
  callService(STALL, PAUSE_MICROSECONDS, 0n, 0n, 0n, 0n);
  for (;;) callService(EXIT, image, status, 0n, 0n, 0n);
}

/** `bytes` bytes of whole pages that end at `last` or below; their contents are unknown. */
export function allocate(bytes: u64, last: u64, place: Bytes): u64 {
  const answer = local<Answer>();
  answer.value = last;
  const pages = (bytes + PAGE_BYTES - 1n) / PAGE_BYTES;
  const status = callService(ALLOCATE_PAGES, BELOW_ADDRESS, LOADER_DATA, pages, addressOf(answer), 0n);
  if (status !== SUCCESS) refuse(place, "finds no memory", status, "Give the machine more memory: 128 MiB are enough.");
  return answer.value;
}

/** The interface that a handle has under a protocol, or 0n. */
export function protocolOf(handle: u64, guid: Guid): u64 {
  const answer = local<Answer>();
  const status = callService(HANDLE_PROTOCOL, handle, addressOf(guid), addressOf(answer), 0n, 0n);
  return status === SUCCESS ? answer.value : 0n;
}

/** The address of a configuration table (4.6), or 0n. */
export function configurationTable(guid: Guid): u64 {
  const first = load64(table + TABLES);
  for (let i: u64 = 0n; i < load64(table + TABLE_COUNT); i++) {
    const entry = first + i * TABLE_BYTES;
    if (load64(entry) === guid.low && load64(entry + 8n) === guid.high) return load64(entry + 16n);
  }
  return 0n;
}

/** Fills `map` with the map of this moment, in memory that the next call uses again; answers the firmware's status. */
export function getMemoryMap(map: MemoryMap): u64 {
  const bytes = local<Answer>();
  const key = local<Answer>();
  const descriptorBytes = local<Answer>();
  const version = local<Answer>();
  map.address = addressOf(mapBuffer);
  bytes.value = sizeOf<FixedArray<u64, typeof MAX_MAP_WORDS>>();
  const status = callService(
    GET_MEMORY_MAP,
    addressOf(bytes),
    map.address,
    addressOf(key),
    addressOf(descriptorBytes),
    addressOf(version),
  );
  map.bytes = bytes.value;
  map.key = key.value;
  map.descriptorBytes = descriptorBytes.value;
  return status;
}

/** Leaves the firmware, whose map must still be the one of `key`; answers its status. */
export function exitBootServices(key: u64): u64 {
  return callService(EXIT_BOOT_SERVICES, image, key, 0n, 0n, 0n);
}

function callService(offset: u64, a: u64, b: u64, c: u64, d: u64, e: u64): u64 {
  return callFunction(load64(load64(table + BOOT_SERVICES) + offset), a, b, c, d, e);
}

function writeStatus(status: u64): void {
  switch (status) {
    case LOAD_ERROR:
      write("load error");
      return;
    case UNSUPPORTED:
      write("unsupported");
      return;
    case VOLUME_CORRUPTED:
      write("volume corrupted");
      return;
    case NOT_FOUND:
      write("not found");
      return;
    default:
      write("firmware's error ");
      writeDecimal(status & ~ERROR);
      return;
  }
}
