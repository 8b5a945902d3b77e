/** Boot archives: cpio in the "newc" form, as boot/archive.ts reads them. The same files always give the same bytes. */

export interface ArchiveFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const REGULAR_FILE = 0o100_444;
const TRAILER = "TRAILER!!!";

export function packArchive(files: readonly ArchiveFile[]): Uint8Array {
  const entries = files.map(({ name, contents }, index) => entry(index + 1, REGULAR_FILE, name, contents));
  return Buffer.concat([...entries, entry(0, 0, TRAILER, new Uint8Array())]);
}

function entry(inode: number, mode: number, name: string, contents: Uint8Array): Uint8Array {
  const text = Buffer.from(`${name}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, contents.length, 0, 0, 0, 0, text.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return padded(Buffer.concat([padded(Buffer.concat([Buffer.from(header), text])), contents]));
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
