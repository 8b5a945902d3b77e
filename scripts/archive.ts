/** Boot archives: cpio in the "newc" form, as boot/archive.ts reads them. The same files always give the same bytes. */

export interface ArchiveFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const REGULAR_FILE = 0o100_444;
const HEADER_BYTES = 110;
const TRAILER = "TRAILER!!!";

export function packArchive(files: readonly ArchiveFile[]): Uint8Array {
  const entries = files.map(({ name, contents }, index) => entry(index + 1, REGULAR_FILE, name, contents));
  return Buffer.concat([...entries, entry(0, 0, TRAILER, new Uint8Array())]);
}

/** The files of what `packArchive` has made. */
export function readArchive(bytes: Uint8Array): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  for (let at = 0; ; ) {
    const field = (index: number): number => Number(`0x${textOf(bytes, at + 6 + 8 * index, 8)}`);
    const [length, nameLength] = [field(6), field(11)];
    const name = textOf(bytes, at + HEADER_BYTES, nameLength - 1);
    if (name === TRAILER) return files;
    const start = aligned(at + HEADER_BYTES + nameLength);
    files.push({ name, contents: bytes.subarray(start, start + length) });
    at = aligned(start + length);
  }
}

const aligned = (at: number): number => (at + 3) & ~3;

function textOf(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString("latin1");
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
