/** @unsafe hands names and buffers to the firmware */
import {
  type Answer,
  callMethod,
  type Guid,
  NOT_FOUND,
  ownHandle,
  protocolOf,
  refuse,
  SUCCESS,
  UNSUPPORTED,
  VOLUME_CORRUPTED,
} from "./firmware";

/** Files of the volume from which the firmware has loaded this loader (UEFI 2.10, 9.1, 13.4, 13.5). */

/** LoadedImage: the device that the image came from. */
const DEVICE_HANDLE = 24n;
/** SimpleFileSystem. */
const OPEN_VOLUME = 8n;
/** File. */
const OPEN = 8n;
const READ = 32n;
const GET_POSITION = 48n;
const SET_POSITION = 56n;

const READ_ONLY = 1n;
const END = 0xffff_ffff_ffff_ffffn;
const MAX_PATH = 64;

export const MEND = "Write the image to the disk again.";

const loadedImage: Guid = { low: 0x11d2_9562_5b1b_31a1n, high: 0x3b72_69c9_a000_3f8en };
const fileSystem: Guid = { low: 0x11d2_6459_964e_5b22n, high: 0x3b72_69c9_a000_398en };

/** UTF-16 with a 0 at its end. */
const path: FixedArray<u16, typeof MAX_PATH> = zeroed();
/** The volume's root folder, once it is open. */
let root: u64 = 0n;

/** Opens this loader's own volume. */
export function openVolume(): void {
  const self = protocolOf(ownHandle(), loadedImage);
  const device = self === 0n ? 0n : load64(self + DEVICE_HANDLE);
  const volume = device === 0n ? 0n : protocolOf(device, fileSystem);
  if (volume === 0n) {
    refuse("The loader", "was not started from a disk", UNSUPPORTED, "Start the machine from the image's own disk.");
  }
  const answer = local<Answer>();
  const status = callMethod(volume, OPEN_VOLUME, addressOf(answer), 0n, 0n, 0n);
  if (status !== SUCCESS) refuse("The loader's volume", "cannot be opened", status, MEND);
  root = answer.value;
}

/** The file at `name`, or 0n when there is none. */
export function findFile(name: Bytes): u64 {
  for (let i: u32 = 0; i < name.length; i++) path[i] = name[i];
  path[name.length] = 0;
  const answer = local<Answer>();
  const status = callMethod(root, OPEN, addressOf(answer), addressOf(path), READ_ONLY, 0n);
  if (status === NOT_FOUND) return 0n;
  if (status !== SUCCESS) refuse(name, "cannot be opened", status, MEND);
  return answer.value;
}

/** The file at `name`, which has to be there. */
export function openFile(name: Bytes): u64 {
  const file = findFile(name);
  if (file === 0n) refuse(name, "is not on the loader's volume", NOT_FOUND, MEND);
  return file;
}

/** How long a file is; its position is 0 afterwards. */
export function fileBytes(file: u64, name: Bytes): u64 {
  const answer = local<Answer>();
  const toEnd = callMethod(file, SET_POSITION, END, 0n, 0n, 0n);
  const atEnd = toEnd !== SUCCESS ? toEnd : callMethod(file, GET_POSITION, addressOf(answer), 0n, 0n, 0n);
  const status = atEnd !== SUCCESS ? atEnd : callMethod(file, SET_POSITION, 0n, 0n, 0n, 0n);
  if (status !== SUCCESS) refuse(name, "does not tell its length", status, MEND);
  return answer.value;
}

/** Reads the next `bytes` bytes of a file to `to`. */
export function readFile(file: u64, name: Bytes, to: u64, bytes: u64): void {
  let done: u64 = 0n;
  while (done < bytes) {
    const count = local<Answer>();
    count.value = bytes - done;
    const status = callMethod(file, READ, addressOf(count), to + done, 0n, 0n);
    if (status !== SUCCESS) refuse(name, "cannot be read", status, MEND);
    if (count.value === 0n) refuse(name, "ends before its length", VOLUME_CORRUPTED, MEND);
    done += count.value;
  }
}
